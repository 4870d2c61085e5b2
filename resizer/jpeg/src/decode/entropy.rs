//! The data of one restart interval as a window that moves over it, and the bits within.

use std::io::BufRead;

use super::input::{End, Input};
use crate::error::Error;
use crate::marker::Flaw;

/// Bytes held at a time: small enough for the second-level cache, beside the planes of a band.
const CAPACITY: usize = 32 << 10;

/// More than one batch of blocks can take: 12 blocks of 64 symbols of 16 and 15 bits.
pub(crate) const BATCH_BYTES: usize = 12 * 64 * 31 / 8 + 8;

/// Zeros behind the last byte, so that the last codes can be read in whole words.
const PADDING: usize = 16;

/// Where the next bits come from. Lives in registers while blocks are decoded.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bits {
    /// The next bits, the first one uppermost.
    pub(crate) window: u64,
    /// How many of them are counted as read from the bytes.
    pub(crate) count: u32,
    /// Index of the byte behind those.
    pub(crate) next: usize,
}

impl Bits {
    /// At least 56 bits are there afterwards; false where the data are over.
    #[inline(always)]
    #[must_use]
    pub(crate) fn refill(&mut self, bytes: &[u8]) -> bool {
        let Some(chunk) = bytes.get(self.next..).and_then(<[u8]>::first_chunk) else {
            return false;
        };
        self.window |= u64::from_be_bytes(*chunk) >> (self.count & 63);
        self.next += ((63 - self.count) >> 3) as usize;
        self.count |= 56;
        true
    }

    #[inline(always)]
    pub(crate) fn consume(&mut self, bits: u32) {
        self.window <<= bits & 63;
        self.count = self.count.wrapping_sub(bits & 63);
    }

    /// Bits taken since the start of the bytes.
    pub(crate) fn position(self) -> usize {
        (self.next * 8).wrapping_sub(self.count as usize)
    }
}

/// The bytes of an interval, as far as they are there.
#[derive(Debug)]
pub(crate) struct Entropy {
    bytes: Box<[u8]>,
    length: usize,
    end: Option<End>,
    pub(crate) bits: Bits,
}

impl Entropy {
    pub(crate) fn new() -> Self {
        let bytes = vec![0; CAPACITY + PADDING].into_boxed_slice();
        Self { bytes, length: 0, end: None, bits: Bits::default() }
    }

    /// Forgets what is left and starts at the input's next byte.
    pub(crate) fn restart(&mut self) {
        self.length = 0;
        self.end = None;
        self.bits = Bits::default();
    }

    /// Reads on, keeping what was not taken yet.
    pub(crate) fn fill<R: BufRead>(&mut self, input: &mut Input<R>) -> Result<(), Error> {
        if self.end.is_some() {
            return Ok(());
        }
        // The bits of the window stay: they are in it and never read again.
        let kept = self.bits.next.min(self.length)..self.length;
        self.length = kept.len();
        self.bytes.copy_within(kept, 0);
        self.bits.next = 0;
        let (count, end) = input.entropy_coded(&mut self.bytes[self.length..CAPACITY])?;
        self.length += count;
        self.end = end;
        self.bytes[self.length..self.length + PADDING].fill(0);
        Ok(())
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length + PADDING]
    }

    /// Up to which `Bits::next` a batch may start without running out of bytes by no fault of
    /// the file.
    pub(crate) fn safe_next(&self) -> usize {
        match self.end {
            Some(_) => usize::MAX,
            None => self.length.saturating_sub(BATCH_BYTES),
        }
    }

    /// Whether more bytes should be read before a batch.
    pub(crate) fn is_short(&self) -> bool {
        self.bits.next >= self.safe_next()
    }

    /// What to say of data that are broken or over.
    pub(crate) fn failure<R: BufRead>(&self, input: &Input<R>) -> Error {
        let offset = input.offset;
        let left = (self.length as u64).saturating_sub(self.bits.position() as u64 / 8);
        match self.end {
            Some(End::Input) if left < 4 => Error::Truncated { offset },
            Some(End::Marker(_)) if left < 4 => {
                Flaw("scan data that end before their last block").at(offset)
            }
            _ => Flaw("broken codes in the scan data").at(offset - left.min(offset)),
        }
    }

    /// Whether more bits were taken than there are.
    pub(crate) fn is_overdrawn(&self) -> bool {
        self.end.is_some() && self.bits.position() as isize > (self.length * 8) as isize
    }

    /// What follows the interval; bytes that were left over are passed over.
    pub(crate) fn finish<R: BufRead>(&mut self, input: &mut Input<R>) -> Result<End, Error> {
        match self.end {
            Some(end) => Ok(end),
            None => input.next_marker().map(End::Marker),
        }
    }
}
