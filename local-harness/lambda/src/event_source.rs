//! The event source mapping: receives batches from the queue, invokes the function, and deletes the
//! messages that are done.
//! In: messages. Out: finished batches, one by one. Knows no S3 and not the meaning of bodies.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, timeout_at};

use crate::invoke_api::SYNCHRONOUS_PAYLOAD_MAX_BYTES;
use crate::queue::{Message, Queue, Receive};
use crate::seeded::uuid;
use crate::{Function, Invocation};

/// The sender of messages, in AWS's form.
const SENDER_ID: &str = "AROALOCALHARNESS00000:S3-PROD-END";

/// Options of a mapping.
#[derive(Debug, Clone)]
pub struct EventSourceOptions {
    /// The ARN that the function sees; its region is the records' `awsRegion`.
    pub queue_arn: String,
    /// The most messages per invocation: 1 to 10, or to 10,000 with a batch window of a second or
    /// more. Default 10. A batch is also full where one more message would not fit into the
    /// payload of an invocation.
    pub batch_size: usize,
    /// How long a batch waits to be full, 0 to 300 s. Default 0.
    pub batch_window: Duration,
    /// Batches at the same time. Default 2, AWS's minimum.
    pub max_concurrency: usize,
    /// How long a failed message stays hidden. Default None: as on AWS, the queue's visibility
    /// timeout decides.
    pub retry_delay: Option<RetryDelay>,
}

/// How long a failed message stays hidden: twice as long after each delivery, up to a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryDelay {
    /// After the first delivery.
    pub first: Duration,
    /// The longest delay.
    pub max: Duration,
}

impl RetryDelay {
    /// The same delay after every delivery.
    pub const fn constant(delay: Duration) -> Self {
        Self { first: delay, max: delay }
    }

    /// The delay after this many deliveries.
    pub fn after(self, deliveries: u32) -> Duration {
        let doublings = 1_u32.checked_shl(deliveries.saturating_sub(1)).unwrap_or(u32::MAX);
        self.first.saturating_mul(doublings).min(self.max)
    }
}

impl Default for EventSourceOptions {
    fn default() -> Self {
        Self {
            queue_arn: "arn:aws:sqs:us-east-1:000000000000:queue".to_owned(),
            batch_size: 10,
            batch_window: Duration::ZERO,
            max_concurrency: 2,
            retry_delay: None,
        }
    }
}

/// A finished batch.
#[derive(Debug)]
pub struct Batch {
    /// In the order of the event's records.
    pub messages: Vec<Message>,
    /// Those that failed, which the queue delivers again or makes dead letters.
    pub returned_ids: Vec<String>,
    /// The invocation, with its log and report.
    pub invocation: Invocation,
}

impl Batch {
    /// The messages that failed.
    pub fn returned(&self) -> impl Iterator<Item = &Message> {
        self.messages.iter().filter(|message| self.returned_ids.contains(&message.id))
    }
}

/// A running mapping. Dropping it ends it and its invocations.
#[derive(Debug)]
pub struct EventSource {
    task: JoinHandle<()>,
}

impl EventSource {
    /// Starts to poll. Finished batches are sent to `finished` once their messages are deleted or
    /// hidden.
    pub fn start(
        queue: Arc<Queue>,
        function: Arc<Function>,
        options: EventSourceOptions,
        finished: mpsc::UnboundedSender<Batch>,
    ) -> Self {
        let envelope_bytes = sqs_event(&[longest_message()], &options.queue_arn).to_string().len();
        let mapping = Arc::new(Mapping { queue, function, options, finished, envelope_bytes });
        Self { task: tokio::spawn(poll(mapping)) }
    }
}

impl Drop for EventSource {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Mapping {
    queue: Arc<Queue>,
    function: Arc<Function>,
    options: EventSourceOptions,
    finished: mpsc::UnboundedSender<Batch>,
    /// Bytes of a record without its body, at most.
    envelope_bytes: usize,
}

async fn poll(mapping: Arc<Mapping>) {
    let free = Arc::new(Semaphore::new(mapping.options.max_concurrency.max(1)));
    let mut batches = JoinSet::new();
    loop {
        // A free environment first, then the messages: their visibility timeout must not run out
        // while they wait here.
        let permit = Arc::clone(&free).acquire_owned().await;
        let messages = mapping.gather().await;
        let mapping = Arc::clone(&mapping);
        batches.spawn(async move {
            mapping.process(messages).await;
            drop(permit);
        });
        while batches.try_join_next().is_some() {}
    }
}

impl Mapping {
    /// Waits for a first message, and then until the batch is full or its window has passed.
    async fn gather(&self) -> Vec<Message> {
        let max_bytes = SYNCHRONOUS_PAYLOAD_MAX_BYTES - self.envelope_bytes;
        let envelope_bytes = self.envelope_bytes;
        let size = self.options.batch_size.max(1);
        let mut wanted = Receive { max: size, max_bytes, envelope_bytes, ..Receive::default() };
        let mut batch = self.queue.receive_as(&wanted).await;
        let end = Instant::now() + self.options.batch_window;
        while batch.len() < size && Instant::now() < end {
            wanted.max = size - batch.len();
            wanted.taken_bytes = batch.iter().map(|message| wanted.size_of(&message.body)).sum();
            match timeout_at(end, self.queue.receive_as(&wanted)).await {
                Ok(more) if !more.is_empty() => batch.extend(more),
                _ => break,
            }
        }
        batch
    }

