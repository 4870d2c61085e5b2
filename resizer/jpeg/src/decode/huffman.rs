//! Huffman tables made for reading: what several bits ahead mean, as one look-up.
//!
//! As wide as the first-level cache allows beside each other: single codes of 9 bits, and pairs of
//! coefficients in 11 bits.

use crate::marker::CodeLengths;

const CODE_BITS: usize = 9;
const PAIR_BITS: usize = 11;

/// Behind the last coefficient: what an end of block adds to a position.
pub(crate) const END_OF_BLOCK: usize = 64;
/// What a pair adds to a position where it does not hold the next code.
pub(crate) const NOT_IN_PAIR: usize = 128;

/// One code and its symbol at a time, of any length.
pub(crate) struct Codes {
    /// Length << 8 | symbol; 0 where the code is longer.
    short: Box<[u16; 1 << CODE_BITS]>,
    /// Behind the last code of up to n bits, as if all had 16.
    ends: [u32; 17],
    /// Index of the first symbol of n bits, less its code.
    offsets: [i32; 17],
    symbols: [u8; 256],
}

impl Codes {
    pub(crate) fn new(lengths: &CodeLengths) -> Self {
        let mut short = Box::new([0; 1 << CODE_BITS]);
        let (mut ends, mut offsets) = ([0; 17], [0; 17]);
        let (mut code, mut index) = (0_usize, 0_usize);
        for bits in 1..=16 {
            let count = usize::from(lengths.counts[bits - 1]);
            offsets[bits] = index as i32 - code as i32;
            if bits <= CODE_BITS {
                let width = 1 << (CODE_BITS - bits);
                for nth in 0..count {
                    let entry = (bits as u16) << 8 | u16::from(lengths.symbols[index + nth]);
                    let from = (code + nth) * width;
                    short[from..from + width].fill(entry);
                }
            }
            code += count;
            index += count;
            ends[bits] = (code << (16 - bits)) as u32;
            code <<= 1;
        }
        Self { short, ends, offsets, symbols: lengths.symbols }
    }

    /// Length and symbol of the uppermost code; length 0 where there is none.
    #[inline(always)]
    pub(crate) fn first(&self, window: u64) -> (u32, u8) {
        match self.short[(window >> (64 - CODE_BITS)) as usize] {
            0 => self.first_long(window),
            entry => (u32::from(entry >> 8), entry as u8),
        }
    }

    #[cold]
    #[inline(never)]
    fn first_long(&self, window: u64) -> (u32, u8) {
        let ahead = (window >> 48) as u32;
        let Some(bits) = (CODE_BITS + 1..=16).find(|&bits| ahead < self.ends[bits]) else {
            return (0, 0);
        };
        let index = (ahead >> (16 - bits)) as i32 + self.offsets[bits];
        (bits as u32, self.symbols[index as usize & 255])
    }
}

/// The value that `size` bits after the first `from` stand for. Source: ITU T.81, F.2.2.1.
#[inline(always)]
pub(crate) fn extend(window: u64, from: u32, size: u32) -> i32 {
    let bits = window << (from & 63);
    // In two steps, because the size may be 0.
    let magnitude = ((bits >> 1) >> (63 - (size & 63))) as i32;
    let positive = (bits as i64 >> 63) as i32;
    magnitude + (!positive & (1 - (1 << (size & 31))))
}

/// Two coefficients at a look-up.
pub(crate) struct Pairs {
    /// By bits from the lowest: 8 bits taken in all, 8 of advance to the first coefficient, 8 to
    /// the second (0: there is none), 8 bits taken by the first alone, 16 of first value, 16 of
    /// second.
    entries: Box<[u64; 1 << PAIR_BITS]>,
}

#[derive(Clone, Copy)]
pub(crate) struct Pair(u64);

impl Pair {
    #[inline(always)]
    pub(crate) fn bits(self) -> u32 {
        self.0 as u32 & 0xff
    }
    #[inline(always)]
    pub(crate) fn first_advance(self) -> usize {
        (self.0 >> 8) as usize & 0xff
    }
    #[inline(always)]
    pub(crate) fn second_advance(self) -> usize {
        (self.0 >> 16) as usize & 0xff
    }
    #[inline(always)]
    pub(crate) fn first_bits(self) -> u32 {
        (self.0 >> 24) as u32 & 0xff
    }
    #[inline(always)]
    pub(crate) fn first_value(self) -> i16 {
        (self.0 >> 32) as i16
    }
    #[inline(always)]
    pub(crate) fn second_value(self) -> i16 {
        (self.0 >> 48) as i16
    }
}

impl Pairs {
    /// `is_end` tells which symbols without a value end the block; others of them, but for the
    /// run of 16 zeros, are left to the caller.
    pub(crate) fn new(codes: &Codes, is_end: fn(u8) -> bool) -> Self {
        // Bits, advance and value of one coefficient, if the window holds it.
        let single = |ahead: usize, held: u32| -> Option<(u32, u64, i16)> {
            let window = (ahead as u64) << (64 - PAIR_BITS);
            let (length, symbol) = codes.first(window);
            let (run, size) = (u64::from(symbol >> 4), u32::from(symbol & 15));
            if length == 0 || length + size > held {
                None
            } else if size > 0 {
                Some((length + size, run + 1, extend(window, length, size) as i16))
            } else if run == 15 {
                Some((length, 16, 0))
            } else if is_end(symbol) {
                Some((length, END_OF_BLOCK as u64, 0))
            } else {
                None
            }
        };
        let mut entries = Box::new([0; 1 << PAIR_BITS]);
        let all = PAIR_BITS as u32;
        for (ahead, entry) in entries.iter_mut().enumerate() {
            let Some((bits, advance, value)) = single(ahead, all) else {
                *entry = (NOT_IN_PAIR as u64) << 8;
                continue;
            };
            let first = advance << 8 | u64::from(bits) << 24 | u64::from(value as u16) << 32;
            let behind = ahead << bits & ((1 << PAIR_BITS) - 1);
            let second = (advance != END_OF_BLOCK as u64).then(|| single(behind, all - bits));
            *entry = match second.flatten() {
                Some((more, advance, value)) => {
                    first | u64::from(bits + more) | advance << 16 | u64::from(value as u16) << 48
                }
                None => first | u64::from(bits) | u64::from(value as u16) << 48,
            };
        }
        Self { entries }
    }

    #[inline(always)]
    pub(crate) fn ahead(&self, window: u64) -> Pair {
        Pair(self.entries[(window >> (64 - PAIR_BITS)) as usize])
    }
}
