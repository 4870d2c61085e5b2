//! The matches of a piece and the costs of symbols in, the cheapest tokens of the piece out.

use super::Token;
use super::codes::{Counts, DISTANCES, LITERALS, distance_symbol, length_symbol};
use super::matches::{Finder, Match};

/// The cost of a bit. Costs have the unit 1/64 bit.
const BIT: u32 = 64;

/// The costs of symbols, and the cheapest path to each byte of a piece.
#[derive(Debug)]
pub(super) struct Parser {
    literals: [u32; 256],
    /// By length, from 3 on. Extra bits are included.
    lengths: Vec<u32>,
    /// By symbol. Extra bits are included.
    distances: [u32; DISTANCES],
    /// By position: the cost of the cheapest path to it.
    costs: Vec<u32>,
    /// By position: the last token of that path. A literal has the distance 0.
    steps: Vec<Match>,
}

impl Parser {
    /// Starts with typical costs of pictures.
    pub(super) fn new() -> Self {
        let lengths = (3..=258).map(|length| (5 + length_symbol(length).1) * BIT).collect();
        let distances =
            std::array::from_fn(|symbol| (4 + (symbol as u32 / 2).saturating_sub(1)) * BIT);
        Self { literals: [6 * BIT; 256], lengths, distances, costs: Vec::new(), steps: Vec::new() }
    }

    /// Computes the costs from the counts of symbols.
    pub(super) fn learn(&mut self, counts: &Counts) {
        let total = counts.literals.iter().sum::<u32>() + LITERALS as u32 / 2;
        for (cost, &count) in self.literals.iter_mut().zip(&counts.literals) {
            *cost = information(count, total);
        }
        for (length, cost) in (3..=258).zip(&mut self.lengths) {
            let (symbol, extra) = length_symbol(length);
            *cost = information(counts.literals[symbol], total) + extra * BIT;
        }
        let total = counts.distances.iter().sum::<u32>() + DISTANCES as u32 / 2;
        for (symbol, cost) in self.distances.iter_mut().enumerate() {
            let extra = (symbol as u32 / 2).saturating_sub(1);
            *cost = information(counts.distances[symbol], total) + extra * BIT;
        }
    }

    /// Appends the cheapest tokens of a piece.
    pub(super) fn parse(&mut self, piece: &[u8], finder: &Finder, tokens: &mut Vec<Token>) {
        let literal = Match { length: 1, distance: 0 };
        self.costs.clear();
        self.costs.resize(piece.len() + 1, u32::MAX);
        self.costs[0] = 0;
        self.steps.clear();
        self.steps.resize(piece.len() + 1, literal);
        for (place, &byte) in piece.iter().enumerate() {
            let cost = self.costs[place];
            let by_literal = cost + self.literals[usize::from(byte)];
            if by_literal < self.costs[place + 1] {
                self.costs[place + 1] = by_literal;
                self.steps[place + 1] = literal;
            }
            let mut shortest = 3;
            for &Match { length, distance } in finder.at(place) {
                let base = cost + self.distances[distance_symbol(distance).0];
                let range = usize::from(shortest)..=usize::from(length);
                let costs = &mut self.costs[place..][range.clone()];
                let steps = &mut self.steps[place..][range];
                let lengths = &self.lengths[usize::from(shortest) - 3..];
                for (offset, ((best, step), more)) in
                    costs.iter_mut().zip(steps).zip(lengths).enumerate()
                {
                    if base + more < *best {
                        *best = base + more;
                        *step = Match { length: shortest + offset as u16, distance };
                    }
                }
                shortest = length + 1;
            }
        }
        let start = tokens.len();
        let mut place = piece.len();
        while place > 0 {
            let Match { length, distance } = self.steps[place];
            place -= usize::from(length);
            tokens.push(match distance {
                0 => Token::Literal(piece[place]),
                _ => Token::Match { length, distance },
            });
        }
        tokens[start..].reverse();
    }
}

/// The information content of a symbol, at least 1/4 bit, in 1/64 bit. Each count is increased by
/// one half, so that unused symbols have a finite cost.
fn information(count: u32, total: u32) -> u32 {
    logarithm(2 * total).saturating_sub(logarithm(2 * count + 1)).max(BIT / 4)
}

/// The binary logarithm in 1/64, linear between powers of two. Integers make it equal on all CPUs.
fn logarithm(number: u32) -> u32 {
    let whole = number.max(1).ilog2();
    let rest = (u64::from(number) * u64::from(BIT)) >> whole;
    whole * BIT + rest as u32 - BIT
}
