//! CloudEvents in structured and in binary mode: Google's of Cloud Storage (Eventarc), Azure's of
//! Blob Storage (Event Grid), Ceph's, and whatever carries a notification as its data.
//! Source: CloudEvents 1.0, "JSON Event Format" and "HTTP Protocol Binding".

use aws_smithy_types::base64;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::{objects, text};
use crate::event::{ObjectRef, object};

/// Google's events after which an object's bytes are others or gone.
/// Source: Google Cloud, Eventarc, "CloudEvents - JSON event format".
const GOOGLE: &str = "google.cloud.storage.object.v1.";
const GOOGLE_CHANGES: [&str; 3] = ["finalized", "deleted", "archived"];

/// Azure's.
/// Source: Microsoft Learn, "Azure Blob Storage as an Event Grid source".
const AZURE: &str = "Microsoft.Storage.";
const AZURE_CHANGES: [&str; 2] = ["BlobCreated", "BlobDeleted"];

/// An event in structured mode: its attributes are members, and its data is one of them.
///
/// # Errors
/// What makes it none of the known events.
pub(super) fn structured(event: &Value, depth: u8) -> Result<Vec<ObjectRef>, String> {
    let kind = text(event, "type")?;
    match event["data_base64"].as_str() {
        None => changes(kind, &event["data"], depth),
        Some(encoded) => {
            let bytes = base64::decode(encoded).map_err(|error| error.to_string())?;
            let data = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
            changes(kind, &data, depth)
        }
    }
}

/// An event of this type with this data.
///
/// # Errors
/// What makes it none of the known events.
pub(super) fn changes(kind: &str, data: &Value, depth: u8) -> Result<Vec<ObjectRef>, String> {
    if let Some(change) = kind.strip_prefix(GOOGLE) {
        if !GOOGLE_CHANGES.contains(&change) {
            return Ok(Vec::new());
        }
        return Ok(vec![object(text(data, "bucket")?, text(data, "name")?.to_owned())?]);
    }
    if let Some(change) = kind.strip_prefix(AZURE) {
        if !AZURE_CHANGES.contains(&change) {
            return Ok(Vec::new());
        }
        return blob(text(data, "url")?).map(|object| vec![object]);
    }
    // Knative's source for Ceph sends one record for each event.
    if data["s3"].is_object() {
        return objects(&json!({ "Records": [data] }), depth);
    }
    let inner = objects(data, depth);
    inner.map_err(|reason| format!("a CloudEvent of the type {kind}: {reason}"))
}

/// `https://ACCOUNT.blob.core.windows.net/CONTAINER/NAME`, percent-encoded. The container is the
/// bucket of an S3 gateway in front of the account.
fn blob(url: &str) -> Result<ObjectRef, String> {
    let path = url.split_once("://").and_then(|(_, rest)| rest.split_once('/'));
    let path = path.and_then(|(_, path)| path.split(['?', '#']).next());
    let parts = path.and_then(|path| path.split_once('/'));
    let (container, name) = parts.ok_or_else(|| format!("{url} names no blob"))?;
    let name = percent_decode_str(name).decode_utf8().map_err(|error| error.to_string())?;
    object(container, name.into_owned())
}
