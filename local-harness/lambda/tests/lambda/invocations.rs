//! What becomes of one event: answers, errors, lost processes, reports and log lines.

use std::time::Duration;

use lambda_local::FunctionOptions;
use lambda_local::report::{Report, Status, billed_duration_ms, timed_out};

use crate::{answer, function, invoke, options, written};

/// An event and what the caller gets: the answer, or parts of the error's type and message.
type Order = (&'static str, Result<&'static str, (&'static str, &'static str)>);

const ORDERS: &[Order] = &[
    (r#"{"do":"echo","key":"a b+ä"}"#, Ok(r#"{"do":"echo","key":"a b+ä"}"#)),
    ("null", Ok("null")),
    (r#"{"do":"fail"}"#, Err(("too_large", "the picture is too large"))),
    (r#"{"do":"panic"}"#, Err(("", "Lambda panicked: ordered to panic"))),
    (
        r#"{"do":"exit","code":3}"#,
        Err(("Runtime.ExitError", "Error: Runtime exited with error: exit status 3")),
    ),
    (
        r#"{"do":"exit","code":0}"#,
        Err(("Runtime.ExitError", "Error: Runtime exited without providing a reason")),
    ),
    (
        r#"{"do":"abort"}"#,
        Err(("Runtime.ExitError", "Error: Runtime exited with error: signal: aborted")),
    ),
    (
        r#"{"do":"allocate","mb":600}"#,
        Err(("Runtime.OutOfMemory", "Error: Runtime exited with error: signal: killed")),
    ),
    (
        r#"{"do":"large","bytes":6291600}"#,
        Err(("Function.ResponseSizeTooLarge", "exceeded maximum allowed payload size")),
    ),
];

#[tokio::test]
async fn each_order_ends_as_on_aws_and_the_next_event_is_served() {
    let (options, _lines) = options();
    let function = function(options);
    for (event, expected) in ORDERS {
        let invocation = invoke(&function, event).await;
        match (&invocation.result, expected) {
            (Ok(answer), Ok(expected)) => {
                assert_eq!(String::from_utf8_lossy(answer), *expected);
            }
            (Err(error), Err((error_type, message))) => {
                assert!(error.error_type.contains(error_type), "{event}: {error:?}");
                assert!(error.message.contains(message), "{event}: {error:?}");
                let payload: serde_json::Value =
                    serde_json::from_slice(&error.payload).expect("the payload is JSON");
                assert_eq!(payload["errorMessage"], error.message.as_str());
            }
            (result, _) => panic!("{event} ended as {result:?}"),
        }
        assert!(invocation.report.max_memory_used_mb > 0, "{event}");
        let after = invoke(&function, r#"{"still":"here"}"#).await;
        assert_eq!(answer(&after)["still"], "here", "after {event}");
    }
}

#[tokio::test]
async fn a_timeout_kills_the_process_and_the_next_event_gets_a_fresh_one() {
    let (options, mut lines) = options();
    let function = function(FunctionOptions { timeout: Duration::from_secs(1), ..options });
    let before = answer(&invoke(&function, r#"{"do":"pid"}"#).await);
    let late = invoke(&function, r#"{"do":"sleep"}"#).await;
    let error = late.result.expect_err("it sleeps for an hour");
    let reason = format!("RequestId: {} Error: Task timed out after 1.00 seconds", late.request_id);
    assert_eq!((error.error_type.as_str(), error.message), ("Sandbox.Timedout", reason));
    assert_eq!(late.log, ["sleeping"]);
    assert_eq!(late.report.status, Some(Status::Timeout));
    let text = format!(" {} Task timed out after 1.00 seconds", late.request_id);
    assert!(written(&mut lines).iter().any(|line| line.ends_with(&text)));
    let after = answer(&invoke(&function, r#"{"do":"pid"}"#).await);
    assert_ne!(before, after);
}

#[tokio::test]
async fn lines_belong_to_the_invocation_that_printed_them() {
    let (options, mut lines) = options();
    let function = function(options);
    for count in [0, 1, 20_000, 3, 0] {
        let event = format!(r#"{{"do":"print","lines":{count}}}"#);
        let invocation = invoke(&function, &event).await;
        let kept = count.min(10_000);
        let expected: Vec<String> = (0..kept).map(|line| format!("line {line}")).collect();
        assert_eq!(invocation.log[..expected.len()], expected);
        if count < 10_000 {
            assert_eq!(invocation.log[expected.len()..], ["and no newline"]);
        }
        let all = written(&mut lines);
        let id = &invocation.request_id;
        assert_eq!(all.len(), count + 4, "START, the lines, the rest of a line, END, REPORT");
        assert_eq!(all[0], format!("START RequestId: {id} Version: $LATEST"));
        assert_eq!(all[count + 2], format!("END RequestId: {id}"));
        assert_eq!(all[count + 3], invocation.report.to_string());
    }
}

#[tokio::test]
async fn a_lost_process_is_explained_in_the_log() {
    let (options, mut lines) = options();
    let function = function(options);
    let invocation = invoke(&function, r#"{"do":"exit","code":3}"#).await;
    let id = &invocation.request_id;
    let all = written(&mut lines);
    let expected = [
        format!("START RequestId: {id} Version: $LATEST"),
        format!("RequestId: {id} Error: Runtime exited with error: exit status 3"),
        "Runtime.ExitError".to_owned(),
        format!("END RequestId: {id}"),
        invocation.report.to_string(),
    ];
    assert_eq!(all, expected);
    assert!(all[4].ends_with("\tStatus: error\tError Type: Runtime.ExitError"), "{}", all[4]);
}

#[test]
fn reports_read_as_on_aws() {
    let report = |init_duration_ms, status| Report {
        request_id: "X".to_owned(),
        duration_ms: 395.99,
        billed_duration_ms: billed_duration_ms(395.99, init_duration_ms),
        memory_size_mb: 1769,
        max_memory_used_mb: 31,
        init_duration_ms,
        status,
    };
    let error = Status::Error { error_type: "Runtime.OutOfMemory".to_owned() };
    let cases = [
        (None, None, "396", ""),
        (Some(265.72), None, "662", "\tInit Duration: 265.72 ms"),
        (None, Some(Status::Timeout), "396", "\tStatus: timeout"),
        (
            Some(1.0),
            Some(error),
            "397",
            "\tInit Duration: 1.00 ms\tStatus: error\tError Type: Runtime.OutOfMemory",
        ),
    ];
    for (init, status, billed, rest) in cases {
        let expected = format!(
            "REPORT RequestId: X\tDuration: 395.99 ms\tBilled Duration: {billed} ms\
             \tMemory Size: 1769 MB\tMax Memory Used: 31 MB{rest}"
        );
        assert_eq!(report(init, status).to_string(), expected);
    }
    assert_eq!(timed_out(Duration::from_millis(1500)), "Task timed out after 1.50 seconds");
}
