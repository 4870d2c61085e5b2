//! One block of a sequential scan: its bits in, its coefficients out.
//! These functions are the inner loop of everything; they are inlined into one function per
//! instruction set, and keep the bits in registers.

use super::entropy::{Bits, Bytes};
use super::huffman::{Codes, END_OF_BLOCK, NOT_IN_PAIR, extend};
use super::tables::AcTable;
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
    pub(crate) ac: &'a AcTable,
}

/// Decodes one block, or its start: coefficients up to `LAST` in zigzag order, some behind it
/// too. Gives the position of the last one that may differ from 0, or nothing where the data are
/// broken or over.
#[inline(always)]
pub(crate) fn decode_block<const LAST: usize>(
    bits: &mut Bits,
    bytes: &Bytes,
    tables: BlockTables<'_>,
    predicted: &mut i32,
    block: &mut Coefficients,
) -> Option<usize> {
    let first = decode_first(bits, bytes, tables.dc, predicted)?;
    block[..64].fill(0);
    block[0] = first;
    decode_others::<LAST>(bits, bytes, tables.ac, block)
}

/// The first coefficient of a block, whose data hold the difference from the one before.
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

#[inline(always)]
fn decode_others<const LAST: usize>(
    bits: &mut Bits,
    bytes: &Bytes,
    table: &AcTable,
    block: &mut Coefficients,
) -> Option<usize> {
    let mut place = 0;
    loop {
        bits.refill(bytes);
        // Five look-ups of 11 bits: no more than a refill gives.
        for _ in 0..5 {
            let pair = table.pairs.ahead(bits.window);
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
                let (length, symbol) = table.codes.first(bits.window);
                let size = u32::from(symbol & 15);
                if length == 0 {
                    return None;
                }
                // A refill holds 56 bits, of which four look-ups may have taken 44.
                bits.refill(bytes);
                let value = extend(bits.window, length, size);
                bits.consume(length + size);
                if size == 0 && symbol >> 4 != 15 {
                    return Some(place);
                }
                place += usize::from(symbol >> 4) + 1;
                if place > 63 {
                    return None;
                }
                block[usize::from(ZIGZAG[place & 63]) & 63] = value as i16;
                if place == 63 {
                    return Some(63);
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
                    return Some(63);
                }
                return (pair.first_advance() == END_OF_BLOCK).then_some(place);
            }
            if second >= 63 {
                if second == 63 {
                    return Some(63);
                }
                return (pair.second_advance() == END_OF_BLOCK).then_some(first);
            }
            return Some(second);
        }
    }
}
