//! The operations of SQS: a request's JSON in, the answer's JSON out.

use std::time::Duration;

use hyper::StatusCode;
use serde_json::{Map, Value, json};
use tokio::time::timeout;

use super::{ACCOUNT, Refusal};
use crate::queue::{Message, Queue, QueueOptions, Receive, SendError};

/// SQS's limits.
const MAX_MESSAGES: u64 = 10;
const MAX_WAIT_S: u64 = 20;
const MAX_VISIBILITY_S: u64 = 12 * 3600;

const NO_QUEUE: Refusal = Refusal::new("QueueDoesNotExist", "The specified queue does not exist.");
const NO_HANDLE: Refusal =
    Refusal::new("ReceiptHandleIsInvalid", "The input receipt handle is not current.");
const TOO_LONG: Refusal = Refusal::new(
    "InvalidParameterValue",
    "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.",
);

const NOT_KEPT: Refusal = Refusal {
    status: StatusCode::INTERNAL_SERVER_ERROR,
    code: "InternalFailure",
    message: "The message could not be stored; the log of the queue says why.",
};

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
        "SendMessageBatch" => batch(input, |entry| send(queue, entry)),
        "GetQueueAttributes" => Ok(attributes(queue, input, region)),
        _ => Err(Refusal::new("InvalidAction", "The operation is not one of this queue's.")),
    }
}

/// A whole number within a range; the default where it is missing.
fn number(input: &Value, name: &str, default: u64, max: u64) -> Result<u64, Refusal> {
    match &input[name] {
        Value::Null => Ok(default),
        value => value.as_u64().filter(|value| *value <= max).ok_or(Refusal::new(
            "InvalidParameterValue",
            "A number is outside of the range that SQS has for it.",
        )),
    }
}

async fn receive(queue: &Queue, input: &Value) -> Result<Value, Refusal> {
    let max = number(input, "MaxNumberOfMessages", 1, MAX_MESSAGES)?.max(1) as usize;
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
    Ok(json!({ "Messages": messages.collect::<Vec<Value>>() }))
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
    json!({
        "MessageId": message.id,
        "ReceiptHandle": message.receipt_handle,
        "Body": message.body,
        "MD5OfBody": message.body_md5,
        "Attributes": attributes,
    })
}

fn handle(input: &Value) -> Result<&str, Refusal> {
    input["ReceiptHandle"].as_str().ok_or(NO_HANDLE)
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
    let body = input["MessageBody"].as_str().unwrap_or_default();
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

/// Each entry by itself.
fn batch(
    input: &Value,
    carry_out: impl Fn(&Value) -> Result<Value, Refusal>,
) -> Result<Value, Refusal> {
    let entries = input["Entries"].as_array().map(Vec::as_slice).unwrap_or_default();
    if entries.is_empty() {
        return Err(Refusal::new("EmptyBatchRequest", "The batch has no entries."));
    }
    if entries.len() as u64 > MAX_MESSAGES {
        let message = "The batch has more than ten entries.";
        return Err(Refusal::new("TooManyEntriesInBatchRequest", message));
    }
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in entries {
        let id = &entry["Id"];
        match carry_out(entry) {
            Ok(mut output) => {
                output["Id"] = id.clone();
                successful.push(output);
            }
            Err(Refusal { code, message, .. }) => {
                let sender = true;
                failed.push(json!({
                    "Id": id, "Code": code, "Message": message, "SenderFault": sender,
                }));
            }
        }
    }
    Ok(json!({ "Successful": successful, "Failed": failed }))
}

fn attributes(queue: &Queue, input: &Value, region: &str) -> Value {
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
        ("VisibilityTimeout", visibility_timeout.as_secs().to_string()),
        ("RedrivePolicy", policy.to_string()),
    ];
    let wanted = input["AttributeNames"].as_array().map(Vec::as_slice).unwrap_or_default();
    let is_wanted = |name: &str| wanted.iter().any(|wanted| *wanted == name || *wanted == "All");
    let attributes = known.into_iter().filter(|(name, _)| is_wanted(name));
    let attributes: Map<String, Value> =
        attributes.map(|(name, value)| (name.to_owned(), value.into())).collect();
    json!({ "Attributes": attributes })
}
