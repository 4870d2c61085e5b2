//! The shapes of two stores that are none of S3's: Cloudflare R2 through its queue, and Backblaze
//! B2. Their keys are plain.

use serde_json::Value;

use super::{all, text};
use crate::event::{ObjectRef, object};

/// R2's actions after which an object's bytes are others or gone.
/// Source: Cloudflare R2, "Event notifications".
const R2_CHANGES: [&str; 5] =
    ["PutObject", "CopyObject", "CompleteMultipartUpload", "DeleteObject", "LifecycleDeletion"];

/// B2's.
/// Source: Backblaze B2, "Event Notifications Reference Guide".
const B2_CHANGES: [&str; 3] = ["b2:ObjectCreated:", "b2:ObjectDeleted:", "b2:HideMarkerCreated:"];

/// The body of a message of the queue; `None` for everything else.
pub(super) fn r2(event: &Value) -> Option<Result<Vec<ObjectRef>, String>> {
    let action = event["action"].as_str()?;
    if !event["object"].is_object() {
        return None;
    }
    if !R2_CHANGES.contains(&action) {
        return Some(Ok(Vec::new()));
    }
    Some(text(event, "bucket").and_then(|bucket| {
        let key = text(&event["object"], "key")?.to_owned();
        Ok(vec![object(bucket, key)?])
    }))
}

/// A batch as a consumer of the queue sees it; `None` for everything else.
pub(super) fn r2_batch(event: &Value) -> Option<Result<Vec<ObjectRef>, String>> {
    let messages = event["messages"].as_array()?;
    let bodies = messages.iter().map(|message| &message["body"]);
    Some(
        all(bodies.map(|body| r2(body).unwrap_or_else(|| Err("a message is not R2's".to_owned())))),
    )
}

/// A webhook of B2; `None` for everything else.
pub(super) fn b2(event: &Value) -> Option<Result<Vec<ObjectRef>, String>> {
    let events = event["events"].as_array()?;
    let mut objects = Vec::with_capacity(events.len());
    for event in events {
        let kind = event["eventType"].as_str()?;
        if !B2_CHANGES.iter().any(|change| kind.starts_with(change)) {
            continue;
        }
        let named = text(event, "bucketName")
            .and_then(|bucket| object(bucket, text(event, "objectName")?.to_owned()));
        match named {
            Ok(named) => objects.push(named),
            Err(reason) => return Some(Err(reason)),
        }
    }
    Some(Ok(objects))
}
