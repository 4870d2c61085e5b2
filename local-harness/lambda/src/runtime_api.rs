//! The Lambda Runtime API (2018-06-01) for one process, on a loopback port of its own.
//! In: HTTP requests of the process, work from the supervisor. Out: work handed out, outcomes.
//! Knows no process and no clock, and not how many events the process works on at a time.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};
use tokio::sync::watch;

use super::api::{FunctionMetadata, Shared};
use super::extensions_api;
use super::failure::FunctionError;
use super::http::{
    Answer, BodyError, Listen, Received, Server, accepted, error_answer, header, not_found,
    receive, wrong_state,
};
use super::state::{Outcome, Refusal, State};
use super::work::Work;

/// The largest answer of an invocation, bytes (6 MB and room for an envelope, as AWS has it).
pub const RESPONSE_MAX_BYTES: usize = 6_291_556;
/// The largest streamed answer, bytes.
pub const STREAMED_RESPONSE_MAX_BYTES: usize = 200 << 20;

const API: &str = "2018-06-01";
const ERROR_TYPE: &str = "Lambda-Runtime-Function-Error-Type";
const ERROR_BODY: &str = "Lambda-Runtime-Function-Error-Body";
const RESPONSE_MODE: &str = "Lambda-Runtime-Function-Response-Mode";

/// One Runtime API server and the state of the process behind it.
#[derive(Debug)]
pub struct RuntimeApi {
    shared: Arc<Shared>,
    server: Server,
}

impl RuntimeApi {
    /// Listens on a loopback port that the system chooses, for a process that works on so many
    /// events at a time.
    ///
    /// # Errors
    /// Where no port can be had.
    pub async fn start(function: FunctionMetadata, concurrency: usize) -> io::Result<Self> {
        let state = watch::Sender::new(State::new(concurrency));
        let shared = Arc::new(Shared { function, state });
        let handler = {
            let shared = Arc::clone(&shared);
            move |request| answer(Arc::clone(&shared), request)
        };
        // A worker that hangs up must not take work with it, which others wait for.
        let listen = Listen { allows_half_close: concurrency <= 1, ..Listen::from(0) };
        let server = Server::start(listen, handler).await?;
        Ok(Self { shared, server })
    }

    /// Where the process finds the API; the value of AWS_LAMBDA_RUNTIME_API.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Waits until the process and all its extensions ask for work. A process that works on several
    /// events at a time stays ready once it is.
    ///
    /// # Errors
    /// What the process posted to `/init/error`.
    pub async fn ready(&self) -> Result<(), FunctionError> {
        let mut watching = self.shared.state.subscribe();
        let state = watching
            .wait_for(|state| state.is_ready() || state.init_error().is_some())
            .await
            .expect("the sender lives as long as self");
        state.init_error().map_or(Ok(()), |error| Err(error.clone()))
    }

    /// Hands work to the process; call it only when the process is ready.
    pub fn assign(&self, work: Work) {
        self.shared.state.send_modify(|state| state.assign(Arc::new(work)));
    }

    /// Waits for the answer to this work, which was assigned.
    pub async fn outcome_of(&self, request_id: &str) -> Outcome {
        let mut watching = self.shared.state.subscribe();
        let state = watching
            .wait_for(|state| state.outcome_of(request_id).is_some())
            .await
            .expect("the sender lives as long as self");
        state.outcome_of(request_id).cloned().expect("it was just waited for")
    }

    /// Takes work back of which nobody needs the outcome any more. A process that has it already
    /// goes on with it.
    pub fn forget(&self, request_id: &str) {
        self.shared.state.send_if_modified(|state| {
            state.forget(request_id);
            false
        });
    }

    /// Whether an extension is registered, which entitles the process to a SIGTERM before it is
    /// killed.
    pub fn has_extensions(&self) -> bool {
        !self.shared.state.borrow().extensions.is_empty()
    }
}

async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Answer {
    let path = request.uri().path().to_owned();
    let path: Vec<&str> = path.split('/').skip(1).collect();
    match (request.method(), path.as_slice()) {
        (&Method::GET, [API, "runtime", "invocation", "next"]) => next(&shared).await,
        (&Method::POST, [API, "runtime", "invocation", id, kind @ ("response" | "error")]) => {
            let kind = if *kind == "error" { Kind::Error } else { Kind::Response };
            let id = (*id).to_owned();
            // A task of its own: a sender that hangs up must not leave the state incomplete.
            let task = tokio::spawn(async move { finish(&shared, &id, kind, request).await });
            task.await.unwrap_or_else(|_| wrong_state("Ended"))
        }
        (&Method::POST, [API, "runtime", "init", "error"]) => init_error(&shared, request).await,
        (_, ["2020-01-01", "extension", rest @ ..]) => {
            extensions_api::answer(shared, rest, request).await
        }
        // As AWS's own emulator: the path exists, says so with 202, and sends nothing.
        (&Method::PUT, ["2022-07-01", "telemetry"]) => error_answer(
            StatusCode::ACCEPTED,
            "Telemetry.NotSupported",
            "Telemetry API is not supported",
        ),
        (&Method::PUT, ["2020-08-15", "logs"]) => {
            error_answer(StatusCode::ACCEPTED, "Logs.NotSupported", "Logs API is not supported")
        }
        _ => not_found(),
    }
}

