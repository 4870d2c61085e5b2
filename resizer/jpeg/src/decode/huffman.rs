//! Huffman tables for decoding: what several bits mean, in one look-up.
//!
//! The tables are as wide as the first-level cache allows for several of them: single codes of 9
//! bits, pairs of coefficients in 11 bits.

use crate::marker::CodeLengths;

const CODE_BITS: usize = 9;
const PAIR_BITS: usize = 11;

/// What an end of block adds to a position.
pub(crate) const END_OF_BLOCK: usize = 64;
/// What a pair adds to a position if it does not hold the next code.
pub(crate) const NOT_IN_PAIR: usize = 128;

/// Decodes single codes of any length.
pub(crate) struct Codes {
    /// Length << 8 | symbol; 0 for longer codes.
    short: Box<[u16; 1 << CODE_BITS]>,
    /// The first value after all codes of up to n bits, left-aligned to 16 bits.
    ends: [u32; 17],
    /// The index of the first symbol of n bits, less its code.
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

    /// The length and symbol of the next code; length 0 for an invalid one.
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
        // All are compared, because a mispredicted branch costs more.
        let shorter = |bits: usize| usize::from(ahead >= self.ends[bits]);
        let bits = CODE_BITS + 1 + (CODE_BITS + 1..16).map(shorter).sum::<usize>();
        if ahead >= self.ends[16] {
            return (0, 0);
        }
        let index = (ahead >> (16 - bits)) as i32 + self.offsets[bits];
        (bits as u32, self.symbols[index as usize & 255])
    }
}

/// The value of `size` extra bits after the first `from` bits. Source: ITU T.81, F.2.2.1.
#[inline(always)]
pub(crate) fn extend(window: u64, from: u32, size: u32) -> i32 {
    let bits = window << (from & 63);
    // Shifted in two steps, because the size may be 0.
    let magnitude = ((bits >> 1) >> (63 - (size & 63))) as i32;
    let positive = (bits as i64 >> 63) as i32;
    magnitude + (!positive & (1 - (1 << (size & 31))))
}

/// Decodes two coefficients in one look-up.
pub(crate) struct Pairs {
    entries: Box<[Pair; 1 << PAIR_BITS]>,
}

/// Fields that are loaded separately: extracting them from one number takes a quarter more
/// instructions per look-up.
#[derive(Clone, Copy)]
#[repr(C, align(8))]
pub(crate) struct Pair {
    /// The bits of both codes.
    bits: u8,
    first_advance: u8,
    /// 0 for none.
    second_advance: u8,
    first_bits: u8,
    first_value: i16,
    second_value: i16,
}

impl Pair {
    const NONE: Self = Self {
        bits: 0,
        first_advance: NOT_IN_PAIR as u8,
        second_advance: 0,
        first_bits: 0,
        first_value: 0,
        second_value: 0,
    };

    #[inline(always)]
    pub(crate) fn bits(&self) -> u32 {
        self.bits.into()
    }
    #[inline(always)]
    pub(crate) fn first_advance(&self) -> usize {
        self.first_advance.into()
    }
    #[inline(always)]
    pub(crate) fn second_advance(&self) -> usize {
        self.second_advance.into()
    }
    #[inline(always)]
    pub(crate) fn first_bits(&self) -> u32 {
        self.first_bits.into()
    }
    #[inline(always)]
    pub(crate) fn first_value(&self) -> i16 {
        self.first_value
    }
    #[inline(always)]
    pub(crate) fn second_value(&self) -> i16 {
        self.second_value
    }
}

impl Pairs {
    /// `is_end` tells which symbols without a value end the block. The caller handles the others,
    /// but for the run of 16 zeros.
    pub(crate) fn new(codes: &Codes, is_end: fn(u8) -> bool) -> Self {
        // The bits, advance and value of one coefficient, if the window holds it.
        let single = |ahead: usize, held: u8| -> Option<(u8, u8, i16)> {
            let window = (ahead as u64) << (64 - PAIR_BITS);
            let (length, symbol) = codes.first(window);
            let (run, size) = (symbol >> 4, symbol & 15);
            let bits = length as u8 + size;
            if length == 0 || bits > held {
                None
            } else if size > 0 {
                Some((bits, run + 1, extend(window, length, size.into()) as i16))
            } else if run == 15 {
                Some((bits, 16, 0))
            } else if is_end(symbol) {
                Some((bits, END_OF_BLOCK as u8, 0))
            } else {
                None
            }
        };
        let mut entries = Box::new([Pair::NONE; 1 << PAIR_BITS]);
        let all = PAIR_BITS as u8;
        for (ahead, entry) in entries.iter_mut().enumerate() {
            let Some((first_bits, first_advance, first_value)) = single(ahead, all) else {
                continue;
            };
            let behind = ahead << first_bits & ((1 << PAIR_BITS) - 1);
            let ends = usize::from(first_advance) == END_OF_BLOCK;
            let second = if ends { None } else { single(behind, all - first_bits) };
            let (more, second_advance, second_value) = second.unwrap_or((0, 0, first_value));
            let bits = first_bits + more;
            *entry =
                Pair { bits, first_advance, second_advance, first_bits, first_value, second_value };
        }
        Self { entries }
    }

    #[inline(always)]
    pub(crate) fn ahead(&self, window: u64) -> &Pair {
        &self.entries[(window >> (64 - PAIR_BITS)) as usize]
    }
}
