//! Trellis quantization: chooses the coefficients of a block with the lowest rate-distortion cost
//! among the rounded values, values one smaller, and 0.
//!
//! Source: Ramchandran and Vetterli 1994, "Rate-distortion optimal fast thresholding with complete
//! JPEG/MPEG decoder compatibility". It is a shortest path through the coefficients, where an edge
//! is a run of zeros and a value.

use std::ops::RangeInclusive;

use super::block::Block;
use super::options::Effort;
use super::quantization::Divisors;
use crate::standard::{AC_CHROMA, AC_LUMA, HuffmanSpecification};

/// The costs of a block. Distortion is measured in squares of the divisor of each coefficient; the
/// rate is weighted by the distortion that a bit is worth.
#[derive(Debug, Clone)]
pub(super) struct Trellis {
    /// The most coefficients that may be dropped in a row, other than at the end of a block.
    window: usize,
    /// Blocks with more nonzero coefficients are left as rounded, because the time grows with their
    /// number. With 12 the photograph with the most detail of nine takes 2.5 times libjpeg-turbo's
    /// time, without a limit 3.4 times.
    max_values: u32,
    /// The cost of a symbol and its extra bits, by run of zeros times 16 plus size.
    codes: Box<[f32; 1024]>,
    /// The cost of an end of block.
    end: f32,
    /// The reciprocals of the divisors.
    steps: [f32; 64],
}

/// The cheapest path to each coefficient that may be kept. Node 0 is the start of the block.
#[derive(Debug)]
struct Paths {
    /// The cost, less the distortion of dropping all coefficients up to this one.
    costs: [f32; 64],
    positions: [u8; 64],
    values: [u16; 64],
    /// The node before this one on its path.
    before: [u8; 64],
}

impl Trellis {
    /// The trellis for luma or chroma; `None` if the effort keeps coefficients as rounded.
    pub(super) fn new(effort: Effort, is_color: bool, divisors: &Divisors) -> Option<Self> {
        // The weight of a bit that saves most bytes at an equal SSIMULACRA2.
        let (bit_harm, window, max_values) = match effort {
            Effort::Fast => return None,
            Effort::Balanced => (0.04, 2, 12),
            Effort::Small => (0.06, 63, 63),
        };
        let bits = symbol_bits(if is_color { &AC_CHROMA } else { &AC_LUMA });
        let codes = |at: usize| {
            let (run, size) = (at / 16, at % 16);
            let zeros = bits[0xF0] * (run / 16) as f32;
            bit_harm * (zeros + bits[run % 16 * 16 + size])
        };
        Some(Self {
            window,
            max_values,
            codes: Box::new(std::array::from_fn(codes)),
            end: bit_harm * bits[0],
            steps: divisors.divisor.map(|divisor| f32::from(divisor).recip()),
        })
    }

    /// Replaces the rounded values of `block` with the cheapest choice.
    #[inline]
    pub(super) fn refine(&self, exact: &Block, block: &mut Block, mask: &mut u64) {
        let mut rest = *mask & !1;
        if rest == 0 || rest.count_ones() > self.max_values {
            return;
        }
        let zeros = [0; 64];
        let mut paths =
            Paths { costs: [0.0; 64], positions: zeros, values: [0; 64], before: zeros };
        let (mut last, mut kept) = (0usize, 0usize);
        let mut harm = 0.0;
        while rest != 0 {
            let position = rest.trailing_zeros() as usize & 63;
            rest &= rest - 1;
            let size = f32::from(exact.0[position].unsigned_abs()) * self.steps[position];
            let value = block.0[position].unsigned_abs();
            let from = kept.max(last.saturating_sub(self.window));
            let mut best = self.step(&paths, from..=last, position, (size, value));
            if value > 1 {
                // Dropping a value above 1 never pays, however long its code.
                kept = last + 1;
                if value.is_power_of_two() {
                    let less = self.step(&paths, from..=last, position, (size, value - 1));
                    best = if less.0 < best.0 { less } else { best };
                }
            }
            last = (last + 1) & 63;
            paths.costs[last] = best.0 + harm;
            harm += size * size;
            paths.costs[last] -= harm;
            paths.positions[last] = position as u8;
            (paths.before[last], paths.values[last]) = (best.1, best.2);
        }
        let end = |at: usize| {
            paths.costs[at & 63] + if paths.positions[at & 63] == 63 { 0.0 } else { self.end }
        };
        let mut best = last;
        for at in kept..last {
            best = if end(at) < end(best) { at } else { best };
        }
        paths.keep(best, block, mask);
    }

