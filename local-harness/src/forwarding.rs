//! From S3's notifications to the queue.
//! In: the notifications of all buckets. Out: messages in the queue. Knows no function.

use std::io;
use std::path::Path;
use std::sync::Arc;

use lambda_local::queue::{Queue, QueueOptions};
use s3_local::Notification;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::harness::HarnessError;

/// The queue of the upload bucket.
pub(crate) const QUEUE_NAME: &str = "uploads";
/// Its ARN, in which its name is the last part.
pub(crate) const QUEUE_ARN: &str = "arn:aws:sqs:us-east-1:000000000000:uploads";

/// The most notifications that go into the queue with one write to the disk.
const FORWARDED_AT_ONCE: usize = 100;

/// The queue whose messages are kept beside the objects.
pub(crate) fn open_queue(options: QueueOptions, data_dir: &Path) -> Result<Queue, HarnessError> {
    let opened = Queue::open(options, &data_dir.join("queue.journal"));
    opened.map_err(|source| HarnessError::Queue { source })
}

/// Puts the notifications into the queue. One is gone from S3 only when the queue has it.
pub(crate) async fn forward(mut notifications: UnboundedReceiver<Notification>, queue: Arc<Queue>) {
    let mut waiting = Vec::new();
    while notifications.recv_many(&mut waiting, FORWARDED_AT_ONCE).await > 0 {
        let (queue, arrived) = (Arc::clone(&queue), std::mem::take(&mut waiting));
        let stored = tokio::task::spawn_blocking(move || store(arrived, &queue)).await;
        if let Err(error) = stored.map_err(io::Error::other).flatten() {
            tracing::error!("notifications wait for the next start: {error}");
        }
    }
}

fn store(notifications: Vec<Notification>, queue: &Queue) -> io::Result<()> {
    let (ours, others): (Vec<Notification>, Vec<Notification>) =
        notifications.into_iter().partition(|one| one.destination_arn == QUEUE_ARN);
    let bodies = ours.iter().map(|notification| notification.body.clone()).collect();
    queue.send_all(bodies).map_err(io::Error::other)?;
    for notification in ours {
        notification.delivered()?;
    }
    for notification in others {
        tracing::warn!(arn = notification.destination_arn, "no queue has this ARN");
        notification.delivered()?;
    }
    Ok(())
}