    async fn process(&self, messages: Vec<Message>) {
        let event = sqs_event(&messages, &self.options.queue_arn).to_string();
        let invocation = self.function.invoke(event.into_bytes()).await;
        let failed = match &invocation.result {
            Ok(answer) => failed_ids(&messages, answer).unwrap_or_else(|malformed| {
                tracing::warn!(%malformed, "the whole batch comes back");
                all_ids(&messages)
            }),
            Err(_) => all_ids(&messages),
        };
        for message in &messages {
            if failed.contains(&message.id) {
                if let Some(delay) = self.options.retry_delay {
                    let delay = delay.after(message.receive_count);
                    self.queue.change_visibility(&message.receipt_handle, delay);
                }
            } else {
                self.queue.delete(&message.receipt_handle);
            }
        }
        let returned_ids = messages.iter().map(|message| message.id.clone());
        let returned_ids = returned_ids.filter(|id| failed.contains(id)).collect();
        let batch = Batch { messages, returned_ids, invocation };
        // The receiver may be gone.
        let _ = self.finished.send(batch);
    }
}

/// An answer that does not say which messages failed; as on AWS, all of them count as failed.
#[derive(Debug, thiserror::Error)]
pub enum MalformedAnswer {
    /// It is no partial batch response.
    #[error("the function's answer is no partial batch response: {source}")]
    Shape {
        /// From the JSON parser.
        #[from]
        source: serde_json::Error,
    },
    /// It names a message that is not in the batch.
    #[error("the function's answer names the message {id:?}, which is not in the batch")]
    UnknownId {
        /// The id that it names.
        id: String,
    },
}

/// The messages that the function's answer names as failed.
///
/// An empty answer, `null`, and a list that is missing, `null` or empty name none.
///
/// # Errors
/// `Shape` for anything that is no partial batch response, `UnknownId` for ids that are empty or of
/// no message.
pub fn failed_ids(
    messages: &[Message],
    answer: &[u8],
) -> Result<BTreeSet<String>, MalformedAnswer> {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer {
        #[serde(default)]
        batch_item_failures: Option<Vec<Failure>>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Failure {
        item_identifier: String,
    }

    if answer.iter().all(u8::is_ascii_whitespace) {
        return Ok(BTreeSet::new());
    }
    let answer: Option<Answer> = serde_json::from_slice(answer)?;
    let failures = answer.unwrap_or_default().batch_item_failures.unwrap_or_default();
    let mut failed = BTreeSet::new();
    for Failure { item_identifier: id } in failures {
        if !messages.iter().any(|message| message.id == id) {
            return Err(MalformedAnswer::UnknownId { id });
        }
        failed.insert(id);
    }
    Ok(failed)
}

fn all_ids(messages: &[Message]) -> BTreeSet<String> {
    messages.iter().map(|message| message.id.clone()).collect()
}

/// A message without a body whose other fields have their longest values.
fn longest_message() -> Message {
    Message {
        id: uuid(0, 0),
        receipt_handle: uuid(0, 0),
        body: String::new(),
        body_md5: "0".repeat(32),
        receive_count: u32::MAX,
        sent_ms: u64::MAX,
        first_received_ms: u64::MAX,
    }
}

/// The event that AWS makes of a batch.
pub fn sqs_event(messages: &[Message], queue_arn: &str) -> Value {
    let region = queue_arn.split(':').nth(3).unwrap_or_default();
    let record = |message: &Message| {
        json!({
            "messageId": message.id,
            "receiptHandle": message.receipt_handle,
            "body": message.body,
            "attributes": {
                "ApproximateReceiveCount": message.receive_count.to_string(),
                "SentTimestamp": message.sent_ms.to_string(),
                "SenderId": SENDER_ID,
                "ApproximateFirstReceiveTimestamp": message.first_received_ms.to_string(),
            },
            "messageAttributes": {},
            "md5OfBody": message.body_md5,
            "eventSource": "aws:sqs",
            "eventSourceARN": queue_arn,
            "awsRegion": region,
        })
    };
    json!({ "Records": messages.iter().map(record).collect::<Vec<Value>>() })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::RetryDelay;

    #[test]
    fn retries_come_ever_later_up_to_the_limit() {
        let second = Duration::from_secs;
        let delay = RetryDelay { first: second(1), max: second(30) };
        let delays = [1, 2, 3, 5, 6, 40].map(|deliveries| delay.after(deliveries));
        assert_eq!(delays, [1, 2, 4, 16, 30, 30].map(second));
        assert_eq!(RetryDelay::constant(second(7)).after(9), second(7));
    }
}
