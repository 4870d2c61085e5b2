//! Verdicts on messages in, requests to the queue out, in batches of up to ten messages.

use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::{
    BatchResultErrorEntry, ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry,
};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout_at};

use super::{MAX_MESSAGES, Queue, Received, explained, seconds};
use crate::shared::Shared;

/// How long a message that is done waits for others.
const LINGER: Duration = Duration::from_millis(50);

/// How often what fails is tried, beside the retries of the client.
const ATTEMPTS: u32 = 3;

/// The wait between these attempts.
const PAUSE: Duration = Duration::from_millis(200);

/// What the queue has to do with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is done.
    Delete,
    /// It comes back after this time.
    Hide(Duration),
}

/// A message by its receipt handle.
type Judged = (String, Verdict);

/// The same, with the place that its delivery had, which is free once the verdict is carried out.
type Ended = (Judged, OwnedSemaphorePermit);

/// Carries out verdicts in a task of its own.
#[derive(Debug)]
pub(super) struct Finisher {
    sender: Sender,
    task: JoinHandle<()>,
}

/// Where verdicts go.
#[derive(Debug, Clone)]
pub(super) struct Sender(mpsc::UnboundedSender<Ended>);

impl Sender {
    pub(super) fn send(&self, handle: String, verdict: Verdict, place: OwnedSemaphorePermit) {
        // The receiver lives until all senders are gone.
        let _ = self.0.send(((handle, verdict), place));
    }
}

impl Finisher {
    pub(super) fn start(shared: Rc<Shared>, queue: Queue) -> Self {
        // The number of deliveries at a time bounds the channel.
        let (sender, verdicts) = mpsc::unbounded_channel();
        let task = tokio::task::spawn_local(carry_out_all(shared, queue, verdicts));
        Self { sender: Sender(sender), task }
    }

    pub(super) fn sender(&self) -> Sender {
        self.sender.clone()
    }

    /// Waits until every verdict is carried out.
    pub(super) async fn finish(self) {
        drop(self.sender);
        if let Err(error) = self.task.await {
            tracing::error!(code = "bug", "verdicts were not carried out: {error}");
        }
    }
}

async fn carry_out_all(
    shared: Rc<Shared>,
    queue: Queue,
    mut verdicts: mpsc::UnboundedReceiver<Ended>,
) {
    while let Some(first) = verdicts.recv().await {
        let mut batch = vec![first];
        let until = Instant::now() + LINGER;
        while batch.len() < MAX_MESSAGES {
            match timeout_at(until, verdicts.recv()).await {
                Ok(Some(next)) => batch.push(next),
                Ok(None) | Err(_) => break,
            }
        }
        let (batch, places): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
        request(&queue, batch, &shared).await;
        drop(places);
    }
}

/// Makes messages that nobody has begun visible to others at once.
pub(super) async fn release(queue: &Queue, messages: Vec<Received>, shared: &Shared) {
    let verdict = Verdict::Hide(Duration::ZERO);
    let batch = messages.into_iter().map(|message| (message.receipt_handle, verdict)).collect();
    request(queue, batch, shared).await;
}

async fn request(queue: &Queue, batch: Vec<Judged>, shared: &Shared) {
    let (done, returned): (Vec<_>, Vec<_>) =
        batch.into_iter().partition(|(_, verdict)| *verdict == Verdict::Delete);
    let delete = async |entries: &[(usize, &Judged)]| {
        let entries = entries.iter().map(|(number, (handle, _))| {
            let entry = DeleteMessageBatchRequestEntry::builder();
            entry.id(number.to_string()).receipt_handle(handle).build().expect("both are given")
        });
        let request = queue.client.delete_message_batch().queue_url(&queue.url);
        let output = request.set_entries(Some(entries.collect())).send().await;
        failures(output.map(|output| output.failed))
    };
    let hide = async |entries: &[(usize, &Judged)]| {
        let entries = entries.iter().map(|(number, (handle, verdict))| {
            let time = if let Verdict::Hide(time) = verdict { *time } else { Duration::ZERO };
            let entry = ChangeMessageVisibilityBatchRequestEntry::builder();
            let entry = entry.id(number.to_string()).receipt_handle(handle);
            entry.visibility_timeout(seconds(time)).build().expect("both are given")
        });
        let request = queue.client.change_message_visibility_batch().queue_url(&queue.url);
        let output = request.set_entries(Some(entries.collect())).send().await;
        failures(output.map(|output| output.failed))
    };
    let deleted = send_with_retries("delete", &done, delete, shared).await;
    shared.metrics.deleted(deleted);
    // A message whose deletion failed comes back too.
    shared.metrics.returned(returned.len() + done.len() - deleted);
    send_with_retries("hide", &returned, hide, shared).await;
}

/// Why messages of a request failed, by their numbers, or the whole request.
type Failures = Result<HashMap<usize, String>, String>;

fn failures<E>(output: Result<Vec<BatchResultErrorEntry>, SdkError<E>>) -> Failures
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    let failed = output.map_err(|error| explained(&error))?;
    let reason = |entry: &BatchResultErrorEntry| match entry.message() {
        Some(message) => format!("{}: {message}", entry.code()),
        None => entry.code().to_owned(),
    };
    // Faults of the sender, such as a handle that is no longer valid, are rare, and retrying them
    // does no harm.
    Ok(failed.iter().filter_map(|entry| Some((entry.id().parse().ok()?, reason(entry)))).collect())
}

/// Sends a request again for what failed of it, and returns for how many messages it succeeded. The
/// others come back by themselves once their visibility timeout is over, which costs time and harms
/// nothing.
async fn send_with_retries(
    operation: &'static str,
    messages: &[Judged],
    send: impl AsyncFn(&[(usize, &Judged)]) -> Failures,
    shared: &Shared,
) -> usize {
    let mut left: Vec<(usize, &Judged)> = messages.iter().enumerate().collect();
    for attempt in 1..=ATTEMPTS {
        if left.is_empty() {
            break;
        }
        let problem = match send(&left).await {
            Ok(failed) => {
                left.retain(|(number, _)| failed.contains_key(number));
                failed.into_values().next()
            }
            Err(problem) => Some(problem),
        };
        let Some(problem) = problem else { break };
        shared.metrics.queue_failed(operation);
        let (code, messages) = ("queue", left.len());
        tracing::warn!(code, attempt, messages, "the request to {operation} failed: {problem}");
        sleep(PAUSE).await;
    }
    messages.len() - left.len()
}
