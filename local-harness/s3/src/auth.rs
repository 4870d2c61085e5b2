//! Whose requests are taken: those signed with the one pair of keys, and anyone's reads of public
//! buckets. What is wrong with a signature is said in S3's words, and to the server's owner.

use std::sync::Arc;

use hyper::header::{AUTHORIZATION, CONTENT_LENGTH};
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::path::S3Path;
use s3s::{Body, S3Result, s3_error};

use super::store::Store;

/// S3's message for a signature that was made with another secret.
pub(crate) const SIGNATURE_MESSAGE: &str = "The request signature we calculated does not match the \
                                            signature you provided. Check your key and signing \
                                            method.";

/// The longest time for which a presigned URL can be valid, seven days.
const MAX_EXPIRES_S: u64 = 604_800;

/// Larger answers are no refusals.
const MAX_REFUSAL_BYTES: usize = 64 << 10;

/// What is wrong with the keys that a request was signed with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WrongKey {
    /// The access key is not the server's.
    AccessKey,
    /// The access key is right, and the signature was made with another secret, or of another
    /// request.
    Secret,
}

/// The one pair of keys that requests are signed with.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    pub(crate) access_key: String,
    pub(crate) secret_key: String,
}

#[async_trait::async_trait]
impl S3Auth for Keys {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        if access_key == self.access_key {
            return Ok(self.secret_key.clone().into());
        }
        let message = "The AWS Access Key Id you provided does not exist in our records.";
        Err(s3_error!(InvalidAccessKeyId, "{message}"))
    }
}

/// Signed requests may do everything, others may read the objects of public buckets.
pub(crate) struct Policy(pub(crate) Arc<Store>);

#[async_trait::async_trait]
impl S3Access for Policy {
    async fn check(&self, request: &mut S3AccessContext<'_>) -> S3Result<()> {
        let is_public = match request.s3_path() {
            S3Path::Object { bucket, .. } => self.0.is_public(bucket),
            S3Path::Root | S3Path::Bucket { .. } => false,
        };
        // Older versions need a permission of their own.
        let is_of_version = request.uri().query().is_some_and(|query| query.contains("versionId"));
        let is_read =
            matches!(request.s3_op().name(), "GetObject" | "HeadObject") && !is_of_version;
        if request.credentials().is_some() || is_public && is_read {
            return Ok(());
        }
        Err(s3_error!(AccessDenied, "Access Denied"))
    }
}

/// The region in a request's signature, if it cannot be one: s3cmd signs with `US`, and learns the
/// region of the bucket from the refusal.
pub(crate) fn malformed_region(head: &Parts) -> Option<String> {
    let header = head.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (_, credential) = header.split_once("Credential=")?;
    let scope = credential.split(',').next()?;
    let region = scope.rsplit('/').nth(2)?;
    let is_of_region = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (!region.is_empty() && !region.bytes().all(is_of_region)).then(|| region.to_owned())
}

/// S3's refusal of a signature for another region, which names the right one.
pub(crate) fn wrong_region(wrong: &str, region: &str) -> String {
    let wrong: String = wrong.chars().filter(char::is_ascii_alphanumeric).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <Error><Code>AuthorizationHeaderMalformed</Code><Message>The authorization header is \
         malformed; the region '{wrong}' is wrong; expecting '{region}'</Message>\
         <Region>{region}</Region></Error>"
    )
}

/// Whether a presigned URL wants to be valid for longer than S3 allows.
pub(crate) fn is_valid_too_long(head: &Parts) -> bool {
    let mut pairs = head.uri.query().unwrap_or_default().split('&');
    let expires = pairs.find_map(|pair| pair.strip_prefix("X-Amz-Expires="));
    expires.and_then(|text| text.parse::<u64>().ok()).is_some_and(|s| s > MAX_EXPIRES_S)
}

/// S3's refusal of such a URL.
pub(crate) fn too_long() -> String {
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
     <Error><Code>AuthorizationQueryParametersError</Code><Message>X-Amz-Expires must be less than \
     a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 \
     seconds</Message></Error>"
        .to_owned()
}

/// A refusal with S3's message, and what is wrong with the keys if that is the reason.
pub(crate) async fn explained(response: Response<Body>) -> (Response<Body>, Option<WrongKey>) {
    if response.status() != StatusCode::FORBIDDEN {
        return (response, None);
    }
    let (mut head, mut body) = response.into_parts();
    let bytes = body.store_all_limited(MAX_REFUSAL_BYTES).await.unwrap_or_default();
    let mut xml = String::from_utf8_lossy(&bytes).into_owned();
    let code = "<Code>SignatureDoesNotMatch</Code>";
    let wrong = if xml.contains(code) {
        if !xml.contains("<Message>") {
            let message = format!("{code}<Message>{SIGNATURE_MESSAGE}</Message>");
            xml = xml.replace(code, &message);
            head.headers.remove(CONTENT_LENGTH);
        }
        Some(WrongKey::Secret)
    } else if xml.contains("<Code>InvalidAccessKeyId</Code>") {
        Some(WrongKey::AccessKey)
    } else {
        None
    };
    (Response::from_parts(head, Body::from(xml)), wrong)
}
