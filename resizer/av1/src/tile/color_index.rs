//! The colors of the samples of a block with a palette, as indexes into the palette. Source: AV1
//! specification, sections "Palette tokens syntax" and "Palette color context function".

use crate::cdf::screen::{COLOR_CONTEXTS, ColorCdf, adapt_color};
use crate::range_coder::RangeCoder;

/// The indexes of a block of `side` x `side` samples, of which `columns` x `rows` lie in the
/// picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct ColorMap<'a> {
    pub(super) indexes: &'a [u8],
    pub(super) side: usize,
    pub(super) columns: usize,
    pub(super) rows: usize,
    /// The number of colors.
    pub(super) colors: usize,
}

impl ColorMap<'_> {
    /// Calls a function with the context and the symbol of each index but the first one.
    #[inline]
    fn for_each(&self, mut function: impl FnMut(usize, usize)) {
        for diagonal in 1..self.columns + self.rows - 1 {
            let last = diagonal.min(self.columns - 1);
            let first = (diagonal + 1).saturating_sub(self.rows);
            for column in (first..=last).rev() {
                let (context, symbol) = self.symbol(diagonal - column, column);
                function(context, symbol);
            }
        }
    }

    /// The context and the symbol of an index. The symbol is the rank of its color, where the
    /// colors of the neighbors come first.
    #[inline]
    fn symbol(&self, row: usize, column: usize) -> (usize, usize) {
        let at = row * self.side + column;
        let index = self.indexes[at];
        if row == 0 {
            return (0, rank(index, &[self.indexes[at - 1]]));
        }
        let above = self.indexes[at - self.side];
        if column == 0 {
            return (0, rank(index, &[above]));
        }
        let (left, corner) = (self.indexes[at - 1], self.indexes[at - self.side - 1]);
        match (left == above, left == corner, above == corner) {
            (true, true, _) => (4, rank(index, &[left])),
            (true, false, _) => (3, rank(index, &[left, corner])),
            (false, true, _) => (2, rank(index, &[left, above])),
            (false, false, true) => (2, rank(index, &[above, left])),
            (false, false, false) => (1, rank(index, &[left.min(above), left.max(above), corner])),
        }
    }

    /// The cost of all indexes, in 1/256 bit. The probabilities do not adapt meanwhile.
    pub(super) fn cost(&self, cdfs: &[ColorCdf; COLOR_CONTEXTS]) -> u32 {
        let mut costs = [[0; 8]; COLOR_CONTEXTS];
        for (costs, cdf) in costs.iter_mut().zip(cdfs) {
            for (symbol, cost) in costs[..self.colors].iter_mut().enumerate() {
                *cost = crate::cdf::cost(cdf, symbol);
            }
        }
        let mut sum = 256 * self.colors.ilog2();
        self.for_each(|context, symbol| sum += costs[context][symbol]);
        sum
    }

    pub(super) fn write(&self, coder: &mut RangeCoder, cdfs: &mut [ColorCdf; COLOR_CONTEXTS]) {
        let (first, colors) = (u32::from(self.indexes[0]), self.colors as u32);
        // The code NS(n) of the specification, which has two lengths.
        let bits = colors.ilog2();
        let short = (2 << bits) - colors;
        if first < short {
            coder.bits(first, bits);
        } else {
            coder.bits(first + short, bits + 1);
        }
        self.for_each(|context, symbol| {
            let cdf = &mut cdfs[context];
            coder.symbol_of(&cdf[..self.colors], symbol);
            adapt_color(cdf, self.colors, symbol);
        });
    }
}

/// The rank of a color, where the colors in `first` precede all others, which are in ascending
/// order.
#[inline]
fn rank(color: u8, first: &[u8]) -> usize {
    if let Some(at) = first.iter().position(|other| *other == color) {
        return at;
    }
    usize::from(color) + first.iter().filter(|other| **other > color).count()
}

#[cfg(test)]
mod tests {
    use super::{ColorMap, rank};

    #[test]
    fn neighbors_are_the_first_colors() {
        assert_eq!([0, 1, 2, 3].map(|color| rank(color, &[2])), [1, 2, 0, 3]);
        assert_eq!([0, 1, 2, 3].map(|color| rank(color, &[3, 1])), [2, 1, 3, 0]);
    }

    #[test]
    fn diagonals_are_coded_from_the_top_right() {
        let indexes = [0, 1, 2, 2, 1, 0, 0, 0, 0];
        let map = ColorMap { indexes: &indexes, side: 3, columns: 3, rows: 2, colors: 3 };
        let mut symbols = Vec::new();
        map.for_each(|context, symbol| symbols.push((context, symbol)));
        assert_eq!(symbols, [(0, 1), (0, 2), (0, 2), (1, 0), (2, 2)]);
    }
}
