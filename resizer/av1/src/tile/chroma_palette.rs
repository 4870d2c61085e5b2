//! The choice of the palette of chroma.

use std::ops::RangeInclusive;

use crate::cdf::cost;
use crate::kernels;
use crate::predict::Mode;

use super::Tile;
use super::block::{Block, ChromaMode, Luma};
use super::color_index::ColorMap;
use super::palette::{
    Cache, Colors, MAX_COLORS, Palette, color_bits, count, cr_bits, size_context,
};
use super::palette_search::TOLERANCE;
use super::scratch::Scratch;

/// Palettes are tried for blocks with at most this many distinct pairs of samples.
const MAX_PAIRS: usize = 64;
/// The number of iterations of Lloyd's algorithm.
const REPETITIONS: usize = 4;

/// The colors of chroma, in ascending order of Cb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct ChromaPalette {
    pub(super) cb: Palette,
    cr: [u8; MAX_COLORS],
}

impl ChromaPalette {
    fn new(colors: &mut Vec<[u8; 2]>) -> Self {
        colors.sort_unstable();
        colors.dedup();
        let mut palette = Self::default();
        let mut cb = [0; MAX_COLORS];
        for (at, &[first, second]) in colors.iter().enumerate() {
            (cb[at], palette.cr[at]) = (first, second);
        }
        palette.cb = Palette::new(&cb[..colors.len()]);
        palette
    }

    pub(super) fn cr(&self) -> &[u8] {
        &self.cr[..self.cb.colors().len()]
    }

    /// The colors of Cb for plane 1, those of Cr for plane 2.
    pub(super) fn colors(&self, plane: usize) -> &[u8] {
        if plane == 1 { self.cb.colors() } else { self.cr() }
    }

    /// The index of the nearest color.
    fn nearest(&self, [cb, cr]: [u8; 2]) -> u8 {
        let square = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
        let pairs = self.cb.colors().iter().zip(self.cr());
        let distances = pairs.map(|(first, second)| square(*first, cb) + square(*second, cr));
        (0..).zip(distances).min_by_key(|(_, distance)| *distance).map_or(0, |(at, _)| at)
    }
}

impl Tile<'_> {
    /// Returns the palette of chroma if it costs less than a mode. Its indexes are in the buffers.
    pub(super) fn try_chroma_palettes(
        &self,
        block: Block,
        (luma, mode): (Luma, ChromaMode),
        scratch: &mut Scratch,
    ) -> ChromaMode {
        let shift = self.source.chroma.shift(1);
        let side = block.size >> shift;
        let (columns, rows) = self.visible(block);
        let (columns, rows) = (columns >> shift, rows >> shift);
        let [cb, cr] = scratch.chroma_source.each_ref().map(|source| &source[..side * side]);
        let Some(pairs) = count_pairs((cb, cr), side, (columns, rows)) else { return mode };
        let cache = self.palette_cache(1, block);
        let mut best = (self.chroma_cost_of(block, (luma, mode), scratch), mode);
        let size = size_context(block);
        let mode_cost = self.chroma_mode_cost(block, luma, Mode::Dc)
            + cost(&self.cdfs.screen.has_chroma_palette[usize::from(!luma.palette.is_empty())], 1);
        let only = self.shared.search.only_colors;
        let sizes = only.map_or(2..=MAX_COLORS, |only| only..=only);
        if only.is_some() {
            best.0 = f32::INFINITY;
        }
        for palette in palettes(&pairs, sizes, &cache) {
            let indexes = &mut scratch.color_maps[2][..side * side];
            let [cb, cr] = scratch.chroma_source.each_ref().map(|source| &source[..side * side]);
            assign_pairs((cb, cr), (columns, rows), &palette, (indexes, side));
            let indexes = &scratch.color_maps[2][..side * side];
            let colors = palette.cr().len();
            let map = ColorMap { indexes, side, columns, rows, colors };
            let color_bits = count(&color_bits(palette.cb.colors(), &cache, Colors::Cb))
                + count(&cr_bits(palette.cr()));
            let bits = mode_cost
                + cost(&self.cdfs.screen.palette_size[1][size], colors - 2)
                + 256 * color_bits
                + map.cost(&self.cdfs.screen.colors[1][colors - 2]);
            let rate = self.quantizer.lambda * bits as f32 / 256.0;
            if rate >= best.0 {
                continue;
            }
            scratch.color_maps.swap(1, 2);
            let tried = ChromaMode::Palette(palette);
            let total = rate + self.chroma_residual_cost(block, tried, scratch);
            if total < best.0 {
                best = (total, tried);
            } else {
                scratch.color_maps.swap(1, 2);
            }
        }
        best.1
    }

    /// The rate-distortion cost of a mode.
    fn chroma_cost_of(
        &self,
        block: Block,
        (luma, mode): (Luma, ChromaMode),
        scratch: &mut Scratch,
    ) -> f32 {
        let bits = self.chroma_cost(block, luma, mode) as f32 / 256.0;
        self.chroma_residual_cost(block, mode, scratch) + self.quantizer.lambda * bits
    }

    fn chroma_residual_cost(&self, block: Block, mode: ChromaMode, scratch: &mut Scratch) -> f32 {
        let cpu = self.shared.cpu;
        let side = block.size >> self.source.chroma.shift(1);
        let kind = (side, mode.transform(side));
        self.predict_chroma(mode, side, scratch);
        let mut sum = 0.0;
        for plane in 1..3 {
            let prediction = &scratch.chroma[plane - 1][..side * side];
            let residual = &mut scratch.residual[..side * side];
            let source = &scratch.chroma_source[plane - 1][..side * side];
            kernels::subtract(cpu, source, prediction, residual);
            sum += self.residual_cost_of(plane, kind, scratch);
        }
        sum
    }
}

