//! The messages of a queue, and their visibility at a given time.
//! In: the time and a request. Out: messages, and the changes that a journal must keep. No clock,
//! no waiting, no locks, no files.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::mem;
use std::time::Duration;

use md5::{Digest, Md5};
use tokio::time::Instant;

use super::Receive;
use super::message::Message;
use super::options::QueueOptions;
use crate::seeded::{Sequence, seed_of, uuid};

/// A time on both clocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    pub(super) instant: Instant,
    pub(super) unix_ms: u64,
}

/// What a journal must keep of a message, by the message's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// It was received, or became a dead letter.
    Noted(u64, Note),
    /// It is gone.
    Deleted(u64),
}

/// How far a message is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Note {
    pub(super) receive_count: u32,
    pub(super) first_received_ms: u64,
    pub(super) is_dead: bool,
}

/// A message that is to be put in.
#[derive(Debug)]
pub(super) struct New {
    /// Unlike that of every other message of the queue.
    pub(super) number: u64,
    pub(super) body: String,
    pub(super) sent_ms: u64,
}

/// A stored message; its receipt handle is empty before the first receive.
#[derive(Debug)]
struct Entry {
    message: Message,
    visible_at: Instant,
    number: u64,
    /// A second delivery of the same message, which no journal keeps.
    is_copy: bool,
}

/// Messages by the time at which they are or were visible; the second number is their place in
/// `entries`.
type Order = BTreeSet<(Instant, u64)>;

#[derive(Debug)]
pub(super) struct Messages {
    pub(super) options: QueueOptions,
    chance: Sequence,
    id_seed: u64,
    receipts: u64,
    next_place: u64,
    entries: BTreeMap<u64, Entry>,
    by_receipt: HashMap<String, u64>,
    visible: Order,
    hidden: Order,
    dead: Vec<Message>,
    changes: Vec<Change>,
}

impl Messages {
    pub(super) fn new(options: QueueOptions) -> Self {
        Self {
            chance: Sequence::new(options.disorder.seed),
            id_seed: seed_of(&options.name),
            options,
            receipts: 0,
            next_place: 0,
            entries: BTreeMap::new(),
            by_receipt: HashMap::new(),
            visible: Order::new(),
            hidden: Order::new(),
            dead: Vec::new(),
            changes: Vec::new(),
        }
    }

    /// The changes since the last call.
    pub(super) fn take_changes(&mut self) -> Vec<Change> {
        mem::take(&mut self.changes)
    }

    pub(super) fn send(&mut self, now: Now, new: New) -> (String, String) {
        let number = new.number;
        let message = self.message(new, Note::default());
        let sent = (message.id.clone(), message.body_md5.clone());
        if self.chance.one_in(self.options.disorder.duplicate_one_in) {
            let visible_at = self.delayed(now);
            self.add(Entry { message: message.clone(), visible_at, number, is_copy: true });
        }
        let visible_at = self.delayed(now);
        self.add(Entry { message, visible_at, number, is_copy: false });
        sent
    }

    /// Puts a message in that an earlier process left. It is visible at once, as whoever had
    /// received it is gone.
    pub(super) fn restore(&mut self, now: Now, new: New, note: Note) {
        let number = new.number;
        let message = self.message(new, note);
        if note.is_dead {
            self.dead.push(message);
        } else {
            self.add(Entry { message, visible_at: now.instant, number, is_copy: false });
        }
    }

    fn message(&self, new: New, note: Note) -> Message {
        Message {
            id: uuid(self.id_seed, new.number),
            receipt_handle: String::new(),
            body_md5: hexadecimal(&Md5::digest(new.body.as_bytes())),
            body: new.body,
            receive_count: note.receive_count,
            sent_ms: new.sent_ms,
            first_received_ms: note.first_received_ms,
        }
    }

    fn delayed(&mut self, now: Now) -> Instant {
        let disorder = &self.options.disorder;
        if !self.chance.one_in(disorder.delay_one_in) {
            return now.instant;
        }
        let delay_ms = u64::try_from(disorder.delay_max.as_millis()).unwrap_or(u64::MAX);
        now.instant + Duration::from_millis(self.chance.below(delay_ms.saturating_add(1)))
    }

    fn add(&mut self, entry: Entry) {
        self.hidden.insert((entry.visible_at, self.next_place));
        self.entries.insert(self.next_place, entry);
        self.next_place += 1;
    }

