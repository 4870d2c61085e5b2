//! Batches: up to ten entries, each with an ID of its own, and an outcome for each.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::Refusal;
use super::operations::MAX_MESSAGES;
use crate::queue::BODY_MAX_BYTES;

/// The longest ID of an entry.
const ID_MAX_CHARS: usize = 80;

/// Each entry by itself.
///
/// # Errors
/// For a batch that is refused whole: by its number of entries, or their IDs.
pub(super) fn batch(
    input: &Value,
    carry_out: impl Fn(&Value) -> Result<Value, Refusal>,
) -> Result<Value, Refusal> {
    let entries = entries(input)?;
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in entries {
        let id = &entry["Id"];
        match carry_out(entry) {
            Ok(mut output) => {
                output["Id"] = id.clone();
                successful.push(output);
            }
            Err(refusal) => failed.push(json!({
                "Id": id,
                "Code": refusal.query_code(),
                "Message": refusal.message,
                "SenderFault": !refusal.status.is_server_error(),
            })),
        }
    }
    Ok(json!({ "Successful": successful, "Failed": failed }))
}

/// The same for messages, which have a limit together.
///
/// # Errors
/// Those of [`batch`], and `BatchRequestTooLong`.
pub(super) fn send_batch(
    input: &Value,
    send: impl Fn(&Value) -> Result<Value, Refusal>,
) -> Result<Value, Refusal> {
    let bodies = entries(input)?.iter().filter_map(|entry| entry["MessageBody"].as_str());
    if bodies.map(str::len).sum::<usize>() > BODY_MAX_BYTES {
        let message = "The messages of the batch have more than 1048576 bytes together.";
        return Err(Refusal::new("BatchRequestTooLong", message));
    }
    batch(input, send)
}

fn entries(input: &Value) -> Result<&[Value], Refusal> {
    let entries = input["Entries"].as_array().map(Vec::as_slice).unwrap_or_default();
    if entries.is_empty() {
        return Err(Refusal::new("EmptyBatchRequest", "The batch has no entries."));
    }
    if entries.len() as u64 > MAX_MESSAGES {
        let message = "The batch has more than ten entries.";
        return Err(Refusal::new("TooManyEntriesInBatchRequest", message));
    }
    let mut ids = HashSet::new();
    for entry in entries {
        let id = entry["Id"].as_str().unwrap_or_default();
        let is_letter = |letter: u8| letter.is_ascii_alphanumeric() || b"-_".contains(&letter);
        if id.is_empty() || id.len() > ID_MAX_CHARS || !id.bytes().all(is_letter) {
            let message =
                "The ID of an entry has 1 to 80 letters, digits, hyphens, and underscores.";
            return Err(Refusal::new("InvalidBatchEntryId", message));
        }
        if !ids.insert(id) {
            return Err(Refusal::new("BatchEntryIdsNotDistinct", "Two entries have one ID."));
        }
    }
    Ok(entries)
}
