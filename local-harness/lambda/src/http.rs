//! The little HTTP that the Lambda interfaces need: a listener, JSON answers, bodies with a limit.
//! In: requests. Out: answers. Knows no Lambda call.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, Either, Full};
use hyper::body::{Body, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use loopback::Access;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// A whole answer.
pub type Answer = Response<Full<Bytes>>;

/// How much of a body that is too large is still read, so that the sender gets to read the refusal.
const DISCARDED_MAX_BYTES: usize = 64 << 20;

/// How long accepting rests after it failed, which it does when file descriptors have run out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// Where a server listens, and who may use it.
#[derive(Debug, Clone)]
pub struct Listen {
    /// Port 0 lets the system choose.
    pub address: SocketAddr,
    /// Whose requests are answered.
    pub access: Access,
    /// Whether a client that closes its sending half, perhaps in the middle of a body, still gets
    /// its answer. If not, the answer to a client that hangs up is dropped at once.
    pub allows_half_close: bool,
}

impl From<u16> for Listen {
    /// 127.0.0.1, for this machine alone.
    fn from(port: u16) -> Self {
        let address = (Ipv4Addr::LOCALHOST, port).into();
        Self { address, access: Access::default(), allows_half_close: true }
    }
}

/// A listener; it and all its connections end when it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    /// Listens, and answers every request that `access` lets through.
    ///
    /// # Errors
    /// Where the address is taken or is none of this machine.
    pub async fn start<H, F, B>(listen: Listen, handler: H) -> io::Result<Self>
    where
        H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Response<B>> + Send + 'static,
        B: Body<Data = Bytes, Error = Infallible> + Send + 'static,
    {
        let listener = TcpListener::bind(listen.address).await?;
        let address = listener.local_addr()?;
        let (access, half_close) = (Arc::new(listen.access), listen.allows_half_close);
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                tokio::select! {
                    accepted = listener.accept() => match accepted {
                        Ok((stream, _)) => {
                            let access = Arc::clone(&access);
                            let handler = handler.clone();
                            let served = serve_connection((stream, half_close), access, handler);
                            connections.spawn(served);
                        }
                        Err(error) => {
                            tracing::warn!(%error, "a connection could not be accepted");
                            tokio::time::sleep(ACCEPT_PAUSE).await;
                        }
                    },
                    Some(_) = connections.join_next() => {}
                }
            }
        });
        Ok(Self { address, task })
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve_connection<H, F, B>(
    (stream, half_close): (TcpStream, bool),
    access: Arc<Access>,
    handler: H,
) where
    H: Fn(Request<Incoming>) -> F + Send + Sync + 'static,
    F: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes, Error = Infallible> + Send + 'static,
{
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "answers may be delayed by Nagle's algorithm");
    }
    let service = service_fn(|request: Request<Incoming>| {
        let refused = access.refusal(request.headers());
        let answer = refused.map_or_else(|| Ok(handler(request)), Err);
        async {
            Ok::<_, Infallible>(match answer {
                Ok(answer) => answer.await.map(Either::Left),
                Err(why) => {
                    let refusal = json_answer(StatusCode::FORBIDDEN, &json!({ "Message": why }));
                    refusal.map(Either::Right)
                }
            })
        }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .half_close(half_close)
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// A body that could not be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyError {
    /// It has more bytes than the limit.
    TooLarge,
    /// The connection ended first.
    Truncated,
}

/// A body and what came after it.
#[derive(Debug)]
pub struct Received {
    /// All of the body.
    pub bytes: Bytes,
    /// The headers after it.
    pub trailers: HeaderMap,
}

/// Reads a body to its end, keeping at most `limit_bytes`.
///
/// # Errors
/// `TooLarge` beyond the limit, `Truncated` where the connection ended first.
pub async fn receive(mut body: Incoming, limit_bytes: usize) -> Result<Received, BodyError> {
    let mut kept = BytesMut::new();
    let mut size_bytes = 0_usize;
    let mut trailers = HeaderMap::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| BodyError::Truncated)?;
        match frame.into_data() {
            Ok(data) => {
                size_bytes += data.len();
                if size_bytes <= limit_bytes {
                    kept.extend_from_slice(&data);
                } else if size_bytes - limit_bytes > DISCARDED_MAX_BYTES {
                    break;
                }
            }
            Err(frame) => trailers.extend(frame.into_trailers().unwrap_or_default()),
        }
    }
    if size_bytes > limit_bytes {
        return Err(BodyError::TooLarge);
    }
    Ok(Received { bytes: kept.freeze(), trailers })
}

/// A JSON answer.
pub fn json_answer(status: StatusCode, body: &Value) -> Answer {
    let mut answer = Response::new(Full::from(body.to_string()));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

/// A refusal in the shape that the Runtime API uses.
pub(crate) fn error_answer(status: StatusCode, error_type: &str, message: &str) -> Answer {
    json_answer(status, &json!({ "errorType": error_type, "errorMessage": message }))
}

/// The answer to a path that does not exist.
pub(crate) fn not_found() -> Answer {
    let mut answer = Response::new(Full::from("404 page not found\n"));
    *answer.status_mut() = StatusCode::NOT_FOUND;
    answer
}

/// A header as text, where it is there and is text.
pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// 202 and its body.
pub(crate) fn accepted() -> Answer {
    json_answer(StatusCode::ACCEPTED, &json!({ "status": "OK" }))
}

/// 403 for a request that is not allowed in `phase`.
pub(crate) fn wrong_state(phase: &str) -> Answer {
    let message = format!("not allowed while the runtime is in the state {phase}");
    error_answer(StatusCode::FORBIDDEN, "InvalidStateTransition", &message)
}
