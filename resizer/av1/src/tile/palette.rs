//! Palettes: the colors of a block, and their symbols. Source: AV1 specification, section "Palette
//! mode info syntax".

use crate::cdf::cost;

use super::block::Block;
use super::{Tile, UNITS};

/// The most colors of a palette.
pub(super) const MAX_COLORS: usize = 8;

/// The colors of a block in ascending order. None if the block has no palette.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Palette {
    size: u8,
    colors: [u8; MAX_COLORS],
}

impl Palette {
    /// A palette of at most 8 colors, which must be in ascending order.
    pub(super) fn new(sorted: &[u8]) -> Self {
        let mut colors = [0; MAX_COLORS];
        colors[..sorted.len()].copy_from_slice(sorted);
        Self { size: sorted.len() as u8, colors }
    }

    pub(super) fn colors(&self) -> &[u8] {
        &self.colors[..usize::from(self.size)]
    }

    pub(super) fn is_empty(&self) -> bool {
        self.size == 0
    }

    /// The index of the nearest color.
    #[inline]
    pub(super) fn nearest(&self, sample: u8) -> u8 {
        let distance = |at: &usize| sample.abs_diff(self.colors[*at]);
        (0..usize::from(self.size)).min_by_key(distance).unwrap_or(0) as u8
    }
}

/// The colors of the palettes above and to the left, in ascending order.
#[derive(Debug, Clone, Default)]
pub(super) struct Cache {
    colors: Vec<u8>,
}

impl Cache {
    fn new(above: Palette, left: Palette) -> Self {
        let mut colors = [above.colors(), left.colors()].concat();
        colors.sort_unstable();
        colors.dedup();
        Self { colors }
    }

    /// The nearest color of the cache, if it differs by at most `tolerance`.
    pub(super) fn near(&self, color: u8, tolerance: u8) -> Option<u8> {
        let nearest = self.colors.iter().min_by_key(|cached| cached.abs_diff(color))?;
        (nearest.abs_diff(color) <= tolerance).then_some(*nearest)
    }
}

/// The plane of sorted colors. Their differences are at least 1 in luma, and can be 0 in Cb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colors {
    Luma,
    Cb,
}

/// Values with their numbers of bits.
pub(super) type Bits = Vec<(u32, u32)>;

/// The bits that code sorted colors.
pub(super) fn color_bits(colors: &[u8], cache: &Cache, kind: Colors) -> Bits {
    let mut bits = Bits::new();
    let mut new = colors.to_vec();
    for cached in &cache.colors {
        if new.is_empty() {
            break;
        }
        let at = new.iter().position(|color| color == cached);
        bits.push((u32::from(at.is_some()), 1));
        at.map(|at| new.remove(at));
    }
    let Some(&first) = new.first() else { return bits };
    bits.push((u32::from(first), 8));
    let least = u32::from(kind == Colors::Luma);
    let difference = |pair: &[u8]| u32::from(pair[1] - pair[0]) - least;
    let Some(largest) = new.windows(2).map(difference).max() else { return bits };
    let mut width = (u32::BITS - largest.leading_zeros()).max(5);
    bits.push((width - 5, 2));
    for pair in new.windows(2) {
        bits.push((difference(pair), width));
        width = width.min(ceil_log2(256 - u32::from(pair[1]) - least));
    }
    bits
}

/// The bits that code the colors of Cr, which can be in any order.
pub(super) fn cr_bits(colors: &[u8]) -> Bits {
    let difference = |pair: &[u8]| i32::from(pair[1].wrapping_sub(pair[0]) as i8);
    let largest = colors.windows(2).map(|pair| difference(pair).unsigned_abs()).max().unwrap_or(0);
    let width = (u32::BITS - largest.leading_zeros()).max(4);
    let byte = |color: &u8| (u32::from(*color), 8);
    let mut differences = Bits::from([(1, 1), (width.wrapping_sub(4), 2), byte(&colors[0])]);
    for pair in colors.windows(2) {
        differences.push((difference(pair).unsigned_abs(), width));
        if pair[0] != pair[1] {
            differences.push((u32::from(difference(pair) < 0), 1));
        }
    }
    let plain: Bits = [(0, 1)].into_iter().chain(colors.iter().map(byte)).collect();
    if width <= 7 && count(&differences) < count(&plain) { differences } else { plain }
}

