//! HTTP connections: accepted, served one request at a time, ended with the server.
//! Browser forms go to our own handler, everything else through s3s.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{CONNECTION, CONTENT_RANGE, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use loopback::Access;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, HttpError, StdError};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::Sender;
use tokio::task::JoinSet;

use super::auth::{
    Keys, Policy, WrongKey, explained, is_valid_too_long, malformed_region, too_long, wrong_region,
};
use super::body::SharedBody;
use super::post;
use super::preflight;
use super::request::RequestInfo;
use super::service::Service;
use super::store::Store;

/// How long to wait when the system has no socket left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Routes requests: browser forms to our own handler, all others to S3's operations.
#[derive(Clone)]
pub(crate) struct Router {
    store: Arc<Store>,
    access: Arc<Access>,
    keys: Keys,
    wrong_keys: Option<Sender<WrongKey>>,
    s3: S3Service,
}

impl Router {
    /// `access` decides before everything else.
    pub(crate) fn new(
        store: Arc<Store>,
        access: Access,
        keys: Keys,
        wrong_keys: Option<Sender<WrongKey>>,
    ) -> Self {
        let mut builder = S3ServiceBuilder::new(Service { store: Arc::clone(&store) });
        builder.set_auth(keys.clone());
        builder.set_access(Policy(Arc::clone(&store)));
        Self { store, access: Arc::new(access), keys, wrong_keys, s3: builder.build() }
    }

    async fn answer(
        &self,
        request: Request<Incoming>,
        source_ip: IpAddr,
    ) -> Result<Response<Body>, HttpError> {
        let info = RequestInfo::new(source_ip);
        if let Some(why) = self.access.refusal(request.headers()) {
            return Ok(refused(StatusCode::FORBIDDEN, denied(why)));
        }
        let (head, body) = request.into_parts();
        if preflight::is_preflight(&head) {
            return preflight::answer(&self.store, &head);
        }
        if let Some(wrong) = malformed_region(&head) {
            let xml = wrong_region(&wrong, self.store.notifier.region());
            return Ok(refused(StatusCode::BAD_REQUEST, xml));
        }
        if is_valid_too_long(&head) {
            return Ok(refused(StatusCode::BAD_REQUEST, too_long()));
        }
        let cors = preflight::headers(&self.store, &head);
        let is_head = head.method == Method::HEAD;
        let (body, rest) = SharedBody::new(body, &head.headers);
        let mut request = Request::from_parts(head, body);
        request.extensions_mut().insert(info.clone());
        let response = if post::is_form(&request) {
            post::answer(&self.store, &self.keys, request, info.clone()).await?
        } else {
            self.s3.call(request.map(Body::http_body)).await?
        };
        rest.drain().await;
        let (mut response, wrong) = explained(response).await;
        if let (Some(wrong), Some(channel)) = (wrong, &self.wrong_keys) {
            // Who has not read the last one needs no more of them.
            let _ = channel.try_send(wrong);
        }
        // s3s has no other status for HeadObject.
        if is_head
            && response.headers().contains_key(CONTENT_RANGE)
            && response.status().is_success()
        {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        }
        preflight::add(response.headers_mut(), cors);
        let ids = [("x-amz-request-id", &info.request_id), ("x-amz-id-2", &info.host_id)];
        for (name, id) in ids {
            if let Ok(value) = HeaderValue::from_str(id) {
                response.headers_mut().insert(name, value);
            }
        }
        Ok(response)
    }
}

/// S3's own words, for a reason of ours.
fn denied(why: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <Error><Code>AccessDenied</Code><Message>{why}</Message></Error>"
    )
}

/// A refusal before the body is read, which is why the connection ends.
fn refused(status: StatusCode, xml: String) -> Response<Body> {
    let mut response = Response::new(Body::from(xml));
    *response.status_mut() = status;
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
