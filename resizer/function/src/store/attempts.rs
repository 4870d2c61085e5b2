//! One request of S3 with retries, backoff and jitter, until it succeeds, cannot, or the upload's
//! budget of retries is used up. The SDK retries nothing: it could not read a body again, and every
//! request is counted here.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::{sleep, timeout};

use super::Store;
use super::faults::Failure;
use crate::error::{Fault, FaultKind, Phase};
use crate::event::ObjectRef;

/// How often one request is sent at most.
const MAX_ATTEMPTS: u32 = 4;

/// How many requests of one upload are sent again at most, so that trouble does not multiply.
const MAX_RETRIES: u32 = 16;

/// The mean wait before a request is sent again; it doubles with each attempt.
const WAIT: Duration = Duration::from_millis(25);

/// The same after S3 asked to slow down.
const WAIT_WHEN_THROTTLED: Duration = Duration::from_millis(200);

/// What is counted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Get,
    Head,
    Put,
    Copy,
    Delete,
    List,
}

impl Kind {
    fn is_write(self) -> bool {
        matches!(self, Self::Put | Self::Copy | Self::Delete)
    }
}

/// Requests that were sent for one upload, those that failed among them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requests {
    /// GetObject.
    pub get: u32,
    /// HeadObject.
    pub head: u32,
    /// PutObject.
    pub put: u32,
    /// CopyObject.
    pub copy: u32,
    /// DeleteObject and DeleteObjects.
    pub delete: u32,
    /// ListObjectsV2, of a key that cannot be asked for.
    #[serde(default)]
    pub list: u32,
    /// How many of them repeat one that failed.
    pub retries: u32,
}

impl std::ops::AddAssign for Requests {
    fn add_assign(&mut self, other: Self) {
        let Self { get, head, put, copy, delete, list, retries } = other;
        self.get += get;
        self.head += head;
        self.put += put;
        self.copy += copy;
        self.delete += delete;
        self.list += list;
        self.retries += retries;
    }
}

/// The running count behind [`Requests`].
#[derive(Debug, Default)]
pub(super) struct Traffic {
    sent: [AtomicU32; 6],
    retries: AtomicU32,
    has_unanswered_write: AtomicBool,
}

impl Traffic {
    pub(super) fn has_unanswered_write(&self) -> bool {
        self.has_unanswered_write.load(Ordering::Relaxed)
    }

    pub(super) fn requests(&self) -> Requests {
        let sent = |kind: Kind| self.sent[kind as usize].load(Ordering::Relaxed);
        Requests {
            get: sent(Kind::Get),
            head: sent(Kind::Head),
            put: sent(Kind::Put),
            copy: sent(Kind::Copy),
            delete: sent(Kind::Delete),
            list: sent(Kind::List),
            retries: self.retries.load(Ordering::Relaxed),
        }
    }

    fn take_retry(&self) -> bool {
        let next = |taken: u32| (taken < MAX_RETRIES).then_some(taken + 1);
        self.retries.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).is_ok()
    }
}

impl Store {
    /// Sends a request until it succeeds; one that takes longer than `time` has failed.
    pub(super) async fn attempt<T>(
        &self,
        kind: Kind,
        about: (Phase, &ObjectRef),
        time: Duration,
        mut send: impl AsyncFnMut() -> Result<T, Failure>,
    ) -> Result<T, Fault> {
        let mut attempt = 1;
        loop {
            self.traffic.sent[kind as usize].fetch_add(1, Ordering::Relaxed);
            let sent = timeout(time, send()).await;
            let Failure { fault, may_come_late } = match sent {
                Ok(Ok(value)) => return Ok(value),
                Ok(Err(failure)) => failure,
                Err(_) => Failure { fault: silence(about, time), may_come_late: true },
            };
            if may_come_late && kind.is_write() {
                self.traffic.has_unanswered_write.store(true, Ordering::Relaxed);
            }
            let again = attempt < MAX_ATTEMPTS && fault.kind.may_pass_at_once();
            if !(again && self.traffic.take_retry()) {
                return Err(fault);
            }
            sleep(wait(fault.kind, attempt)).await;
            attempt += 1;
        }
    }

    /// The head of an answer whose body may take longer.
    pub(super) async fn in_time<T>(
        &self,
        about: (Phase, &ObjectRef),
        head: impl Future<Output = T>,
    ) -> Result<T, Fault> {
        timeout(self.timeout, head).await.map_err(|_| silence(about, self.timeout))
    }
}

fn silence((phase, object): (Phase, &ObjectRef), time: Duration) -> Fault {
    let cause = format!("no complete answer of S3 within {} ms", time.as_millis()).into();
    Fault { kind: FaultKind::Io, phase, object: object.clone(), cause }
}

/// The backoff with full jitter: anywhere between nothing and twice the mean, so that requests that
/// failed together are not repeated together.
fn wait(kind: FaultKind, attempt: u32) -> Duration {
    let mean = if kind == FaultKind::Throttle { WAIT_WHEN_THROTTLED } else { WAIT };
    // The standard library seeds every hasher's keys anew; that is random enough here.
    let share = RandomState::new().hash_one(attempt) % 1024;
    mean * 2_u32.pow(attempt) * u32::try_from(share).unwrap_or(0) / 1024
}
