//! The public HTTP server of `--http`: pictures of the endpoint, and the webhook at `/events`.
//! In: requests. Out: answers. What an event or a URL means is the function's business.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{HeaderName, HeaderValue, RETRY_AFTER};
use hyper::{Method, Request, Response, StatusCode};
use resizer::batch::Invocation;
use resizer::endpoint;
use tokio::time::Instant;
use tracing::Instrument;

use crate::memory_pool::MemoryPool;
use crate::server::{Answer, Handler, text};
use crate::settings::PICTURE_DEADLINE;
use crate::shared::Shared;
use crate::webhook::Webhook;

/// The path of the webhook.
const EVENTS: &str = "/events";

/// The largest picture in an answer; a larger one is answered by a redirect.
const MAX_BODY_BYTES: u64 = 8 << 20;

/// How long it waits for memory before it is answered 503.
const PICTURE_WAIT: Duration = Duration::from_secs(5);

/// The routes, and what they share.
#[derive(Debug, Clone)]
pub(crate) struct Routes(Rc<Public>);

#[derive(Debug)]
struct Public {
    shared: Rc<Shared>,
    webhook: Option<Webhook>,
    pictures: MemoryPool,
    /// Requests so far, which also names them in the log.
    requests: Cell<u64>,
}

impl Routes {
    pub(crate) fn new(shared: Rc<Shared>) -> Self {
        let webhook = Webhook::new(Rc::clone(&shared));
        let pictures = MemoryPool::new(shared.settings.picture_bytes());
        Self(Rc::new(Public { shared, webhook, pictures, requests: Cell::new(0) }))
    }

    /// Waits until no event is under way, also of senders that hung up.
    pub(crate) async fn idle(&self) {
        if let Some(webhook) = &self.0.webhook {
            webhook.idle().await;
        }
    }
}

impl Handler for Routes {
    async fn answer(&self, request: Request<Incoming>) -> Answer {
        let public = &self.0;
        public.requests.set(public.requests.get() + 1);
        let id = format!("http-{}-{}", std::process::id(), public.requests.get());
        let webhook = public.webhook.as_ref().filter(|_| request.uri().path() == EVENTS);
        let (route, answer) = match webhook {
            Some(webhook) => ("events", webhook.answer(request, id).await),
            None => ("pictures", public.picture(&request, id).await),
        };
        public.shared.metrics.answered(route, answer.status().as_u16());
        answer
    }
}

impl Public {
    async fn picture(&self, request: &Request<Incoming>, request_id: String) -> Answer {
        let Some(memory) = self.pictures.reserve(MAX_BODY_BYTES, PICTURE_WAIT).await else {
            return try_later(Duration::from_secs(1), "too many requests at the same time\n");
        };
        let invocation = Invocation {
            request_id,
            deadline: Instant::now() + PICTURE_DEADLINE,
            // What is made for a request is stored by a delivery like any other.
            lifetime: self.shared.settings.lifetime(),
            beside: self.shared.settings.concurrency - 1,
            trace_id: None,
        };
        let asked = plain(request);
        let span = tracing::info_span!("picture", requestId = invocation.request_id);
        let response = endpoint::respond(&self.shared.app, &asked, &invocation, MAX_BODY_BYTES);
        let endpoint::Response { status, headers, body } = response.instrument(span).await;
        // A client that reads slowly holds no more than the picture.
        let response = endpoint::Response { status, headers, body: memory.hold(body) };
        written(response, request.method() == Method::HEAD)
    }
}

/// The request as the endpoint takes it.
fn plain(request: &Request<Incoming>) -> endpoint::Request {
    let headers = request.headers().iter().map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    endpoint::Request {
        method: request.method().as_str().to_owned(),
        path: request.uri().path().to_owned(),
        query: request.uri().query().unwrap_or_default().to_owned(),
        headers: headers.collect(),
    }
}

fn written(response: endpoint::Response, is_head: bool) -> Answer {
    let endpoint::Response { status, headers, body } = response;
    debug_assert!(!is_head || body.is_empty(), "the endpoint knows what a HEAD is");
    let mut answer = Response::new(Full::new(body));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            answer.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    answer
}

/// 503: the same request may succeed after this time.
pub(crate) fn try_later(after: Duration, why: impl Into<bytes::Bytes>) -> Answer {
    let mut answer = text(StatusCode::SERVICE_UNAVAILABLE, why);
    let after_s = after.as_secs() + u64::from(after.subsec_nanos() > 0);
    answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from(after_s.max(1)));
    answer
}
