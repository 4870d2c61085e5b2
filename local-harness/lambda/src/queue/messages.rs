//! The messages of a queue, and their visibility at a given time.
//! In: the time and a request. Out: messages. No clock, no waiting, no locks.

use std::mem;
use std::time::Duration;

use md5::{Digest, Md5};
use tokio::time::Instant;

use super::message::Message;
use super::options::QueueOptions;
use crate::seeded::{Sequence, seed_of, uuid};

/// A time on both clocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    pub(super) instant: Instant,
    pub(super) unix_ms: u64,
}

/// A stored message; its receipt handle is empty before the first receive.
#[derive(Debug)]
struct Entry {
    message: Message,
    visible_at: Instant,
}

#[derive(Debug)]
pub(super) struct Messages {
    pub(super) options: QueueOptions,
    chance: Sequence,
    id_seed: u64,
    sent: u64,
    receipts: u64,
    entries: Vec<Entry>,
    dead: Vec<Message>,
}

impl Messages {
    pub(super) fn new(options: QueueOptions) -> Self {
        Self {
            chance: Sequence::new(options.disorder.seed),
            id_seed: seed_of(&options.name),
            options,
            sent: 0,
            receipts: 0,
            entries: Vec::new(),
            dead: Vec::new(),
        }
    }

    pub(super) fn send(&mut self, now: Now, body: String) -> (String, String) {
        let message = Message {
            id: uuid(self.id_seed, self.sent),
            receipt_handle: String::new(),
            body_md5: hexadecimal(&Md5::digest(body.as_bytes())),
            body,
            receive_count: 0,
            sent_ms: now.unix_ms,
            first_received_ms: 0,
        };
        self.sent += 1;
        let sent = (message.id.clone(), message.body_md5.clone());
        if self.chance.one_in(self.options.disorder.duplicate_one_in) {
            self.add(now, message.clone());
        }
        self.add(now, message);
        sent
    }

    fn add(&mut self, now: Now, message: Message) {
        let mut visible_at = now.instant;
        let disorder = &self.options.disorder;
        if self.chance.one_in(disorder.delay_one_in) {
            let delay_ms = u64::try_from(disorder.delay_max.as_millis()).unwrap_or(u64::MAX);
            visible_at += Duration::from_millis(self.chance.below(delay_ms.saturating_add(1)));
        }
        self.entries.push(Entry { message, visible_at });
    }

    /// Hidden for `visibility_timeout`, or else as the options say.
    pub(super) fn receive(
        &mut self,
        now: Now,
        max: usize,
        visibility_timeout: Option<Duration>,
    ) -> Vec<Message> {
        let hidden_for = visibility_timeout.unwrap_or(self.options.visibility_timeout);
        self.bury(now);
        let mut visible: Vec<usize> =
            (0..self.entries.len()).filter(|at| self.entries[*at].is_visible(now)).collect();
        if self.options.disorder.is_reordered {
            for at in (1..visible.len()).rev() {
                visible.swap(at, self.chance.below(at as u64 + 1) as usize);
            }
        } else {
            visible.sort_by_key(|at| self.entries[*at].visible_at);
        }
        visible.truncate(max);
        visible.into_iter().map(|at| self.take(now, at, hidden_for)).collect()
    }

    fn take(&mut self, now: Now, at: usize, hidden_for: Duration) -> Message {
        let entry = &mut self.entries[at];
        entry.visible_at = now.instant + hidden_for;
        entry.message.receive_count += 1;
        if entry.message.receive_count == 1 {
            entry.message.first_received_ms = now.unix_ms;
        }
        // Numbers count down from the top, so that no receipt handle equals a message id.
        entry.message.receipt_handle = uuid(self.id_seed, u64::MAX - self.receipts);
        self.receipts += 1;
        entry.message.clone()
    }

    pub(super) fn delete(&mut self, receipt_handle: &str) -> bool {
        let before = self.entries.len();
        self.entries.retain(|entry| !entry.has(receipt_handle));
        self.entries.len() < before
    }

    pub(super) fn change_visibility(
        &mut self,
        now: Now,
        receipt_handle: &str,
        delay: Duration,
    ) -> bool {
        match self.entries.iter_mut().find(|entry| entry.has(receipt_handle)) {
            Some(entry) => {
                entry.visible_at = now.instant + delay;
                true
            }
            None => false,
        }
    }

    pub(super) fn dead_letters(&mut self, now: Now) -> Vec<Message> {
        self.bury(now);
        self.dead.clone()
    }

    pub(super) fn unfinished(&mut self, now: Now) -> usize {
        self.bury(now);
        self.entries.len()
    }

    /// Visible ones, and all others.
    pub(super) fn counts(&mut self, now: Now) -> (usize, usize) {
        self.bury(now);
        let visible = self.entries.iter().filter(|entry| entry.is_visible(now)).count();
        (visible, self.entries.len() - visible)
    }

    /// When the next hidden message becomes visible.
    pub(super) fn next_change(&self, now: Now) -> Option<Instant> {
        self.entries
            .iter()
            .filter(|entry| !entry.is_visible(now))
            .map(|entry| entry.visible_at)
            .min()
    }

    /// Moves messages that have used up their deliveries to the dead letters.
    fn bury(&mut self, now: Now) {
        let limit = self.options.max_receive_count.max(1);
        let (dead, alive) = mem::take(&mut self.entries)
            .into_iter()
            .partition(|entry| entry.is_visible(now) && entry.message.receive_count >= limit);
        self.entries = alive;
        let dead: Vec<Entry> = dead;
        self.dead.extend(dead.into_iter().map(|entry| entry.message));
    }
}

impl Entry {
    fn is_visible(&self, now: Now) -> bool {
        self.visible_at <= now.instant
    }

    fn has(&self, receipt_handle: &str) -> bool {
        !receipt_handle.is_empty() && self.message.receipt_handle == receipt_handle
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
