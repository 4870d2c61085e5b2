//! Entropy decoding of one block of a sequential scan. These functions are the innermost loop of
//! the decoder. They are inlined into one function per instruction set and keep the bits in
//! registers.

use super::entropy::{Bits, Bytes};
use super::huffman::{Codes, END_OF_BLOCK, NOT_IN_PAIR, extend};
use super::skip_table::{ENDED, SkipEntries, UNCLEAR, look_up, skip_one};
use super::tables::AcTable;
use crate::zigzag::ZIGZAG;

/// The coefficients of a block row by row, and space behind them for what a look-up decodes too
/// many. The length is that of a byte's range, so that no index needs a bounds check.
pub(crate) type Coefficients = [i16; 256];

/// The position for each advance of a look-up: within the block or in the space behind it.
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
    pub(crate) ac: &'a AcTable,
    /// The skip table for coefficients that the scale does not need, and its section for this
    /// component.
    pub(crate) skip: &'a SkipEntries,
    pub(crate) section: u16,
}

/// Decodes one block. It keeps the coefficients up to `LAST` in zigzag order and some after it, and
/// skips the rest. Returns the position of the last coefficient that may not be 0, or `None` for
/// broken data.
#[inline(always)]
pub(crate) fn decode_block<const LAST: usize>(
    bits: &mut Bits,
    bytes: &Bytes,
    tables: BlockTables<'_>,
    predicted: &mut i32,
    block: &mut Coefficients,
) -> Option<usize> {
    let first = decode_first(bits, bytes, tables.dc, predicted)?;
    // The rows that the transform of these coefficients reads.
    let rows = if LAST <= 24 { 4 } else { 8 };
    block[..8 * rows].fill(0);
    block[0] = first;
    let (last, done) = decode_others::<LAST>(bits, bytes, tables.ac, block)?;
    if !done {
        pass_others(bits, bytes, tables, last)?;
    }
    Some(last)
}

/// Decodes the first five coefficients of a block that begins at `bits`. Returns whether any but
/// the DC coefficient may not be 0.
#[inline(always)]
pub(crate) fn decode_corner(
    mut bits: Bits,
    bytes: &Bytes,
    tables: BlockTables<'_>,
    predicted: &mut i32,
    block: &mut Coefficients,
) -> Option<bool> {
    let first = decode_first(&mut bits, bytes, tables.dc, predicted)?;
    bits.refill(bytes);
    if tables.ac.pairs.ahead(bits.window).first_advance() == END_OF_BLOCK {
        block[0] = first;
        return Some(false);
    }
    block[..16].fill(0);
    // Two look-ups whether needed or not, because a mispredicted branch costs more. After an end of
    // block and after the fourth coefficient they write to the space behind the block.
    let mut window = bits.window;
    let mut place = 0;
    let mut unclear = false;
    for _ in 0..2 {
        let pair = tables.ac.pairs.ahead(window);
        let reached = place + pair.first_advance();
        unclear |= reached >= NOT_IN_PAIR && place < 4;
        block[usize::from(PLACES[reached & 255])] = pair.first_value();
        place = reached + pair.second_advance();
        block[usize::from(PLACES[place & 255])] = pair.second_value();
        window <<= pair.bits() & 63;
    }
    if unclear || place < 4 {
        decode_others::<4>(&mut bits, bytes, tables.ac, block)?;
    }
    block[0] = first;
    Some(true)
}

/// The DC coefficient of a block, coded as the difference from the one before.
#[inline(always)]
pub(crate) fn decode_first(
    bits: &mut Bits,
    bytes: &Bytes,
    codes: &Codes,
    predicted: &mut i32,
) -> Option<i16> {
    bits.refill(bytes);
    let (length, size) = codes.first(bits.window);
    if length == 0 {
        return None;
    }
    let difference = extend(bits.window, length, u32::from(size));
    bits.consume(length + u32::from(size));
    *predicted = predicted.wrapping_add(difference);
    Some(*predicted as i16)
}

/// Decodes the AC coefficients. Returns the last position and whether the block ends there.
#[inline(always)]
pub(crate) fn decode_others<const LAST: usize>(
    bits: &mut Bits,
    bytes: &Bytes,
    table: &AcTable,
    block: &mut Coefficients,
) -> Option<(usize, bool)> {
    let mut place = 0;
    loop {
        bits.refill(bytes);
        // Five look-ups of 11 bits are no more than a refill provides.
        for _ in 0..5 {
            let pair = table.pairs.ahead(bits.window);
            let first = place + pair.first_advance();
            let second = first + pair.second_advance();
            block[usize::from(PLACES[first & 255])] = pair.first_value();
            block[usize::from(PLACES[second & 255])] = pair.second_value();
            if second < LAST {
                bits.consume(pair.bits());
                place = second;
                continue;
            }
            // Most blocks end here, with either code of a pair: one branch to predict, not two.
            let at_once = pair.first_advance() == END_OF_BLOCK;
            if at_once | (pair.second_advance() == END_OF_BLOCK && first < 63) {
                bits.consume(pair.bits());
                return Some((if at_once { place } else { first }, true));
            }
            if first >= NOT_IN_PAIR {
                let (length, symbol) = table.codes.first(bits.window);
                let size = u32::from(symbol & 15);
                if length == 0 {
                    return None;
                }
                // A refill provides 56 bits, of which four look-ups may have taken 44.
                bits.refill(bytes);
                let value = extend(bits.window, length, size);
                bits.consume(length + size);
                if size == 0 && symbol >> 4 != 15 {
                    return Some((place, true));
                }
                place += usize::from(symbol >> 4) + 1;
                if place > 63 {
                    return None;
                }
                block[usize::from(ZIGZAG[place & 63]) & 63] = value as i16;
                if place >= LAST {
                    return Some((place, place == 63));
                }
                break;
            }
            if first == 63 {
                // The second code of the pair belongs to the next block.
                bits.consume(pair.first_bits());
                return Some((63, true));
            }
            bits.consume(pair.bits());
            return (second <= 63).then_some((second, second == 63));
        }
    }
}

/// Skips the rest of a block after position `last`.
#[inline(always)]
fn pass_others(bits: &mut Bits, bytes: &Bytes, tables: BlockTables<'_>, last: usize) -> Option<()> {
    let mut position = last + 1;
    loop {
        bits.refill(bytes);
        // Two look-ups: each takes at most 13 bits of codes and 15 extra bits.
        for _ in 0..2 {
            let (taken, advance) = look_up(tables.skip, tables.section, bits.window);
            let reached = position + advance;
            if reached & UNCLEAR != 0 {
                bits.refill(bytes);
                let (taken, reached) =
                    skip_one(bits.window, position as u32, None, &tables.ac.codes)?;
                bits.consume(taken);
                if reached as usize & ENDED != 0 {
                    return Some(());
                }
                position = reached as usize;
                // A refill may not provide enough bits for another look-up.
                break;
            }
            bits.consume(taken as u32);
            if reached & ENDED != 0 {
                return Some(());
            }
            position = reached;
        }
    }
}
