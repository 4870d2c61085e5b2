//! Any trigger's JSON in, the objects that changed out. An event only says where to look, the
//! object itself is the truth: bucket and key must be there, all else is not even read.

pub(crate) mod http;
mod job;
mod notification;
mod pushed;
mod queue;

use serde::Serialize;
use serde_json::Value;

use crate::endpoint::Request;
use crate::rules::MAX_KEY_BYTES;

pub use job::{Job, Task};
pub use pushed::Pushed;
pub use queue::Message;

/// An object by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct ObjectRef {
    /// Bucket name.
    pub bucket: String,
    /// Key, decoded.
    pub key: String,
}

/// What triggered the function. Each has its own shape of answer.
#[derive(Debug)]
pub enum Event {
    /// Objects that were created or removed, by S3, SNS or EventBridge.
    Changes(Vec<ObjectRef>),
    /// Messages of an SQS queue, each answered for itself.
    Queue(Vec<Message>),
    /// Tasks of S3 Batch Operations, each answered for itself.
    Job(Job),
    /// An application's own call, `{"bucket", "key"}` with the key as it is.
    Direct(ObjectRef),
    /// An HTTP request of a function URL or an HTTP API.
    Http(Request),
}

/// JSON that is none of the triggers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown event: {reason}; it begins with {start}")]
pub struct UnknownEvent {
    /// What was missing or unreadable.
    pub reason: String,
    /// The first characters of the event.
    pub start: String,
}

/// Characters of an unknown event that its error quotes.
const QUOTED: usize = 120;

/// Of the name of a bucket: old ones of us-east-1 are longer than 63.
const MAX_BUCKET_BYTES: usize = 255;

impl UnknownEvent {
    /// The stable name used in logs and as Lambda's `errorType`.
    pub const CODE: &'static str = "unknown_event";

    fn new(reason: impl ToString, event: &str) -> Self {
        Self { reason: reason.to_string(), start: event.chars().take(QUOTED).collect() }
    }
}

impl Event {
    /// Recognizes a trigger by the shape of its JSON.
    ///
    /// # Errors
    /// `UnknownEvent` for any other shape, for another major version of S3's records, and for a
    /// record without bucket or key. Within a batch it is the message or task that carries it.
    pub fn parse(event: &Value) -> Result<Self, UnknownEvent> {
        Self::recognize(event).map_err(|reason| UnknownEvent::new(reason, &event.to_string()))
    }

    fn recognize(event: &Value) -> Result<Self, String> {
        if let Some(request) = http::request(event) {
            return request.map(Self::Http);
        }
        if let Some(messages) = queue::messages(event) {
            return messages.map(Self::Queue);
        }
        if let Some(job) = job::job(event) {
            return job.map(Self::Job);
        }
        if let (Some(bucket), Some(key)) = (event["bucket"].as_str(), event["key"].as_str()) {
            return object(bucket, key.to_owned()).map(Self::Direct);
        }
        notification::objects(event).map(Self::Changes)
    }
}

/// A name that S3 could have.
fn object(bucket: &str, key: String) -> Result<ObjectRef, String> {
    if bucket.is_empty() || key.is_empty() {
        return Err("a bucket or a key is empty".to_owned());
    }
    let is_of_bucket = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if bucket.len() > MAX_BUCKET_BYTES
        || !bucket.chars().all(is_of_bucket)
        || matches!(bucket, "." | "..")
    {
        return Err("the name of a bucket is none that S3 allows".to_owned());
    }
    if key.len() > MAX_KEY_BYTES {
        return Err(format!(
            "a key has more than {MAX_KEY_BYTES} bytes, which no object of S3 has"
        ));
    }
    Ok(ObjectRef { bucket: bucket.to_owned(), key })
}
