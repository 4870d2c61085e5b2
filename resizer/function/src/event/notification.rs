//! Notifications of changed objects in, the objects out: S3's own, those that SNS wraps, and
//! EventBridge's. What changes no bytes, and S3's test event, is understood and asks for nothing.

use serde::Deserialize;
use serde_json::Value;

use super::{ObjectRef, object};
use crate::percent::form_decoded;

/// Envelopes within envelopes that are opened; AWS nests two at most.
const MAX_DEPTH: u8 = 3;

/// All objects that a notification names, in its order.
///
/// # Errors
/// What makes it none of the known shapes.
pub(super) fn objects(event: &Value) -> Result<Vec<ObjectRef>, String> {
    opened(event, MAX_DEPTH)
}

/// The same of a notification that travels as text.
///
/// # Errors
/// As [`objects`], and what is wrong with the JSON.
pub(super) fn objects_in_text(text: &str) -> Result<Vec<ObjectRef>, String> {
    opened_text(text, MAX_DEPTH)
}

fn opened_text(text: &str, depth: u8) -> Result<Vec<ObjectRef>, String> {
    let event: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    opened(&event, depth)
}

/// The same with so many envelopes at most.
///
/// # Errors
/// As [`objects`].
pub(super) fn opened(event: &Value, depth: u8) -> Result<Vec<ObjectRef>, String> {
    if depth == 0 {
        return Err("it has too many envelopes within each other".to_owned());
    }
    if event["Event"] == "s3:TestEvent" {
        return Ok(Vec::new());
    }
    if event["source"] == "aws.s3" && event["detail-type"].is_string() {
        return Ok(bus_event(event)?.into_iter().collect());
    }
    // SNS to a queue: the envelope itself is the message.
    if let (Some("Notification"), Some(text)) = (event["Type"].as_str(), event["Message"].as_str())
    {
        return opened_text(text, depth - 1);
    }
    let records = event["Records"].as_array().filter(|records| !records.is_empty());
    let records = records.ok_or("no trigger of this function has this shape")?;
    let mut objects = Vec::with_capacity(records.len());
    for record in records {
        // SNS to a function: one envelope for each record.
        match record["Sns"]["Message"].as_str() {
            Some(text) => objects.extend(opened_text(text, depth - 1)?),
            None => objects.extend(s3_record(record)?),
        }
    }
    Ok(objects)
}

/// A record of S3's notification message structure, versions 2.x.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct S3Record {
    event_source: Option<String>,
    event_version: Option<String>,
    event_name: String,
    s3: Entity,
}

/// The part that S3's records and EventBridge's details have in common.
#[derive(Deserialize)]
struct Entity {
    bucket: Bucket,
    object: Object,
}

#[derive(Deserialize)]
struct Bucket {
    name: String,
}

#[derive(Deserialize)]
struct Object {
    key: String,
}

/// What S3 calls the changes after which an object's bytes are others, gone, or to be had again.
const CHANGES: [&str; 5] = [
    "ObjectCreated:",
    "ObjectRemoved:",
    "LifecycleExpiration:",
    // Of Ceph's Object Gateway.
    "ObjectLifecycle:Expiration:",
    "ObjectRestore:Completed",
];

/// What EventBridge calls them.
const BUS_CHANGES: [&str; 3] = ["Object Created", "Object Deleted", "Object Restore Completed"];

/// The detail-type of calls that CloudTrail has recorded.
const RECORDED_CALL: &str = "AWS API Call via CloudTrail";

/// Recorded calls that change one object's bytes, or take them away.
const CALLS: [&str; 5] =
    ["PutObject", "CopyObject", "CompleteMultipartUpload", "PostObject", "DeleteObject"];

/// Recorded calls that change objects which the record does not name.
const NAMELESS_CALLS: [&str; 1] = ["DeleteObjects"];

/// `None` for a record of any other change (tagging, restore, replication).
pub(super) fn s3_record(record: &Value) -> Result<Option<ObjectRef>, String> {
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
    let Entity { bucket, object: Object { key } } = record.s3;
    // Ceph's Object Gateway sends keys as they are.
    let is_plain = record.event_source.is_some_and(|source| source.starts_with("ceph:"));
    let key = if is_plain { key } else { form_decoded(&key)? };
    object(&bucket.name, key).map(Some)
}

/// EventBridge's keys are plain. `None` for other details (tags, storage class).
fn bus_event(event: &Value) -> Result<Option<ObjectRef>, String> {
    if event["detail-type"] == RECORDED_CALL {
        return recorded_call(&event["detail"]);
    }
    if !BUS_CHANGES.iter().any(|change| event["detail-type"] == *change) {
        return Ok(None);
    }
    let Entity { bucket, object: Object { key } } = Entity::deserialize(&event["detail"])
        .map_err(|error| format!("its detail is not one of S3's: {error}"))?;
    object(&bucket.name, key).map(Some)
}

/// A call of S3's API as CloudTrail records it, for buckets whose events reach EventBridge that way
/// alone. `None` for calls that failed or change no bytes.
/// Source: AWS CloudTrail User Guide, "CloudTrail record contents".
fn recorded_call(detail: &Value) -> Result<Option<ObjectRef>, String> {
    let name = detail["eventName"].as_str().ok_or("a recorded call has no eventName")?;
    if NAMELESS_CALLS.contains(&name) {
        let advice = "have S3 send its own events instead";
        return Err(format!("CloudTrail does not say which objects a {name} changed; {advice}"));
    }
    if !CALLS.contains(&name) || !detail["errorCode"].is_null() {
        return Ok(None);
    }
    let parameter = |name: &str| {
        let value = detail["requestParameters"][name].as_str();
        value.ok_or_else(|| format!("a recorded call has no {name}"))
    };
    object(parameter("bucketName")?, parameter("key")?.to_owned()).map(Some)
}
