//! Passing over blocks: a table that holds, for the next 13 bits, how many of them whole codes
//! take and how far these codes lead through the block.
//!
//! An entry is bits | advance << 6, where the end of a block counts 128. Entries of codes that
//! follow each other therefore add up, and so a table of n bits is made of the smaller ones.

use super::huffman::Codes;
use crate::marker::CodeLengths;

const STEP_BITS: usize = 13;
/// Tables for up to four components, of each the first coefficient's and the others'.
const SECTIONS: usize = 8;

/// From the section of a first coefficient to that of the others.
pub(crate) const OTHERS: u16 = 1 << STEP_BITS;
/// The advance that ends a block.
pub(crate) const ENDED: usize = 128;
/// Set in a position where the look-up led too far or nowhere.
pub(crate) const UNCLEAR: usize = 64;

pub(crate) type Entries = [u16; SECTIONS << STEP_BITS];

/// All tables of a scan in one, so that going from one to the next is no branch.
pub(crate) struct StepTables {
    entries: Box<Entries>,
    used: usize,
}

impl StepTables {
    pub(crate) fn new() -> Self {
        let entries = vec![0; SECTIONS << STEP_BITS].into_boxed_slice();
        Self { entries: entries.try_into().expect("the length is the array's"), used: 0 }
    }

    /// Adds the tables of one component; the section of its first coefficient.
    pub(crate) fn add(&mut self, dc: &CodeLengths, ac: &CodeLengths) -> u16 {
        let mut tables: Vec<Vec<u16>> = vec![vec![0]];
        for bits in 1..=STEP_BITS {
            let mut table = vec![0; 1 << bits];
            for code in codes(ac).filter(|code| code.length <= bits) {
                code.place(&mut table, bits, &tables);
            }
            tables.push(table);
        }
        let mut first = vec![0; 1 << STEP_BITS];
        for code in codes(dc).filter(|code| code.length <= STEP_BITS) {
            Code { run: None, ..code }.place(&mut first, STEP_BITS, &tables);
        }
        let section = self.used << STEP_BITS;
        let tables = first.iter().chain(&tables[STEP_BITS]);
        for (entry, &value) in self.entries[section..].iter_mut().zip(tables) {
            *entry = if value == 0 { (UNCLEAR as u16) << 6 } else { value };
        }
        self.used += 2;
        section as u16
    }

    pub(crate) fn entries(&self) -> &Entries {
        &self.entries
    }
}

/// Bits to take and how far they lead.
#[inline(always)]
pub(crate) fn look_up(entries: &Entries, section: u16, window: u64) -> (usize, usize) {
    let entry = entries[usize::from(section.wrapping_add((window >> (64 - STEP_BITS)) as u16))];
    (usize::from(entry & 63), usize::from(entry >> 6))
}

#[derive(Clone, Copy)]
struct Code {
    value: usize,
    length: usize,
    /// Extra bits.
    size: usize,
    /// Zeros before the coefficient; nothing for a first coefficient.
    run: Option<usize>,
}

/// The codes of a table, the shortest first.
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

    /// Writes all entries of a table of `bits` that begin with this code; `smaller` are the
    /// tables of fewer bits.
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
                // So far that a sum with any position could pass for an end of block, codes do not
                // lead together; encoders have no reason to write such ones.
                let together = entry + behind;
                let advance = usize::from(together >> 6) % ENDED;
                *place = if advance < UNCLEAR { together } else { entry };
            }
        }
    }
}

/// One code alone, for where a look-up is unclear: its bits and the new position, or nothing for
/// a code that does not exist or leads out of the block.
pub(crate) fn slow_step(
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
