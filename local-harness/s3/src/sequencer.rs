//! Numbers that only grow, also across restarts and under a clock that is set back.
//! They order the events of a key and name scratch files and uploads.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use time::OffsetDateTime;

use super::files::{read_json, write_json};

/// How many numbers one write to the disk reserves.
const BLOCK: u64 = 1 << 20;

/// Hands out growing numbers.
#[derive(Debug)]
pub(crate) struct Sequencer {
    path: PathBuf,
    scratch_path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    next: u64,
    /// Everything below is reserved on the disk and may be handed out.
    reserved: u64,
}

impl Sequencer {
    /// Goes on above every number handed out before; the first start begins at the time of day,
    /// so that a data directory that was thrown away does not repeat its numbers either.
    /// `scratch` is a directory that is swept at every start.
    pub(crate) fn open(directory: &Path, scratch: &Path) -> io::Result<Self> {
        let path = directory.join("sequencer.json");
        let next = match read_json::<u64>(&path) {
            Ok(reserved) => reserved,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                u64::try_from(OffsetDateTime::now_utc().unix_timestamp_nanos()).unwrap_or_default()
            }
            Err(error) => return Err(error),
        };
        let state = Mutex::new(State { next, reserved: next });
        Ok(Self { path, scratch_path: scratch.join("sequencer"), state })
    }

    /// The next number.
    pub(crate) fn next(&self) -> io::Result<u64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.next == state.reserved {
            let reserved = state.next + BLOCK;
            write_json(&self.path, self.scratch_path.clone(), &reserved)?;
            state.reserved = reserved;
        }
        state.next += 1;
        Ok(state.next - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::Sequencer;

    #[test]
    fn numbers_grow_across_restarts() {
        let directory = tempfile::tempdir().unwrap();
        let mut last = 0;
        for _ in 0..3 {
            let sequencer = Sequencer::open(directory.path(), directory.path()).unwrap();
            for _ in 0..5 {
                let next = sequencer.next().unwrap();
                assert!(next > last);
                last = next;
            }
        }
    }
}
