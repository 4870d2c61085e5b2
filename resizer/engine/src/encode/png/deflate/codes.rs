//! The symbol counts of a block in, its prefix codes and its bits out.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Token;

/// The number of symbols for literals, the end of the block, and lengths of matches.
pub(super) const LITERALS: usize = 286;
/// The number of symbols for distances.
pub(super) const DISTANCES: usize = 30;

/// The symbol of the end of the block.
const END: usize = 256;
/// The order of the code lengths of the code length alphabet: section 3.2.7 of RFC 1951.
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// The symbol of a length and the number of its extra bits.
pub(super) fn length_symbol(length: u16) -> (usize, u32) {
    let rest = u32::from(length - 3);
    match rest {
        0..8 => (257 + rest as usize, 0),
        255 => (285, 0),
        _ => {
            let bits = rest.ilog2();
            ((253 + 4 * bits + (rest >> (bits - 2) & 3)) as usize, bits - 2)
        }
    }
}

/// The symbol of a distance and the number of its extra bits.
pub(super) fn distance_symbol(distance: u16) -> (usize, u32) {
    let rest = u32::from(distance - 1);
    if rest < 4 {
        return (rest as usize, 0);
    }
    let bits = rest.ilog2();
    ((2 * bits + (rest >> (bits - 1) & 1)) as usize, bits - 1)
}

/// How often each symbol is used.
#[derive(Debug, Clone)]
pub(super) struct Counts {
    pub(super) literals: [u32; LITERALS],
    pub(super) distances: [u32; DISTANCES],
}

impl Default for Counts {
    fn default() -> Self {
        Self { literals: [0; LITERALS], distances: [0; DISTANCES] }
    }
}

impl Counts {
    pub(super) fn of(tokens: &[Token]) -> Self {
        let mut counts = Self::default();
        for &token in tokens {
            match token {
                Token::Literal(byte) => counts.literals[usize::from(byte)] += 1,
                Token::Match { length, distance } => {
                    counts.literals[length_symbol(length).0] += 1;
                    counts.distances[distance_symbol(distance).0] += 1;
                }
            }
        }
        counts
    }

    pub(super) fn plus(&self, other: &Self) -> Self {
        Self {
            literals: std::array::from_fn(|at| self.literals[at] + other.literals[at]),
            distances: std::array::from_fn(|at| self.distances[at] + other.distances[at]),
        }
    }
}

/// The prefix codes of a block.
#[derive(Debug)]
pub(super) struct Codes {
    literals: [u8; LITERALS],
    distances: [u8; DISTANCES],
    /// The code lengths of both as symbols of the code length alphabet, with their extra bits.
    lengths: Vec<(usize, u32)>,
    /// The code lengths of the code length alphabet.
    length_codes: [u8; 19],
}

impl Codes {
    pub(super) fn of(counts: &Counts) -> Self {
        let mut with_end = counts.literals;
        with_end[END] += 1;
        let literals: [u8; LITERALS] = code_lengths(&with_end, 15);
        let mut distances: [u8; DISTANCES] = code_lengths(&counts.distances, 15);
        if distances.iter().all(|&bits| bits == 0) {
            // Decoders expect at least one code for distances.
            distances[0] = 1;
        }
        let used = |lengths: &[u8], least: usize| {
            lengths.iter().rposition(|&bits| bits > 0).map_or(least, |last| least.max(last + 1))
        };
        let all = [&literals[..used(&literals, 257)], &distances[..used(&distances, 1)]].concat();
        let lengths = run_lengths(&all);
        let mut length_counts = [0; 19];
        lengths.iter().for_each(|&(symbol, _)| length_counts[symbol] += 1);
        Self { literals, distances, lengths, length_codes: code_lengths(&length_counts, 7) }
    }

