//! Any trigger's JSON in, the objects that changed out. An event only says where to look, the
//! object itself is the truth: bucket and key must be there, all else is not even read.

use std::borrow::Cow;

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::Value;

/// An object by name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ObjectRef {
    /// Bucket name.
    pub bucket: String,
    /// Key, decoded.
    pub key: String,
}

/// What triggered the function.
#[derive(Debug)]
pub enum Event {
    /// S3's own notification: objects that were created or removed.
    Uploads(Vec<ObjectRef>),
    /// What S3 sends when notifications are set up; nothing to do.
    Test,
    /// Messages of a queue, each answered for itself.
    Batch(Vec<Message>),
}

/// One message of a queue.
#[derive(Debug)]
pub struct Message {
    /// The id that `batchItemFailures` must name.
    pub id: String,
    /// What the body said, or why it could not be read.
    pub uploads: Result<Vec<ObjectRef>, UnknownEvent>,
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

impl UnknownEvent {
    /// The stable name used in logs and as Lambda's `errorType`.
    pub const CODE: &'static str = "unknown_event";

    fn new(reason: impl ToString, event: &str) -> Self {
        Self { reason: reason.to_string(), start: event.chars().take(120).collect() }
    }
}

impl Event {
    /// Recognises a trigger by the shape of its JSON.
    ///
    /// # Errors
    /// `UnknownEvent` for any other shape, for another major version of S3's records, and for a
    /// record without bucket or key. Within a batch it is the message that carries it.
    pub fn parse(event: &Value) -> Result<Self, UnknownEvent> {
        let unknown =
            |reason: &dyn ToString| UnknownEvent::new(reason.to_string(), &event.to_string());
        if event.get("Event").and_then(Value::as_str) == Some("s3:TestEvent") {
            return Ok(Self::Test);
        }
        let records = event.get("Records").and_then(Value::as_array);
        let records =
            records.ok_or_else(|| unknown(&"it has neither Records nor an s3:TestEvent"))?;
        let from_queue = |record: &Value| record["eventSource"] == "aws:sqs";
        if !records.is_empty() && records.iter().all(from_queue) {
            let batch = SqsEvent::deserialize(event).map_err(|error| unknown(&error))?;
            let messages: Option<Vec<Message>> = batch.records.into_iter().map(message).collect();
            let messages = messages.ok_or_else(|| unknown(&"a queue message has no messageId"));
            return Ok(Self::Batch(messages?));
        }
        let uploads = records.iter().map(upload).filter_map(Result::transpose);
        let uploads = uploads.collect::<Result<_, _>>().map_err(|reason| unknown(&reason))?;
        Ok(Self::Uploads(uploads))
    }
}

/// `None` without an id, because then the message could not be reported as failed.
fn message(message: SqsMessage) -> Option<Message> {
    let id = message.message_id.filter(|id| !id.is_empty())?;
    let body = message.body.unwrap_or_default();
    let uploads = match serde_json::from_str::<Value>(&body) {
        Err(error) => Err(UnknownEvent::new(error, &body)),
        Ok(event) => match Event::parse(&event) {
            Ok(Event::Uploads(uploads)) => Ok(uploads),
            Ok(Event::Test) => Ok(Vec::new()),
            Ok(Event::Batch(_)) => Err(UnknownEvent::new("a queue batch within a message", &body)),
            Err(unknown) => Err(unknown),
        },
    };
    Some(Message { id, uploads })
}

/// A record of S3's notification message structure, versions 2.x.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct S3Record {
    event_version: Option<String>,
    event_name: String,
    s3: S3Entity,
}

#[derive(Deserialize)]
struct S3Entity {
    bucket: S3Bucket,
    object: S3Object,
}

#[derive(Deserialize)]
struct S3Bucket {
    name: String,
}

#[derive(Deserialize)]
struct S3Object {
    key: String,
}

/// What S3 calls the changes after which an object's bytes are others, or gone.
const CHANGES: [&str; 3] = ["ObjectCreated:", "ObjectRemoved:", "LifecycleExpiration:"];

/// `None` for a record of any other change (tagging, restore, replication).
fn upload(record: &Value) -> Result<Option<ObjectRef>, String> {
    let record = S3Record::deserialize(record)
        .map_err(|error| format!("a record is not one of S3's notifications: {error}"))?;
    let major = record.event_version.as_deref().and_then(|version| version.split('.').next());
    if !matches!(major, None | Some("2")) {
        return Err(format!("eventVersion {}.x is not 2.x", major.unwrap_or_default()));
    }
    let name = record.event_name.strip_prefix("s3:").unwrap_or(&record.event_name);
    if !CHANGES.iter().any(|change| name.starts_with(change)) {
        return Ok(None);
    }
    let S3Entity { bucket, object } = record.s3;
    if bucket.name.is_empty() || object.key.is_empty() {
        return Err("a record has an empty bucket or key".to_owned());
    }
    let key = form_decoded(&object.key).ok_or("a key is not UTF-8 once it is decoded")?;
    Ok(Some(ObjectRef { bucket: bucket.name, key }))
}

/// Form decoding: `+` is a space, `%2B` a plus.
fn form_decoded(key: &str) -> Option<String> {
    let spaced = key.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(Cow::into_owned)
}
