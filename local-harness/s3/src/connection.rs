//! HTTP connections: accepted, served one request at a time, ended with the server.
//! Browser forms go to our own handler, everything else through s3s.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, HttpError, StdError};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::auth::Keys;
use super::body::SharedBody;
use super::post;
use super::request::RequestInfo;
use super::service::Service;
use super::store::Store;

/// How long to wait when the system has no socket left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Routes requests: browser forms to our own handler, all others to S3's operations.
#[derive(Clone)]
pub(crate) struct Router {
    store: Arc<Store>,
    keys: Keys,
    s3: S3Service,
}

impl Router {
    pub(crate) fn new(store: Arc<Store>, access_key: String, secret_key: String) -> Self {
        let keys = Keys { access_key, secret_key };
        let mut builder = S3ServiceBuilder::new(Service { store: Arc::clone(&store) });
        builder.set_auth(keys.clone());
        Self { store, keys, s3: builder.build() }
    }

    async fn answer(
        &self,
        request: Request<Incoming>,
        source_ip: IpAddr,
    ) -> Result<Response<Body>, HttpError> {
        let info = RequestInfo::new(source_ip);
        if let Some(why) = loopback::refusal(request.headers()) {
            return Ok(denied(why));
        }
        let (head, body) = request.into_parts();
        let (body, rest) = SharedBody::new(body, &head.headers);
        let mut request = Request::from_parts(head, body);
        request.extensions_mut().insert(info.clone());
        let mut response = if post::is_form(&request) {
            post::answer(&self.store, &self.keys, request, info.clone()).await?
        } else {
            self.s3.call(request.map(Body::http_body)).await?
        };
        rest.drain().await;
        let ids = [("x-amz-request-id", &info.request_id), ("x-amz-id-2", &info.host_id)];
        for (name, id) in ids {
            if let Ok(value) = HeaderValue::from_str(id) {
                response.headers_mut().insert(name, value);
            }
        }
        Ok(response)
    }
}

/// S3's own words, for a reason of ours. The connection ends, because the body is not read.
fn denied(why: &str) -> Response<Body> {
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <Error><Code>AccessDenied</Code><Message>{why}</Message></Error>"
    );
    let mut response = Response::new(Body::from(xml));
    *response.status_mut() = StatusCode::FORBIDDEN;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Serves connections until the task is aborted, which ends them all.
pub(crate) async fn accept(listener: TcpListener, router: Router) -> Infallible {
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                connections.spawn(serve(stream, peer, router.clone()));
            }
            // Out of sockets: others end meanwhile.
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(stream: TcpStream, peer: SocketAddr, router: Router) {
    // Without it small answers wait for the client's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let router = router.clone();
        async move {
            let answer = router.answer(request, peer.ip()).await;
            answer.map_err(|broken| io::Error::other(StdError::from(broken)))
        }
    });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // A connection that breaks off concerns its client only.
    let _ = connection.await;
}
