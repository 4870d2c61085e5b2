//! A batch of messages from its receive to the end of its invocation.

use crate::chance::Chance;
use crate::s3::MAX_RETRIES;
use crate::time::Micros;

/// A message in a batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    pub(super) message: u32,
    /// Where the objects of its upload are.
    pub(super) prefix: u16,
    /// Requests that were sent again for it.
    retries: u8,
    /// Its delivery has failed.
    pub(super) has_failed: bool,
}

impl Member {
    /// Whether one more request may be sent again.
    pub(super) fn takes_retry(&mut self) -> bool {
        let is_free = self.retries < MAX_RETRIES;
        self.retries += u8::from(is_free);
        is_free
    }
}

/// How far an invocation is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Step {
    /// It reads the uploads.
    #[default]
    Fetch,
    /// It renders, writes, and verifies.
    Store,
}

/// A batch that was received.
#[derive(Debug, Default)]
pub(super) struct Invocation {
    pub(super) members: Vec<Member>,
    pub(super) received_us: Micros,
    /// When the handler began.
    pub(super) began_us: Micros,
    pub(super) init_us: Micros,
    pub(super) step: Step,
    /// Requests that wait to be sent again.
    pub(super) pending: u32,
    /// It has run into its timeout.
    pub(super) is_late: bool,
    /// The messages are visible again before it ends.
    pub(super) is_overrun: bool,
    /// Starts that were throttled.
    pub(super) throttles: u32,
}

/// All batches under way. Their numbers and their memory are used again.
#[derive(Debug, Default)]
pub(super) struct Invocations {
    all: Vec<Invocation>,
    free: Vec<u32>,
}

impl Invocations {
    /// Adds a batch.
    pub(super) fn add(&mut self, now: Micros, batch: &[u32], by: (u16, &mut Chance)) -> u32 {
        let number = self.free.pop().unwrap_or_else(|| {
            self.all.push(Invocation::default());
            u32::try_from(self.all.len() - 1).expect("fewer than 2^32 batches are under way")
        });
        let (prefixes, chance) = by;
        let invocation = &mut self.all[number as usize];
        let mut members = std::mem::take(&mut invocation.members);
        members.clear();
        members.extend(batch.iter().map(|message| {
            let prefix = if prefixes > 1 { chance.below(prefixes.into()) as u16 } else { 0 };
            Member { message: *message, prefix, retries: 0, has_failed: false }
        }));
        *invocation = Invocation { members, received_us: now, ..Invocation::default() };
        number
    }

    pub(super) fn get(&mut self, number: u32) -> &mut Invocation {
        &mut self.all[number as usize]
    }

    /// Ends a batch; its memory stays for the next one.
    pub(super) fn remove(&mut self, number: u32) {
        self.free.push(number);
    }
}
