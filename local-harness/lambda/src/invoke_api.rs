//! The Invoke API (2015-03-31), through which `aws lambda invoke --endpoint-url` and the SDKs reach
//! the function.
//! In: HTTP requests. Out: the function's answers with AWS's headers. Signatures are not checked.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};
use percent_encoding::percent_decode_str;
use serde::de::IgnoredAny;
use serde_json::json;

use super::asynchronous::{Asynchronous, AsynchronousOptions};
use super::function::Function;
use super::http::{Answer, BodyError, Listen, Server, header, json_answer, not_found, receive};
use super::invocation::Invocation;
use super::options::ACCOUNT_ID;
use super::report::{end_line, start_line};
use crate::queue::SendError;

/// The largest payload of a synchronous invocation, bytes.
pub const SYNCHRONOUS_PAYLOAD_MAX_BYTES: usize = 6 << 20;
/// The largest payload of an asynchronous invocation, bytes.
pub const ASYNCHRONOUS_PAYLOAD_MAX_BYTES: usize = 1 << 20;

/// How much of the log `X-Amz-Log-Type: Tail` returns.
const LOG_TAIL_BYTES: usize = 4096;

/// A listener that serves one function until it is dropped.
#[derive(Debug)]
pub struct InvokeApi {
    server: Server,
}

impl InvokeApi {
    /// Listens there; a port alone stands for 127.0.0.1.
    ///
    /// # Errors
    /// Where the port is taken, or the journal of asynchronous events cannot be opened.
    pub async fn start(
        function: Arc<Function>,
        asynchronous: AsynchronousOptions,
        listen: impl Into<Listen>,
    ) -> io::Result<Self> {
        let events = Arc::new(Asynchronous::start(Arc::clone(&function), asynchronous)?);
        let handler = move |request| answer(Arc::clone(&function), Arc::clone(&events), request);
        Ok(Self { server: Server::start(listen.into(), handler).await? })
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }
}

/// POST /2015-03-31/functions/{name}/invocations
async fn answer(
    function: Arc<Function>,
    events: Arc<Asynchronous>,
    request: Request<Incoming>,
) -> Answer {
    let path = request.uri().path().to_owned();
    let path: Vec<&str> = path.split('/').skip(1).collect();
    match (request.method(), path.as_slice()) {
        (&Method::POST, ["2015-03-31", "functions", name, "invocations"]) => {
            if is_named(&function, name) {
                invoke(function, &events, request).await
            } else {
                refusal(
                    StatusCode::NOT_FOUND,
                    "ResourceNotFoundException",
                    &format!(
                        "Function not found: {}",
                        percent_decode_str(name).decode_utf8_lossy()
                    ),
                )
            }
        }
        _ => not_found(),
    }
}

/// Whether this names the function: by its name, its partial or its full ARN, each also with the
/// version.
fn is_named(function: &Function, name: &str) -> bool {
    let options = function.options();
    let name = percent_decode_str(name).decode_utf8_lossy();
    let name = name.strip_suffix(":$LATEST").unwrap_or(&name);
    let partial = format!("{}:function:{}", ACCOUNT_ID, options.name);
    name == options.name || name == options.arn() || name == partial
}

async fn invoke(
    function: Arc<Function>,
    events: &Asynchronous,
    request: Request<Incoming>,
) -> Answer {
    let (parts, body) = request.into_parts();
    let kind = header(&parts.headers, "X-Amz-Invocation-Type").unwrap_or("RequestResponse");
    let limit_bytes = match kind {
        "RequestResponse" | "DryRun" => SYNCHRONOUS_PAYLOAD_MAX_BYTES,
        "Event" => ASYNCHRONOUS_PAYLOAD_MAX_BYTES,
        other => {
            let message = format!("the invocation type {other:?} is unknown");
            return refusal(StatusCode::BAD_REQUEST, "InvalidParameterValueException", &message);
        }
    };
    let payload = match payload(body, limit_bytes).await {
        Ok(payload) => payload,
        Err(refused) => return refused,
    };
    match kind {
        "DryRun" => empty(StatusCode::NO_CONTENT),
        "Event" => asynchronous_answer(events.take(payload)),
        _ => {
            // On a task of its own: an invocation runs to its end, also when the client hangs up.
            let invoked = tokio::spawn(async move { function.invoke(payload).await }).await;
            synchronous_answer(invoked.expect("invocations do not panic"), &parts)
        }
    }
}

