//! Verdicts on messages in, requests to the queue out, ten messages in each where so many are
//! done at a time.

use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sqs::types::{
    BatchResultErrorEntry, ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry,
};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout_at};

use super::{MAX_MESSAGES, Queue, explained, seconds};
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
type Settled = (String, Verdict);

/// Carries out verdicts in a task of its own.
#[derive(Debug)]
pub(super) struct Finisher {
    sender: Sender,
    task: JoinHandle<()>,
}

/// Where verdicts go.
#[derive(Debug, Clone)]
pub(super) struct Sender(mpsc::UnboundedSender<Settled>);

impl Sender {
    pub(super) fn send(&self, receipt_handle: String, verdict: Verdict) {
        // The receiver lives until all senders are gone.
        let _ = self.0.send((receipt_handle, verdict));
    }
}

impl Finisher {
    pub(super) fn start(shared: Rc<Shared>, queue: Queue) -> Self {
        // Places of deliveries bound its length.
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
    mut verdicts: mpsc::UnboundedReceiver<Settled>,
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
        settle(&queue, batch, &shared).await;
    }
}

impl Verdict {
    /// The same for one message, at once.
    pub(super) async fn carry_out(self, queue: &Queue, receipt_handle: &str, shared: &Shared) {
        settle(queue, vec![(receipt_handle.to_owned(), self)], shared).await;
    }
}

async fn settle(queue: &Queue, batch: Vec<Settled>, shared: &Shared) {
    let (done, returned): (Vec<_>, Vec<_>) =
        batch.into_iter().partition(|(_, verdict)| *verdict == Verdict::Delete);
    let counts = (done.len(), returned.len());
    let delete = async |entries: &[(usize, &Settled)]| {
        let entries = entries.iter().map(|(number, (handle, _))| {
            let entry = DeleteMessageBatchRequestEntry::builder();
            entry.id(number.to_string()).receipt_handle(handle).build().expect("both are given")
        });
        let request = queue.client.delete_message_batch().queue_url(&queue.url);
        let output = request.set_entries(Some(entries.collect())).send().await;
        failures(output.map(|output| output.failed))
    };
    let hide = async |entries: &[(usize, &Settled)]| {
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
    persist("delete", &done, delete, shared).await;
    persist("hide", &returned, hide, shared).await;
    shared.metrics.deleted(counts.0);
    shared.metrics.returned(counts.1);
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
    // What the caller is to blame for, such as a handle that is no longer valid, fails again.
    Ok(failed.iter().filter_map(|entry| Some((entry.id().parse().ok()?, reason(entry)))).collect())
}

/// Sends a request again for what failed of it. What fails to the end comes back by itself once
/// its visibility timeout is over, which costs time and harms nothing.
async fn persist(
    operation: &'static str,
    messages: &[Settled],
    send: impl AsyncFn(&[(usize, &Settled)]) -> Failures,
    shared: &Shared,
) {
    let mut left: Vec<(usize, &Settled)> = messages.iter().enumerate().collect();
    for attempt in 1..=ATTEMPTS {
        if left.is_empty() {
            return;
        }
        let problem = match send(&left).await {
            Ok(failed) => {
                left.retain(|(number, _)| failed.contains_key(number));
                failed.into_values().next()
            }
            Err(problem) => Some(problem),
        };
        let Some(problem) = problem else { return };
        shared.metrics.queue_failed(operation);
        let (code, messages) = ("queue", left.len());
        tracing::warn!(code, attempt, messages, "the request to {operation} failed: {problem}");
        sleep(PAUSE).await;
    }
}
