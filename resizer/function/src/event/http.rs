//! HTTP requests as Lambda function URLs and HTTP APIs of API Gateway send them, and their answers:
//! payload format 2.0. Source: AWS Lambda Developer Guide, "Invoking Lambda function URLs".

use aws_smithy_types::base64;
use serde_json::{Map, Value, json};

use crate::endpoint::{Request, Response};

/// The request, if the event is one.
pub(super) fn request(event: &Value) -> Option<Result<Request, String>> {
    let context = &event["requestContext"];
    let method = context["http"]["method"].as_str()?;
    if event["version"].as_str() != Some("2.0") {
        return Some(Err("an HTTP request of another payload format than 2.0".to_owned()));
    }
    let Some(path) = event["rawPath"].as_str().or_else(|| context["http"]["path"].as_str()) else {
        return Some(Err("an HTTP request without `rawPath`".to_owned()));
    };
    let headers =
        event["headers"].as_object().into_iter().flatten().filter_map(|(name, value)| {
            value.as_str().map(|value| (name.clone(), value.to_owned()))
        });
    Some(Ok(Request {
        method: method.to_owned(),
        path: without_stage(path, context["stage"].as_str()).to_owned(),
        query: event["rawQueryString"].as_str().unwrap_or_default().to_owned(),
        headers: headers.collect(),
    }))
}

/// Stages of API Gateway other than the default one are the first segment of its paths.
fn without_stage<'a>(path: &'a str, stage: Option<&str>) -> &'a str {
    let stage = stage.filter(|stage| *stage != "$default");
    let rest = stage.and_then(|stage| path.strip_prefix('/')?.strip_prefix(stage));
    rest.filter(|rest| rest.starts_with('/')).unwrap_or(path)
}

/// The answer: text as it is, pictures in base64.
pub(crate) fn response(response: &Response) -> Value {
    let headers = response.headers.iter();
    let headers = headers.map(|(name, value)| ((*name).to_owned(), json!(value)));
    let headers: Map<String, Value> = headers.collect();
    let is_text = headers
        .get("content-type")
        .and_then(Value::as_str)
        .is_none_or(|media_type| matches!(media_type, "application/json" | "image/svg+xml"));
    let text = is_text.then(|| std::str::from_utf8(&response.body).ok()).flatten();
    let body = match text {
        Some(text) => text.to_owned(),
        None => base64::encode(&response.body),
    };
    json!({
        "statusCode": response.status,
        "headers": headers,
        "body": body,
        "isBase64Encoded": text.is_none(),
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use serde_json::json;

    use super::{request, response};
    use crate::endpoint::{Request, Response};

    #[test]
    fn a_request_is_recognized_by_its_shape() {
        let event = |path: &str, stage: &str| {
            json!({
                "version": "2.0", "rawPath": path, "rawQueryString": "v=1",
                "headers": {"accept": "image/*", "odd": 1},
                "requestContext": {"stage": stage, "http": {"method": "GET", "path": "/other"}},
            })
        };
        for (path, stage, expected) in [
            ("/w640/a%20b.jpg", "$default", "/w640/a%20b.jpg"),
            ("/prod/w640/a.jpg", "prod", "/w640/a.jpg"),
            ("/production/a.jpg", "prod", "/production/a.jpg"),
            ("/prod", "prod", "/prod"),
        ] {
            let expected = Request {
                method: "GET".to_owned(),
                path: expected.to_owned(),
                query: "v=1".to_owned(),
                headers: vec![("accept".to_owned(), "image/*".to_owned())],
            };
            assert_eq!(request(&event(path, stage)), Some(Ok(expected)));
        }
        let mut other = event("/", "$default");
        other["version"] = json!("1.0");
        assert!(request(&other).expect("HTTP").is_err());
        assert_eq!(request(&json!({"version": "2.0", "bucket": "b", "key": "k"})), None);
    }

    #[test]
    fn pictures_are_answered_in_base64() {
        let of = |media_type: &str, body: &'static [u8]| {
            let headers = vec![("content-type", media_type.to_owned())];
            response(&Response { status: 200, headers, body: Bytes::from_static(body) })
        };
        let picture = of("image/png", b"\xff\0");
        assert_eq!((&picture["body"], &picture["isBase64Encoded"]), (&json!("/wA="), &json!(true)));
        assert_eq!(picture["headers"], json!({"content-type": "image/png"}));
        let text = of("application/json", b"{}");
        assert_eq!((&text["body"], &text["isBase64Encoded"]), (&json!("{}"), &json!(false)));
    }
}
