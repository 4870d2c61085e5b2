//! Progressive scans of AC coefficients, which have one component: first passes and refinements.
//! Source: ITU T.81, annex G.

use super::coefficient_store::ComponentCoefficients;
use super::entropy::Bits;
use super::huffman::{Codes, END_OF_BLOCK, NOT_IN_PAIR, extend};
use super::mcu_run::{McuRun, Source};
use super::tables::AcTable;
use crate::deposit::Deposit;
use crate::marker::ScanHeader;
use crate::zigzag::ZIGZAG;

/// A first pass over a band of coefficients.
#[inline(always)]
pub(super) fn first_pass(
    mcus: &mut McuRun<'_>,
    table: &AcTable,
    target: &mut ComponentCoefficients,
    bits: &mut Bits,
    source: &Source<'_>,
) -> Option<()> {
    let line = mcus.row * target.wide;
    let ac = target.ac.as_chunks_mut::<64>().0;
    while mcus.from < mcus.to && bits.next < source.safe_next {
        if mcus.state.end_run > 0 {
            let passed = (mcus.to - mcus.from).min(mcus.state.end_run as usize);
            mcus.from += passed;
            mcus.state.end_run -= passed as u32;
            continue;
        }
        let index = line + mcus.from;
        let block = (&mut ac[index], &mut target.masks[index]);
        let end_run = &mut mcus.state.end_run;
        first_pass_of_block(mcus.header, table, block, bits, source, end_run)?;
        mcus.from += 1;
    }
    Some(())
}

/// A first pass over one block. `end_run` becomes the number of blocks after it without
/// coefficients.
#[inline(always)]
fn first_pass_of_block(
    header: &ScanHeader,
    table: &AcTable,
    (block, mask): (&mut [i16; 64], &mut u64),
    bits: &mut Bits,
    source: &Source<'_>,
    end_run: &mut u32,
) -> Option<()> {
    let (first, last) = (usize::from(header.first), usize::from(header.last));
    let mut put = |place: usize, value: i16| {
        let stored = value << header.low;
        block[usize::from(ZIGZAG[place & 63]) & 63] = stored;
        *mask |= u64::from(stored != 0) << (place & 63);
    };
    let mut place = first - 1;
    loop {
        bits.refill(source.bytes);
        for _ in 0..5 {
            let pair = table.pairs.ahead(bits.window);
            let reached = place + pair.first_advance();
            if reached < last {
                put(reached, pair.first_value());
                let second = reached + pair.second_advance();
                if second < last {
                    put(second, pair.second_value());
                    bits.consume(pair.bits());
                    place = second;
                    continue;
                }
                bits.consume(pair.bits());
                if pair.second_advance() == END_OF_BLOCK {
                    return Some(());
                }
                if second > last {
                    return None;
                }
                put(second, pair.second_value());
                return Some(());
            }
            if reached == last {
                put(reached, pair.first_value());
                // The second code of the pair belongs to the next block.
                bits.consume(pair.first_bits());
                return Some(());
            }
            if pair.first_advance() == END_OF_BLOCK {
                bits.consume(pair.bits());
                return Some(());
            }
            if pair.first_advance() < NOT_IN_PAIR {
                return None;
            }
            let (length, symbol) = table.codes.first(bits.window);
            if length == 0 {
                return None;
            }
            bits.refill(source.bytes);
            let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
            if size == 0 && run < 15 {
                *end_run = blocks_to_end(bits.window, length, run) - 1;
                bits.consume(length + run);
                return Some(());
            }
            let value = extend(bits.window, length, size) as i16;
            bits.consume(length + size);
            place += run as usize + 1;
            if place > last {
                return None;
            }
            put(place, value);
            if place == last {
                return Some(());
            }
            break;
        }
    }
}

/// The length of an end-of-band run including this block: 2^run plus the `run` bits after `from`.
#[inline(always)]
fn blocks_to_end(window: u64, from: u32, run: u32) -> u32 {
    (1 << run) + (((window << from) >> 1) >> (63 - run)) as u32
}

/// A refinement: one more bit of each coefficient.
#[inline(always)]
pub(super) fn refinement<D: Deposit>(
    deposit: D,
    mcus: &mut McuRun<'_>,
    codes: &Codes,
    target: &mut ComponentCoefficients,
    bits: &mut Bits,
    source: &Source<'_>,
) -> Option<()> {
    let (first, last) = (usize::from(mcus.header.first), usize::from(mcus.header.last));
    let low = mcus.header.low;
    let line = mcus.row * target.wide;
    let ac = target.ac.as_chunks_mut::<64>().0;
    // The positions of the band.
    let all = (u64::MAX << first) & (u64::MAX >> (63 - last));
    while mcus.from < mcus.to && bits.next < source.safe_next {
        let index = line + mcus.from;
        mcus.from += 1;
        let known = target.masks[index] & all;
        let mut left = all;
        let mut grown = 0;
        let mut broken = false;
        if mcus.state.end_run == 0 {
            while left != 0 {
                bits.refill(source.bytes);
                let (length, symbol) = codes.first(bits.window);
                let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
                if length == 0 || size > 1 {
                    broken = true;
                    break;
                }
                if size == 0 && run < 15 {
                    mcus.state.end_run = blocks_to_end(bits.window, length, run);
                    bits.consume(length + run);
                    break;
                }
                let positive = (bits.window << length >> 63) as i16;
                bits.consume(length + size);
                let place = deposit.nth_place(left & !known, run);
                if place == 64 {
                    grown |= corrections(deposit, known & left, bits, source);
                    broken = true;
                    break;
                }
                let up_to = u64::MAX >> (63 - place);
                grown |= corrections(deposit, known & left & up_to, bits, source);
                if size == 1 {
                    let value = (2 * positive - 1) << low;
                    ac[index][usize::from(ZIGZAG[place as usize & 63]) & 63] = value;
                    target.masks[index] |= 1 << place;
                }
                left &= !up_to;
            }
        }
        if mcus.state.end_run > 0 {
            mcus.state.end_run -= 1;
            grown |= corrections(deposit, known & left, bits, source);
        }
        while grown != 0 {
            let place = grown.trailing_zeros() as usize;
            grown &= grown - 1;
            let coefficient = &mut ac[index][usize::from(ZIGZAG[place & 63]) & 63];
            // Adds the bit away from 0, without a branch on the sign.
            *coefficient = coefficient.wrapping_add((*coefficient >> 15 | 1) << low);
        }
        if broken {
            return None;
        }
    }
    Some(())
}

/// Reads one bit for each of `places` and returns those where it is set.
#[inline(always)]
fn corrections<D: Deposit>(
    deposit: D,
    mut places: u64,
    bits: &mut Bits,
    source: &Source<'_>,
) -> u64 {
    let mut set = 0;
    while places != 0 {
        let count = places.count_ones();
        if count > bits.count {
            bits.refill(source.bytes);
        }
        let taken = count.min(bits.count);
        let now = if taken == count {
            places
        } else {
            places & (u64::MAX >> (64 - deposit.nth_place(places, taken)))
        };
        set |= deposit.deposit(bits.window.reverse_bits(), now);
        bits.consume(taken);
        places ^= now;
    }
    set
}
