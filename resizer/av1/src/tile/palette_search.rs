//! The choice of the palette of luma.

use std::ops::RangeInclusive;

use crate::kernels;
use crate::predict::{Mode, Prediction};
use crate::transform::TransformType;

use super::Tile;
use super::block::{Block, Luma};
use super::color_index::ColorMap;
use super::palette::{Cache, MAX_COLORS, Palette};
use super::partition::BLOCK_BITS;
use super::scratch::Scratch;

/// The transforms of luma in screen content, for blocks of at most 16 x 16 samples.
pub(super) const SCREEN_CONTENT: [TransformType; 5] = [
    TransformType::DctDct,
    TransformType::AdstDct,
    TransformType::DctAdst,
    TransformType::AdstAdst,
    TransformType::Identity,
];
/// The transforms of luma with a palette.
const WITH_PALETTE: [TransformType; 2] = [TransformType::DctDct, TransformType::Identity];

/// The estimated cost of the identity transform is multiplied by this. The transform has the same
/// quantizer step for all coefficients, so its errors are smaller than those of other transforms,
/// but more visible. This factor and the next one were fitted to graphics.
pub(super) const IDENTITY_FACTOR: f32 = 1.1;
/// The same for the choice of the partition.
const IDENTITY_FACTOR_IN_PARTITION: f32 = 1.2;

/// Palettes are tried for blocks with at most this many distinct values of samples.
const MAX_VALUES: usize = 64;
/// A color becomes a color of the cache if they differ by at most this much.
pub(super) const TOLERANCE: u8 = 1;
/// The most iterations of Lloyd's algorithm.
const REPETITIONS: usize = 6;

/// Writes the color of each index.
pub(super) fn paint(colors: &[u8], indexes: &[u8], out: &mut [u8]) {
    for (out, index) in out.iter_mut().zip(indexes) {
        *out = colors[usize::from(*index)];
    }
}

impl Tile<'_> {
    /// The columns and rows of a block that lie in the tile, in luma samples.
    pub(super) fn visible(&self, block: Block) -> (usize, usize) {
        let visible = |start: usize, end: usize| block.size.min((end - start) * 4);
        (visible(block.column, self.units.0), visible(block.row, self.units.1))
    }

    /// Tries palettes for luma. If one is better than the best mode so far, its coefficients and
    /// its indexes are in the buffers.
    pub(super) fn try_palettes(
        &self,
        block: Block,
        best: &mut (f32, &mut Luma),
        scratch: &mut Scratch,
    ) {
        let cache = self.palette_cache(0, block);
        self.try_palettes_with(block, &cache, best, scratch);
    }

    /// The cost of luma with the tools of screen content, or a given cost if it is lower. The
    /// residual of the best prediction is in the buffers.
    pub(super) fn screen_cost(&self, block: Block, cost: f32, scratch: &mut Scratch) -> f32 {
        let block_cost = self.quantizer.lambda * BLOCK_BITS;
        let mut cost = cost;
        if block.size <= 16 {
            let kind = (block.size, TransformType::Identity);
            let identity_cost = IDENTITY_FACTOR_IN_PARTITION * self.residual_cost(kind, scratch);
            cost = cost.min(identity_cost + block_cost);
        }
        let mut best = (cost - block_cost, &mut Luma::default());
        self.try_palettes_with(block, &Cache::default(), &mut best, scratch);
        best.0 + block_cost
    }

    fn try_palettes_with(
        &self,
        block: Block,
        cache: &Cache,
        best: &mut (f32, &mut Luma),
        scratch: &mut Scratch,
    ) {
        let cpu = self.shared.cpu;
        let (columns, rows) = self.visible(block);
        let samples = block.size * block.size;
        let values = Values::new((&scratch.source[..samples], block.size), columns, rows);
        if values.counts.len() < 2 || values.counts.len() > MAX_VALUES {
            return;
        }
        let (above, left) = self.mode_classes(block);
        let mode_cost = crate::cdf::cost(&self.cdfs.y_mode[above][left], Mode::Dc.index());
        let transforms = match self.shared.search.only_transform {
            _ if block.size > 16 => &WITH_PALETTE[..1],
            Some(TransformType::Identity) => &WITH_PALETTE[1..],
            _ => &WITH_PALETTE,
        };
        let only = self.shared.search.only_colors;
        let sizes = only.map_or(2..=MAX_COLORS, |only| only..=only);
        let palettes = values.palettes(sizes, cache);
        if only.is_some() && !palettes.is_empty() {
            best.0 = f32::INFINITY;
        }
        for palette in palettes {
            let indexes = &mut scratch.color_maps[2][..samples];
            let source = &scratch.source[..samples];
            assign(source, block.size, (columns, rows), &palette, indexes);
            let predicted = &mut scratch.prediction[..samples];
            paint(palette.colors(), &scratch.color_maps[2][..], predicted);
            let residual = &mut scratch.residual[..samples];
            kernels::subtract(cpu, source, predicted, residual);
            let colors = palette.colors().len();
            let indexes = &scratch.color_maps[2][..samples];
            let map = ColorMap { indexes, side: block.size, columns, rows, colors };
            let palette_cost = mode_cost
                + self.palette_cost(block, palette, cache)
                + map.cost(&self.cdfs.screen.colors[0][colors - 2]);
            for &transform in transforms {
                let prediction = Prediction::default();
                let bits = palette_cost + self.transform_cost(block, prediction, transform);
                let rate = self.quantizer.lambda * bits as f32 / 256.0;
                if rate >= best.0 {
                    continue;
                }
                let cost = self.residual_cost((block.size, transform), scratch) + rate;
                if cost < best.0 {
                    best.0 = cost;
                    *best.1 = Luma { prediction, transform, palette };
                    std::mem::swap(&mut scratch.coefficients, &mut scratch.best_coefficients);
                    let [first, _, tried] = &mut *scratch.color_maps;
                    first[..samples].copy_from_slice(&tried[..samples]);
                }
            }
        }
    }
}

