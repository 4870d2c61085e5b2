//! The webhook: takes an event that a store pushes, does its work, and only then answers. 503 and
//! 408 ask the sender to send the event again. A client that hangs up ends no work.

mod authentication;
mod deliver;
mod flights;
mod recent;

use std::rc::Rc;
use std::time::Duration;

use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Bytes, Incoming};
use hyper::header::{ALLOW, CONNECTION, HeaderMap, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use hyper::{Method, Request, StatusCode};
use resizer::event::{Pushed, UnknownEvent};
use tokio::time::timeout;

use crate::memory_pool::{MemoryPool, Reserved};
use crate::public::try_later;
use crate::server::{Answer, text};
use crate::shared::Shared;
use crate::stop::Phase;
use authentication::{Authentication, Denial};
use deliver::Receiver;

/// The longest body. A notification has a few kilobytes, a batch of a hundred messages 0.2 MB.
const MAX_BODY_BYTES: usize = 1 << 20;

/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(15);

/// How long an event waits for memory before its sender is asked to come back.
const MEMORY_WAIT: Duration = Duration::from_secs(5);

/// How long the rest of a body that nobody needs is read, so that its sender sees the answer.
const DISCARD_TIME: Duration = Duration::from_secs(1);

/// The handshake of CloudEvents.
/// Source: CloudEvents, "HTTP 1.1 Web Hooks for Event Delivery", section 4.
const REQUEST_ORIGIN: HeaderName = HeaderName::from_static("webhook-request-origin");
const ALLOWED_ORIGIN: HeaderName = HeaderName::from_static("webhook-allowed-origin");
const ALLOWED_RATE: HeaderName = HeaderName::from_static("webhook-allowed-rate");

/// Answers `/events`.
#[derive(Debug)]
pub(crate) struct Webhook {
    shared: Rc<Shared>,
    authentication: Authentication,
    memory: MemoryPool,
    receiver: Rc<Receiver>,
}

impl Webhook {
    /// `None` where no token and no secret is set, and so nobody could be let in.
    pub(crate) fn new(shared: Rc<Shared>) -> Option<Self> {
        let authentication = Authentication::new(shared.settings.http.as_ref()?)?;
        let memory = MemoryPool::new(shared.settings.event_bytes());
        let receiver = Rc::new(Receiver::new(Rc::clone(&shared)));
        Some(Self { shared, authentication, memory, receiver })
    }

    /// Waits until no event is under way, also of senders that hung up.
    pub(crate) async fn idle(&self) {
        self.receiver.idle().await;
    }

    pub(crate) async fn answer(&self, request: Request<Incoming>, id: String) -> Answer {
        let answered = match *request.method() {
            Method::POST => self.receive(request, id).await,
            Method::OPTIONS => Ok(handshake(request.headers())),
            _ => {
                let mut answer = text(StatusCode::METHOD_NOT_ALLOWED, "only POST\n");
                answer.headers_mut().insert(ALLOW, HeaderValue::from_static("POST, OPTIONS"));
                Ok(answer)
            }
        };
        answered.unwrap_or_else(|refused| refused)
    }

    async fn receive(&self, request: Request<Incoming>, id: String) -> Result<Answer, Answer> {
        if self.shared.stop.phase() > Phase::Working {
            return Err(try_later(Duration::from_secs(5), "draining\n"));
        }
        let (head, body) = request.into_parts();
        // Whoever shows neither a token nor a signature is turned away before the body is read.
        let proof = match self.authentication.of_head(&head.headers, head.uri.query()) {
            Ok(proof) => proof,
            Err(denial) => {
                discard(body).await;
                return Err(denied(denial));
            }
        };
        let (body, memory) = self.read(body).await?;
        proof.check(&body).map_err(denied)?;
        let cloud_event = head.headers.get("ce-type").and_then(|value| value.to_str().ok());
        let pushed = Pushed::parse(cloud_event, &body).map_err(|unknown| {
            let code = UnknownEvent::CODE;
            tracing::error!(requestId = id, code, "{unknown}");
            text(StatusCode::BAD_REQUEST, format!("{code}: {unknown}\n"))
        })?;
        drop((body, memory));
        // In a task of its own: hyper drops this one when the sender hangs up, and what was begun
        // is better ended.
        let (receiver, request_id) = (Rc::clone(&self.receiver), id.clone());
        let work = tokio::task::spawn_local(async move { receiver.deliver(pushed, id).await });
        let answer = work.await;
        Ok(answer.unwrap_or_else(|bug| {
            tracing::error!(requestId = request_id, code = "bug", "{bug}");
            try_later(Duration::from_secs(5), "the worker failed on this event; see its log\n")
        }))
    }

    async fn read(&self, body: Incoming) -> Result<(Bytes, Reserved), Answer> {
        let too_large = || closing(text(StatusCode::PAYLOAD_TOO_LARGE, "at most 1 MiB\n"));
        let max = MAX_BODY_BYTES as u64;
        if body.size_hint().lower() > max {
            discard(body).await;
            return Err(too_large());
        }
        let bytes = body.size_hint().upper().map_or(max, |upper| upper.min(max));
        let Some(memory) = self.memory.reserve(bytes, MEMORY_WAIT).await else {
            return Err(closing(try_later(MEMORY_WAIT, "too many events at the same time\n")));
        };
        let whole = timeout(BODY_TIMEOUT, Limited::new(body, MAX_BODY_BYTES).collect()).await;
        match whole {
            Ok(Ok(body)) => Ok((body.to_bytes(), memory)),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
            Ok(Err(_)) => Err(closing(text(StatusCode::REQUEST_TIMEOUT, "the body is cut off\n"))),
            Err(_) => Err(closing(text(StatusCode::REQUEST_TIMEOUT, "the body took too long\n"))),
        }
    }
}

/// Reads a body and keeps nothing of it. Many clients look for an answer only after they have sent
/// their whole request, and a connection that is closed before loses the answer.
async fn discard(body: Incoming) {
    let mut body = Limited::new(body, 4 * MAX_BODY_BYTES);
    let reading = async { while let Some(Ok(_)) = body.frame().await {} };
    let _ = timeout(DISCARD_TIME, reading).await;
}

/// What is left of a body that is not read would be taken for the next request.
fn closing(mut answer: Answer) -> Answer {
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    answer
}

fn denied(denial: Denial) -> Answer {
    let status = match denial {
        Denial::NoProof => StatusCode::UNAUTHORIZED,
        Denial::WrongProof => StatusCode::FORBIDDEN,
    };
    let mut answer = closing(text(status, format!("{denial}\n")));
    if status == StatusCode::UNAUTHORIZED {
        answer.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    answer
}

/// Grants a sender's wish to send. It proves nothing: events need a token all the same.
fn handshake(headers: &HeaderMap) -> Answer {
    let Some(origin) = headers.get(REQUEST_ORIGIN) else {
        return text(StatusCode::BAD_REQUEST, "no WebHook-Request-Origin\n");
    };
    let mut answer = text(StatusCode::OK, "");
    answer.headers_mut().insert(ALLOWED_ORIGIN, origin.clone());
    answer.headers_mut().insert(ALLOWED_RATE, HeaderValue::from_static("*"));
    answer.headers_mut().insert(ALLOW, HeaderValue::from_static("POST, OPTIONS"));
    answer
}