/// The number of bits.
pub(super) fn count(bits: &Bits) -> u32 {
    bits.iter().map(|(_, width)| width).sum()
}

/// The number of bits of values below `limit`.
const fn ceil_log2(limit: u32) -> u32 {
    if limit < 2 { 0 } else { u32::BITS - (limit - 1).leading_zeros() }
}

impl Tile<'_> {
    /// The colors that a palette of a kind of plane can take from its neighbors.
    pub(super) fn palette_cache(&self, kind: usize, block: Block) -> Cache {
        let above = self.above.palettes[kind][block.column];
        let above = if block.row.is_multiple_of(UNITS) { Palette::default() } else { above };
        Cache::new(above, self.left.palettes[kind][block.row % UNITS])
    }

    /// The contexts of whether luma has a palette.
    pub(super) fn palette_contexts(&self, block: Block) -> (usize, usize) {
        let above = &self.above.palettes[0][block.column];
        let left = &self.left.palettes[0][block.row % UNITS];
        let context = usize::from(!above.is_empty()) + usize::from(!left.is_empty());
        (size_context(block), context)
    }

    /// The cost of the palette of luma without its indexes, in 1/256 bit.
    pub(super) fn palette_cost(&self, block: Block, palette: Palette, cache: &Cache) -> u32 {
        let (size, context) = self.palette_contexts(block);
        let cdfs = &self.cdfs.screen;
        cost(&cdfs.has_palette[size][context], 1)
            + cost(&cdfs.palette_size[0][size], palette.colors().len() - 2)
            + 256 * count(&color_bits(palette.colors(), cache, Colors::Luma))
    }

    /// Writes whether luma has a palette, and the palette.
    pub(super) fn write_palette(&mut self, block: Block, palette: Palette) {
        let (size, context) = self.palette_contexts(block);
        let cdfs = &mut self.cdfs.screen;
        let has_palette = !palette.is_empty();
        self.coder.symbol(&mut cdfs.has_palette[size][context], usize::from(has_palette));
        if has_palette {
            let colors = palette.colors();
            self.coder.symbol(&mut cdfs.palette_size[0][size], colors.len() - 2);
            let cache = self.palette_cache(0, block);
            self.write_bits(&color_bits(colors, &cache, Colors::Luma));
        }
    }

    pub(super) fn write_bits(&mut self, bits: &Bits) {
        bits.iter().for_each(|(value, width)| self.coder.bits(*value, *width));
    }
}

/// The context of the size of a block.
pub(super) const fn size_context(block: Block) -> usize {
    2 * (block.size_index() - 1)
}

#[cfg(test)]
mod tests {
    use super::{Cache, Colors, Palette, color_bits, cr_bits};

    #[test]
    fn cached_colors_need_one_bit() {
        let cache = Cache::new(Palette::new(&[10, 200]), Palette::new(&[10, 90]));
        let bits = color_bits(&[10, 50, 200, 255], &cache, Colors::Luma);
        assert_eq!(bits, [(1, 1), (0, 1), (1, 1), (50, 8), (3, 2), (204, 8)]);
        assert_eq!(color_bits(&[10, 90], &cache, Colors::Luma), [(1, 1), (1, 1)]);
    }

    #[test]
    fn differences_get_shorter_near_the_largest_color() {
        let bits = color_bits(&[0, 250, 252, 255], &Cache::default(), Colors::Luma);
        assert_eq!(bits, [(0, 8), (3, 2), (249, 8), (1, 3), (2, 2)]);
        let bits = color_bits(&[3, 3, 255, 255], &Cache::default(), Colors::Cb);
        assert_eq!(bits, [(3, 8), (3, 2), (0, 8), (252, 8), (0, 0)]);
    }

    #[test]
    fn cr_has_differences_if_they_are_shorter() {
        assert_eq!(cr_bits(&[250, 2, 2]), [(1, 1), (0, 2), (250, 8), (8, 4), (0, 1), (0, 4)]);
        assert_eq!(cr_bits(&[0, 128]), [(0, 1), (0, 8), (128, 8)]);
    }
}
