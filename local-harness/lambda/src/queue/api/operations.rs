//! The operations of SQS: a request's JSON in, the answer's JSON out.

use std::time::Duration;

use hyper::StatusCode;
use serde_json::{Map, Value, json};
use tokio::time::timeout;

use super::batches::{batch, send_batch};
use super::{ACCOUNT, Refusal};
use crate::extensions_api::is_uuid;
use crate::queue::{BODY_MAX_BYTES, Message, Queue, QueueOptions, Receive, SendError};

/// SQS's limits.
pub(super) const MAX_MESSAGES: u64 = 10;
const MAX_WAIT_S: u64 = 20;
const MAX_VISIBILITY_S: u64 = 12 * 3600;

const NO_QUEUE: Refusal = Refusal::new("QueueDoesNotExist", "The specified queue does not exist.");
const NO_HANDLE: Refusal =
    Refusal::new("ReceiptHandleIsInvalid", "The input receipt handle is not current.");
const TOO_LONG: Refusal = Refusal::new(
    "InvalidParameterValue",
    "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.",
);

const NO_BODY: Refusal =
    Refusal::new("MissingParameter", "The request must contain the parameter MessageBody.");
const NOT_ALLOWED: Refusal = Refusal::new(
    "InvalidMessageContents",
    "The message contains characters outside the allowed set.",
);
const NO_ATTRIBUTE: Refusal = Refusal::new("InvalidAttributeName", "Unknown Attribute.");

const NOT_KEPT: Refusal = Refusal {
    status: StatusCode::INTERNAL_SERVER_ERROR,
    code: "InternalFailure",
    message: "The message could not be stored; the log of the queue says why.",
};

/// Further attributes of SQS, which this queue does not have.
const ATTRIBUTES: [&str; 12] = [
    "All",
    "ContentBasedDeduplication",
    "CreatedTimestamp",
    "DeduplicationScope",
    "FifoQueue",
    "FifoThroughputLimit",
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "LastModifiedTimestamp",
    "MessageRetentionPeriod",
    "Policy",
    "SqsManagedSseEnabled",
];

/// Carries out one operation.
///
/// # Errors
/// In SQS's form.
pub(super) async fn answer(
    queue: &Queue,
    operation: &str,
    input: &Value,
    (host, region): (&str, &str),
) -> Result<Value, Refusal> {
    let name = queue.options().name;
    if operation == "GetQueueUrl" {
        let is_known = input["QueueName"] == name.as_str();
        let url = format!("http://{host}/{ACCOUNT}/{name}");
        return if is_known { Ok(json!({ "QueueUrl": url })) } else { Err(NO_QUEUE) };
    }
    let url = input["QueueUrl"].as_str().unwrap_or_default();
    if !url.ends_with(&format!("/{ACCOUNT}/{name}")) {
        return Err(NO_QUEUE);
    }
    match operation {
        "ReceiveMessage" => receive(queue, input).await,
        "DeleteMessage" => delete(queue, input).map(|()| json!({})),
        "DeleteMessageBatch" => batch(input, |entry| delete(queue, entry).map(|()| json!({}))),
        "ChangeMessageVisibility" => hide(queue, input).map(|()| json!({})),
        "ChangeMessageVisibilityBatch" => {
            batch(input, |entry| hide(queue, entry).map(|()| json!({})))
        }
        "SendMessage" => send(queue, input),
        "SendMessageBatch" => send_batch(input, |entry| send(queue, entry)),
        "GetQueueAttributes" => attributes(queue, input, region),
        _ => Err(Refusal::new("InvalidAction", "The operation is not one of this queue's.")),
    }
}

const OUT_OF_RANGE: Refusal =
    Refusal::new("InvalidParameterValue", "A number is outside of the range that SQS has for it.");

/// A whole number up to a maximum; the default where it is missing.
fn number(input: &Value, name: &str, default: u64, max: u64) -> Result<u64, Refusal> {
    match &input[name] {
        Value::Null => Ok(default),
        value => value.as_u64().filter(|value| *value <= max).ok_or(OUT_OF_RANGE),
    }
}

async fn receive(queue: &Queue, input: &Value) -> Result<Value, Refusal> {
    let max = number(input, "MaxNumberOfMessages", 1, MAX_MESSAGES)? as usize;
    if max == 0 {
        return Err(OUT_OF_RANGE);
    }
    let wait = Duration::from_secs(number(input, "WaitTimeSeconds", 0, MAX_WAIT_S)?);
    let visibility_s = number(input, "VisibilityTimeout", u64::MAX, MAX_VISIBILITY_S)?;
    let visibility = (visibility_s != u64::MAX).then(|| Duration::from_secs(visibility_s));
    // With no wait it still looks once: the future is polled before the timer.
    let wanted = Receive { max, visibility_timeout: visibility, ..Receive::default() };
    let received = timeout(wait, queue.receive_as(&wanted)).await;
    let received = received.unwrap_or_default();
    let wanted = ["MessageSystemAttributeNames", "AttributeNames"]
        .into_iter()
        .flat_map(|list| input[list].as_array().into_iter().flatten())
        .filter_map(Value::as_str);
    let wanted: Vec<&str> = wanted.collect();
    let messages = received.iter().map(|message| described(message, &wanted));
    let messages: Vec<Value> = messages.collect();
    Ok(if messages.is_empty() { json!({}) } else { json!({ "Messages": messages }) })
}

