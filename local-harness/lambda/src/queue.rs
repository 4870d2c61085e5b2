//! A queue like SQS: at-least-once delivery in any order, a visibility timeout, and dead letters.
//! In: bodies. Out: messages, until they are deleted or become dead letters. Knows neither S3 nor
//! Lambda. `messages` has the logic at a given time; this file has the clock, and wakes receivers.
//! `kept` keeps the messages in a journal. `api` serves a queue to other processes.

use std::future;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use journal::Journal;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

pub mod api;
mod kept;
mod message;
mod messages;
mod options;

pub use message::{Message, SendError};
use messages::{Messages, New, Now};
pub use options::{Disorder, QueueOptions, Receive};

/// The largest body, bytes: 1 MiB since August 2025.
pub const BODY_MAX_BYTES: usize = 1 << 20;

/// The queue; share it by reference.
#[derive(Debug)]
pub struct Queue {
    messages: Mutex<Messages>,
    changed: Notify,
    /// Nothing for a queue that ends with its process.
    journal: Option<Journal>,
    /// How many messages were sent without a journal.
    sent: AtomicU64,
}

impl Queue {
    /// An empty queue, which ends with its process.
    pub fn new(options: QueueOptions) -> Self {
        Self::with(options, None)
    }

    /// A queue whose messages survive its process, in a journal at `path`; the messages and dead
    /// letters of an earlier process are in it again, with their receive counts. One process at a
    /// time must have it open. Blocks.
    ///
    /// # Errors
    /// `InvalidData` where the file is no journal of a queue, and errors of the disk.
    pub fn open(options: QueueOptions, path: &Path) -> io::Result<Self> {
        let (journal, messages) = kept::open(path)?;
        let queue = Self::with(options, Some(journal));
        for (new, note) in messages {
            queue.messages().restore(now(), new, note);
        }
        Ok(queue)
    }

    fn with(options: QueueOptions, journal: Option<Journal>) -> Self {
        Self {
            messages: Mutex::new(Messages::new(options)),
            changed: Notify::new(),
            journal,
            sent: AtomicU64::new(0),
        }
    }

    /// Puts a message in and returns its id. With a journal it blocks until the message is on the
    /// disk.
    ///
    /// # Errors
    /// `TooLarge` beyond `BODY_MAX_BYTES`, `Journal` for an error of the disk.
    pub fn send(&self, body: String) -> Result<String, SendError> {
        self.send_with_md5(body).map(|(id, _)| id)
    }

    /// The same, and returns the MD5 of the body too, hexadecimal.
    ///
    /// # Errors
    /// Those of [`Queue::send`].
    pub fn send_with_md5(&self, body: String) -> Result<(String, String), SendError> {
        self.send_all(vec![body]).map(|mut sent| sent.remove(0))
    }

    /// Puts messages in, with one write to the disk. Returns the id and the MD5 of each.
    ///
    /// # Errors
    /// Those of [`Queue::send`]; then none of them is put in.
    pub fn send_all(&self, bodies: Vec<String>) -> Result<Vec<(String, String)>, SendError> {
        for body in &bodies {
            if body.len() > BODY_MAX_BYTES {
                let (size_bytes, limit_bytes) = (body.len(), BODY_MAX_BYTES);
                return Err(SendError::TooLarge { size_bytes, limit_bytes });
            }
        }
        let sent_ms = now().unix_ms;
        let numbers = match &self.journal {
            Some(journal) => kept::add(journal, &bodies, sent_ms)?,
            None => bodies.iter().map(|_| self.sent.fetch_add(1, Ordering::Relaxed)).collect(),
        };
        let mut messages = self.messages();
        let new = bodies.into_iter().zip(numbers);
        let new = new.map(|(body, number)| New { number, body, sent_ms });
        let sent = new.map(|new| messages.send(now(), new)).collect();
        drop(messages);
        self.changed.notify_waiters();
        Ok(sent)
    }

    /// Waits for messages and takes up to `max` of them, at least one.
    pub async fn receive(&self, max: usize) -> Vec<Message> {
        self.receive_as(&Receive { max, ..Receive::default() }).await
    }

    /// Waits for messages and takes as many as `wanted` allows; none only where the next one does
    /// not fit beside those that the receiver has already.
    pub async fn receive_as(&self, wanted: &Receive) -> Vec<Message> {
        loop {
            let changed = self.changed.notified();
            let (received, next) = self.change(|messages| {
                let received = messages.receive(now(), wanted);
                (received, messages.next_change())
            });
            if let Some(received) = received {
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
        let is_deleted = self.change(|messages| messages.delete(receipt_handle));
        self.changed.notify_waiters();
        is_deleted
    }

    /// Makes a received message visible again after `delay`; false where the receipt handle is not
    /// the current one.
    pub fn change_visibility(&self, receipt_handle: &str, delay: Duration) -> bool {
        let is_changed =
            self.change(|messages| messages.change_visibility(now(), receipt_handle, delay));
        self.changed.notify_waiters();
        is_changed
    }

    /// The dead letters, oldest first.
    pub fn dead_letters(&self) -> Vec<Message> {
        self.change(|messages| messages.dead_letters(now()).to_vec())
    }

    /// How many dead letters there are.
    pub fn dead_count(&self) -> usize {
        self.change(|messages| messages.dead_letters(now()).len())
    }

    /// Whether no message is visible, in flight or delayed.
    pub fn is_idle(&self) -> bool {
        self.unfinished() == 0
    }

    /// Messages that are visible, in flight or delayed.
    pub fn unfinished(&self) -> usize {
        self.change(|messages| messages.unfinished(now()))
    }

    /// Messages that are visible, and messages that are in flight or delayed.
    pub fn counts(&self) -> (usize, usize) {
        self.change(|messages| messages.counts(now()))
    }

    /// The queue's options.
    pub fn options(&self) -> QueueOptions {
        self.messages().options.clone()
    }

    /// Waits until the queue is idle.
    pub async fn idle(&self) {
        loop {
            let changed = self.changed.notified();
            let (is_idle, next) =
                self.change(|messages| (messages.unfinished(now()) == 0, messages.next_change()));
            if is_idle {
                return;
            }
            tokio::select! {
                () = changed => {}
                () = until(next) => {}
            }
        }
    }

    /// Changes the messages, and keeps in the journal what it did.
    fn change<T>(&self, change: impl FnOnce(&mut Messages) -> T) -> T {
        let mut messages = self.messages();
        let result = change(&mut messages);
        let changes = messages.take_changes();
        if let Some(journal) = &self.journal {
            kept::keep(journal, changes);
        }
        result
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
