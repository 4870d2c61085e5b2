//! The skip table: for the next 13 bits, how many of them are whole codes with their extra bits,
//! and how far these codes advance in the block.
//!
//! An entry is bits | advance << 6, where an end of block counts as 128. Entries of consecutive
//! codes can be added, so a table of n bits is built from those of fewer bits.

use super::huffman::Codes;
use crate::marker::CodeLengths;

const SKIP_BITS: usize = 13;
/// Sections for up to four components, one each for DC and AC.
const SECTIONS: usize = 8;

/// The distance from the section of a DC coefficient to that of the AC coefficients.
pub(crate) const OTHERS: u16 = 1 << SKIP_BITS;
/// The advance of an end of block.
pub(crate) const ENDED: usize = 128;
/// Set in a position after a look-up of an invalid code, or of codes that lead too far.
pub(crate) const UNCLEAR: usize = 64;

pub(crate) type SkipEntries = [u16; SECTIONS << SKIP_BITS];

/// All tables of a scan in one array, so that changing tables is no branch.
pub(crate) struct SkipTables {
    entries: Box<SkipEntries>,
    used: usize,
}

impl SkipTables {
    pub(crate) fn new() -> Self {
        let entries = vec![0; SECTIONS << SKIP_BITS].into_boxed_slice();
        Self { entries: entries.try_into().expect("the length is the array's"), used: 0 }
    }

    /// Adds the sections of one component and returns that of its DC coefficient.
    pub(crate) fn add(&mut self, dc: &CodeLengths, ac: &CodeLengths) -> u16 {
        let mut tables: Vec<Vec<u16>> = vec![vec![0]];
        for bits in 1..=SKIP_BITS {
            let mut table = vec![0; 1 << bits];
            for code in codes(ac).filter(|code| code.length <= bits) {
                code.place(&mut table, bits, &tables);
            }
            tables.push(table);
        }
        let mut first = vec![0; 1 << SKIP_BITS];
        for code in codes(dc).filter(|code| code.length <= SKIP_BITS) {
            Code { run: None, ..code }.place(&mut first, SKIP_BITS, &tables);
        }
        let section = self.used << SKIP_BITS;
        let tables = first.iter().chain(&tables[SKIP_BITS]);
        for (entry, &value) in self.entries[section..].iter_mut().zip(tables) {
            *entry = if value == 0 { (UNCLEAR as u16) << 6 } else { value };
        }
        self.used += 2;
        section as u16
    }

    pub(crate) fn entries(&self) -> &SkipEntries {
        &self.entries
    }
}

/// The number of bits, and the advance in the block.
#[inline(always)]
pub(crate) fn look_up(entries: &SkipEntries, section: u16, window: u64) -> (usize, usize) {
    let entry = entries[usize::from(section.wrapping_add((window >> (64 - SKIP_BITS)) as u16))];
    (usize::from(entry & 63), usize::from(entry >> 6))
}

#[derive(Clone, Copy)]
struct Code {
    value: usize,
    length: usize,
    /// The number of extra bits.
    size: usize,
    /// The zeros before an AC coefficient; `None` for DC.
    run: Option<usize>,
}

/// The codes of a table in ascending length.
fn codes(lengths: &CodeLengths) -> impl Iterator<Item = Code> {
    let (mut value, mut index) = (0, 0);
    (1..=16).flat_map(move |length| {
        let count = usize::from(lengths.counts[length - 1]);
        let (first, from) = (value, index);
        value = (value + count) << 1;
        index += count;
        (0..count).map(move |nth| {
            let symbol = lengths.symbols[from + nth];
            Code {
                value: first + nth,
                length,
                size: usize::from(symbol & 15),
                run: Some(usize::from(symbol >> 4)),
            }
        })
    })
}

impl Code {
    fn ends_block(&self) -> bool {
        self.size == 0 && self.run.is_some_and(|run| run != 15)
    }

    /// Writes all entries of a table of `bits` that begin with this code. `smaller` are the tables
    /// of fewer bits.
    fn place(&self, table: &mut [u16], bits: usize, smaller: &[Vec<u16>]) {
        let own = self.length + self.size;
        let advance = if self.ends_block() { ENDED } else { self.run.map_or(0, |run| run + 1) };
        let entry = (own | advance << 6) as u16;
        let range = self.value << (bits - self.length)..(self.value + 1) << (bits - self.length);
        let target = &mut table[range];
        if own >= bits || self.ends_block() {
            target.fill(entry);
            return;
        }
        let rest = &smaller[bits - own];
        for part in target.chunks_exact_mut(rest.len()) {
            for (place, &behind) in part.iter_mut().zip(rest) {
                // Codes that lead too far together would look like an end of block. They are not
                // combined; encoders have no reason to write such codes.
                let together = entry + behind;
                let advance = usize::from(together >> 6) % ENDED;
                *place = if advance < UNCLEAR { together } else { entry };
            }
        }
    }
}

/// Reads a single code where the look-up is unclear. Returns its length and the new position, or
/// `None` for an invalid code or one that leads out of the block.
pub(crate) fn skip_one(
    window: u64,
    position: u32,
    first: Option<&Codes>,
    others: &Codes,
) -> Option<(u32, u32)> {
    if let Some(codes) = first {
        let (length, size) = codes.first(window);
        return (length > 0).then_some((length + u32::from(size), position));
    }
    let (length, symbol) = others.first(window);
    let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
    if length == 0 {
        None
    } else if size == 0 && run != 15 {
        Some((length, ENDED as u32))
    } else {
        match position + run + 1 {
            reached @ 0..64 => Some((length + size, reached)),
            64 => Some((length + size, ENDED as u32)),
            _ => None,
        }
    }
}
