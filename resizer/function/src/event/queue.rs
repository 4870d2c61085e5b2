//! An SQS batch in, its messages out. A body may be any notification; one that cannot be read
//! fails its message alone.

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use serde::Deserialize;
use serde_json::Value;

use super::notification::objects_in_text;
use super::{ObjectRef, UnknownEvent};

/// One message of a queue.
#[derive(Debug)]
pub struct Message {
    /// The id that `batchItemFailures` must name.
    pub id: String,
    /// How often it was received, this time included; 1 where the queue does not say. After the
    /// first time somebody may have done all or half of it.
    pub received: u32,
    /// What the body said, or why it could not be read.
    pub objects: Result<Vec<ObjectRef>, UnknownEvent>,
}

impl Message {
    /// Of a message with this id and body that was received so often.
    pub fn new(id: String, received: u32, body: &str) -> Self {
        let objects = objects_in_text(body).map_err(|reason| UnknownEvent::new(reason, body));
        Self { id, received, objects }
    }
}

/// The messages of a batch; `None` for everything else.
pub(super) fn messages(event: &Value) -> Option<Result<Vec<Message>, String>> {
    let records = event["Records"].as_array().filter(|records| !records.is_empty())?;
    if !records.iter().all(|record| record["eventSource"] == "aws:sqs") {
        return None;
    }
    let batch = SqsEvent::deserialize(event).map_err(|error| error.to_string());
    Some(batch.and_then(|batch| batch.records.into_iter().map(message).collect()))
}

/// Without an id a message could not be reported as failed.
fn message(message: SqsMessage) -> Result<Message, String> {
    let id = message.message_id.filter(|id| !id.is_empty());
    let id = id.ok_or("a queue message has no messageId")?;
    let received = message.attributes.get("ApproximateReceiveCount");
    let received = received.and_then(|count| count.parse::<u32>().ok());
    Ok(Message::new(id, received.unwrap_or(1), &message.body.unwrap_or_default()))
}
