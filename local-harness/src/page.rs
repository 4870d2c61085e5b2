//! The page of `up`: its files, its JSON interface, and its feed, on a port of its own.
//! In: requests of a browser. Out: answers that let the browser use this page's own files, this
//! server and the embedded S3, and nothing else.

mod api;
pub mod feed;
mod files;
pub mod links;
mod trial;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, RwLock};

use aws_sdk_s3::Client;
use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, LOCATION, ORIGIN};
use hyper::{Method, Request, Response, StatusCode};
use lambda_local::Function;
use lambda_local::http::{Listen, Server};
use s3_local::S3Server;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use self::feed::Feed;
use crate::activity::Rates;
use crate::commands::up::configuration::ConfigSource;
use crate::harness::Keys;

type Answer = Response<UnsyncBoxBody<Bytes, Infallible>>;

/// What the page shows and uses.
#[derive(Debug)]
pub struct Context {
    /// What `/api/info` says, but for the configuration.
    pub info: Value,
    /// The URL of the embedded S3 for browsers.
    pub s3_url: String,
    /// Where the page uploads to.
    pub upload_bucket: String,
    /// The configuration in use.
    pub text: Arc<RwLock<String>>,
    /// Signs forms.
    pub s3: Arc<S3Server>,
    /// Its client, with the URL for browsers.
    pub client: Client,
    /// Its keys, for the function of a trial.
    pub keys: Keys,
    /// What happens.
    pub feed: Arc<Feed>,
    /// For the dollars of a trial.
    pub rates: Rates,
    /// Its options are those of a trial's function.
    pub function: Arc<Function>,
    /// How a trial's configuration is read.
    pub source: ConfigSource,
    /// Where a trial may keep its objects.
    pub data_dir: PathBuf,
    /// Held by the one trial at a time.
    pub trial: Mutex<()>,
}

/// A listener that serves the page until it is dropped.
#[derive(Debug)]
pub struct Page {
    server: Server,
}

impl Page {
    /// Starts to serve.
    ///
    /// # Errors
    /// Where the port is taken.
    pub async fn start(listen: Listen, context: Context) -> io::Result<Self> {
        let context = Arc::new(context);
        let server = Server::start(listen, move |request| {
            let context = Arc::clone(&context);
            async move {
                let mut answer = answer(&context, request).await;
                protect(answer.headers_mut(), &context.s3_url);
                answer
            }
        });
        Ok(Self { server: server.await? })
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }
}

async fn answer(context: &Arc<Context>, request: Request<Incoming>) -> Answer {
    let path = request.uri().path().to_owned();
    if path.starts_with("/api/") && !is_own_page(request.headers()) {
        return refusal(StatusCode::FORBIDDEN, "only the harness's own page may do this");
    }
    match (request.method(), path.as_str()) {
        (&Method::GET, "/api/info") => json_answer(StatusCode::OK, &api::info(context)),
        (&Method::GET, "/api/feed") => feed_answer(context),
        (&Method::POST, "/api/presign" | "/api/try") => {
            let answered = match path.as_str() {
                "/api/presign" => api::presign(context, request).await,
                _ => api::try_out(context, request).await,
            };
            answered.unwrap_or_else(|refused| refused)
        }
        (&Method::GET, "/") if let Some(url) = moved(request.headers()) => redirect(&url),
        (&Method::GET, path) => match files::find(path) {
            Some((media_type, content)) => text_answer(media_type, content),
            None => refusal(StatusCode::NOT_FOUND, "the page has no such file"),
        },
        _ => refusal(StatusCode::METHOD_NOT_ALLOWED, "the page's server takes GET and POST only"),
    }
}

/// The page under the address that S3 lets use its buckets; none if it is asked for there already.
fn moved(headers: &HeaderMap) -> Option<String> {
    let host = headers.get(HOST)?.to_str().ok()?;
    let port = host.strip_prefix("localhost").filter(|rest| rest.starts_with(':'))?;
    Some(format!("http://127.0.0.1{port}/"))
}

/// Whether a request comes from this page, or from a program.
fn is_own_page(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    match (text(ORIGIN), text(HOST)) {
        (Some(origin), Some(host)) => origin == format!("http://{host}"),
        _ => true,
    }
}

fn feed_answer(context: &Context) -> Answer {
    let Some(reader) = context.feed.read() else {
        let why = "the page is open too often; close some of its tabs";
        return refusal(StatusCode::SERVICE_UNAVAILABLE, why);
    };
    let mut answer = Response::new(UnsyncBoxBody::new(reader.body()));
    let kind = HeaderValue::from_static("text/event-stream");
    answer.headers_mut().insert(CONTENT_TYPE, kind);
    answer
}

fn text_answer(media_type: &'static str, text: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(text.into()).boxed_unsync());
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    answer
}

fn json_answer(status: StatusCode, value: &Value) -> Answer {
    let mut answer = text_answer("application/json", value.to_string());
    *answer.status_mut() = status;
    answer
}

fn refusal(status: StatusCode, why: &str) -> Answer {
    json_answer(status, &json!({ "error": why }))
}

fn redirect(url: &str) -> Answer {
    let mut answer = text_answer("text/plain", "");
    *answer.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    if let Ok(url) = HeaderValue::try_from(url) {
        answer.headers_mut().insert(LOCATION, url);
    }
    answer
}

/// The headers that keep everything else out of the page.
fn protect(headers: &mut HeaderMap, s3: &str) {
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' {s3}; \
         img-src 'self' blob: {s3}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let pairs = [
        ("content-security-policy", policy.as_str()),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
    ];
    for (name, value) in pairs {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
}
