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
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_io_timeout::TimeoutStream;

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
    /// How long a client may read nothing of an answer.
    stall: Duration,
    /// How long a connection is kept, whatever the client reads or sends; the request that it has
    /// then may take as long once more.
    connection: Duration,
    /// Whether it serves on while the worker drains.
    outlives_drain: bool,
}

impl Limits {
    /// For orchestrators, which want to see a worker drain.
    pub(crate) const STATUS: Self = Self {
        connections: 32,
        head: Duration::from_secs(5),
        stall: Duration::from_secs(5),
        head_bytes: 8 << 10,
        connection: Duration::from_secs(60),
        outlives_drain: true,
    };

    /// For everyone; events may take until their deadline.
    pub(crate) fn public(deadline: Duration) -> Self {
        Self {
            connections: 512,
            head: Duration::from_secs(10),
            stall: Duration::from_secs(15),
            head_bytes: 32 << 10,
            connection: deadline.max(Duration::from_secs(120)),
            outlives_drain: false,
        }
    }
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
                let (handler, shared) = (handler.clone(), Rc::clone(&shared));
                tokio::task::spawn_local(async move {
                    connection(stream, limits, handler, shared.stop.reached(last)).await;
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
    // All of them: no connection is open any more.
    let _ = free.acquire_many(u32::try_from(limits.connections).unwrap_or(u32::MAX)).await;
}

async fn connection(
    stream: TcpStream,
    limits: Limits,
    handler: impl Handler,
    ended: impl Future<Output = ()>,
) {
    // Without it small answers wait for the client's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    let mut timed = TimeoutStream::new(stream);
    timed.set_write_timeout(Some(limits.stall));
    let service = service_fn(move |request| {
        let handler = handler.clone();
        async move { Ok::<_, Infallible>(handler.answer(request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(limits.head_bytes)
        .serve_connection(TokioIo::new(Box::pin(timed)), service);
    let mut connection = std::pin::pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => Some(served),
        () = sleep(limits.connection) => None,
        () = ended => None,
    };
    let served = match served {
        Some(served) => served,
        None => {
            // The request that it has is answered, and no other one read.
            connection.as_mut().graceful_shutdown();
            match timeout(limits.connection, connection).await {
                Ok(served) => served,
                Err(_) => return,
            }
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended early");
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
