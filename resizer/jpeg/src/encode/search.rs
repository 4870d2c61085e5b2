//! The search for a block's best coefficients: what is left out or made smaller saves more bits
//! than it harms. Source: Ramchandran and Vetterli 1994, "Rate-distortion optimal fast
//! thresholding with complete JPEG/MPEG decoder compatibility": the shortest way through the
//! coefficients, where a step is a run of zeros and a value.

use super::kernels::Block;
use super::options::Profile;
use super::quantization::Divisors;
use crate::standard::{AC_CHROMINANCE, AC_LUMINANCE, HuffmanSpecification};

/// What a way through a block costs. Harm is counted in squares of the coefficient's divisor.
#[derive(Debug, Clone)]
pub(super) struct Search {
    /// Harm that one bit is worth.
    bit_harm: f32,
    /// How many coefficients in a row may be left out, but at the end of a block.
    window: usize,
    /// Bits of a code for a run of zeros and a value's size, and of the value.
    bits: Box<[f32; 256]>,
    /// One over the divisors.
    steps: [f32; 64],
}

/// A way to a coefficient that is kept.
#[derive(Debug, Clone, Copy, Default)]
struct Way {
    cost: f32,
    /// Harm of leaving out all coefficients up to this one.
    harm: f32,
    /// Which way it goes on from.
    before: u8,
    position: u8,
    value: i16,
}

impl Search {
    /// For luminance or colour; `None` if the profile takes all coefficients as they are.
    pub(super) fn new(profile: Profile, is_colour: bool, divisors: &Divisors) -> Option<Self> {
        // The harm of a bit that saves most bytes at the same SSIMULACRA2.
        let (bit_harm, window) = match profile {
            Profile::Fast => return None,
            Profile::Balanced => (0.04, 3),
            Profile::Small => (0.06, 63),
        };
        let table = if is_colour { AC_CHROMINANCE } else { AC_LUMINANCE };
        Some(Self {
            bit_harm,
            window,
            bits: Box::new(symbol_bits(&table)),
            steps: divisors.divisor.map(|divisor| f32::from(divisor).recip()),
        })
    }

    /// Chooses among the values that rounding gave and smaller ones.
    pub(super) fn refine(&self, exact: &Block, block: &mut Block, mask: &mut u64) {
        let mut ways = [Way::default(); 64];
        let mut last = 0;
        let mut harm = 0.0;
        let mut rest = *mask & !1;
        if rest == 0 {
            return;
        }
        while rest != 0 {
            let position = rest.trailing_zeros() as usize & 63;
            rest &= rest - 1;
            let size = f32::from(exact.0[position].unsigned_abs()) * self.steps[position];
            let value = block.0[position].unsigned_abs();
            let mut best = self.step(&ways, last, position, (size, value, harm));
            if value & (value - 1) == 0 && value > 1 {
                let less = self.step(&ways, last, position, (size, value - 1, harm));
                if less.cost < best.cost {
                    best = less;
                }
            }
            harm += size * size;
            best.harm = harm;
            last = (last + 1) & 63;
            ways[last] = best;
        }
        let end = |at: usize| {
            let end = if ways[at].position == 63 { 0.0 } else { self.bits[0] * self.bit_harm };
            ways[at].cost + harm - ways[at].harm + end
        };
        let mut at = last;
        for other in 0..last {
            if end(other) < end(at) {
                at = other;
            }
        }
        self.keep(&ways, at, block, mask);
    }

    /// The cheapest way to a value at a position from one of the last ways.
    #[inline]
    fn step(
        &self,
        ways: &[Way; 64],
        last: usize,
        position: usize,
        (size, value, harm): (f32, u16, f32),
    ) -> Way {
        let difference = size - f32::from(value);
        let bits = 16 - value.leading_zeros() as usize;
        let mut best = Way { cost: f32::MAX, position: position as u8, ..Way::default() };
        for at in last.saturating_sub(self.window)..=last {
            let way = ways[at & 63];
            let run = position - usize::from(way.position) - 1;
            let zeros = self.bits[0xF0] * (run / 16) as f32;
            let code = zeros + self.bits[(run % 16) << 4 | bits & 15];
            let cost = way.cost + harm - way.harm + self.bit_harm * code;
            if cost < best.cost {
                (best.cost, best.before) = (cost, at as u8);
            }
        }
        best.cost += difference * difference;
        best.value = value as i16;
        best
    }

    fn keep(&self, ways: &[Way; 64], last: usize, block: &mut Block, mask: &mut u64) {
        let mut kept = *mask & 1;
        let mut at = last;
        while at > 0 {
            let way = ways[at & 63];
            let position = usize::from(way.position) & 63;
            block.0[position] = way.value * block.0[position].signum();
            kept |= 1 << position;
            at = usize::from(way.before);
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
        super::super::kernels::quantize(crate::cpu::Cpu::Portable, blocks, divisors, &mut mask);
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
            let zeros = (run / 16) as f32 * search.bits[0xF0];
            cost += search.bit_harm * (zeros + search.bits[run % 16 * 16 + bits]);
            run = 0;
        }
        let rounding = (1..64).filter(|at| rounded_to_zero(search, exact, *at));
        let size = |at: usize| f32::from(exact.0[at]) * search.steps[at];
        let unavoidable: f32 = rounding.map(|at| size(at).powi(2)).sum();
        let end = if run > 0 { search.bit_harm * search.bits[0] } else { 0.0 };
        cost + end - unavoidable
    }

    fn rounded_to_zero(search: &Search, exact: &Block, at: usize) -> bool {
        (f32::from(exact.0[at]) * search.steps[at]).abs() < 0.5
    }

    #[test]
    fn blocks_get_cheaper_and_no_coefficient_grows() {
        let divisors = Divisors::rounding(&[11; 64]);
        let [balanced, small] = [Profile::Balanced, Profile::Small]
            .map(|profile| Search::new(profile, false, &divisors).expect("a search"));
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
        assert!(Search::new(Profile::Fast, true, &Divisors::rounding(&[1; 64])).is_none());
    }
}
