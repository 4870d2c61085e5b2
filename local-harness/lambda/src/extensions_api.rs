//! The Extensions API (2020-01-01) for internal extensions, which run inside the function's
//! process.
//! In: requests and announced work. Out: answers, INVOKE events. As on AWS, SHUTDOWN is for
//! external extensions only.

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Method, Request, StatusCode};
use serde_json::{Value, json};

use super::api::{FunctionMetadata, Shared};
use super::extensions::{EXTENSIONS_MAX, Rejected};
use super::http::{
    Answer, accepted, error_answer, header, json_answer, not_found, receive, wrong_state,
};
use super::work::Work;

const BODY_MAX_BYTES: usize = 64 << 10;
const NAME: &str = "Lambda-Extension-Name";
const IDENTIFIER: &str = "Lambda-Extension-Identifier";
const ERROR_TYPE: &str = "Lambda-Extension-Function-Error-Type";

/// Answers the request behind `/2020-01-01/extension/`.
pub(crate) async fn answer(
    shared: Arc<Shared>,
    path: &[&str],
    request: Request<Incoming>,
) -> Answer {
    match (request.method(), path) {
        (&Method::POST, ["register"]) => register(&shared, request).await,
        (&Method::GET, ["event", "next"]) => match identify(&shared, &request) {
            Ok(id) => next_event(&shared, &id).await,
            Err(refusal) => *refusal,
        },
        (&Method::POST, ["init" | "exit", "error"]) => match identify(&shared, &request) {
            Ok(_) if request.headers().contains_key(ERROR_TYPE) => accepted(),
            Ok(_) => forbidden("Extension.MissingHeader", &format!("{ERROR_TYPE} not found")),
            Err(refusal) => *refusal,
        },
        _ => not_found(),
    }
}

/// POST /2020-01-01/extension/register
async fn register(shared: &Shared, request: Request<Incoming>) -> Answer {
    let (parts, body) = request.into_parts();
    let name = header(&parts.headers, NAME).unwrap_or_default();
    if name.is_empty() {
        return forbidden("Extension.InvalidExtensionName", "Empty extension name");
    }
    let events = match receive(body, BODY_MAX_BYTES).await {
        Ok(received) => registered_events(&received.bytes),
        Err(_) => None,
    };
    let Some(events) = events else {
        return forbidden("InvalidRequestFormat", "the body is not {\"events\": [\"INVOKE\"]}");
    };
    if let Some(event) = events.iter().find(|event| *event != "INVOKE") {
        let message = format!("{event}: an internal extension gets INVOKE events only");
        return forbidden("Extension.InvalidEventType", &message);
    }
    if !events.is_empty() && shared.state.borrow().is_concurrent() {
        let message = "INVOKE: there is none where invocations are concurrent";
        return forbidden("Extension.InvalidEventType", message);
    }
    let mut registered = Err(Rejected::Closed);
    shared.state.send_modify(|state| {
        if state.is_starting() {
            registered = state.extensions.register(name, !events.is_empty());
        }
    });
    match registered {
        Ok(id) => registered_answer(&shared.function, &id),
        Err(Rejected::Closed) => {
            forbidden("Extension.RegistrationClosed", "Extension registration closed already")
        }
        Err(Rejected::NameTaken) => forbidden(
            "Extension.InvalidExtensionState",
            "Extension with this name already registered",
        ),
        Err(Rejected::TooMany) => forbidden(
            "Extension.TooManyExtensions",
            &format!("Extension limit ({EXTENSIONS_MAX}) reached"),
        ),
    }
}

/// The events of a registration; an empty body or a missing list registers for none.
fn registered_events(body: &[u8]) -> Option<Vec<String>> {
    let body: Value = serde_json::from_slice(body).ok()?;
    match body.as_object()?.get("events") {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(events) => {
            events.as_array()?.iter().map(|event| event.as_str().map(str::to_owned)).collect()
        }
    }
}

fn registered_answer(function: &FunctionMetadata, id: &str) -> Answer {
    let body = json!({
        "functionName": function.name,
        "functionVersion": "$LATEST",
        "handler": function.handler,
    });
    let mut answer = json_answer(StatusCode::OK, &body);
    let id = HeaderValue::from_str(id).expect("a UUID is a valid header value");
    answer.headers_mut().insert(HeaderName::from_static("lambda-extension-identifier"), id);
    answer
}

/// GET /2020-01-01/extension/event/next
async fn next_event(shared: &Shared, id: &str) -> Answer {
    shared.state.send_modify(|state| state.extensions.ask(id));
    let mut watching = shared.state.subscribe();
    // The sender lives in `shared`, so waiting cannot fail.
    if watching.wait_for(|state| state.extensions.has_event(id)).await.is_err() {
        return wrong_state("Ended");
    }
    let mut event = None;
    shared.state.send_modify(|state| event = state.extensions.take_event(id));
    match event {
        Some(work) => json_answer(StatusCode::OK, &invoke_event(&work)),
        None => wrong_state("Waiting"),
    }
}

fn invoke_event(work: &Work) -> Value {
    json!({
        "eventType": "INVOKE",
        "deadlineMs": work.deadline_ms,
        "requestId": work.request_id,
        "invokedFunctionArn": work.function_arn,
        "tracing": { "type": "X-Amzn-Trace-Id", "value": work.trace_id },
    })
}

/// The registered extension that a request names.
fn identify(shared: &Shared, request: &Request<Incoming>) -> Result<String, Box<Answer>> {
    let Some(id) = header(request.headers(), IDENTIFIER) else {
        return Err(Box::new(forbidden(
            "Extension.MissingExtensionIdentifier",
            "Missing Lambda-Extension-Identifier header",
        )));
    };
    if !is_uuid(id) {
        return Err(Box::new(forbidden(
            "Extension.InvalidExtensionIdentifier",
            "Invalid Lambda-Extension-Identifier",
        )));
    }
    let known = shared.state.borrow().extensions.is_registered(id);
    if known {
        Ok(id.to_owned())
    } else {
        Err(Box::new(forbidden(
            "Extension.UnknownExtensionIdentifier",
            &format!("Unknown extension {id}"),
        )))
    }
}

pub(crate) fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn forbidden(error_type: &str, message: &str) -> Answer {
    error_answer(StatusCode::FORBIDDEN, error_type, message)
}
