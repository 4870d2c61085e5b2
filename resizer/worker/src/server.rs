//! A small HTTP/1.1 server that a slow or hostile client cannot fill: a limit of connections, and
//! of the time for a request's head. In: a listener and a handler. Knows no route.

use std::convert::Infallible;
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::sleep;

use crate::shared::Shared;
use crate::stop::Phase;

/// A whole answer.
pub(crate) type Answer = Response<Full<Bytes>>;

/// Answers requests.
pub(crate) trait Handler: Clone + 'static {
    /// Every request has an answer.
    fn answer(&self, request: Request<Incoming>) -> impl Future<Output = Answer>;
}

/// What a server allows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Connections at the same time; more wait in the system's queue.
    connections: usize,
    /// The time for the head of a request, and between two of them.
    head: Duration,
    /// The longest head, bytes.
    head_bytes: usize,
    /// Whether it serves on while the worker drains.
    outlives_drain: bool,
}

impl Limits {
    /// For orchestrators, which want to see a worker drain.
    pub(crate) const STATUS: Self = Self {
        connections: 32,
        head: Duration::from_secs(10),
        head_bytes: 8 << 10,
        outlives_drain: true,
    };
}

/// How long accepting rests after it failed, which it does when file descriptors have run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until the worker drains or ends, and then what was begun.
pub(crate) async fn serve(
    listener: TcpListener,
    limits: Limits,
    handler: impl Handler,
    shared: Rc<Shared>,
) {
    let last = if limits.outlives_drain { Phase::Ending } else { Phase::Draining };
    let free = Arc::new(Semaphore::new(limits.connections));
    let open = GracefulShutdown::new();
    loop {
        let permit = Arc::clone(&free).acquire_owned();
        let accepted = async {
            let permit = permit.await;
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            accepted = accepted => accepted,
            () = shared.stop.reached(last) => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let served = connection(stream, limits, handler.clone(), &open);
                tokio::task::spawn_local(async move {
                    served.await;
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    open.shutdown().await;
}

fn connection(
    stream: TcpStream,
    limits: Limits,
    handler: impl Handler,
    open: &GracefulShutdown,
) -> impl Future<Output = ()> + 'static {
    // Without it small answers wait for the client's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let handler = handler.clone();
        async move { Ok::<_, Infallible>(handler.answer(request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(limits.head_bytes.max(8 << 10))
        .serve_connection(TokioIo::new(stream), service);
    let watched = open.watch(connection);
    async move {
        if let Err(error) = watched.await {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}

/// An answer in plain text.
pub(crate) fn text(status: StatusCode, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = status;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    answer.headers_mut().insert(CONTENT_TYPE, plain);
    answer
}
