//! How much memory and how many processors a process has, and how its uploads share them. An upload
//! reserves a share of the memory before its GET, and all that it needs at its peak before it is
//! decoded, so that several at once fit as one does.

use std::num::NonZero;
use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Uploads under way for each processor: one is rendered while another one is fetched.
const UPLOADS_PER_PROCESSOR: usize = 2;

const MEBIBYTE: u64 = 1 << 20;

/// Memory that the process takes before any picture, measured at 17 MiB and given some room: there
/// is more of the binary in memory once every decoder was needed.
const BASE_MEMORY_BYTES: u64 = 30 * MEBIBYTE;

/// Memory for which Lambda gives the time of one processor, as its documentation says.
const MEBIBYTES_PER_PROCESSOR: f64 = 1769.0;

/// What a process may use of its machine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Capacity {
    /// Bytes for uploads: what the process itself takes is subtracted. None where nobody knows.
    pub memory_bytes: Option<u64>,
    /// Threads of the engine, one per processor.
    pub threads: usize,
    /// The part of one processor's time that the process gets, 1 for a whole one or more.
    pub processor_share: f64,
}

/// Memory and processors, made once per process.
#[derive(Debug)]
pub struct Budget {
    memory: Arc<Semaphore>,
    total_mib: u32,
    processors: Arc<Semaphore>,
    processor_count: usize,
}

/// What each of the uploads of an event may have to begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Uploads at the same time.
    pub uploads: usize,
    /// Threads of the engine for each.
    pub threads: usize,
    memory_mib: u32,
}

/// Reserved memory, in steps of a MiB; free again when it is dropped.
#[derive(Debug)]
pub struct Memory {
    permit: OwnedSemaphorePermit,
    pool: Arc<Semaphore>,
    total_mib: u32,
}

/// The right to let the engine work on the threads of a share; free again when it is dropped.
pub type Processors = OwnedSemaphorePermit;

impl Capacity {
    /// Of a process with this memory and so many processors. Where their number is None, it follows
    /// from the memory: Lambda shows two processors to every function but gives time by memory.
    pub fn of(memory_mib: Option<u64>, processors: Option<f64>) -> Self {
        let of_memory = |mebibytes: u64| mebibytes as f64 / MEBIBYTES_PER_PROCESSOR;
        let processors = processors.or(memory_mib.map(of_memory));
        let seen = std::thread::available_parallelism().map_or(1, NonZero::get);
        let paid = processors.map_or(usize::MAX, |processors| processors.ceil() as usize);
        Self {
            memory_bytes: memory_mib.map(|mebibytes| {
                mebibytes.saturating_mul(MEBIBYTE).saturating_sub(BASE_MEMORY_BYTES)
            }),
            threads: seen.min(paid).max(1),
            processor_share: processors.unwrap_or(1.0).min(1.0),
        }
    }
}

impl Budget {
    /// So many bytes for all uploads together, and so many threads for all engines.
    pub fn new(memory_bytes: u64, processor_count: usize) -> Self {
        let mebibytes = (memory_bytes / MEBIBYTE).clamp(1, Semaphore::MAX_PERMITS as u64);
        let total_mib = u32::try_from(mebibytes).unwrap_or(u32::MAX);
        let processor_count = processor_count.max(1);
        Self {
            memory: Arc::new(Semaphore::new(total_mib as usize)),
            total_mib,
            processors: Arc::new(Semaphore::new(processor_count)),
            processor_count,
        }
    }

    /// An upload that is alone has everything; several at once have equal parts.
    pub fn share(&self, uploads: usize) -> Share {
        let uploads = uploads.clamp(1, self.processor_count * UPLOADS_PER_PROCESSOR);
        let parts = u32::try_from(uploads).unwrap_or(u32::MAX);
        Share {
            uploads,
            threads: (self.processor_count / uploads).max(1),
            memory_mib: (self.total_mib / parts).max(1),
        }
    }

    /// Waits for the memory of a share.
    pub async fn memory(&self, share: Share) -> Memory {
        self.reserve(share.memory_mib).await
    }

    /// Waits for all memory. An upload that waits must hold none, so that none waits for ever.
    pub async fn all_memory(&self) -> Memory {
        self.reserve(self.total_mib).await
    }

    async fn reserve(&self, mebibytes: u32) -> Memory {
        let permit = acquire(&self.memory, mebibytes).await;
        Memory { permit, pool: Arc::clone(&self.memory), total_mib: self.total_mib }
    }

    /// Waits until the threads of a share are free.
    pub async fn processors(&self, share: Share) -> Processors {
        let threads = u32::try_from(share.threads).unwrap_or(u32::MAX);
        acquire(&self.processors, threads).await
    }
}

impl Memory {
    /// How much may be taken.
    pub fn bytes(&self) -> u64 {
        self.permit.num_permits() as u64 * MEBIBYTE
    }

    /// Whether it is all that there is.
    pub fn is_all(&self) -> bool {
        self.permit.num_permits() >= self.total_mib as usize
    }

    /// Grows to so many bytes, or to all that there are, without a wait; false where other uploads
    /// hold what is missing, which they never do to one that has all.
    #[must_use]
    pub fn grow_to(&mut self, bytes: u64) -> bool {
        let needed = bytes.div_ceil(MEBIBYTE).min(u64::from(self.total_mib));
        let missing = needed.saturating_sub(self.permit.num_permits() as u64);
        let missing = u32::try_from(missing).unwrap_or(u32::MAX);
        match Arc::clone(&self.pool).try_acquire_many_owned(missing) {
            Ok(more) => {
                self.permit.merge(more);
                true
            }
            Err(_) => false,
        }
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
    async fn reservations_never_add_up_to_more_than_there_is() {
        let budget = Budget::new(100 * MEBIBYTE, 1);
        let alone = budget.share(1);
        assert_eq!((alone.uploads, alone.threads), (1, 1));
        let share = budget.share(10);
        assert_eq!(share.uploads, 2, "one is rendered while the other one is fetched");
        let mut first = budget.memory(share).await;
        assert_eq!(first.bytes(), 50 * MEBIBYTE);
        assert!(first.grow_to(70 * MEBIBYTE), "nobody else is there");
        assert_eq!(first.bytes(), 70 * MEBIBYTE);
        let waiting = budget.memory(share);
        let late = tokio::time::timeout(std::time::Duration::from_millis(10), waiting).await;
        assert!(late.is_err(), "30 of 50 are left");
        drop(first);
        let mut second = budget.memory(share).await;
        let third = budget.memory(share).await;
        assert!(!second.grow_to(51 * MEBIBYTE), "the third has the rest");
        assert_eq!(second.bytes(), 50 * MEBIBYTE);
        drop(third);
        assert!(second.grow_to(500 * MEBIBYTE), "all there are");
        assert!(second.is_all());
        assert!(second.grow_to(500 * MEBIBYTE), "and there is nothing to wait for");
    }

    #[test]
    fn processors_are_shared_out() {
        let budget = Budget::new(MEBIBYTE, 4);
        let threads = [1, 2, 3, 4, 10].map(|uploads| budget.share(uploads).threads);
        assert_eq!(threads, [4, 2, 1, 1, 1]);
    }
}
