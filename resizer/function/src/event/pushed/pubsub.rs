//! A push subscription of Google's Pub/Sub: notifications of Cloud Storage, whose attributes name
//! the object, and whatever else carries a notification as its data.
//! Source: Google Cloud, Pub/Sub, "Push subscriptions"; Cloud Storage, "Pub/Sub notifications".

use aws_smithy_types::base64;
use serde_json::Value;

use super::objects;
use crate::event::{ObjectRef, object};

/// The events after which an object's bytes are others or gone.
const CHANGES: [&str; 3] = ["OBJECT_FINALIZE", "OBJECT_DELETE", "OBJECT_ARCHIVE"];

/// The objects of a push; `None` for everything else.
pub(super) fn changes(event: &Value, depth: u8) -> Option<Result<Vec<ObjectRef>, String>> {
    let message = event.get("message")?;
    let (attributes, data) = (&message["attributes"], &message["data"]);
    if !attributes.is_object() && !data.is_string() {
        return None;
    }
    Some(match attributes["eventType"].as_str() {
        Some(kind) if CHANGES.contains(&kind) => {
            let attribute = |name: &str| {
                let value = attributes[name].as_str();
                value.ok_or_else(|| format!("a message of Pub/Sub has no attribute {name}"))
            };
            attribute("bucketId")
                .and_then(|bucket| Ok(vec![object(bucket, attribute("objectId")?.to_owned())?]))
        }
        Some(kind) if kind.starts_with("OBJECT_") => Ok(Vec::new()),
        _ => within(data.as_str().unwrap_or_default(), depth),
    })
}

fn within(data: &str, depth: u8) -> Result<Vec<ObjectRef>, String> {
    let bytes = base64::decode(data).map_err(|error| error.to_string())?;
    let event: Value = serde_json::from_slice(&bytes)
        .map_err(|error| format!("the data of a message of Pub/Sub is no JSON: {error}"))?;
    objects(&event, depth)
}

/// How often a message was sent; counted for subscriptions with dead letters only.
pub(super) fn delivery_attempt(event: &Value) -> Option<u32> {
    let pushed = if event["specversion"].is_string() { &event["data"] } else { event };
    let attempt = pushed["deliveryAttempt"].as_u64().filter(|attempt| *attempt > 0)?;
    Some(u32::try_from(attempt).unwrap_or(u32::MAX))
}
