//! The Runtime API and the Extensions API at their edges, request by request.

use std::sync::Arc;

use bytes::Bytes;
use lambda_local::FunctionMetadata;
use lambda_local::runtime_api::{RESPONSE_MAX_BYTES, RuntimeApi};
use lambda_local::work::Work;
use tokio::io::AsyncWriteExt;
use tokio::task::JoinHandle;

use crate::wire::{self, Answer};

/// One step of a conversation.
enum Step {
    /// The process asks for work and waits.
    Ask,
    /// The harness assigns work, and the process gets it.
    Assign(&'static str),
    /// A request, its status, and what its answer contains.
    Send(&'static str, &'static [(&'static str, &'static str)], &'static str, u16, &'static str),
    /// As `Send`, with headers that promise more than is sent.
    Cut(&'static str, &'static [(&'static str, &'static str)], &'static str, u16, &'static str),
    /// What the caller of the function gets: an answer, or an error type.
    Outcome(Result<&'static str, &'static str>),
}

use Step::{Ask, Assign, Cut, Outcome, Send};

const NEXT: &str = "GET /2018-06-01/runtime/invocation/next";
const RESPONSE: &str = "POST /2018-06-01/runtime/invocation/one/response";
const ERROR: &str = "POST /2018-06-01/runtime/invocation/one/error";
const INIT_ERROR: &str = "POST /2018-06-01/runtime/init/error";
const REGISTER: &str = "POST /2020-01-01/extension/register";
const EVENT_NEXT: &str = "GET /2020-01-01/extension/event/next";
const OK: &str = r#"{"status":"OK"}"#;
const STREAMING: (&str, &str) = ("Lambda-Runtime-Function-Response-Mode", "streaming");
const CHUNKED: (&str, &str) = ("Transfer-Encoding", "chunked");

const CONVERSATIONS: &[(&str, &[Step])] = &[
    (
        "an answer, and the next event",
        &[
            Ask,
            Assign("one"),
            Send(RESPONSE, &[], "[1]", 202, OK),
            Outcome(Ok("[1]")),
            Ask,
            Assign("two"),
            Send(RESPONSE, &[], "[1]", 400, "InvalidRequestID"),
        ],
    ),
    ("an unknown path", &[Send("GET /2018-06-01/runtime", &[], "", 404, "not found")]),
    ("an answer before any work", &[Send(RESPONSE, &[], "1", 400, "InvalidRequestID")]),
    (
        "an answer to nothing, while waiting",
        &[Ask, Send(RESPONSE, &[], "1", 400, "InvalidRequestID")],
    ),
    (
        "an answer to something else",
        &[
            Ask,
            Assign("two"),
            Send(RESPONSE, &[], "1", 400, "InvalidRequestID"),
            Send(ERROR, &[], "1", 400, "InvalidRequestID"),
        ],
    ),
    (
        "two answers",
        &[
            Ask,
            Assign("one"),
            Send(RESPONSE, &[], "1", 202, OK),
            Send(RESPONSE, &[], "2", 403, "InvalidStateTransition"),
            Send(ERROR, &[], "2", 403, "InvalidStateTransition"),
            Outcome(Ok("1")),
        ],
    ),
    (
        "an error with a type of its own",
        &[
            Ask,
            Assign("one"),
            Send(ERROR, &[], r#"{"errorType":"too_large","errorMessage":"m"}"#, 202, OK),
            Outcome(Err("too_large")),
        ],
    ),
    (
        "an error typed by its header",
        &[
            Ask,
            Assign("one"),
            Send(ERROR, &[("Lambda-Runtime-Function-Error-Type", "Function.Bad")], "{}", 202, OK),
            Outcome(Err("Function.Bad")),
        ],
    ),
    (
        "an error typed by a header that AWS does not keep",
        &[
            Ask,
            Assign("one"),
            Send(ERROR, &[("Lambda-Runtime-Function-Error-Type", "unhandled")], "no JSON", 202, OK),
            Outcome(Err("Runtime.Unknown")),
        ],
    ),
    (
        "a cut body",
        &[
            Ask,
            Assign("one"),
            Cut(RESPONSE, &[("Content-Length", "9")], "123", 400, "TruncatedHTTPRequest"),
            Outcome(Err("Runtime.TruncatedResponse")),
        ],
    ),
    (
        "a streamed answer",
        &[
            Ask,
            Assign("one"),
            Cut(RESPONSE, &[STREAMING, CHUNKED], "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 202, OK),
            Outcome(Ok("abcde")),
        ],
    ),
    (
        "a streamed answer that fails half-way",
        &[
            Ask,
            Assign("one"),
            Cut(
                RESPONSE,
                &[
                    STREAMING,
                    CHUNKED,
                    ("Trailer", "Lambda-Runtime-Function-Error-Type"),
                    ("Trailer", "Lambda-Runtime-Function-Error-Body"),
                ],
                "3\r\nabc\r\n0\r\nLambda-Runtime-Function-Error-Type: Runtime.StreamError\r\n\
                 Lambda-Runtime-Function-Error-Body: e30=\r\n\r\n",
                202,
                OK,
            ),
            Outcome(Err("Runtime.StreamError")),
        ],
    ),
    (
        "a response mode that does not exist",
        &[
            Ask,
            Assign("one"),
            Send(
                RESPONSE,
                &[("Lambda-Runtime-Function-Response-Mode", "telepathic")],
                "1",
                400,
                "InvalidFunctionResponseMode",
            ),
            Outcome(Err("Runtime.InvalidResponseModeHeader")),
        ],
    ),
    (
        "an init error, and nothing after it",
        &[
            Send(INIT_ERROR, &[], r#"{"errorType":"Function.NoConfig"}"#, 202, OK),
            Send(NEXT, &[], "", 403, "InvalidStateTransition"),
            Send(INIT_ERROR, &[], "{}", 403, "InvalidStateTransition"),
        ],
    ),
    ("an init error too late", &[Ask, Send(INIT_ERROR, &[], "{}", 403, "InvalidStateTransition")]),
    (
        "extensions that may not register",
        &[
            Send(REGISTER, &[], r#"{"events":[]}"#, 403, "Extension.InvalidExtensionName"),
            Send(REGISTER, &[("Lambda-Extension-Name", "a")], "[]", 403, "InvalidRequestFormat"),
            Send(
                REGISTER,
                &[("Lambda-Extension-Name", "a")],
                r#"{"events":["SHUTDOWN"]}"#,
                403,
                "Extension.InvalidEventType",
            ),
            Send(REGISTER, &[("Lambda-Extension-Name", "a")], "{}", 200, r#""functionName":"f""#),
            Send(
                REGISTER,
                &[("Lambda-Extension-Name", "a")],
                "{}",
                403,
                "Extension.InvalidExtensionState",
            ),
        ],
    ),
    (
        "an extension after init",
        &[
            Ask,
            Send(
                REGISTER,
                &[("Lambda-Extension-Name", "a")],
                "{}",
                403,
                "Extension.RegistrationClosed",
            ),
        ],
    ),
    (
        "extensions that do not say who they are",
        &[
            Send(EVENT_NEXT, &[], "", 403, "Extension.MissingExtensionIdentifier"),
            Send(
                EVENT_NEXT,
                &[("Lambda-Extension-Identifier", "me")],
                "",
                403,
                "Extension.InvalidExtensionIdentifier",
            ),
            Send(
                EVENT_NEXT,
                &[("Lambda-Extension-Identifier", "00000000-0000-4000-8000-000000000000")],
                "",
                403,
                "Extension.UnknownExtensionIdentifier",
            ),
        ],
    ),
    (
        "telemetry, which is taken note of",
        &[Send("PUT /2022-07-01/telemetry", &[], "{}", 202, "Telemetry.NotSupported")],
    ),
];

#[tokio::test]
async fn conversations_go_as_with_aws() {
    for (name, steps) in CONVERSATIONS {
        let api = start().await;
        let mut asking = None;
        for (at, step) in steps.iter().enumerate() {
            println!("{name}, step {at}");
            take(&api, step, &mut asking).await;
        }
    }
    assert_eq!(CONVERSATIONS.len(), 19, "every conversation was held");
}

async fn start() -> Arc<RuntimeApi> {
    let metadata = FunctionMetadata { name: "f".to_owned(), handler: "bootstrap".to_owned() };
    Arc::new(RuntimeApi::start(metadata, 1).await.expect("a loopback port is free"))
}

async fn take(api: &Arc<RuntimeApi>, step: &Step, asking: &mut Option<JoinHandle<Answer>>) {
    let address = api.address();
    match step {
        Ask => {
            *asking = Some(tokio::spawn(async move { wire::send(address, NEXT, &[], b"").await }));
            api.ready().await.expect("the process asks for work");
        }
        Assign(id) => {
            api.assign(work(id));
            let answer = asking.take().expect("the process asked").await.expect("it was answered");
            assert_eq!(answer.status, 200);
            assert_eq!(answer.header("Lambda-Runtime-Aws-Request-Id"), Some(*id));
            assert_eq!(answer.header("Lambda-Runtime-Deadline-Ms"), Some("1700000000000"));
            assert_eq!(answer.header("Lambda-Runtime-Invoked-Function-Arn"), Some("arn:f"));
            assert_eq!(answer.header("Lambda-Runtime-Trace-Id"), Some("Root=1-0-0"));
            assert_eq!(answer.text(), "{}");
        }
        Send(line, headers, body, status, text) => {
            let answer = wire::send(address, line, headers, body.as_bytes()).await;
            assert_eq!(
                (answer.status, answer.text().contains(text)),
                (*status, true),
                "{answer:?}"
            );
        }
        Cut(line, headers, body, status, text) => {
            let mut stream = wire::written(address, line, headers, body.as_bytes()).await;
            stream.shutdown().await.expect("the sending half can be closed");
            let answer = wire::answered(stream).await;
            assert_eq!(
                (answer.status, answer.text().contains(text)),
                (*status, true),
                "{answer:?}"
            );
        }
        Outcome(expected) => {
            let outcome = api.outcome_of("one").await.map_err(|error| error.error_type);
            assert_eq!(outcome, expected.map(Bytes::from).map_err(str::to_owned));
        }
    }
}

pub(crate) fn work(id: &str) -> Work {
    Work {
        request_id: id.to_owned(),
        payload: Bytes::from("{}"),
        deadline_ms: 1_700_000_000_000,
        function_arn: "arn:f".to_owned(),
        trace_id: "Root=1-0-0".to_owned(),
    }
}

#[tokio::test]
async fn an_answer_is_taken_up_to_its_limit_and_not_beyond() {
    for (size, status) in [(RESPONSE_MAX_BYTES, 202), (RESPONSE_MAX_BYTES + 1, 413)] {
        let api = start().await;
        let mut asking = None;
        take(&api, &Ask, &mut asking).await;
        take(&api, &Assign("one"), &mut asking).await;
        let answer = wire::send(api.address(), RESPONSE, &[], &vec![b'1'; size]).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        match api.outcome_of("one").await {
            Ok(body) => assert_eq!((body.len(), status), (size, 202)),
            Err(error) => {
                assert!(answer.text().contains("RequestEntityTooLarge"));
                assert_eq!(error.error_type, "Function.ResponseSizeTooLarge");
            }
        }
    }
}

#[tokio::test]
async fn a_process_that_asks_again_gets_the_same_event() {
    let api = start().await;
    let mut asking = None;
    take(&api, &Ask, &mut asking).await;
    take(&api, &Assign("one"), &mut asking).await;
    let again = wire::send(api.address(), NEXT, &[], b"").await;
    assert_eq!((again.status, again.header("Lambda-Runtime-Aws-Request-Id")), (200, Some("one")));
}

#[tokio::test]
async fn an_internal_extension_gets_each_event() {
    let api = start().await;
    let address = api.address();
    let name = [("Lambda-Extension-Name", "watcher")];
    let registered = wire::send(address, REGISTER, &name, br#"{"events":["INVOKE"]}"#).await;
    let id = registered.header("Lambda-Extension-Identifier").expect("it got an id").to_owned();
    let next_event = async || {
        let id = [("Lambda-Extension-Identifier", id.as_str())];
        wire::send(address, EVENT_NEXT, &id, b"").await
    };
    let run = async {
        tokio::spawn(async move { wire::send(address, NEXT, &[], b"").await });
        api.ready().await.expect("runtime and extension wait");
        api.assign(work("one"));
    };
    let (event, ()) = tokio::join!(next_event(), run);
    let event: serde_json::Value = serde_json::from_slice(&event.body).expect("events are JSON");
    assert_eq!(event["eventType"], "INVOKE");
    assert_eq!(event["requestId"], "one");
    assert_eq!(event["deadlineMs"], 1_700_000_000_000_u64);
    assert_eq!(event["tracing"]["value"], "Root=1-0-0");
    assert!(api.has_extensions());
}