fn described(message: &Message, wanted: &[&str]) -> Value {
    let known = [
        ("ApproximateReceiveCount", message.receive_count.to_string()),
        ("SentTimestamp", message.sent_ms.to_string()),
        ("ApproximateFirstReceiveTimestamp", message.first_received_ms.to_string()),
    ];
    let is_wanted = |name: &str| wanted.contains(&"All") || wanted.contains(&name);
    let attributes = known.into_iter().filter(|(name, _)| is_wanted(name));
    let attributes: Map<String, Value> =
        attributes.map(|(name, value)| (name.to_owned(), value.into())).collect();
    let mut described = json!({
        "MessageId": message.id,
        "ReceiptHandle": message.receipt_handle,
        "Body": message.body,
        "MD5OfBody": message.body_md5,
    });
    if !attributes.is_empty() {
        described["Attributes"] = attributes.into();
    }
    described
}

/// A receipt handle in the form that this queue gives them.
fn handle(input: &Value) -> Result<&str, Refusal> {
    input["ReceiptHandle"].as_str().filter(|handle| is_uuid(handle)).ok_or(NO_HANDLE)
}

/// As at SQS, a message that was received again meanwhile is not deleted, and that is no error.
fn delete(queue: &Queue, input: &Value) -> Result<(), Refusal> {
    queue.delete(handle(input)?);
    Ok(())
}

fn hide(queue: &Queue, input: &Value) -> Result<(), Refusal> {
    let time_s = number(input, "VisibilityTimeout", 0, MAX_VISIBILITY_S)?;
    let is_hidden = queue.change_visibility(handle(input)?, Duration::from_secs(time_s));
    if is_hidden { Ok(()) } else { Err(NO_HANDLE) }
}

fn send(queue: &Queue, input: &Value) -> Result<Value, Refusal> {
    if number(input, "DelaySeconds", 0, 900)? > 0 {
        let message = "This queue delays no messages.";
        return Err(Refusal::new("UnsupportedOperation", message));
    }
    let body = input["MessageBody"].as_str().filter(|body| !body.is_empty()).ok_or(NO_BODY)?;
    if !body.chars().all(is_allowed) {
        return Err(NOT_ALLOWED);
    }
    let sent = queue.send_with_md5(body.to_owned());
    let (id, body_md5) = sent.map_err(|error| match error {
        SendError::TooLarge { .. } => TOO_LONG,
        SendError::Journal(error) => {
            tracing::error!(%error, "a message was not taken");
            NOT_KEPT
        }
    })?;
    Ok(json!({ "MessageId": id, "MD5OfMessageBody": body_md5 }))
}

/// The characters that SQS takes, which are those of XML 1.0.
fn is_allowed(letter: char) -> bool {
    let is_control = letter < ' ' && !matches!(letter, '\t' | '\n' | '\r');
    !is_control && !matches!(letter, '\u{fffe}' | '\u{ffff}')
}

fn attributes(queue: &Queue, input: &Value, region: &str) -> Result<Value, Refusal> {
    let QueueOptions { name, visibility_timeout, max_receive_count, .. } = queue.options();
    let (visible, hidden) = queue.counts();
    let arn = format!("arn:aws:sqs:{region}:{ACCOUNT}:{name}");
    let policy = json!({
        "deadLetterTargetArn": format!("{arn}-dead-letters"), "maxReceiveCount": max_receive_count,
    });
    let known = [
        ("QueueArn", arn),
        ("ApproximateNumberOfMessages", visible.to_string()),
        ("ApproximateNumberOfMessagesNotVisible", hidden.to_string()),
        ("ApproximateNumberOfMessagesDelayed", "0".to_owned()),
        ("DelaySeconds", "0".to_owned()),
        ("MaximumMessageSize", BODY_MAX_BYTES.to_string()),
        ("ReceiveMessageWaitTimeSeconds", "0".to_owned()),
        ("VisibilityTimeout", visibility_timeout.as_secs().to_string()),
        ("RedrivePolicy", policy.to_string()),
    ];
    let wanted = input["AttributeNames"].as_array().map(Vec::as_slice).unwrap_or_default();
    let is_known = |wanted: &Value| {
        wanted.as_str().is_some_and(|wanted| ATTRIBUTES.contains(&wanted))
            || known.iter().any(|(name, _)| *wanted == *name)
    };
    if !wanted.iter().all(is_known) {
        return Err(NO_ATTRIBUTE);
    }
    let is_wanted = |name: &str| wanted.iter().any(|wanted| *wanted == name || *wanted == "All");
    let attributes = known.into_iter().filter(|(name, _)| is_wanted(name));
    let attributes: Map<String, Value> =
        attributes.map(|(name, value)| (name.to_owned(), value.into())).collect();
    Ok(json!({ "Attributes": attributes }))
}
