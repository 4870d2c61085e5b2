//! The range coder: symbols with adaptive probabilities to bytes. It is the inverse of the symbol
//! decoder in section "Parsing process for CDF encoded syntax elements" of the AV1 specification.

use crate::cdf::{Cdf, adapt};

/// The number of pending bits at which 16 of them become bytes. At least 16 bits always stay
/// pending, so that a later carry into the bytes is never more than 1.
const FLUSH_AT: u32 = 32;

/// Writes symbols. The first bit of the output is the highest bit of `low` at the start.
#[derive(Debug)]
pub(crate) struct RangeCoder {
    /// The lower end of the interval, with 15 + `pending` bits and a carry.
    low: u64,
    /// The length of the interval, 32,768 to 65,535.
    range: u32,
    pending: u32,
    bytes: Vec<u8>,
}

impl RangeCoder {
    pub(crate) fn new() -> Self {
        Self { low: 0, range: 1 << 15, pending: 0, bytes: Vec::new() }
    }

    /// Writes a symbol and adapts its probabilities.
    #[inline]
    pub(crate) fn symbol<const LENGTH: usize>(&mut self, cdf: &mut Cdf<LENGTH>, symbol: usize) {
        debug_assert!(symbol < LENGTH - 1);
        let before = if symbol == 0 { 0 } else { cdf[symbol - 1] };
        let after = (LENGTH - 2 - symbol) as u32;
        self.narrow(u32::from(before), u32::from(cdf[symbol]), after);
        adapt(cdf, symbol);
    }

    /// Writes one of the symbols of a distribution without its count, and does not adapt it.
    #[inline]
    pub(crate) fn symbol_of(&mut self, cdf: &[u16], symbol: usize) {
        let before = if symbol == 0 { 0 } else { cdf[symbol - 1] };
        self.narrow(u32::from(before), u32::from(cdf[symbol]), (cdf.len() - 1 - symbol) as u32);
    }

    /// Writes a flag that is false with a probability of `probability` / 32,768.
    pub(crate) fn flag(&mut self, probability: u32, flag: bool) {
        if flag {
            self.narrow(probability, 1 << 15, 0);
        } else {
            self.narrow(0, probability, 1);
        }
    }

    /// Writes the lowest `count` bits of a value, the highest of them first.
    pub(crate) fn bits(&mut self, value: u32, count: u32) {
        for bit in (0..count).rev() {
            self.flag(1 << 14, value >> bit & 1 != 0);
        }
    }

    /// Narrows the interval to the part from `before` to `until`, in 1/32,768, of a symbol that
    /// `after` symbols follow.
    #[inline]
    fn narrow(&mut self, before: u32, until: u32, after: u32) {
        let scale = self.range >> 8;
        let end = |cumulative: u32, after: u32| {
            ((scale * (((1 << 15) - cumulative) >> 6)) >> 1) + 4 * after
        };
        let start = if before == 0 { self.range } else { end(before, after + 1) };
        self.low += u64::from(self.range - start);
        self.range = start - end(until, after);
        let shift = self.range.leading_zeros() - 16;
        self.range <<= shift;
        self.low <<= shift;
        self.pending += shift;
        if self.pending >= FLUSH_AT {
            self.flush();
        }
    }

    #[inline(never)]
    fn flush(&mut self) {
        let shift = 15 + self.pending - 16;
        let value = self.low >> shift;
        self.low &= (1 << shift) - 1;
        self.pending -= 16;
        if value >> 16 != 0 {
            self.carry();
        }
        self.bytes.extend_from_slice(&(value as u16).to_be_bytes());
    }

    /// Adds 1 to the bytes so far.
    fn carry(&mut self) {
        for byte in self.bytes.iter_mut().rev() {
            let (sum, overflow) = byte.overflowing_add(1);
            *byte = sum;
            if !overflow {
                break;
            }
        }
    }

    /// The bytes of all symbols, and the bit 1 with zeros after it that the specification demands.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let end = ((self.low + 0x3fff) & !0x3fff) | 0x4000;
        let count = self.pending + 1;
        let mut value = end >> 14;
        if value >> count != 0 {
            self.carry();
            value &= (1 << count) - 1;
        }
        value <<= 64 - count;
        let bytes = count.div_ceil(8) as usize;
        self.bytes.extend_from_slice(&value.to_be_bytes()[..bytes]);
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::RangeCoder;
    use crate::cdf::{Cdf, adapt, distribution};