/// The distinct pairs of a block's samples in the picture with their counts, if there are 2 to
/// [`MAX_PAIRS`] of them.
fn count_pairs(
    (cb, cr): (&[u8], &[u8]),
    side: usize,
    (columns, rows): (usize, usize),
) -> Option<Vec<([u8; 2], u32)>> {
    let mut pairs: Vec<([u8; 2], u32)> = Vec::with_capacity(MAX_PAIRS);
    let mut last = 0;
    for (cb, cr) in cb.chunks(side).zip(cr.chunks(side)).take(rows) {
        for (cb, cr) in cb[..columns].iter().zip(cr) {
            let pair = [*cb, *cr];
            if pairs.get(last).is_none_or(|(other, _)| *other != pair) {
                let found = pairs.iter().position(|(other, _)| *other == pair);
                last = found.unwrap_or(pairs.len());
                if found.is_none() {
                    if pairs.len() == MAX_PAIRS {
                        return None;
                    }
                    pairs.push((pair, 0));
                }
            }
            pairs[last].1 += 1;
        }
    }
    (pairs.len() > 1).then_some(pairs)
}

/// Sets the index of the nearest color for each pair of samples. Those outside of the picture
/// repeat the last column and row.
fn assign_pairs(
    (cb, cr): (&[u8], &[u8]),
    (columns, rows): (usize, usize),
    palette: &ChromaPalette,
    (out, side): (&mut [u8], usize),
) {
    let source = cb.chunks(side).zip(cr.chunks(side)).take(rows);
    let mut last = ([cb[0], cr[0]], palette.nearest([cb[0], cr[0]]));
    for (out, (cb, cr)) in out.chunks_exact_mut(side).zip(source) {
        for (out, (cb, cr)) in out[..columns].iter_mut().zip(cb.iter().zip(cr)) {
            if last.0 != [*cb, *cr] {
                last = ([*cb, *cr], palette.nearest([*cb, *cr]));
            }
            *out = last.1;
        }
        let end = out[columns - 1];
        out[columns..].fill(end);
    }
    for row in rows..side {
        out.copy_within((rows - 1) * side..rows * side, row * side);
    }
}

/// The palettes to try, one for each number of colors in `sizes`.
fn palettes(
    pairs: &[([u8; 2], u32)],
    sizes: RangeInclusive<usize>,
    cache: &Cache,
) -> Vec<ChromaPalette> {
    let mut palettes = Vec::new();
    for size in sizes.filter(|size| *size <= pairs.len()).rev() {
        let mut colors = if size == pairs.len() {
            pairs.iter().map(|(pair, _)| *pair).collect()
        } else {
            clusters(pairs, size)
        };
        for [cb, _] in &mut colors {
            *cb = cache.near(*cb, TOLERANCE).unwrap_or(*cb);
        }
        let palette = ChromaPalette::new(&mut colors);
        if palette.cr().len() >= 2 && !palettes.contains(&palette) {
            palettes.push(palette);
        }
    }
    palettes
}

/// Colors with a small squared error, by Lloyd's algorithm. It starts with colors that are far
/// apart.
fn clusters(pairs: &[([u8; 2], u32)], size: usize) -> Vec<[u8; 2]> {
    let distance = |a: [f32; 2], b: [f32; 2]| (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2);
    let points: Vec<([f32; 2], f32)> =
        pairs.iter().map(|(pair, count)| (pair.map(f32::from), *count as f32)).collect();
    let most = points.iter().max_by(|a, b| a.1.total_cmp(&b.1)).map_or([0.0; 2], |most| most.0);
    let mut centers = vec![most];
    let mut nearest: Vec<(f32, usize)> =
        points.iter().map(|(point, _)| (distance(*point, most), 0)).collect();
    while centers.len() < size {
        let farthest = (0..points.len()).max_by(|a, b| nearest[*a].0.total_cmp(&nearest[*b].0));
        let center = farthest.map_or(most, |at| points[at].0);
        for ((point, _), nearest) in points.iter().zip(&mut nearest) {
            let distance = distance(*point, center);
            if distance < nearest.0 {
                *nearest = (distance, centers.len());
            }
        }
        centers.push(center);
    }
    for _ in 0..REPETITIONS {
        let mut sums = [([0.0; 2], 0.0); MAX_COLORS];
        for ((point, count), (_, at)) in points.iter().zip(&nearest) {
            let sum = &mut sums[*at];
            *sum = ([sum.0[0] + point[0] * count, sum.0[1] + point[1] * count], sum.1 + count);
        }
        for (center, (sum, count)) in centers.iter_mut().zip(sums) {
            if count > 0.0 {
                *center = sum.map(|sum| sum / count);
            }
        }
        for ((point, _), nearest) in points.iter().zip(&mut nearest) {
            let distances = centers.iter().map(|center| distance(*point, *center));
            let best = distances.zip(0..).min_by(|a: &(f32, usize), b| a.0.total_cmp(&b.0));
            *nearest = best.unwrap_or((0.0, 0));
        }
    }
    centers.iter().map(|center| center.map(|value| value.round() as u8)).collect()
}
