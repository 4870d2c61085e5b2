//! What an object store or a broker pushes by HTTP in, the objects that changed out: S3's shape as
//! many servers send it, CloudEvents, Pub/Sub, and the shapes of R2 and B2.

mod cloud_event;
mod pubsub;
mod stores;

use serde_json::Value;

use super::notification::{opened, s3_record};
use super::{ObjectRef, UnknownEvent};

/// An event that was pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// In its order; none where it is understood and asks for nothing.
    pub objects: Vec<ObjectRef>,
    /// How often it was sent, this time included, where the sender counts.
    pub received: Option<u32>,
}

/// Envelopes within envelopes that are opened: a CloudEvent around Pub/Sub around a notification.
const MAX_DEPTH: u8 = 4;

/// Objects of the longest event, all of which are processed before its sender is answered.
const MAX_OBJECTS: usize = 1000;

impl Pushed {
    /// Recognizes the sender by the shape of the body, and by the header `ce-type` of a CloudEvent
    /// in binary mode.
    ///
    /// # Errors
    /// `UnknownEvent` for a body that is no JSON or of another shape, and for a bucket or key that
    /// is missing or empty.
    pub fn parse(cloud_event_type: Option<&str>, body: &[u8]) -> Result<Self, UnknownEvent> {
        let unknown = |reason: String| UnknownEvent::new(reason, &String::from_utf8_lossy(body));
        let event: Value = serde_json::from_slice(body)
            .map_err(|error| unknown(format!("the body is no JSON: {error}")))?;
        let objects = match cloud_event_type {
            Some(kind) => cloud_event::changes(kind, &event, MAX_DEPTH),
            None => objects(&event, MAX_DEPTH),
        };
        let (objects, received) = (objects.map_err(unknown)?, pubsub::delivery_attempt(&event));
        if objects.len() > MAX_OBJECTS {
            let count = objects.len();
            return Err(unknown(format!("it names {count} objects; send at most {MAX_OBJECTS}")));
        }
        Ok(Self { objects, received })
    }
}

fn objects(event: &Value, depth: u8) -> Result<Vec<ObjectRef>, String> {
    let Some(deeper) = depth.checked_sub(1) else {
        return Err("it has too many envelopes within each other".to_owned());
    };
    if let Value::Array(events) = event {
        return all(events.iter().map(|event| objects(event, deeper)));
    }
    // A record without its envelope, as in the arrays of older Versity gateways.
    if event["s3"].is_object() && event["eventName"].is_string() {
        return Ok(s3_record(event)?.into_iter().collect());
    }
    if event["specversion"].is_string() {
        return cloud_event::structured(event, deeper);
    }
    let recognized = pubsub::changes(event, deeper)
        .or_else(|| stores::r2(event))
        .or_else(|| stores::r2_batch(event))
        .or_else(|| stores::b2(event));
    recognized.unwrap_or_else(|| opened(event, deeper))
}

/// All objects, or what is wrong with the first event that cannot be read.
fn all(
    events: impl Iterator<Item = Result<Vec<ObjectRef>, String>>,
) -> Result<Vec<ObjectRef>, String> {
    events.collect::<Result<Vec<_>, _>>().map(|objects| objects.concat())
}

/// A member that must be a text.
fn text<'a>(value: &'a Value, name: &str) -> Result<&'a str, String> {
    value[name].as_str().ok_or_else(|| format!("it has no {name}"))
}