/// The payload, JSON; an empty one is an empty object.
async fn payload(body: Incoming, limit_bytes: usize) -> Result<Vec<u8>, Answer> {
    let bytes = match receive(body, limit_bytes).await {
        Ok(received) => received.bytes,
        Err(BodyError::TooLarge) => {
            let message = format!(
                "Request must be smaller than {limit_bytes} bytes for the InvokeFunction operation"
            );
            return Err(refusal(
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestTooLargeException",
                &message,
            ));
        }
        Err(BodyError::Truncated) => {
            return Err(invalid_content("the body ended early"));
        }
    };
    if bytes.is_empty() {
        return Ok(b"{}".to_vec());
    }
    match serde_json::from_slice::<IgnoredAny>(&bytes) {
        Ok(_) => Ok(Vec::from(bytes)),
        Err(error) => Err(invalid_content(&error.to_string())),
    }
}

fn asynchronous_answer(taken: Result<String, SendError>) -> Answer {
    match taken {
        Ok(request_id) => {
            let mut answer = empty(StatusCode::ACCEPTED);
            if let Ok(request_id) = HeaderValue::try_from(request_id) {
                answer.headers_mut().insert("x-amzn-requestid", request_id);
            }
            answer
        }
        Err(error) => {
            refusal(StatusCode::INTERNAL_SERVER_ERROR, "ServiceException", &error.to_string())
        }
    }
}

fn synchronous_answer(invocation: Invocation, request: &Parts) -> Answer {
    let is_tail_wanted = header(&request.headers, "X-Amz-Log-Type") == Some("Tail");
    let tail = is_tail_wanted.then(|| log_tail(&invocation));
    let (body, is_error) = match invocation.result {
        Ok(body) => (Bytes::from(body), false),
        Err(error) => (error.payload, true),
    };
    let mut answer = Response::new(Full::new(body));
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("x-amz-executed-version", HeaderValue::from_static("$LATEST"));
    if is_error {
        headers.insert("x-amz-function-error", HeaderValue::from_static("Unhandled"));
    }
    let texts = [("x-amzn-requestid", Some(invocation.request_id)), ("x-amz-log-result", tail)];
    for (name, text) in texts {
        if let Some(value) = text.and_then(|text| HeaderValue::try_from(text).ok()) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    answer
}

/// The last bytes of the invocation's log, base64.
fn log_tail(invocation: &Invocation) -> String {
    let mut log = start_line(&invocation.request_id);
    for line in &invocation.log {
        log.push('\n');
        log.push_str(line);
    }
    log.push('\n');
    log.push_str(&end_line(&invocation.request_id));
    log.push('\n');
    log.push_str(&format!("{}\n", invocation.report));
    let from = log.len().saturating_sub(LOG_TAIL_BYTES);
    base64_simd::STANDARD.encode_to_string(&log.as_bytes()[from..])
}

fn empty(status: StatusCode) -> Answer {
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = status;
    answer
}

fn invalid_content(reason: &str) -> Answer {
    let message = format!("Could not parse request body into json: {reason}");
    refusal(StatusCode::BAD_REQUEST, "InvalidRequestContentException", &message)
}

fn refusal(status: StatusCode, error_type: &'static str, message: &str) -> Answer {
    let mut answer = json_answer(status, &json!({ "Type": "User", "Message": message }));
    answer.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static(error_type));
    answer
}
