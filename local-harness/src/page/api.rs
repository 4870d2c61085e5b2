//! The page's JSON interface: what the harness is, forms for uploads, and trials.

use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::{Request, StatusCode};
use lambda_local::http::{BodyError, receive};
use s3_local::PostGrant;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::trial::{self, TrialError};
use super::{Answer, Context, json_answer, refusal};

/// Larger than any configuration.
const MAX_BODY_BYTES: usize = 1 << 20;
/// The longest key that S3 takes.
const MAX_KEY_BYTES: usize = 1024;
/// The largest object that S3 takes from a form.
const MAX_UPLOAD_BYTES: u64 = 5 << 30;
const FORM_VALID_FOR: Duration = Duration::from_hours(1);

/// GET /api/info
pub(super) fn info(context: &Context) -> Value {
    let mut info = context.info.clone();
    let text = context.text.read().expect("nothing panics while it holds the text");
    info["config_toml"] = text.as_str().into();
    info
}

/// POST /api/presign
pub(super) async fn presign(
    context: &Context,
    request: Request<Incoming>,
) -> Result<Answer, Answer> {
    #[derive(Deserialize)]
    struct Wanted {
        name: String,
        #[serde(rename = "type", default)]
        content_type: String,
    }
    let Wanted { name, content_type } = body(request).await?;
    let name = as_in_forms(&name);
    if name.is_empty() || name.len() > MAX_KEY_BYTES {
        let why = "S3 takes keys of 1 to 1,024 bytes; rename the file";
        return Err(refusal(StatusCode::BAD_REQUEST, why));
    }
    let is_type = content_type.contains('/') && content_type.bytes().all(|b| b.is_ascii_graphic());
    let grant = PostGrant {
        bucket: &context.upload_bucket,
        key: &name,
        content_type: if is_type { &content_type } else { "application/octet-stream" },
        max_bytes: MAX_UPLOAD_BYTES,
        valid_for: FORM_VALID_FOR,
    };
    let fields = context.s3.presigned_post(&grant).into_iter();
    let fields: Map<String, Value> =
        fields.map(|(name, value)| (name.to_owned(), value.into())).collect();
    let url = format!("{}/{}", context.s3_url, context.upload_bucket);
    Ok(json_answer(StatusCode::OK, &json!({ "url": url, "key": name, "fields": fields })))
}

/// A key as a browser sends it in a form, with the line breaks of forms.
/// Source: HTML Standard, "Constructing the entry list" and "multipart form data".
fn as_in_forms(name: &str) -> String {
    name.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n")
}

/// POST /api/try
pub(super) async fn try_out(
    context: &Arc<Context>,
    request: Request<Incoming>,
) -> Result<Answer, Answer> {
    let wanted = body(request).await?;
    let tried = trial::run(context, wanted).await.map_err(|error| match error {
        TrialError::Config(problems) => {
            let problems: Vec<Value> = problems.iter().map(|text| problem(text)).collect();
            json_answer(StatusCode::UNPROCESSABLE_ENTITY, &json!({ "problems": problems }))
        }
        TrialError::Busy => refusal(StatusCode::CONFLICT, "another trial is running; wait for it"),
        TrialError::Gone => {
            let why = "the upload is gone; upload it again, or try another one";
            refusal(StatusCode::NOT_FOUND, why)
        }
        TrialError::Failed(why) => refusal(StatusCode::BAD_GATEWAY, &why),
    })?;
    Ok(json_answer(StatusCode::OK, &tried))
}

/// `line 3: text` as line and text; line 0 for a problem of no line.
fn problem(sentence: &str) -> Value {
    let split = sentence.strip_prefix("line ").and_then(|rest| rest.split_once(": "));
    let split = split.and_then(|(line, text)| Some((line.parse::<u64>().ok()?, text)));
    let (line, text) = split.unwrap_or((0, sentence));
    json!({ "line": line, "text": text })
}

async fn body<T: DeserializeOwned>(request: Request<Incoming>) -> Result<T, Answer> {
    let received = receive(request.into_body(), MAX_BODY_BYTES).await;
    let received = received.map_err(|error| match error {
        BodyError::TooLarge => refusal(StatusCode::PAYLOAD_TOO_LARGE, "the request is too large"),
        BodyError::Truncated => refusal(StatusCode::BAD_REQUEST, "the request ended early"),
    })?;
    serde_json::from_slice(&received.bytes).map_err(|error| {
        refusal(StatusCode::BAD_REQUEST, &format!("the page sent a wrong request: {error}"))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{as_in_forms, problem};

    #[test]
    fn line_breaks_are_those_of_forms() {
        assert_eq!(as_in_forms("a\nb\rc\r\nd"), "a\r\nb\r\nc\r\nd");
    }

    #[test]
    fn problems_are_divided_into_line_and_text() {
        assert_eq!(problem("line 3: no: good"), json!({ "line": 3, "text": "no: good" }));
        assert_eq!(problem("line up"), json!({ "line": 0, "text": "line up" }));
    }
}
