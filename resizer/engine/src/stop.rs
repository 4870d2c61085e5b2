//! `Stop`: a flag by which another thread ends a rendering, and a reader that heeds it, so that
//! libraries end which read while they decode.

use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Reject, RenderError};

/// How much of a source is handed out before the flag is read again.
const PIECE_BYTES: usize = 1 << 16;

/// Ends a rendering early; clones are the same flag.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks the rendering to end. It does so at its next band, tile, frame or file, with
    /// [`RenderError::Stopped`].
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the rendering was asked to end.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// # Errors
    /// `Stopped` once the flag is set.
    pub(crate) fn check(&self) -> Result<(), RenderError> {
        if self.is_set() { Err(RenderError::Stopped) } else { Ok(()) }
    }

    /// What to make of a library's refusal: nothing it says counts once the flag is set, for it may
    /// have been the flag that it met.
    pub(crate) fn judge(&self, reject: Reject) -> RenderError {
        if self.is_set() { RenderError::Stopped } else { RenderError::Rejected(reject) }
    }
}

/// A source in memory whose bytes cannot be read any more once the flag is set.
#[derive(Debug, Clone)]
pub(crate) struct StopReader<'a> {
    source: &'a [u8],
    position: usize,
    stop: Stop,
}

impl<'a> StopReader<'a> {
    pub(crate) fn new(source: &'a [u8], stop: &Stop) -> Self {
        Self { source, position: 0, stop: stop.clone() }
    }
}

impl BufRead for StopReader<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.stop.is_set() {
            return Err(io::Error::other("stopped"));
        }
        let rest = self.source.get(self.position..).unwrap_or_default();
        Ok(&rest[..rest.len().min(PIECE_BYTES)])
    }

    fn consume(&mut self, count: usize) {
        self.position += count;
    }
}

impl Read for StopReader<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}

impl Seek for StopReader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (from, by) = match to {
            SeekFrom::Start(to) => (to, 0),
            SeekFrom::Current(by) => (self.position as u64, by),
            SeekFrom::End(by) => (self.source.len() as u64, by),
        };
        let position = from.checked_add_signed(by).and_then(|to| usize::try_from(to).ok());
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position as u64)
    }
}
