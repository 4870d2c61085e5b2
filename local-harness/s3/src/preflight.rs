//! The CORS side of HTTP requests: answers to preflight requests, and the headers that all other
//! answers get.

use hyper::header::{HeaderMap, HeaderName, HeaderValue, ORIGIN};
use hyper::http::request::Parts;
use hyper::{Method, Response};
use percent_encoding::percent_decode_str;
use s3s::{Body, HttpError, S3Result, s3_error};

use super::cors::{self, CorsHeaders, CorsRequest, CorsRule};
use super::store::Store;

/// Answers an OPTIONS request, with an S3 error as XML if it is refused.
pub(crate) fn answer(store: &Store, head: &Parts) -> Result<Response<Body>, HttpError> {
    match preflight(store, head) {
        Ok(headers) => {
            let mut response = Response::new(Body::empty());
            add(response.headers_mut(), headers);
            Ok(response)
        }
        Err(refusal) => refusal.to_http_response().map_err(|error| HttpError::new(Box::new(error))),
    }
}

fn preflight(store: &Store, head: &Parts) -> S3Result<CorsHeaders> {
    let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
    let Some(origin) = text(ORIGIN.as_str()) else {
        let message = "Insufficient information. Origin request header needed.";
        return Err(s3_error!(InvalidRequest, "{message}"));
    };
    let Some(method) = text("access-control-request-method") else {
        return Err(s3_error!(InvalidRequest, "Invalid Access-Control-Request-Method: null"));
    };
    let names = text("access-control-request-headers").unwrap_or_default().split(',');
    let names = names.map(|name| name.trim().to_ascii_lowercase());
    let request = CorsRequest {
        origin: origin.to_owned(),
        method: method.to_owned(),
        headers: names.filter(|name| !name.is_empty()).collect(),
    };
    let rules = rules(store, head);
    cors::headers(&rules, &request).ok_or_else(|| cors::refusal(&rules))
}

/// The headers for the answer to any other request; none for one that is not of a browser's page.
pub(crate) fn headers(store: &Store, head: &Parts) -> CorsHeaders {
    let Some(origin) = head.headers.get(ORIGIN).and_then(|origin| origin.to_str().ok()) else {
        return CorsHeaders::new();
    };
    let request = CorsRequest {
        origin: origin.to_owned(),
        method: head.method.as_str().to_owned(),
        headers: Vec::new(),
    };
    cors::headers(&rules(store, head), &request).unwrap_or_default()
}

/// Whether a request asks what a page may send.
pub(crate) fn is_preflight(head: &Parts) -> bool {
    head.method == Method::OPTIONS
}

/// Adds them to an answer.
pub(crate) fn add(answer: &mut HeaderMap, headers: CorsHeaders) {
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            answer.append(HeaderName::from_static(name), value);
        }
    }
}

/// The rules of the bucket in the path; none where there is no such bucket.
fn rules(store: &Store, head: &Parts) -> Vec<CorsRule> {
    let path = percent_decode_str(head.uri.path()).decode_utf8_lossy().into_owned();
    let name = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    store.bucket(name).map(|bucket| bucket.cors()).unwrap_or_default()
}
