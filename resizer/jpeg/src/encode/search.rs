//! The search for a block's best coefficients: what is left out or made smaller saves more bits
//! than it harms. Source: Ramchandran and Vetterli 1994, "Rate-distortion optimal fast
//! thresholding with complete JPEG/MPEG decoder compatibility": the shortest way through the
//! coefficients, where a step is a run of zeros and a value.

use std::ops::RangeInclusive;

use super::block::Block;
use super::options::Effort;
use super::quantization::Divisors;
use crate::standard::{AC_CHROMINANCE, AC_LUMINANCE, HuffmanSpecification};

/// What a way through a block costs. Harm is counted in squares of the coefficient's divisor, and
/// so are bits, by a harm that one is worth.
#[derive(Debug, Clone)]
pub(super) struct Search {
    /// How many coefficients in a row may be left out, but at the end of a block.
    window: usize,
    /// Blocks of more values are taken as they are: the time for one grows with its values. With 12
    /// the densest of nine photographs takes 2.5 times libjpeg-turbo's time, without a limit 3.4.
    most_values: u32,
    /// Of a run of zeros, times 16, and a value's size: its code and bits.
    codes: Box<[f32; 1024]>,
    /// Of the code that ends a block.
    end: f32,
    /// One over the divisors.
    steps: [f32; 64],
}

/// The cheapest ways to each coefficient that may be kept; the first is the block's start.
#[derive(Debug)]
struct Ways {
    /// Without the harm of leaving out all coefficients up to this one.
    costs: [f32; 64],
    positions: [u8; 64],
    values: [u16; 64],
    /// Which way each goes on from.
    before: [u8; 64],
}

impl Search {
    /// For luminance or color; `None` if the effort takes all coefficients as they are.
    pub(super) fn new(effort: Effort, is_color: bool, divisors: &Divisors) -> Option<Self> {
        // The harm of a bit that saves most bytes at the same SSIMULACRA2.
        let (bit_harm, window, most_values) = match effort {
            Effort::Fast => return None,
            Effort::Balanced => (0.04, 2, 12),
            Effort::Small => (0.06, 63, 63),
        };
        let bits = symbol_bits(if is_color { &AC_CHROMINANCE } else { &AC_LUMINANCE });
        let codes = |at: usize| {
            let (run, size) = (at / 16, at % 16);
            let zeros = bits[0xF0] * (run / 16) as f32;
            bit_harm * (zeros + bits[run % 16 * 16 + size])
        };
        Some(Self {
            window,
            most_values,
            codes: Box::new(std::array::from_fn(codes)),
            end: bit_harm * bits[0],
            steps: divisors.divisor.map(|divisor| f32::from(divisor).recip()),
        })
    }

    /// Chooses among the values that rounding gave and smaller ones.
    #[inline]
    pub(super) fn refine(&self, exact: &Block, block: &mut Block, mask: &mut u64) {
        let mut rest = *mask & !1;
        if rest == 0 || rest.count_ones() > self.most_values {
            return;
        }
        let zeros = [0; 64];
        let mut ways = Ways { costs: [0.0; 64], positions: zeros, values: [0; 64], before: zeros };
        let (mut last, mut kept) = (0usize, 0usize);
        let mut harm = 0.0;
        while rest != 0 {
            let position = rest.trailing_zeros() as usize & 63;
            rest &= rest - 1;
            let size = f32::from(exact.0[position].unsigned_abs()) * self.steps[position];
            let value = block.0[position].unsigned_abs();
            let from = kept.max(last.saturating_sub(self.window));
            let mut best = self.step(&ways, from..=last, position, (size, value));
            if value > 1 {
                // No code is so long that leaving this one out could pay.
                kept = last + 1;
                if value.is_power_of_two() {
                    let less = self.step(&ways, from..=last, position, (size, value - 1));
                    best = if less.0 < best.0 { less } else { best };
                }
            }
            last = (last + 1) & 63;
            ways.costs[last] = best.0 + harm;
            harm += size * size;
            ways.costs[last] -= harm;
            ways.positions[last] = position as u8;
            (ways.before[last], ways.values[last]) = (best.1, best.2);
        }
        let end = |at: usize| {
            ways.costs[at & 63] + if ways.positions[at & 63] == 63 { 0.0 } else { self.end }
        };
        let mut best = last;
        for at in kept..last {
            best = if end(at) < end(best) { at } else { best };
        }
        ways.keep(best, block, mask);
    }

