//! Memory for what clients send and receive: reserved before it is used, and free again once the
//! last copy of the bytes is gone, also where a connection holds them for a slow client.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// The unit of a reservation, bytes.
const UNIT: u64 = 1024;

/// So many bytes for all clients together.
#[derive(Debug, Clone)]
pub(crate) struct MemoryPool(Arc<Semaphore>);

/// Bytes that nobody else may use.
#[derive(Debug)]
pub(crate) struct Reserved(OwnedSemaphorePermit);

impl MemoryPool {
    pub(crate) fn new(bytes: u64) -> Self {
        let units = usize::try_from(bytes / UNIT).unwrap_or(Semaphore::MAX_PERMITS);
        Self(Arc::new(Semaphore::new(units.min(Semaphore::MAX_PERMITS))))
    }

    /// Waits for so many bytes; `None` where others still have them after this time.
    pub(crate) async fn reserve(&self, bytes: u64, wait: Duration) -> Option<Reserved> {
        let permits = Arc::clone(&self.0).acquire_many_owned(units(bytes));
        timeout(wait, permits).await.ok()?.ok().map(Reserved)
    }
}

impl Reserved {
    /// These bytes with as much of the reservation as they need. The rest is free at once.
    pub(crate) fn hold(mut self, bytes: Bytes) -> Bytes {
        let needed = units(bytes.len() as u64) as usize;
        let permit = self.0.split(needed.min(self.0.num_permits()));
        Bytes::from_owner(Held { bytes, _permit: permit })
    }
}

struct Held {
    bytes: Bytes,
    _permit: Option<OwnedSemaphorePermit>,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

fn units(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;

    use super::MemoryPool;

    #[tokio::test]
    async fn bytes_are_free_once_their_last_copy_is_gone() {
        let pool = MemoryPool::new(10 << 10);
        let reserve = |bytes| pool.reserve(bytes, Duration::from_millis(1));
        let all = reserve(10 << 10).await.expect("all of it");
        assert!(reserve(1).await.is_none());
        let held = all.hold(Bytes::from(vec![7; 1500]));
        assert!(reserve(9 << 10).await.is_none(), "two units are held");
        let rest = reserve(8 << 10).await.expect("the rest");
        let copy = held.slice(1499..);
        drop((held, rest));
        assert!(reserve(9 << 10).await.is_none(), "a part of it is still there");
        assert_eq!(copy, [7][..]);
        drop(copy);
        assert!(reserve(10 << 10).await.is_some());
    }
}
