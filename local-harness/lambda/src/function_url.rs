//! A function URL: HTTP requests become events of payload format 2.0, and the function's answers
//! become responses, as AWS does it. Signatures are not checked, as under the type NONE.
//! In: HTTP requests. Out: HTTP responses. Knows no path and no function in particular.
//! Source: AWS Lambda Developer Guide, "Invoking Lambda function URLs".

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue, SET_COOKIE};
use hyper::{Request, Response, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::format_description::parse_borrowed;

use super::function::Function;
use super::http::{Answer, BodyError, Listen, Server, receive};
use super::invoke_api::SYNCHRONOUS_PAYLOAD_MAX_BYTES;
use super::options::ACCOUNT_ID;
use crate::seeded::{seed_of, uuid};

/// The id in the host name of function URLs.
const URL_ID: &str = "local";

/// A listener that serves one function until it is dropped.
#[derive(Debug)]
pub struct FunctionUrl {
    server: Server,
}

impl FunctionUrl {
    /// Listens there; a port alone stands for 127.0.0.1.
    ///
    /// # Errors
    /// Where the port is taken.
    pub async fn start(function: Arc<Function>, listen: impl Into<Listen>) -> io::Result<Self> {
        let count = Arc::new(AtomicU64::new(0));
        let handler = move |request| {
            let number = count.fetch_add(1, Ordering::Relaxed);
            answer(Arc::clone(&function), request, number)
        };
        Ok(Self { server: Server::start(listen.into(), handler).await? })
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }
}

async fn answer(function: Arc<Function>, request: Request<Incoming>, number: u64) -> Answer {
    let (head, body) = request.into_parts();
    let event = event(&head, number);
    let body = match receive(body, SYNCHRONOUS_PAYLOAD_MAX_BYTES).await {
        Ok(received) => received.bytes,
        Err(BodyError::TooLarge) => return refusal(StatusCode::PAYLOAD_TOO_LARGE),
        Err(BodyError::Truncated) => return refusal(StatusCode::BAD_REQUEST),
    };
    let payload = with_body(event, &body).to_string().into_bytes();
    if payload.len() > SYNCHRONOUS_PAYLOAD_MAX_BYTES {
        return refusal(StatusCode::PAYLOAD_TOO_LARGE);
    }
    // On a task of its own: an invocation runs to its end, also when the client hangs up.
    let invoked = tokio::spawn(async move { function.invoke(payload).await }).await;
    let result = invoked.expect("invocations do not panic").result.ok();
    // A function's error, and an answer above the limit, are the client's 502.
    let response = result.and_then(|answer| response(&answer));
    response.unwrap_or_else(|| refusal(StatusCode::BAD_GATEWAY))
}

/// The event, without a body.
fn event(head: &hyper::http::request::Parts, number: u64) -> Value {
    let (path, query) = (head.uri.path(), head.uri.query().unwrap_or_default());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let domain = format!("{URL_ID}.lambda-url.us-east-1.on.aws");
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers(&head.headers, number),
        "requestContext": {
            "accountId": ACCOUNT_ID,
            "apiId": URL_ID,
            "domainName": domain,
            "domainPrefix": URL_ID,
            "http": {
                "method": head.method.as_str(),
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": head.headers.get("user-agent").and_then(|text| text.to_str().ok()),
            },
            "requestId": uuid(seed_of("function-url"), number),
            "routeKey": "$default",
            "stage": "$default",
            "time": time_of(now),
            "timeEpoch": u64::try_from(now.as_millis()).unwrap_or(u64::MAX),
        },
        "isBase64Encoded": false,
    });
    let parameters = parameters(query);
    if !parameters.is_empty() {
        event["queryStringParameters"] = parameters.into();
    }
    let cookies = head.headers.get_all(COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
    let cookies: Vec<&str> = cookies.flat_map(|cookies| cookies.split("; ")).collect();
    if !cookies.is_empty() {
        event["cookies"] = json!(cookies);
    }
    event
}

/// `12/Mar/2020:19:03:58 +0000`
fn time_of(since_epoch: Duration) -> String {
    let text = "[day]/[month repr:short]/[year]:[hour]:[minute]:[second] +0000";
    let format = parse_borrowed::<2>(text).expect("a good description");
    let time = OffsetDateTime::UNIX_EPOCH + since_epoch;
    time.format(&format).expect("every time has these parts")
}

