//! A queue in the manner of SQS: at least once, in no promised order, with a visibility timeout and
//! dead letters.
//! In: bodies. Out: messages, until they are deleted or given up. Knows neither S3 nor Lambda.
//! `store` decides what happens at a moment; this file supplies the moment and wakes who waits.

use std::future;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

mod store;

use store::{Now, Store};

/// The largest body, bytes; ten of them fit into one Lambda payload.
pub const BODY_MAX_BYTES: usize = 256 << 10;

/// How a queue behaves.
#[derive(Debug, Clone)]
pub struct QueueOptions {
    /// Message ids are decided by it.
    pub name: String,
    /// How long a received message stays hidden. Default 30 s, as in SQS; six times the function's
    /// timeout is advised.
    pub visibility_timeout: Duration,
    /// How often a message is received before it becomes a dead letter; at least 1. Default 3.
    pub max_receive_count: u32,
    /// What SQS is allowed to do and seldom does. Default nothing.
    pub disorder: Disorder,
}

impl Default for QueueOptions {
    fn default() -> Self {
        Self {
            name: "queue".to_owned(),
            visibility_timeout: Duration::from_secs(30),
            max_receive_count: 3,
            disorder: Disorder::default(),
        }
    }
}

/// Trouble on request; the seed decides where it strikes.
#[derive(Debug, Clone, Default)]
pub struct Disorder {
    pub seed: u64,
    /// One message in so many is delivered twice; 0 for none.
    pub duplicate_one_in: u32,
    /// One message in so many comes late; 0 for none.
    pub delay_one_in: u32,
    /// The longest such delay.
    pub delay_max: Duration,
    /// Visible messages come in any order.
    pub is_reordered: bool,
}

/// A message as its receiver gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub id: String,
    /// Valid until the message is received again.
    pub receipt_handle: String,
    pub body: String,
    /// MD5 of the body, hexadecimal.
    pub body_md5: String,
    /// How often it has been received, this time included.
    pub receive_count: u32,
    /// Unix time in milliseconds.
    pub sent_ms: u64,
    /// Unix time in milliseconds.
    pub first_received_ms: u64,
}

/// A message that a queue does not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a message of {size_bytes} bytes is larger than a queue takes ({limit_bytes} bytes)")]
pub struct MessageTooLarge {
    pub size_bytes: usize,
    pub limit_bytes: usize,
}

/// The queue; share it by reference.
#[derive(Debug)]
pub struct Queue {
    store: Mutex<Store>,
    changed: Notify,
}

impl Queue {
    pub fn new(options: QueueOptions) -> Self {
        Self { store: Mutex::new(Store::new(options)), changed: Notify::new() }
    }

    /// Puts a message in and returns its id.
    ///
    /// # Errors
    /// `MessageTooLarge` beyond `BODY_MAX_BYTES`.
    pub fn send(&self, body: String) -> Result<String, MessageTooLarge> {
        if body.len() > BODY_MAX_BYTES {
            return Err(MessageTooLarge { size_bytes: body.len(), limit_bytes: BODY_MAX_BYTES });
        }
        let id = self.store().send(now(), body);
        self.changed.notify_waiters();
        Ok(id)
    }

    /// Waits for messages and takes up to `max` of them, at least one.
    pub async fn receive(&self, max: usize) -> Vec<Message> {
        loop {
            let changed = self.changed.notified();
            let (messages, next) = {
                let mut store = self.store();
                (store.receive(now(), max), store.next_change(now()))
            };
            if !messages.is_empty() {
                return messages;
            }
            tokio::select! {
                () = changed => {}
                () = until(next) => {}
            }
        }
    }

    /// Takes a received message out for good; false where the receipt is not the current one.
    pub fn delete(&self, receipt_handle: &str) -> bool {
        let is_deleted = self.store().delete(receipt_handle);
        self.changed.notify_waiters();
        is_deleted
    }

    /// Makes a received message visible again after `delay`; false where the receipt is not the
    /// current one.
    pub fn change_visibility(&self, receipt_handle: &str, delay: Duration) -> bool {
        let is_changed = self.store().change_visibility(now(), receipt_handle, delay);
        self.changed.notify_waiters();
        is_changed
    }

    /// The messages that were received too often, oldest first.
    pub fn dead_letters(&self) -> Vec<Message> {
        self.store().dead_letters(now())
    }

    /// Whether no message is visible, in flight or delayed.
    pub fn is_idle(&self) -> bool {
        self.unfinished() == 0
    }

    /// Messages that are visible, in flight or delayed.
    pub fn unfinished(&self) -> usize {
        self.store().unfinished(now())
    }

    /// Waits until the queue is idle.
    pub async fn idle(&self) {
        loop {
            let changed = self.changed.notified();
            let (is_idle, next) = {
                let mut store = self.store();
                (store.unfinished(now()) == 0, store.next_change(now()))
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

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().expect("nothing panics while it holds the queue")
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