    /// The symbol decoder, as the specification describes it.
    struct Decoder<'a> {
        bytes: &'a [u8],
        position: usize,
        value: u32,
        range: u32,
    }

    impl<'a> Decoder<'a> {
        fn new(bytes: &'a [u8]) -> Self {
            let mut decoder = Self { bytes, position: 0, value: 0, range: 1 << 15 };
            let first = (0..15).fold(0, |value, _| value << 1 | decoder.bit());
            decoder.value = ((1 << 15) - 1) ^ first;
            decoder
        }

        fn bit(&mut self) -> u32 {
            let byte = self.bytes.get(self.position / 8).copied().unwrap_or(0);
            let bit = byte >> (7 - self.position % 8) & 1;
            self.position += 1;
            u32::from(bit)
        }

        fn symbol<const LENGTH: usize>(&mut self, cdf: &mut Cdf<LENGTH>) -> usize {
            let count = LENGTH - 1;
            let (mut current, mut symbol) = (self.range, 0);
            let previous = loop {
                let previous = current;
                let inverse = (1 << 15) - u32::from(cdf[symbol]);
                current =
                    (((self.range >> 8) * (inverse >> 6)) >> 1) + 4 * (count - symbol - 1) as u32;
                if self.value >= current {
                    break previous;
                }
                symbol += 1;
            };
            self.range = previous - current;
            self.value -= current;
            let bits = 15 - self.range.ilog2();
            self.range <<= bits;
            for _ in 0..bits {
                self.value = (self.value << 1) + 1 - self.bit();
            }
            adapt(cdf, symbol);
            symbol
        }
    }

    #[test]
    fn what_is_written_is_read() {
        for seed in 0..40u32 {
            let mut state = seed * 77 + 1;
            let mut random = |below: u32| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 16) % below
            };
            let symbols: Vec<(u32, usize)> = (0..(seed as usize + 1) * 97)
                .map(|_| match random(4) {
                    0 => (0, usize::from(random(50) == 0)),
                    1 => (1, random(4) as usize),
                    2 => (2, (random(13) * random(13) / 13) as usize),
                    _ => (3, random(2) as usize),
                })
                .collect();
            let start = || {
                (
                    distribution([32_000]),
                    distribution([8_000, 9_000, 31_000]),
                    distribution([
                        100, 200, 4_000, 5_000, 6_000, 12_000, 14_000, 15_000, 16_000, 20_000,
                        30_000, 32_700,
                    ]),
                )
            };
            let mut coder = RangeCoder::new();
            let (mut two, mut four, mut thirteen) = start();
            for &(kind, symbol) in &symbols {
                match kind {
                    0 => coder.symbol::<3>(&mut two, symbol),
                    1 => coder.symbol::<5>(&mut four, symbol),
                    2 => coder.symbol::<14>(&mut thirteen, symbol),
                    _ => coder.bits(symbol as u32, 1),
                }
            }
            let bytes = coder.finish();
            let (mut two, mut four, mut thirteen) = start();
            let mut decoder = Decoder::new(&bytes);
            for (at, &(kind, symbol)) in symbols.iter().enumerate() {
                let found = match kind {
                    0 => decoder.symbol::<3>(&mut two),
                    1 => decoder.symbol::<5>(&mut four),
                    2 => decoder.symbol::<14>(&mut thirteen),
                    _ => decoder.symbol::<3>(&mut distribution([1 << 14])),
                };
                assert_eq!(found, symbol, "symbol {at} of seed {seed}");
            }
        }
    }

    #[test]
    fn a_carry_runs_through_many_bytes() {
        for length in 1..400 {
            let mut coder = RangeCoder::new();
            let unlikely = distribution([32_767]);
            let bits: Vec<bool> = (0..length).map(|at| at % 19 != 7).collect();
            for &bit in &bits {
                coder.symbol::<3>(&mut unlikely.clone(), usize::from(bit));
            }
            let bytes = coder.finish();
            let mut decoder = Decoder::new(&bytes);
            for &bit in &bits {
                assert_eq!(decoder.symbol::<3>(&mut unlikely.clone()), usize::from(bit));
            }
        }
    }
}