/// Decoded; the values of one name with commas between them.
fn parameters(query: &str) -> Map<String, Value> {
    let decoded = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
    };
    let mut parameters: Map<String, Value> = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decoded(name), decoded(value));
        let joined = match parameters.get(&name).and_then(Value::as_str) {
            Some(before) => format!("{before},{value}"),
            None => value,
        };
        parameters.insert(name, joined.into());
    }
    parameters
}

/// Names in lower case; the values of one name with commas between them; and what AWS adds. What a
/// client forwards from others is replaced.
fn headers(headers: &HeaderMap, number: u64) -> Map<String, Value> {
    let joined = |name: &HeaderName| {
        let values = headers.get_all(name).iter();
        let values: Vec<_> =
            values.map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        values.join(",")
    };
    let names = headers.keys().filter(|name| **name != COOKIE);
    let mut headers: Map<String, Value> =
        names.map(|name| (name.as_str().to_owned(), joined(name).into())).collect();
    let id = uuid(seed_of("function-url-trace"), number).replace('-', "");
    for (name, value) in [
        ("x-amzn-trace-id", format!("Root=1-{}-{}", &id[..8], &id[8..])),
        ("x-forwarded-for", "127.0.0.1".to_owned()),
        ("x-forwarded-port", "443".to_owned()),
        ("x-forwarded-proto", "https".to_owned()),
    ] {
        headers.insert(name.to_owned(), value.into());
    }
    headers
}

/// Text as it is, anything else in base64.
fn with_body(mut event: Value, body: &Bytes) -> Value {
    if body.is_empty() {
        return event;
    }
    match std::str::from_utf8(body) {
        Ok(text) => event["body"] = text.into(),
        Err(_) => {
            event["body"] = base64_simd::STANDARD.encode_to_string(body).into();
            event["isBase64Encoded"] = true.into();
        }
    }
    event
}

/// The response; `None` for an answer that is none.
fn response(answer: &[u8]) -> Option<Answer> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    let Some(status) = answer.get("statusCode") else {
        // A function that knows nothing of HTTP answers with its JSON.
        let mut response = Response::new(Full::from(answer.to_string()));
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(CONTENT_TYPE, json);
        return Some(response);
    };
    let status = u16::try_from(status.as_u64()?).ok()?;
    let body = answer.get("body").and_then(Value::as_str).unwrap_or_default();
    let body = match answer.get("isBase64Encoded").and_then(Value::as_bool) {
        Some(true) => Bytes::from(base64_simd::STANDARD.decode_to_vec(body).ok()?),
        _ => Bytes::from(body.to_owned()),
    };
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = StatusCode::from_u16(status).ok()?;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in answer.get("headers").and_then(Value::as_object).into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        headers.insert(HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?);
    }
    for cookie in answer.get("cookies").and_then(Value::as_array).into_iter().flatten() {
        headers.append(SET_COOKIE, HeaderValue::try_from(cookie.as_str()?).ok()?);
    }
    Some(response)
}

/// AWS's own words for a status.
fn refusal(status: StatusCode) -> Answer {
    let message = status.canonical_reason().unwrap_or_default();
    let message = if status == StatusCode::BAD_GATEWAY { "Internal Server Error" } else { message };
    super::http::json_answer(status, &json!({ "Message": message }))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use hyper::Request;
    use serde_json::json;

    use super::{event, time_of};

    /// The members and forms of "Request payload format" in the Lambda Developer Guide.
    #[test]
    fn an_event_has_what_aws_adds() {
        let request = Request::get("/a%20b?x=1%2C2&y=a+b&x=3&z")
            .header("X-Forwarded-For", "203.0.113.9")
            .header("Accept", "image/avif")
            .header("Accept", "image/webp")
            .header("Cookie", "a=1; b=2")
            .body(())
            .expect("a request");
        let event = event(&request.into_parts().0, 7);
        assert_eq!(event["rawPath"], "/a%20b");
        assert_eq!(event["rawQueryString"], "x=1%2C2&y=a+b&x=3&z");
        let parameters = json!({"x": "1,2,3", "y": "a b", "z": ""});
        assert_eq!(event["queryStringParameters"], parameters);
        assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
        let headers = event["headers"].as_object().expect("an object");
        assert_eq!(headers["accept"], "image/avif,image/webp");
        assert_eq!(headers["x-forwarded-for"], "127.0.0.1");
        assert_eq!(headers["x-forwarded-proto"], "https");
        assert!(headers["x-amzn-trace-id"].as_str().is_some_and(|id| id.starts_with("Root=1-")));
        assert!(!headers.contains_key("cookie"));
        assert_eq!(time_of(Duration::from_secs(1_583_348_638)), "04/Mar/2020:19:03:58 +0000");
    }
}