/// GET /2018-06-01/runtime/invocation/next
async fn next(shared: &Shared) -> Answer {
    let mut asked = Ok(());
    shared.state.send_modify(|state| asked = state.ask());
    if let Err(refusal) = asked {
        return refuse(refusal);
    }
    let _asking = Asking(shared);
    let mut watching = shared.state.subscribe();
    loop {
        let mut work = None;
        // Nobody waits for this change, and those who wait as this does must not wake each other.
        shared.state.send_if_modified(|state| {
            work = state.take_work();
            false
        });
        if let Some(work) = work {
            return work_answer(&work);
        }
        if watching.changed().await.is_err() {
            return wrong_state("Ended");
        }
    }
}

/// A request for work that waits. Its client may hang up, which drops it.
struct Asking<'a>(&'a Shared);

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.state.send_if_modified(|state| {
            state.stop_asking();
            false
        });
    }
}

fn work_answer(work: &Work) -> Answer {
    let mut answer = Response::new(Full::new(work.payload.clone()));
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let values = [
        ("lambda-runtime-aws-request-id", work.request_id.clone()),
        ("lambda-runtime-deadline-ms", work.deadline_ms.to_string()),
        ("lambda-runtime-invoked-function-arn", work.function_arn.clone()),
        ("lambda-runtime-trace-id", work.trace_id.clone()),
    ];
    for (name, value) in values {
        match HeaderValue::from_str(&value) {
            Ok(value) => {
                headers.insert(name, value);
            }
            Err(error) => tracing::warn!(name, %error, "a header could not be sent"),
        }
    }
    answer
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Response,
    Error,
}

/// POST /2018-06-01/runtime/invocation/{id}/response and /error
async fn finish(shared: &Shared, id: &str, kind: Kind, request: Request<Incoming>) -> Answer {
    let mut begun = Ok(());
    shared.state.send_modify(|state| begun = state.begin_answer(id));
    if let Err(refusal) = begun {
        return refuse(refusal);
    }
    let (parts, body) = request.into_parts();
    let (outcome, answer) = match (kind, header(&parts.headers, RESPONSE_MODE)) {
        (Kind::Error, _) => outcome_of(receive(body, RESPONSE_MAX_BYTES).await, |received| {
            Err(FunctionError::posted(header(&parts.headers, ERROR_TYPE), received.bytes))
        }),
        (Kind::Response, None) => {
            outcome_of(receive(body, RESPONSE_MAX_BYTES).await, |received| Ok(received.bytes))
        }
        (Kind::Response, Some("streaming")) => {
            outcome_of(receive(body, STREAMED_RESPONSE_MAX_BYTES).await, streamed)
        }
        (Kind::Response, Some(_)) => invalid_mode(&parts),
    };
    shared.state.send_modify(|state| state.finish_answer(id, outcome));
    answer
}

/// The outcome for the caller, and the answer to the process.
fn outcome_of(
    received: Result<Received, BodyError>,
    take: impl FnOnce(Received) -> Outcome,
) -> (Outcome, Answer) {
    match received {
        Ok(received) => (take(received), accepted()),
        Err(BodyError::TooLarge) => {
            let message = format!(
                "Response payload size exceeded maximum allowed payload size \
                 ({RESPONSE_MAX_BYTES} bytes)."
            );
            let answer = error_answer(
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestEntityTooLarge",
                &format!("Exceeded maximum allowed payload size ({RESPONSE_MAX_BYTES} bytes)."),
            );
            (Err(FunctionError::new("Function.ResponseSizeTooLarge", message)), answer)
        }
        Err(BodyError::Truncated) => {
            let message = "the body of the answer ended early".to_owned();
            let answer = error_answer(
                StatusCode::BAD_REQUEST,
                "TruncatedHTTPRequest",
                "HTTP request detected as truncated",
            );
            (Err(FunctionError::new("Runtime.TruncatedResponse", message)), answer)
        }
    }
}

/// A streamed answer is an error where its trailers say so.
fn streamed(received: Received) -> Outcome {
    let Some(error_type) = header(&received.trailers, ERROR_TYPE) else {
        return Ok(received.bytes);
    };
    let body = header(&received.trailers, ERROR_BODY).unwrap_or_default();
    // A body that is not base64 is passed on as it came.
    let body =
        base64_simd::STANDARD.decode_to_vec(body).unwrap_or_else(|_| body.as_bytes().to_vec());
    Err(FunctionError::posted(Some(error_type), Bytes::from(body)))
}

fn invalid_mode(parts: &Parts) -> (Outcome, Answer) {
    let mode = header(&parts.headers, RESPONSE_MODE).unwrap_or_default();
    let message = format!("the response mode {mode:?} is unknown");
    let error = FunctionError::new("Runtime.InvalidResponseModeHeader", message);
    let answer = error_answer(
        StatusCode::BAD_REQUEST,
        "InvalidFunctionResponseMode",
        "Invalid function response mode",
    );
    (Err(error), answer)
}

/// POST /2018-06-01/runtime/init/error
async fn init_error(shared: &Shared, request: Request<Incoming>) -> Answer {
    let (parts, body) = request.into_parts();
    let headers: HeaderMap = parts.headers;
    let payload = match receive(body, RESPONSE_MAX_BYTES).await {
        Ok(received) => received.bytes,
        Err(error) => return outcome_of(Err(error), |received| Ok(received.bytes)).1,
    };
    let error = FunctionError::posted(header(&headers, ERROR_TYPE), payload);
    let mut failed = Ok(());
    shared.state.send_modify(|state| failed = state.fail_init(error));
    match failed {
        Ok(()) => accepted(),
        Err(refusal) => refuse(refusal),
    }
}

fn refuse(refusal: Refusal) -> Answer {
    match refusal {
        Refusal::UnknownRequestId => {
            error_answer(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID")
        }
        Refusal::WrongState(phase) => wrong_state(phase),
    }
}