    /// The cheapest way to a value at a position from one of these ways; and which, and the value.
    #[inline]
    fn step(
        &self,
        ways: &Ways,
        from: RangeInclusive<usize>,
        position: usize,
        (size, value): (f32, u16),
    ) -> (f32, u8, u16) {
        let difference = size - f32::from(value);
        let bits = 16 - value.leading_zeros() as usize;
        let mut best = (f32::MAX, 0, value);
        for at in from {
            let run = position - 1 - usize::from(ways.positions[at & 63]);
            let cost = ways.costs[at & 63] + self.codes[(run * 16 + bits) & 1023];
            if cost < best.0 {
                (best.0, best.1) = (cost, at as u8);
            }
        }
        best.0 += difference * difference;
        best
    }
}

impl Ways {
    /// Leaves in the block what lies on this way.
    #[inline]
    fn keep(&self, last: usize, block: &mut Block, mask: &mut u64) {
        let mut kept = *mask & 1;
        let mut at = last & 63;
        while at > 0 {
            let position = usize::from(self.positions[at]) & 63;
            block.0[position] = self.values[at] as i16 * block.0[position].signum();
            kept |= 1 << position;
            at = usize::from(self.before[at]) & 63;
        }
        let mut dropped = *mask & !kept;
        while dropped != 0 {
            block.0[dropped.trailing_zeros() as usize & 63] = 0;
            dropped &= dropped - 1;
        }
        *mask = kept;
    }
}

/// Lengths of codes, with the bits that follow them.
fn symbol_bits(table: &HuffmanSpecification<'_>) -> [f32; 256] {
    let mut bits = [16.0; 256];
    let lengths = (1u8..=16).zip(table.counts);
    let lengths = lengths.flat_map(|(bits, count)| (0..count).map(move |_| bits));
    for (symbol, length) in table.symbols.iter().zip(lengths) {
        bits[usize::from(*symbol)] = f32::from(length + (symbol & 15));
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(seed: u32) -> Block {
        let mut state = seed;
        Block(std::array::from_fn(|at| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let spread = 1 + 4000 / (1 + at as i32 * (1 + seed as i32 % 7));
            ((state >> 8) as i32 % (2 * spread) - spread) as i16
        }))
    }

    fn rounded(exact: &Block, divisors: &Divisors) -> (Block, u64) {
        let mut block = *exact;
        let mut mask = [0];
        let blocks = std::slice::from_mut(&mut block);
        crate::encode::kernels::quantize(resizer_cpu::Cpu::Portable, blocks, divisors, &mut mask);
        (block, mask[0])
    }

    /// Harm of a block and bits of its coefficients, as the search counts them.
    fn cost(search: &Search, exact: &Block, block: &Block) -> f32 {
        let mut cost = 0.0;
        let mut run = 0;
        for at in 1..64 {
            let size = f32::from(exact.0[at]) * search.steps[at];
            cost += (size - f32::from(block.0[at])).powi(2);
            let bits = 16 - block.0[at].unsigned_abs().leading_zeros() as usize;
            if bits == 0 {
                run += 1;
                continue;
            }
            cost += search.codes[run * 16 + bits];
            run = 0;
        }
        let rounding = (1..64).filter(|at| rounded_to_zero(search, exact, *at));
        let size = |at: usize| f32::from(exact.0[at]) * search.steps[at];
        let unavoidable: f32 = rounding.map(|at| size(at).powi(2)).sum();
        let end = if run > 0 { search.end } else { 0.0 };
        cost + end - unavoidable
    }

    fn rounded_to_zero(search: &Search, exact: &Block, at: usize) -> bool {
        (f32::from(exact.0[at]) * search.steps[at]).abs() < 0.5
    }

    #[test]
    fn blocks_get_cheaper_and_no_coefficient_grows() {
        let divisors = Divisors::rounding(&[11; 64]);
        let [balanced, small] = [Effort::Balanced, Effort::Small]
            .map(|effort| Search::new(effort, false, &divisors).expect("a search"));
        let mut changed = 0;
        for seed in 0..500 {
            let exact = exact(seed);
            for search in [&balanced, &small] {
                let (before, mut mask) = rounded(&exact, &divisors);
                let mut after = before;
                search.refine(&exact, &mut after, &mut mask);
                assert_eq!(before.0[0], after.0[0]);
                for (at, (before, after)) in before.0.into_iter().zip(after.0).enumerate() {
                    assert!(after.abs() <= before.abs() && after * before >= 0);
                    assert_eq!(mask >> at & 1 == 1, after != 0);
                }
                let (was, is) = (cost(search, &exact, &before), cost(search, &exact, &after));
                assert!(is <= was + 0.001, "{was} to {is}");
                changed += usize::from(before != after);
            }
        }
        assert!(changed > 500);
    }

    #[test]
    fn rounding_alone_is_fast() {
        assert!(Search::new(Effort::Fast, true, &Divisors::rounding(&[1; 64])).is_none());
    }
}