    /// Takes as many visible messages as `wanted` allows; `None` where there are none.
    pub(super) fn receive(&mut self, now: Now, wanted: &Receive) -> Option<Vec<Message>> {
        self.show(now);
        if self.visible.is_empty() {
            return None;
        }
        let hidden_for = wanted.visibility_timeout.unwrap_or(self.options.visibility_timeout);
        let mut taken: Vec<Message> = Vec::new();
        let mut bytes = wanted.taken_bytes;
        while taken.len() < wanted.max.max(1) {
            let Some(next) = self.next() else { break };
            let is_first = bytes == 0;
            bytes = bytes.saturating_add(wanted.size_of(&self.entries[&next.1].message.body));
            if bytes > wanted.max_bytes && !is_first {
                break;
            }
            self.visible.remove(&next);
            taken.push(self.take(now, next.1, hidden_for));
        }
        Some(taken)
    }

    fn next(&mut self) -> Option<(Instant, u64)> {
        if !self.options.disorder.is_reordered || self.visible.is_empty() {
            return self.visible.first().copied();
        }
        let at = self.chance.below(self.visible.len() as u64);
        self.visible.iter().nth(at as usize).copied()
    }

    fn take(&mut self, now: Now, place: u64, hidden_for: Duration) -> Message {
        // Numbers count down from the top, so that no receipt handle equals a message id.
        let receipt_handle = uuid(self.id_seed, u64::MAX - self.receipts);
        self.receipts += 1;
        let entry = self.entries.get_mut(&place).expect("a place in an order has an entry");
        entry.visible_at = now.instant + hidden_for;
        self.hidden.insert((entry.visible_at, place));
        let message = &mut entry.message;
        message.receive_count += 1;
        if message.receive_count == 1 {
            message.first_received_ms = now.unix_ms;
        }
        self.by_receipt.remove(&message.receipt_handle);
        self.by_receipt.insert(receipt_handle.clone(), place);
        message.receipt_handle = receipt_handle;
        let message = message.clone();
        if !entry.is_copy {
            self.changes.push(Change::Noted(entry.number, note_of(&message, false)));
        }
        message
    }

    pub(super) fn delete(&mut self, receipt_handle: &str) -> bool {
        let Some(place) = self.by_receipt.get(receipt_handle).copied() else { return false };
        let entry = self.remove(place);
        if !entry.is_copy {
            self.changes.push(Change::Deleted(entry.number));
        }
        true
    }

    fn remove(&mut self, place: u64) -> Entry {
        let entry = self.entries.remove(&place).expect("a place in an order has an entry");
        self.by_receipt.remove(&entry.message.receipt_handle);
        self.visible.remove(&(entry.visible_at, place));
        self.hidden.remove(&(entry.visible_at, place));
        entry
    }

    pub(super) fn change_visibility(
        &mut self,
        now: Now,
        receipt_handle: &str,
        delay: Duration,
    ) -> bool {
        let Some(place) = self.by_receipt.get(receipt_handle).copied() else { return false };
        let entry = self.entries.get_mut(&place).expect("a receipt handle has an entry");
        self.visible.remove(&(entry.visible_at, place));
        self.hidden.remove(&(entry.visible_at, place));
        entry.visible_at = now.instant + delay;
        self.hidden.insert((entry.visible_at, place));
        true
    }

    pub(super) fn dead_letters(&mut self, now: Now) -> &[Message] {
        self.show(now);
        &self.dead
    }

    pub(super) fn unfinished(&mut self, now: Now) -> usize {
        self.show(now);
        self.entries.len()
    }

    /// Visible ones, and all others.
    pub(super) fn counts(&mut self, now: Now) -> (usize, usize) {
        self.show(now);
        (self.visible.len(), self.hidden.len())
    }

    /// When the next hidden message becomes visible.
    pub(super) fn next_change(&self) -> Option<Instant> {
        self.hidden.first().map(|(visible_at, _)| *visible_at)
    }

    /// Moves the messages whose time has come to the visible ones, and those that have used up
    /// their deliveries to the dead letters.
    fn show(&mut self, now: Now) {
        let limit = self.options.max_receive_count.max(1);
        while let Some(next) = self.hidden.first().copied().filter(|next| next.0 <= now.instant) {
            self.hidden.remove(&next);
            if self.entries[&next.1].message.receive_count < limit {
                self.visible.insert(next);
                continue;
            }
            let Entry { message, number, is_copy, .. } = self.remove(next.1);
            if !is_copy {
                self.changes.push(Change::Noted(number, note_of(&message, true)));
            }
            self.dead.push(message);
        }
    }
}

fn note_of(message: &Message, is_dead: bool) -> Note {
    let Message { receive_count, first_received_ms, .. } = *message;
    Note { receive_count, first_received_ms, is_dead }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