/// Sets the index of the nearest color for each sample. Those outside of the picture repeat the
/// last column and row.
fn assign(
    source: &[u8],
    side: usize,
    (columns, rows): (usize, usize),
    palette: &Palette,
    out: &mut [u8],
) {
    let mut nearest = [u8::MAX; 256];
    for (out, source) in out.chunks_exact_mut(side).zip(source.chunks(side)).take(rows) {
        for (out, sample) in out[..columns].iter_mut().zip(source) {
            let known = &mut nearest[usize::from(*sample)];
            if *known == u8::MAX {
                *known = palette.nearest(*sample);
            }
            *out = *known;
        }
        let last = out[columns - 1];
        out[columns..].fill(last);
    }
    for row in rows..side {
        out.copy_within((rows - 1) * side..rows * side, row * side);
    }
}

/// The distinct values of a block's samples in ascending order, with their counts.
struct Values {
    counts: Vec<(u8, u32)>,
}

impl Values {
    fn new((source, side): (&[u8], usize), columns: usize, rows: usize) -> Self {
        let mut histogram = [0u32; 256];
        for row in source.chunks(side).take(rows) {
            row[..columns].iter().for_each(|sample| histogram[usize::from(*sample)] += 1);
        }
        let counts = (0..=u8::MAX).zip(histogram).filter(|(_, count)| *count > 0).collect();
        Self { counts }
    }

    /// The palettes to try, one for each number of colors in `sizes`.
    fn palettes(&self, sizes: RangeInclusive<usize>, cache: &Cache) -> Vec<Palette> {
        let mut palettes: Vec<Palette> = Vec::new();
        let count = self.counts.len();
        for size in sizes.filter(|size| *size <= count).rev() {
            let mut colors: Vec<u8> = if size == count {
                self.counts.iter().map(|(value, _)| *value).collect()
            } else {
                self.clusters(size)
            };
            for color in &mut colors {
                *color = cache.near(*color, TOLERANCE).unwrap_or(*color);
            }
            colors.dedup();
            let palette = Palette::new(&colors);
            if colors.len() >= 2 && !palettes.contains(&palette) {
                palettes.push(palette);
            }
        }
        palettes
    }

    /// Colors with a small squared error, by Lloyd's algorithm.
    fn clusters(&self, size: usize) -> Vec<u8> {
        let last = self.counts.len() - 1;
        let (low, high) = (f32::from(self.counts[0].0), f32::from(self.counts[last].0));
        let center = |at: usize| low + (high - low) * at as f32 / (size - 1) as f32;
        let mut centers: Vec<f32> = (0..size).map(center).collect();
        for _ in 0..REPETITIONS {
            let mut sums = [(0.0, 0.0); MAX_COLORS];
            let mut at = 0;
            for &(value, count) in &self.counts {
                let value = f32::from(value);
                while at + 1 < size && centers[at + 1] - value < value - centers[at] {
                    at += 1;
                }
                sums[at].0 += value * count as f32;
                sums[at].1 += count as f32;
            }
            let before = centers.clone();
            for (center, (sum, count)) in centers.iter_mut().zip(sums) {
                if count > 0.0 {
                    *center = sum / count;
                }
            }
            if centers == before {
                break;
            }
        }
        let mut colors: Vec<u8> = centers.iter().map(|center| center.round() as u8).collect();
        colors.sort_unstable();
        colors.dedup();
        colors
    }
}
