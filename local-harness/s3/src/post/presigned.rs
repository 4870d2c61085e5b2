//! The fields of a form with which a browser may upload one object, as a web application's backend
//! makes them.
//! Source: Amazon S3 API Reference, "Browser-based uploads using POST", "POST policy".

use std::time::Duration;

use base64_simd::STANDARD as BASE64;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::signature::Scope;
use crate::auth::Keys;

/// What a form may upload.
#[derive(Debug, Clone)]
pub struct PostGrant<'a> {
    /// Where the object will lie.
    pub bucket: &'a str,
    /// Its key.
    pub key: &'a str,
    /// Its media type.
    pub content_type: &'a str,
    /// The most bytes that it may have.
    pub max_bytes: u64,
    /// How long the form can be sent.
    pub valid_for: Duration,
}

/// Names and values of the fields that stand before the file.
pub(crate) fn fields(
    grant: &PostGrant<'_>,
    (keys, region): (&Keys, &str),
    now: OffsetDateTime,
) -> Vec<(&'static str, String)> {
    let (year, month, day) = now.to_calendar_date();
    let date = format!("{year:04}{:02}{day:02}", u8::from(month));
    let (hour, minute, second) = now.to_hms();
    let time = format!("{date}T{hour:02}{minute:02}{second:02}Z");
    let credential = format!("{}/{date}/{region}/s3/aws4_request", keys.access_key);
    let mut fields = vec![
        ("key", grant.key.to_owned()),
        ("Content-Type", grant.content_type.to_owned()),
        ("x-amz-algorithm", "AWS4-HMAC-SHA256".to_owned()),
        ("x-amz-credential", credential.clone()),
        ("x-amz-date", time),
    ];
    let exact = fields.iter().map(|(name, value)| json!(["eq", format!("${name}"), value]));
    let mut conditions: Vec<Value> = exact.collect();
    conditions.push(json!({ "bucket": grant.bucket }));
    conditions.push(json!(["content-length-range", 0, grant.max_bytes]));
    let expiration = (now + grant.valid_for).format(&Rfc3339).unwrap_or_default();
    let policy = json!({ "expiration": expiration, "conditions": conditions }).to_string();
    let policy = BASE64.encode_to_string(policy);
    let scope = Scope::parse(&credential).expect("a credential of five parts was just written");
    fields.push(("x-amz-signature", scope.sign(&keys.secret_key, &policy)));
    fields.push(("policy", policy));
    fields
}
