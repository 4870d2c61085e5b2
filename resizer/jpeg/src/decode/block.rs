//! One block of a sequential scan: its bits in, its coefficients out.
//! These functions are the inner loop of everything; they are inlined into one function per
//! instruction set, and keep the bits in registers.

use super::entropy::Bits;
use super::huffman::{Codes, END_OF_BLOCK, NOT_IN_PAIR, NOT_IN_SKIP, Pairs, Skips, extend};
use crate::zigzag::ZIGZAG;

/// A block's coefficients row by row, and room behind them for what a look-up holds too much.
pub(crate) type Coefficients = [i16; 128];

/// Where advances of any look-up lead: into the block, or behind it.
const PLACES: [u8; 256] = {
    let mut places = [64; 256];
    let mut index = 0;
    while index < 64 {
        places[index] = ZIGZAG[index];
        index += 1;
    }
    places
};

/// The tables of one component.
#[derive(Clone, Copy)]
pub(crate) struct BlockTables<'a> {
    pub(crate) dc: &'a Codes,
    pub(crate) ac: &'a Codes,
    /// Not used where `LAST` is 0.
    pub(crate) pairs: &'a Pairs,
    /// Not used where `LAST` is 63.
    pub(crate) skips: &'a Skips,
}

/// Decodes one block. Coefficients up to `LAST` in zigzag order are kept, some behind it too, the
/// rest is passed over. Gives the position of the last one that may differ from 0, or nothing
/// where the data are broken or over.
#[inline(always)]
pub(crate) fn decode_block<const LAST: usize>(
    bits: &mut Bits,
    bytes: &[u8],
    tables: BlockTables<'_>,
    predicted: &mut i32,
    block: &mut Coefficients,
) -> Option<usize> {
    if !bits.refill(bytes) {
        return None;
    }
    let (length, size) = tables.dc.first(bits.window);
    if length == 0 {
        return None;
    }
    let difference = extend(bits.window, length, u32::from(size));
    bits.consume(length + u32::from(size));
    *predicted = predicted.wrapping_add(difference);
    if LAST > 0 {
        block[..64].fill(0);
    }
    block[0] = *predicted as i16;
    let mut last = 0;
    if LAST > 0 {
        last = keep_coefficients::<LAST>(bits, bytes, tables, block)?;
        if last & DONE != 0 {
            return Some(last & 63);
        }
    }
    pass_coefficients(bits, bytes, tables, last)?;
    Some(last)
}

/// Marks that nothing of the block is left to read.
const DONE: usize = 64;

#[inline(always)]
fn keep_coefficients<const LAST: usize>(
    bits: &mut Bits,
    bytes: &[u8],
    tables: BlockTables<'_>,
    block: &mut Coefficients,
) -> Option<usize> {
    let mut place = 0;
    loop {
        if !bits.refill(bytes) {
            return None;
        }
        // Five look-ups of 11 bits: no more than a refill gives.
        for _ in 0..5 {
            let pair = tables.pairs.ahead(bits.window);
            let before = *bits;
            let first = place + pair.first_advance();
            let second = first + pair.second_advance();
            block[usize::from(PLACES[first & 255]) & 127] = pair.first_value();
            block[usize::from(PLACES[second & 255]) & 127] = pair.second_value();
            bits.consume(pair.bits());
            if second < LAST {
                place = second;
                continue;
            }
            if first >= NOT_IN_PAIR {
                let (length, symbol) = tables.ac.first(bits.window);
                let size = u32::from(symbol & 15);
                if length == 0 {
                    return None;
                }
                // A refill holds 56 bits, of which four look-ups may have taken 44.
                if !bits.refill(bytes) {
                    return None;
                }
                let value = extend(bits.window, length, size);
                bits.consume(length + size);
                if size == 0 && symbol >> 4 != 15 {
                    return Some(place | DONE);
                }
                place += usize::from(symbol >> 4) + 1;
                if place > 63 {
                    return None;
                }
                block[usize::from(ZIGZAG[place & 63]) & 63] = value as i16;
                if place == 63 {
                    return Some(63 | DONE);
                }
                if place >= LAST {
                    return Some(place);
                }
                break;
            }
            if first >= 63 {
                if first == 63 {
                    // What follows in the pair is the next block's.
                    *bits = before;
                    bits.consume(pair.first_bits());
                    return Some(63 | DONE);
                }
                return (pair.first_advance() == END_OF_BLOCK).then_some(place | DONE);
            }
            if second >= 63 {
                if second == 63 {
                    return Some(63 | DONE);
                }
                return (pair.second_advance() == END_OF_BLOCK).then_some(first | DONE);
            }
            return Some(second);
        }
    }
}

/// Reads the rest of a block behind `place` without keeping it.
#[inline(always)]
fn pass_coefficients(
    bits: &mut Bits,
    bytes: &[u8],
    tables: BlockTables<'_>,
    mut place: usize,
) -> Option<()> {
    loop {
        if !bits.refill(bytes) {
            return None;
        }
        // Two look-ups: each takes at most 13 bits of codes and 15 extra bits.
        for _ in 0..2 {
            let (taken, advance) = tables.skips.ahead(bits.window);
            let reached = place + advance;
            if reached < 63 {
                bits.consume(taken);
                place = reached;
                continue;
            }
            if reached == 63 {
                bits.consume(taken);
                return Some(());
            }
            if (END_OF_BLOCK..NOT_IN_SKIP).contains(&advance) && reached < END_OF_BLOCK + 63 {
                bits.consume(taken);
                return Some(());
            }
            // Either no code fits, or the block ends within the look-up.
            let (length, symbol) = tables.ac.first(bits.window);
            if length == 0 || !bits.refill(bytes) {
                return None;
            }
            bits.consume(length + u32::from(symbol & 15));
            if symbol & 15 == 0 && symbol >> 4 != 15 {
                return Some(());
            }
            place += usize::from(symbol >> 4) + 1;
            match place {
                0..63 => break,
                63 => return Some(()),
                _ => return None,
            }
        }
    }
}
