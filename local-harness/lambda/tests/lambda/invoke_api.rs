//! The Invoke API, as clients see it.

use std::sync::Arc;
use std::time::Duration;

use lambda_local::invoke_api::{
    ASYNCHRONOUS_PAYLOAD_MAX_BYTES, InvokeApi, SYNCHRONOUS_PAYLOAD_MAX_BYTES,
};
use lambda_local::queue::{Queue, QueueOptions};
use lambda_local::{AsynchronousOptions, Function};

use serde_json::{Value, json};

use crate::{function, options, wire, written};

const INVOKE: &str = "POST /2015-03-31/functions/echo/invocations";
const EVENT: (&str, &str) = ("X-Amz-Invocation-Type", "Event");

async fn start() -> (Arc<Function>, InvokeApi) {
    let (options, _lines) = options();
    let function = function(options);
    let invoke_api = InvokeApi::start(function.clone(), AsynchronousOptions::default(), 0)
        .await
        .expect("a loopback port is free");
    (function, invoke_api)
}

/// Request line, headers, body; the answer's status, function error, and a part of its body or
/// error type.
type Case = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
    u16,
    Option<&'static str>,
    &'static str,
);

const CASES: &[Case] = &[
    (INVOKE, &[], r#"{"a":1}"#, 200, None, r#"{"a":1}"#),
    (INVOKE, &[], "", 200, None, "{}"),
    (INVOKE, &[], r#"{"do":"fail"}"#, 200, Some("Unhandled"), r#""errorType":"too_large""#),
    (INVOKE, &[], "not JSON", 400, None, "InvalidRequestContentException"),
    (INVOKE, &[("X-Amz-Invocation-Type", "DryRun")], "{}", 204, None, ""),
    (INVOKE, &[EVENT], "{}", 202, None, ""),
    (INVOKE, &[("X-Amz-Invocation-Type", "Later")], "{}", 400, None, "InvalidParameterValue"),
    (
        "POST /2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Aecho\
         /invocations",
        &[],
        "[]",
        200,
        None,
        "[]",
    ),
    ("POST /2015-03-31/functions/echo:$LATEST/invocations", &[], "1", 200, None, "1"),
    (
        "POST /2015-03-31/functions/other/invocations",
        &[],
        "{}",
        404,
        None,
        "ResourceNotFoundException",
    ),
    ("GET /2015-03-31/functions", &[], "", 404, None, ""),
];

#[tokio::test]
async fn clients_get_answers_with_the_headers_of_aws() {
    let (_function, invoke_api) = start().await;
    for (line, headers, body, status, function_error, text) in CASES {
        let answer = wire::send(invoke_api.address(), line, headers, body.as_bytes()).await;
        assert_eq!(answer.status, *status, "{line} {body}: {answer:?}");
        assert_eq!(answer.header("X-Amz-Function-Error"), *function_error);
        let error_type = answer.header("x-amzn-ErrorType").unwrap_or_default();
        assert!(answer.text().contains(text) || error_type.contains(text), "{answer:?}");
    }
}

#[tokio::test]
async fn payloads_have_limits() {
    let (_function, invoke_api) = start().await;
    let json = |size: usize| format!("\"{}\"", "x".repeat(size - 2)).into_bytes();
    let cases = [
        ("DryRun", SYNCHRONOUS_PAYLOAD_MAX_BYTES, 204),
        ("RequestResponse", SYNCHRONOUS_PAYLOAD_MAX_BYTES + 1, 413),
        ("Event", ASYNCHRONOUS_PAYLOAD_MAX_BYTES, 202),
        ("Event", ASYNCHRONOUS_PAYLOAD_MAX_BYTES + 1, 413),
    ];
    for (kind, size, status) in cases {
        let headers = [("X-Amz-Invocation-Type", kind)];
        let answer = wire::send(invoke_api.address(), INVOKE, &headers, &json(size)).await;
        assert_eq!(answer.status, status, "{size} bytes: {}", answer.text());
    }
}

#[tokio::test]
async fn pages_of_other_sites_invoke_nothing() {
    let (_function, invoke_api) = start().await;
    for header in [("Origin", "https://example.com"), ("Host", "example.com")] {
        let answer = wire::send(invoke_api.address(), INVOKE, &[header], b"{}").await;
        assert_eq!(answer.status, 403, "{header:?}: {}", answer.text());
    }
}

#[tokio::test]
async fn an_asynchronous_event_that_fails_is_run_three_times() {
    let (options, mut lines) = options();
    let function = function(options);
    let [on_success, on_failure] = [(); 2].map(|()| Arc::new(Queue::new(QueueOptions::default())));
    let asynchronous = AsynchronousOptions {
        retry_delays: vec![Duration::ZERO; 2],
        on_success: Some(Arc::clone(&on_success)),
        on_failure: Some(Arc::clone(&on_failure)),
        ..AsynchronousOptions::default()
    };
    let invoke_api = InvokeApi::start(function.clone(), asynchronous, 0).await;
    let invoke_api = invoke_api.expect("a loopback port is free");
    let answer = wire::send(invoke_api.address(), INVOKE, &[EVENT], br#"{"do":"fail"}"#).await;
    assert_eq!(answer.status, 202);
    let request_id = answer.header("x-amzn-RequestId").expect("it is named").to_owned();
    let mut reports = 0;
    while reports < 3 {
        let line = lines.recv().await.expect("the function writes its log");
        if line.text.starts_with("REPORT") {
            assert!(line.text.contains(&request_id), "retries keep the request id");
            reports += 1;
        }
    }
    let failed = on_failure.receive(1).await.remove(0).body;
    let failed: Value = serde_json::from_str(&failed).expect("records are JSON");
    assert_eq!(failed["requestContext"]["condition"], "RetriesExhausted");
    assert_eq!(failed["requestContext"]["requestId"], request_id.as_str());
    assert_eq!(failed["requestContext"]["approximateInvokeCount"], 3);
    assert_eq!(failed["requestPayload"], json!({"do": "fail"}));
    assert_eq!(failed["responseContext"]["functionError"], "Unhandled");
    assert_eq!(failed["responsePayload"]["errorType"], "too_large");

    let answer = wire::send(invoke_api.address(), INVOKE, &[EVENT], br#"{"do":"echo"}"#).await;
    assert_eq!(answer.status, 202);
    let done = on_success.receive(1).await.remove(0).body;
    let done: Value = serde_json::from_str(&done).expect("records are JSON");
    assert_eq!(done["requestContext"]["condition"], "Success");
    assert_eq!(done["responsePayload"], json!({"do": "echo"}));
    assert!(on_failure.is_idle() || on_failure.counts().0 == 0, "one record for one event");
    written(&mut lines);
    function.shutdown().await;
    assert_eq!(written(&mut lines), Vec::<String>::new(), "and no fourth time");
}

#[tokio::test]
async fn the_log_tail_comes_on_request() {
    let (_function, invoke_api) = start().await;
    let tail = [("X-Amz-Log-Type", "Tail")];
    let body = br#"{"do":"print","lines":1}"#;
    let answer = wire::send(invoke_api.address(), INVOKE, &tail, body).await;
    let encoded = answer.header("X-Amz-Log-Result").expect("the log was asked for");
    let log = base64_simd::STANDARD.decode_to_vec(encoded).expect("it is base64");
    let log = String::from_utf8(log).expect("it is text");
    let lines: Vec<&str> = log.lines().collect();
    assert_eq!(lines.len(), 5, "{log}");
    assert!(lines[0].starts_with("START RequestId: "));
    assert_eq!(lines[1..3], ["line 0", "and no newline"]);
    assert!(lines[4].starts_with("REPORT RequestId: "));
}
