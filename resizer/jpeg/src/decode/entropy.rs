//! The entropy-coded data of a restart interval in a window that moves over them, and the bits of
//! it.

use std::io::BufRead;

use super::input::{End, Input};
use crate::error::DecodeError;
use crate::marker::Flaw;
use crate::marker_search::STEP;

/// The size of the window, a power of 2: small enough for the second-level cache beside the planes
/// of a band.
const CAPACITY: usize = 64 << 10;

/// More bytes than a batch of blocks can take: 12 blocks of 64 symbols of 16 and 15 bits.
pub(crate) const BATCH_BYTES: usize = 12 * 64 * 31 / 8 + 8;

/// Zeros after the last byte, so that the last codes can be read in whole words.
const PADDING: usize = 16;

/// A buffer of constant size, so that a masked index needs no bounds check.
pub(crate) type Bytes = [u8; CAPACITY + PADDING];

/// Eight bytes in big-endian order.
#[inline(always)]
pub(crate) fn load(bytes: &Bytes, index: usize) -> u64 {
    let from = index & (CAPACITY - 1);
    let eight = bytes[from..from + 8].first_chunk().expect("the range is of 8");
    u64::from_be_bytes(*eight)
}

/// The bit reader. It lives in registers while blocks are decoded.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bits {
    /// The next bits, left-aligned.
    pub(crate) window: u64,
    /// The number of bits that are counted as read.
    pub(crate) count: u32,
    /// The index of the byte after those.
    pub(crate) next: usize,
}

impl Bits {
    /// Reads on, so that at least 56 bits are counted. The window then holds all 64, so a code may
    /// be looked up from bits that are not counted yet. After the last byte they mean nothing.
    #[inline(always)]
    pub(crate) fn refill(&mut self, bytes: &Bytes) {
        self.window |= load(bytes, self.next) >> (self.count & 63);
        self.next += ((63 - self.count) >> 3) as usize;
        self.count |= 56;
    }

    /// A reader at a bit position.
    #[inline(always)]
    pub(crate) fn at(bytes: &Bytes, position: usize) -> Self {
        let mut bits = Self { window: 0, count: 0, next: position / 8 };
        bits.refill(bytes);
        bits.consume((position % 8) as u32);
        bits
    }

    #[inline(always)]
    pub(crate) fn consume(&mut self, bits: u32) {
        self.window <<= bits & 63;
        self.count = self.count.wrapping_sub(bits);
    }

    /// The number of bits taken since the start of the bytes.
    pub(crate) fn position(self) -> usize {
        (self.next * 8).wrapping_sub(self.count as usize)
    }
}

/// Invalid codes, or more of them than data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Broken;

/// The bytes of a restart interval, as far as they are read.
#[derive(Debug)]
pub(crate) struct Entropy {
    bytes: Box<Bytes>,
    length: usize,
    end: Option<End>,
    pub(crate) bits: Bits,
}

impl Entropy {
    pub(crate) fn new() -> Self {
        let bytes = Box::new([0; CAPACITY + PADDING]);
        Self { bytes, length: 0, end: None, bits: Bits::default() }
    }

    /// Drops what is left and starts again at the next byte of the input.
    pub(crate) fn restart(&mut self) {
        self.length = 0;
        self.end = None;
        self.bits = Bits::default();
    }

    pub(crate) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The bound of `Bits::next` below which a batch may start without running out of bytes, other
    /// than by a fault of the file.
    pub(crate) fn safe_next(&self) -> usize {
        match self.end {
            // Zeros stand for missing bytes up to here.
            Some(_) => self.length + 8,
            None => self.length.saturating_sub(BATCH_BYTES),
        }
    }

    /// The same bound, but always before the end of the interval.
    pub(crate) fn ample_next(&self) -> usize {
        self.safe_next().min(self.length.saturating_sub(PADDING))
    }

    pub(crate) fn length(&self) -> usize {
        self.length
    }

    /// The bit after the last one, where the end of the interval is known.
    pub(crate) fn end_position(&self) -> usize {
        if self.end.is_some() { self.length * 8 } else { usize::MAX }
    }
}

/// The data of a scan as they are read.
#[derive(Debug)]
pub(crate) struct ScanData<R> {
    pub(crate) input: Input<R>,
    pub(crate) entropy: Entropy,
}

impl<R: BufRead> ScanData<R> {
    pub(crate) fn new(input: Input<R>) -> Self {
        Self { input, entropy: Entropy::new() }
    }

    /// Reads more data if a batch could run out of bytes. Data that were not taken yet are kept.
    pub(crate) fn make_ready(&mut self) -> Result<(), DecodeError> {
        let Self { input, entropy } = self;
        if entropy.end.is_some() || entropy.bits.next < entropy.safe_next() {
            return Ok(());
        }
        // From the byte of the next bit on, though the window already holds some of these bytes.
        let taken = (entropy.bits.position() / 8).min(entropy.length);
        entropy.bytes.copy_within(taken..entropy.length, 0);
        entropy.length -= taken;
        entropy.bits.next -= taken;
        let (count, end) = input.entropy_coded(&mut entropy.bytes[entropy.length..CAPACITY])?;
        entropy.length += count;
        entropy.end = end;
        // Copying in steps leaves other bytes after the last one, which depend on the pieces of the
        // input.
        let padded = (entropy.length + PADDING + STEP).min(entropy.bytes.len());
        entropy.bytes[entropy.length..padded].fill(0);
        Ok(())
    }

    /// Turns broken data into an error with its offset.
    pub(crate) fn check(&self, decoded: Result<(), Broken>) -> Result<(), DecodeError> {
        let entropy = &self.entropy;
        let offset = self.input.offset;
        let overdrawn = entropy.bits.position() > entropy.end_position();
        if decoded.is_ok() && !overdrawn {
            return Ok(());
        }
        let left = (entropy.length as u64).saturating_sub(entropy.bits.position() as u64 / 8);
        Err(match entropy.end {
            Some(End::Input) if left < 4 => DecodeError::Truncated { offset },
            Some(End::Marker(_)) if left < 4 => {
                Flaw("scan data that end before their last block").at(offset)
            }
            _ => Flaw("broken codes in the scan data").at(offset - left.min(offset)),
        })
    }

    /// Skips the rest of the interval and returns what follows it.
    pub(crate) fn finish(&mut self) -> Result<End, DecodeError> {
        let end = match self.entropy.end {
            Some(end) => end,
            None => self.input.next_marker().map(End::Marker)?,
        };
        self.entropy.end = Some(end);
        Ok(end)
    }

    /// Reads the next marker; `End::Input` after the last one.
    pub(crate) fn pass_marker(&mut self) -> Result<End, DecodeError> {
        let end = match self.input.next_marker() {
            Ok(marker) => End::Marker(marker),
            Err(DecodeError::Truncated { .. }) => End::Input,
            Err(error) => return Err(error),
        };
        self.entropy.end = Some(end);
        Ok(end)
    }
}
