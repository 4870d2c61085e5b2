//! The memory of a child process: its peak, and the moment it exceeds its size.
//! In: a process id and a size. Out: mebibytes. Reads /proc and sets RLIMIT_DATA; kills nothing.

use std::fs;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, prlimit};

/// How often a busy process is looked at.
const INTERVAL: Duration = Duration::from_millis(10);

/// Data that a process may map beyond its memory size. Mapped is not used: this only stops what
/// would take the machine down before the next look; what is used is held against the memory size
/// itself.
const MAPPED_EXTRA_BYTES: u64 = 1 << 30;

/// A look at one process's memory, again and again. Copies share what they have seen.
#[derive(Debug, Clone)]
pub(crate) struct MemoryWatch {
    pid: Pid,
    size_kib: u64,
    peak_kib: Arc<AtomicU64>,
}

impl MemoryWatch {
    /// Begins to watch `pid`, and limits the data that it may map.
    ///
    /// # Errors
    /// Where the process is gone already or the limit is refused.
    pub(crate) fn start(pid: Pid, size_mb: u32) -> io::Result<Self> {
        let limit_bytes = (u64::from(size_mb) << 20) + MAPPED_EXTRA_BYTES;
        let limit = Rlimit { current: Some(limit_bytes), maximum: Some(limit_bytes) };
        prlimit(Some(pid), Resource::Data, limit)?;
        Ok(Self { pid, size_kib: u64::from(size_mb) << 10, peak_kib: Arc::default() })
    }

    /// The most that the process has used so far, MB, rounded up.
    pub(crate) fn peak_mb(&self) -> u32 {
        u32::try_from(self.look().div_ceil(1024)).unwrap_or(u32::MAX)
    }

    /// Returns when the process has used more than its memory size.
    pub(crate) async fn exceeded(&self) {
        let mut ticks = tokio::time::interval(INTERVAL);
        loop {
            ticks.tick().await;
            if self.look() > self.size_kib {
                return;
            }
        }
    }

    /// The peak so far, KiB.
    fn look(&self) -> u64 {
        let path = format!("/proc/{}/status", self.pid.as_raw_pid());
        // A process that has ended has no memory lines; the last figure then stays.
        let status = fs::read_to_string(path).unwrap_or_default();
        let used_kib = status_kib(&status, "VmHWM:").max(status_kib(&status, "VmRSS:"));
        used_kib.max(self.peak_kib.fetch_max(used_kib, Ordering::Relaxed))
    }
}

/// A figure of /proc/PID/status in KiB; 0 where it is missing.
fn status_kib(status: &str, key: &str) -> u64 {
    status
        .lines()
        .find_map(|line| line.strip_prefix(key))
        .and_then(|rest| rest.split_whitespace().next())
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}