    /// The cheapest edge to a value at a position from one of the nodes `from`: its cost, its
    /// origin and the value.
    #[inline]
    fn step(
        &self,
        paths: &Paths,
        from: RangeInclusive<usize>,
        position: usize,
        (size, value): (f32, u16),
    ) -> (f32, u8, u16) {
        let difference = size - f32::from(value);
        let bits = 16 - value.leading_zeros() as usize;
        let mut best = (f32::MAX, 0, value);
        for at in from {
            let run = position - 1 - usize::from(paths.positions[at & 63]);
            let cost = paths.costs[at & 63] + self.codes[(run * 16 + bits) & 1023];
            if cost < best.0 {
                (best.0, best.1) = (cost, at as u8);
            }
        }
        best.0 += difference * difference;
        best
    }
}

impl Paths {
    /// Keeps in the block only the values on the path that ends at `last`.
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

/// The length of each code and the extra bits after it.
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

    /// The cost of a block as the trellis counts it.
    fn cost(trellis: &Trellis, exact: &Block, block: &Block) -> f32 {
        let mut cost = 0.0;
        let mut run = 0;
        for at in 1..64 {
            let size = f32::from(exact.0[at]) * trellis.steps[at];
            cost += (size - f32::from(block.0[at])).powi(2);
            let bits = 16 - block.0[at].unsigned_abs().leading_zeros() as usize;
            if bits == 0 {
                run += 1;
                continue;
            }
            cost += trellis.codes[run * 16 + bits];
            run = 0;
        }
        let rounding = (1..64).filter(|at| rounded_to_zero(trellis, exact, *at));
        let size = |at: usize| f32::from(exact.0[at]) * trellis.steps[at];
        let unavoidable: f32 = rounding.map(|at| size(at).powi(2)).sum();
        let end = if run > 0 { trellis.end } else { 0.0 };
        cost + end - unavoidable
    }

    fn rounded_to_zero(trellis: &Trellis, exact: &Block, at: usize) -> bool {
        (f32::from(exact.0[at]) * trellis.steps[at]).abs() < 0.5
    }

    #[test]
    fn blocks_get_cheaper_and_no_coefficient_grows() {
        let divisors = Divisors::rounding(&[11; 64]);
        let [balanced, small] = [Effort::Balanced, Effort::Small]
            .map(|effort| Trellis::new(effort, false, &divisors).expect("a trellis"));
        let mut changed = 0;
        for seed in 0..500 {
            let exact = exact(seed);
            for trellis in [&balanced, &small] {
                let (before, mut mask) = rounded(&exact, &divisors);
                let mut after = before;
                trellis.refine(&exact, &mut after, &mut mask);
                assert_eq!(before.0[0], after.0[0]);
                for (at, (before, after)) in before.0.into_iter().zip(after.0).enumerate() {
                    assert!(after.abs() <= before.abs() && after * before >= 0);
                    assert_eq!(mask >> at & 1 == 1, after != 0);
                }
                let (was, is) = (cost(trellis, &exact, &before), cost(trellis, &exact, &after));
                assert!(is <= was + 0.001, "{was} to {is}");
                changed += usize::from(before != after);
            }
        }
        assert!(changed > 500);
    }

    #[test]
    fn rounding_alone_is_fast() {
        assert!(Trellis::new(Effort::Fast, true, &Divisors::rounding(&[1; 64])).is_none());
    }
}
