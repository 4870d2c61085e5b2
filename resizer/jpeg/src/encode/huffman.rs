//! Huffman codes, from a specification or optimal for a histogram. Source: ITU T.81, annex C and
//! K.2.

use crate::standard::HuffmanSpecification;

/// The code of each symbol.
#[derive(Debug, Clone)]
pub(super) struct Codes {
    /// The code shifted left by the number of extra bits after it, then five bits with the length
    /// of both.
    entries: Box<[u64; 256]>,
}

impl Codes {
    /// `following` gives the number of extra bits after a symbol.
    pub(super) fn new(table: &HuffmanSpecification<'_>, following: fn(u8) -> u32) -> Self {
        let mut entries = Box::new([0; 256]);
        let mut code = 0u64;
        let mut symbols = table.symbols.iter();
        for (bits, count) in (1..=16).zip(table.counts) {
            for symbol in symbols.by_ref().take(usize::from(count)) {
                let more = following(*symbol);
                entries[usize::from(*symbol)] = code << (more + 5) | u64::from(bits + more);
                code += 1;
            }
            code <<= 1;
        }
        Self { entries }
    }

    /// The code with room for its extra bits, and the length of both.
    #[inline(always)]
    pub(super) fn get(&self, symbol: u8) -> (u64, u32) {
        let entry = self.entries[usize::from(symbol)];
        (entry >> 5, entry as u32 & 31)
    }
}

/// A Huffman table made for a picture.
#[derive(Debug, Clone)]
pub(super) struct OwnedTable {
    counts: [u8; 16],
    symbols: Vec<u8>,
}

impl OwnedTable {
    pub(super) fn specification(&self) -> HuffmanSpecification<'_> {
        HuffmanSpecification { counts: self.counts, symbols: &self.symbols }
    }

    /// The optimal table with codes of at most 16 bits.
    pub(super) fn optimized(histogram: &[u32; 256]) -> Self {
        let mut symbols: Vec<u8> = (0..=255).collect();
        symbols.retain(|symbol| histogram[usize::from(*symbol)] > 0);
        symbols.sort_by_key(|symbol| std::cmp::Reverse(histogram[usize::from(*symbol)]));
        // An extra symbol that never occurs takes the code of all ones, which is not allowed.
        let mut weights: Vec<u64> =
            symbols.iter().map(|symbol| u64::from(histogram[usize::from(*symbol)])).collect();
        weights.push(0);
        let mut counts = limited_lengths(&weights);
        if let Some(longest) = counts.iter_mut().rev().find(|count| **count > 0) {
            *longest -= 1;
        }
        Self { counts, symbols }
    }

    /// The total length of the codes of all counted symbols, without extra bits.
    pub(super) fn cost_bits(&self, histogram: &[u32; 256]) -> u64 {
        let lengths = (1u64..=16).zip(self.counts);
        let lengths = lengths.flat_map(|(bits, count)| (0..count).map(move |_| bits));
        let costs = self.symbols.iter().zip(lengths);
        costs.map(|(symbol, bits)| bits * u64::from(histogram[usize::from(*symbol)])).sum()
    }
}

/// The number of codes of 1, 2, .. 16 bits for weights in descending order, by the package-merge
/// algorithm. Source: Larmore and Hirschberg 1990, "A fast algorithm for optimal length-limited
/// Huffman codes".
fn limited_lengths(weights: &[u64]) -> [u8; 16] {
    if weights.len() == 1 {
        return [0; 16];
    }
    // A package is its weight and, per round, the number of single weights in it. These are always
    // the lightest ones, so the number tells which.
    let rising = || weights.iter().rev().map(|weight| (*weight, false));
    let mut rounds: Vec<Vec<(u64, bool)>> = vec![rising().collect()];
    for round in 1..16 {
        let pairs = rounds[round - 1].chunks_exact(2).map(|pair| (pair[0].0 + pair[1].0, true));
        let mut merged: Vec<(u64, bool)> = rising().chain(pairs).collect();
        merged.sort_by_key(|package| package.0);
        rounds.push(merged);
    }
    let mut taken = 2 * (weights.len() - 1);
    let mut at_least = [0usize; 17];
    for (round, packages) in rounds.iter().enumerate().rev() {
        let packed = packages[..taken].iter().filter(|package| package.1).count();
        at_least[15 - round] = taken - packed;
        taken = 2 * packed;
    }
    std::array::from_fn(|at| (at_least[at] - at_least[at + 1]) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(table: &OwnedTable) -> Vec<u32> {
        let lengths = (1..=16).zip(table.counts);
        lengths.flat_map(|(bits, count)| (0..count).map(move |_| bits)).collect()
    }

    #[test]
    fn steep_histograms_keep_to_16_bits_and_leave_the_last_code() {
        let mut fibonacci = [0; 256];
        let (mut a, mut b) = (1u32, 1u32);
        for count in fibonacci.iter_mut().take(40) {
            *count = a;
            (a, b) = (b, a + b);
        }
        let mut ramp = [1; 256];
        ramp.iter_mut().zip(0..).for_each(|(count, at)| *count += at * at);
        let mut single = [0; 256];
        single[5] = 7;
        let mut pair = single;
        pair[200] = 1;
        for histogram in [fibonacci, ramp, single, pair, [1; 256], [u32::MAX; 256]] {
            let table = OwnedTable::optimized(&histogram);
            let coded = histogram.iter().filter(|count| **count > 0).count();
            assert_eq!(table.symbols.len(), coded);
            assert_eq!(lengths(&table).len(), coded);
            let space: u32 = lengths(&table).iter().map(|bits| 1 << (16 - bits)).sum();
            assert!(space < 1 << 16, "the code that is all ones is free");
        }
    }

    #[test]
    fn no_symbols_need_no_codes() {
        let table = OwnedTable::optimized(&[0; 256]);
        assert_eq!(table.counts, [0; 16]);
        assert!(table.symbols.is_empty());
    }

    #[test]
    fn the_cost_is_near_the_entropy() {
        let mut histogram = [0; 256];
        histogram.iter_mut().zip(1..).for_each(|(count, at)| *count = 1_000_000 / (at * at));
        let total: f64 = histogram.iter().copied().map(f64::from).sum();
        let bits = |count: u32| f64::from(count) * (total / f64::from(count.max(1))).log2();
        let entropy: f64 = histogram.iter().copied().map(bits).sum();
        let cost = OwnedTable::optimized(&histogram).cost_bits(&histogram) as f64;
        assert!(cost >= entropy && cost < entropy * 1.03, "{cost} against {entropy}");
    }
}
