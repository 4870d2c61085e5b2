//! The last rows of a stream, interleaved in pairs as the vertical pass reads them: each row meets
//! its neighbor once, not again for each of the sums that it becomes a part of.

use std::ops::Range;

use resizer_cpu::Cpu;

use super::kernels::{PAIRED_COLUMNS, pair};

/// A ring of pairs of rows: rows 0 and 1 are a pair, 2 and 3 the next one.
#[derive(Debug)]
pub(super) struct RowPairs {
    cpu: Cpu,
    /// Samples of a row.
    length: usize,
    /// The two rows of the next pair, each padded.
    coming: Vec<i16>,
    /// Whole pairs, pair `at` at `at % capacity`.
    pairs: Vec<i16>,
}

impl RowPairs {
    /// Keeps the last `capacity` pairs of rows of `length` samples; with 0 none but the one that
    /// comes.
    pub(super) fn new(cpu: Cpu, length: usize, capacity: usize) -> Self {
        let pair_length = 2 * padded(length);
        Self { cpu, length, coming: vec![0; pair_length], pairs: vec![0; pair_length * capacity] }
    }

    /// Bytes that as many pairs take.
    pub(super) fn bytes(length: usize, capacity: u64) -> u64 {
        padded(length) as u64 * (capacity + 1) * 4
    }

    /// Where row `y` goes.
    pub(super) fn coming(&mut self, y: usize) -> &mut [i16] {
        let start = y % 2 * padded(self.length);
        &mut self.coming[start..][..self.length]
    }

    /// Keeps the pair that row `y` is the last one of; alone, a row is its own neighbor.
    pub(super) fn keep(&mut self, y: usize) {
        let pair_length = self.coming.len();
        let capacity = self.pairs.len() / pair_length;
        if capacity == 0 {
            return;
        }
        let (upper, lower) = self.coming.split_at(pair_length / 2);
        let lower = if y.is_multiple_of(2) { upper } else { lower };
        let place = y / 2 % capacity * pair_length;
        pair(self.cpu, [upper, lower], &mut self.pairs[place..][..pair_length]);
    }

    /// The pairs of rows `start..end`, both even.
    pub(super) fn of(&self, start: usize, end: usize) -> Vec<&[i16]> {
        let pair_length = self.coming.len();
        let capacity = self.pairs.len() / pair_length;
        let pair = |at: usize| &self.pairs[at % capacity * pair_length..][..pair_length];
        (start / 2..end / 2).map(pair).collect()
    }
}

/// Columns of a row with those that fill up its last step, an odd number of steps: the same columns
/// of neighboring rows would otherwise meet in the same sets of the cache where the picture is
/// 4,096 wide or nearly so.
pub(super) fn padded(length: usize) -> usize {
    (length.div_ceil(PAIRED_COLUMNS) | 1) * PAIRED_COLUMNS
}

/// The steps of columns, [`PAIRED_COLUMNS`] each, with used samples of some channel.
pub(super) fn paired_columns(
    channels: usize,
    width: usize,
    used: &Range<usize>,
) -> Vec<Range<usize>> {
    let mut all: Vec<Range<usize>> = Vec::new();
    for channel in 0..channels {
        let first = (channel * width + used.start) / PAIRED_COLUMNS;
        let end = (channel * width + used.end).div_ceil(PAIRED_COLUMNS);
        match all.last_mut() {
            Some(last) if last.end >= first => last.end = end,
            _ => all.push(first..end),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use resizer_cpu::Cpu;

    use super::{RowPairs, padded};
    use crate::resize::kernels::{PAIRED_COLUMNS, Sum, vertical};

    /// Rows of any width, an odd number of them, through a ring that is smaller than they are.
    #[test]
    fn every_set_adds_up_rows_of_every_width() {
        let weights = [-700, 4_000, 9_000, 4_784, -700, 0];
        for cpu in Cpu::available() {
            for width in (1..68).chain([129, 333]) {
                let sample =
                    |x: usize, y: usize| ((x * 7_919 + y * 104_729) % 20_000) as i16 - 2_000;
                let mut rows = RowPairs::new(cpu, width, 3);
                for y in 0..9 {
                    let row = rows.coming(y).iter_mut().enumerate();
                    row.for_each(|(x, out)| *out = sample(x, y));
                    if y % 2 == 1 || y == 8 {
                        rows.keep(y);
                    }
                }
                let mut found = vec![0; padded(width)];
                let sum = Sum { first_pair: 0, weights: &weights };
                let steps = 0..padded(width) / PAIRED_COLUMNS;
                vertical(cpu, &rows.of(4, 10), &[sum], steps, &mut found);
                for (x, &found) in found.iter().take(width).enumerate() {
                    let products = weights.iter().zip(4..9);
                    let total: i32 = products
                        .map(|(&weight, y)| i32::from(weight) * i32::from(sample(x, y)))
                        .sum();
                    let expected = (total + (1 << 13)) >> 14;
                    assert_eq!(i32::from(found), expected, "{cpu:?}, {width} wide at {x}");
                }
            }
        }
    }
}