    /// The number of bits of the block.
    pub(super) fn bits(&self, counts: &Counts) -> u64 {
        let mut bits = 17 + 3 * self.order().len() as u64 + u64::from(self.literals[END]);
        for &(symbol, _) in &self.lengths {
            bits += u64::from(self.length_codes[symbol]) + u64::from(extra_of_length(symbol));
        }
        for (symbol, &count) in counts.literals.iter().enumerate() {
            let extra = if symbol < 265 || symbol == 285 { 0 } else { (symbol as u64 - 261) / 4 };
            bits += u64::from(count) * (u64::from(self.literals[symbol]) + extra);
        }
        for (symbol, &count) in counts.distances.iter().enumerate() {
            let extra = (symbol as u64 / 2).saturating_sub(1);
            bits += u64::from(count) * (u64::from(self.distances[symbol]) + extra);
        }
        bits
    }

    /// The symbols of the code length alphabet whose code lengths are written, in order.
    fn order(&self) -> &'static [usize] {
        let last = ORDER.iter().rposition(|&symbol| self.length_codes[symbol] > 0);
        &ORDER[..usize::max(last.map_or(0, |last| last + 1), 4)]
    }

    pub(super) fn write(&self, tokens: &[Token], is_last: bool, out: &mut BitWriter) {
        let literals = codes(&self.literals);
        let distances = codes(&self.distances);
        out.put(u32::from(is_last) | 2 << 1, 3);
        let used = |lengths: &[u8], least: usize| {
            lengths.iter().rposition(|&bits| bits > 0).map_or(least, |last| least.max(last + 1))
        };
        out.put(used(&self.literals, 257) as u32 - 257, 5);
        out.put(used(&self.distances, 1) as u32 - 1, 5);
        let order = self.order();
        out.put(order.len() as u32 - 4, 4);
        order.iter().for_each(|&symbol| out.put(u32::from(self.length_codes[symbol]), 3));
        let length_codes = codes(&self.length_codes);
        for &(symbol, rest) in &self.lengths {
            out.put(length_codes[symbol], self.length_codes[symbol].into());
            out.put(rest, extra_of_length(symbol));
        }
        let literal = |symbol: usize, out: &mut BitWriter| {
            out.put(literals[symbol], self.literals[symbol].into());
        };
        for &token in tokens {
            match token {
                Token::Literal(byte) => literal(byte.into(), out),
                Token::Match { length, distance } => {
                    let (symbol, extra) = length_symbol(length);
                    literal(symbol, out);
                    out.put(u32::from(length - 3) & ((1 << extra) - 1), extra);
                    let (symbol, extra) = distance_symbol(distance);
                    out.put(distances[symbol], self.distances[symbol].into());
                    out.put(u32::from(distance - 1) & ((1 << extra) - 1), extra);
                }
            }
        }
        literal(END, out);
    }
}

/// The number of extra bits of a symbol of the code length alphabet.
fn extra_of_length(symbol: usize) -> u32 {
    [2, 3, 7].get(symbol.wrapping_sub(16)).copied().unwrap_or(0)
}

/// Run-length encodes code lengths: section 3.2.7 of RFC 1951.
fn run_lengths(lengths: &[u8]) -> Vec<(usize, u32)> {
    let mut symbols = Vec::new();
    for run in lengths.chunk_by(|one, next| one == next) {
        let (bits, mut left) = (usize::from(run[0]), run.len());
        if bits > 0 {
            symbols.push((bits, 0));
            left -= 1;
        }
        while left > 0 {
            let (symbol, least, most) = match (bits, left) {
                (0, 11..) => (18, 11, 138),
                (0, 3..) => (17, 3, 10),
                (1.., 3..) => (16, 3, 6),
                _ => (bits, 1, 1),
            };
            let count = left.min(most);
            symbols.push((symbol, (count - least) as u32));
            left -= count;
        }
    }
    symbols
}

