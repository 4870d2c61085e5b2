//! A queue like SQS: at-least-once delivery in any order, a visibility timeout, and dead letters.
//! In: bodies. Out: messages, until they are deleted or become dead letters. Knows neither S3 nor
//! Lambda. `messages` has the logic at a given time; this file has the clock, and wakes receivers.
//! `api` serves a queue to other processes.

use std::future;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

pub mod api;
mod message;
mod messages;
mod options;

pub use message::{Message, MessageTooLarge};
use messages::{Messages, Now};
pub use options::{Disorder, QueueOptions};

/// The largest body, bytes; ten of them fit into one Lambda payload.
pub const BODY_MAX_BYTES: usize = 256 << 10;

/// The queue; share it by reference.
#[derive(Debug)]
pub struct Queue {
    messages: Mutex<Messages>,
    changed: Notify,
}

impl Queue {
    /// An empty queue.
    pub fn new(options: QueueOptions) -> Self {
        Self { messages: Mutex::new(Messages::new(options)), changed: Notify::new() }
    }

    /// Puts a message in and returns its id.
    ///
    /// # Errors
    /// `MessageTooLarge` beyond `BODY_MAX_BYTES`.
    pub fn send(&self, body: String) -> Result<String, MessageTooLarge> {
        self.send_with_md5(body).map(|(id, _)| id)
    }

    /// The same, and returns the MD5 of the body too, hexadecimal.
    ///
    /// # Errors
    /// `MessageTooLarge` beyond `BODY_MAX_BYTES`.
    pub fn send_with_md5(&self, body: String) -> Result<(String, String), MessageTooLarge> {
        if body.len() > BODY_MAX_BYTES {
            return Err(MessageTooLarge { size_bytes: body.len(), limit_bytes: BODY_MAX_BYTES });
        }
        let sent = self.messages().send(now(), body);
        self.changed.notify_waiters();
        Ok(sent)
    }

    /// Waits for messages and takes up to `max` of them, at least one.
    pub async fn receive(&self, max: usize) -> Vec<Message> {
        self.receive_and_hide(max, None).await
    }

    /// The same, and hides them for this time instead of the queue's own.
    pub async fn receive_and_hide(
        &self,
        max: usize,
        visibility_timeout: Option<Duration>,
    ) -> Vec<Message> {
        loop {
            let changed = self.changed.notified();
            let (received, next) = {
                let mut messages = self.messages();

                let received = messages.receive(now(), max, visibility_timeout);
                (received, messages.next_change(now()))
            };
            if !received.is_empty() {
                return received;
            }
            tokio::select! {
                () = changed => {}
                () = until(next) => {}
            }
        }
    }

    /// Deletes a received message; false where the receipt handle is not the current one.
    pub fn delete(&self, receipt_handle: &str) -> bool {
        let is_deleted = self.messages().delete(receipt_handle);
        self.changed.notify_waiters();
        is_deleted
    }

    /// Makes a received message visible again after `delay`; false where the receipt handle is not
    /// the current one.
    pub fn change_visibility(&self, receipt_handle: &str, delay: Duration) -> bool {
        let is_changed = self.messages().change_visibility(now(), receipt_handle, delay);
        self.changed.notify_waiters();
        is_changed
    }

    /// The dead letters, oldest first.
    pub fn dead_letters(&self) -> Vec<Message> {
        self.messages().dead_letters(now())
    }

    /// Whether no message is visible, in flight or delayed.
    pub fn is_idle(&self) -> bool {
        self.unfinished() == 0
    }

    /// Messages that are visible, in flight or delayed.
    pub fn unfinished(&self) -> usize {
        self.messages().unfinished(now())
    }

    /// Messages that are visible, and messages that are in flight or delayed.
    pub fn counts(&self) -> (usize, usize) {
        self.messages().counts(now())
    }

    /// The queue's options.
    pub fn options(&self) -> QueueOptions {
        self.messages().options.clone()
    }

    /// Waits until the queue is idle.
    pub async fn idle(&self) {
        loop {
            let changed = self.changed.notified();
            let (is_idle, next) = {
                let mut messages = self.messages();
                (messages.unfinished(now()) == 0, messages.next_change(now()))
            };
            if is_idle {
                return;
            }
            tokio::select! {
                () = changed => {}
                () = until(next) => {}
            }
        }
    }

    fn messages(&self) -> MutexGuard<'_, Messages> {
        self.messages.lock().expect("nothing panics while it holds the queue")
    }
}

fn now() -> Now {
    let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Now { instant: Instant::now(), unix_ms: u64::try_from(unix.as_millis()).unwrap_or(u64::MAX) }
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => future::pending().await,
    }
}
