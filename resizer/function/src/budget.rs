//! What the uploads of one process share: memory and processors. An upload holds room for all that
//! it will need at its peak before it reads a body, so that several at once fit as one does.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Uploads under way for each processor: one is made, another one's bytes travel.
const UPLOADS_PER_PROCESSOR: usize = 2;

const MEBIBYTE: u64 = 1 << 20;

/// Memory and processors, made once per process.
#[derive(Debug)]
pub struct Budget {
    memory: Arc<Semaphore>,
    total_mib: u32,
    engines: Arc<Semaphore>,
    processors: usize,
}

/// What each of the uploads of an event may have to begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Uploads at the same time.
    pub uploads: usize,
    /// Threads of the engine for each.
    pub threads: usize,
    room_mib: u32,
}

/// Reserved memory; free again when it is dropped.
#[derive(Debug)]
pub struct Room(OwnedSemaphorePermit);

/// The right to let the engine work on some threads.
pub type Turn = OwnedSemaphorePermit;

impl Budget {
    /// So many bytes for all uploads together, and so many threads for all engines.
    pub fn new(memory_bytes: u64, processors: usize) -> Self {
        let mebibytes = (memory_bytes / MEBIBYTE).clamp(1, Semaphore::MAX_PERMITS as u64);
        let total_mib = u32::try_from(mebibytes).unwrap_or(u32::MAX);
        let processors = processors.max(1);
        Self {
            memory: Arc::new(Semaphore::new(total_mib as usize)),
            total_mib,
            engines: Arc::new(Semaphore::new(processors)),
            processors,
        }
    }

    /// An upload that is alone has everything; several at once have equal parts.
    pub fn share(&self, uploads: usize) -> Share {
        let uploads = uploads.clamp(1, self.processors * UPLOADS_PER_PROCESSOR);
        let parts = u32::try_from(uploads).unwrap_or(u32::MAX);
        Share {
            uploads,
            threads: (self.processors / uploads).max(1),
            room_mib: (self.total_mib / parts).max(1),
        }
    }

    /// Waits for the memory of a share.
    pub async fn room(&self, share: Share) -> Room {
        Room(acquire(&self.memory, share.room_mib).await)
    }

    /// Enlarges a room to these bytes, or to all there are; gives it back where others hold what
    /// is missing.
    ///
    /// # Errors
    /// The room as it was.
    pub fn widen(&self, mut room: Room, bytes: u64) -> Result<Room, Room> {
        let needed = bytes.div_ceil(MEBIBYTE).min(u64::from(self.total_mib));
        let missing = needed.saturating_sub(room.0.num_permits() as u64);
        let missing = u32::try_from(missing).unwrap_or(u32::MAX);
        match Arc::clone(&self.memory).try_acquire_many_owned(missing) {
            Ok(more) => {
                room.0.merge(more);
                Ok(room)
            }
            Err(_) => Err(room),
        }
    }

    /// Waits for all memory. Whoever waits holds none, so that nobody waits for ever.
    pub async fn all(&self) -> Room {
        Room(acquire(&self.memory, self.total_mib).await)
    }

    /// Waits until so many threads are free.
    pub async fn turn(&self, share: Share) -> Turn {
        acquire(&self.engines, u32::try_from(share.threads).unwrap_or(u32::MAX)).await
    }

    /// Whether a room is all that there is.
    pub fn is_all(&self, room: &Room) -> bool {
        room.0.num_permits() >= self.total_mib as usize
    }
}

impl Room {
    /// How much may be taken.
    pub fn bytes(&self) -> u64 {
        self.0.num_permits() as u64 * MEBIBYTE
    }
}

async fn acquire(semaphore: &Arc<Semaphore>, permits: u32) -> OwnedSemaphorePermit {
    let acquired = Arc::clone(semaphore).acquire_many_owned(permits).await;
    acquired.expect("the semaphore is never closed")
}

#[cfg(test)]
mod tests {
    use super::{Budget, MEBIBYTE};

    #[tokio::test]
    async fn rooms_never_add_up_to_more_than_there_is() {
        let budget = Budget::new(100 * MEBIBYTE, 1);
        let alone = budget.share(1);
        assert_eq!((alone.uploads, alone.threads), (1, 1));
        let share = budget.share(10);
        assert_eq!(share.uploads, 2, "one is made, the other one's bytes travel");
        let first = budget.room(share).await;
        assert_eq!(first.bytes(), 50 * MEBIBYTE);
        let first = budget.widen(first, 70 * MEBIBYTE).expect("nobody else is there");
        assert_eq!(first.bytes(), 70 * MEBIBYTE);
        let waiting = budget.room(share);
        let late = tokio::time::timeout(std::time::Duration::from_millis(10), waiting).await;
        assert!(late.is_err(), "30 of 50 are left");
        drop(first);
        let second = budget.room(share).await;
        let third = budget.room(share).await;
        let second = budget.widen(second, 51 * MEBIBYTE).expect_err("the third has the rest");
        drop(third);
        let second = budget.widen(second, 500 * MEBIBYTE).expect("all there are");
        assert!(budget.is_all(&second));
    }

    #[test]
    fn processors_are_shared_out() {
        let budget = Budget::new(MEBIBYTE, 4);
        let threads = [1, 2, 3, 4, 10].map(|uploads| budget.share(uploads).threads);
        assert_eq!(threads, [4, 2, 1, 1, 1]);
    }
}