/// The lengths of Huffman codes of at most `most` bits. Unused symbols have the length 0.
fn code_lengths<const N: usize>(counts: &[u32; N], most: u8) -> [u8; N] {
    let mut counts = *counts;
    loop {
        let lengths = unlimited(&counts);
        if lengths.iter().all(|&bits| bits <= most) {
            return lengths;
        }
        // Smaller ratios between the counts make the longest codes shorter.
        counts.iter_mut().filter(|count| **count > 0).for_each(|count| *count = *count / 2 + 1);
    }
}

/// The lengths of Huffman codes without a limit.
fn unlimited<const N: usize>(counts: &[u32; N]) -> [u8; N] {
    let mut lengths = [0; N];
    let mut heap: BinaryHeap<Reverse<(u32, usize)>> = counts
        .iter()
        .enumerate()
        .filter(|&(_, &count)| count > 0)
        .map(|(symbol, &count)| Reverse((count, symbol)))
        .collect();
    if let (1, Some(Reverse((_, symbol)))) = (heap.len(), heap.peek()) {
        lengths[*symbol] = 1;
        return lengths;
    }
    // The parent of each node. Symbols come first, and then inner nodes in order of creation.
    let mut parents = vec![usize::MAX; N];
    while let (Some(Reverse((one, first))), Some(Reverse((other, second)))) =
        (heap.pop(), heap.pop())
    {
        let node = parents.len();
        parents.push(usize::MAX);
        [parents[first], parents[second]] = [node, node];
        let rest_is_empty = heap.is_empty();
        heap.push(Reverse((one + other, node)));
        if rest_is_empty {
            break;
        }
    }
    let mut depths = vec![0_u8; parents.len()];
    for node in (0..parents.len()).rev() {
        if let Some(&depth) = depths.get(parents[node]) {
            depths[node] = depth + 1;
        }
    }
    lengths.copy_from_slice(&depths[..N]);
    lengths
}

/// The canonical codes of these lengths, with the first bit as the least significant one.
fn codes<const N: usize>(lengths: &[u8; N]) -> [u32; N] {
    let mut codes = [0; N];
    let mut next = 0_u32;
    for bits in 1..=15 {
        next <<= 1;
        for (code, _) in std::iter::zip(&mut codes, lengths).filter(|(_, length)| **length == bits)
        {
            *code = next.reverse_bits() >> (32 - u32::from(bits));
            next += 1;
        }
    }
    codes
}

/// Writes bits to bytes, from the least significant bit on.
#[derive(Debug)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    pending: u64,
    count: u32,
}

impl BitWriter {
    pub(super) fn new() -> Self {
        Self { bytes: Vec::new(), pending: 0, count: 0 }
    }

    /// Writes at most 32 bits.
    pub(super) fn put(&mut self, value: u32, bits: u32) {
        self.pending |= u64::from(value) << self.count;
        self.count += bits;
        while self.count >= 8 {
            self.bytes.push(self.pending as u8);
            self.pending >>= 8;
            self.count -= 8;
        }
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        if self.count > 0 {
            self.bytes.push(self.pending as u8);
        }
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::code_lengths;

    #[test]
    fn codes_stay_within_their_limit_and_are_complete() {
        // Each symbol is twice as frequent as the one before: unlimited codes have up to 25 bits.
        let doubled: [u32; 26] = std::array::from_fn(|symbol| 1 << symbol);
        for most in [7, 15] {
            let lengths = code_lengths(&doubled, most);
            assert_eq!(lengths.iter().max(), Some(&most));
            assert!(lengths.is_sorted_by(|one, other| one >= other), "{lengths:?}");
            let taken: u32 = lengths.iter().map(|&bits| 1 << (15 - bits)).sum();
            assert_eq!(taken, 1 << 15, "{lengths:?}");
        }
        assert_eq!(code_lengths(&[0, 3, 0], 15), [0, 1, 0]);
        assert_eq!(code_lengths(&[0; 3], 15), [0; 3]);
    }
}
