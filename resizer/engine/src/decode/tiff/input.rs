//! The compressed bytes of a chunk: one by one or bit by bit, from the end of each byte that the
//! file's fill order names first.

use super::Flaw;

/// Bytes that are taken in turn, each turned over where its lowest bit comes first.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Input<'a> {
    rest: &'a [u8],
    has_reversed_bits: bool,
}

impl<'a> Input<'a> {
    pub(super) fn new(bytes: &'a [u8], has_reversed_bits: bool) -> Self {
        Self { rest: bytes, has_reversed_bits }
    }

    /// The bytes that are left, as the file has them.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(super) fn skip(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }

    pub(super) fn has_reversed_bits(&self) -> bool {
        self.has_reversed_bits
    }

    /// The byte at a distance, which stays.
    pub(super) fn peek(&self, distance: usize) -> Option<u8> {
        let byte = *self.rest.get(distance)?;
        Some(if self.has_reversed_bits { byte.reverse_bits() } else { byte })
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let byte = self.peek(0)?;
        self.rest = &self.rest[1..];
        Some(byte)
    }

    /// Fills `out` with the next bytes, as far as there are any.
    pub(super) fn fill(&mut self, out: &mut [u8]) -> Result<(), Flaw> {
        let count = out.len().min(self.rest.len());
        let (bytes, rest) = self.rest.split_at(count);
        out[..count].copy_from_slice(bytes);
        if self.has_reversed_bits {
            out[..count].iter_mut().for_each(|byte| *byte = byte.reverse_bits());
        }
        self.rest = rest;
        if count < out.len() { Err(Flaw::Ended) } else { Ok(()) }
    }
}

/// Bits in the order of codes, the highest bit of each byte first.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bits<'a> {
    input: Input<'a>,
    /// The next bits, in the lowest `count` bits.
    window: u64,
    count: u32,
    /// Bits taken so far.
    taken: u64,
}

impl<'a> Bits<'a> {
    pub(super) fn new(input: Input<'a>) -> Self {
        Self { input, ..Self::default() }
    }

    /// The next bits, up to 32, with zeros behind the last one.
    pub(super) fn peek(&mut self, bits: u32) -> u32 {
        while self.count < bits {
            let Some(byte) = self.input.byte() else {
                let missing = bits - self.count;
                return (self.window << missing) as u32 & mask(bits);
            };
            self.window = self.window << 8 | u64::from(byte);
            self.count += 8;
        }
        (self.window >> (self.count - bits)) as u32 & mask(bits)
    }

    /// Takes bits that were peeked at.
    ///
    /// # Errors
    /// `Ended` where there are not so many.
    pub(super) fn take(&mut self, bits: u32) -> Result<(), Flaw> {
        self.count = self.count.checked_sub(bits).ok_or(Flaw::Ended)?;
        self.taken += u64::from(bits);
        Ok(())
    }

    /// Whether there is no bit left.
    pub(super) fn is_at_end(&mut self) -> bool {
        self.peek(1);
        self.count == 0
    }

    /// Goes on at the next multiple of so many bits.
    pub(super) fn align(&mut self, bits: u32) -> Result<(), Flaw> {
        let over = (self.taken % u64::from(bits)) as u32;
        if over == 0 {
            return Ok(());
        }
        self.peek(bits - over);
        // The last row may lack what fills it up.
        let rest = (bits - over).min(self.count);
        self.take(rest)
    }
}

fn mask(bits: u32) -> u32 {
    if bits == 32 { u32::MAX } else { (1 << bits) - 1 }
}
