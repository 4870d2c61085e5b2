//! The choice of the partition of a superblock, before any of its blocks is coded. It predicts from
//! the samples of the source, and estimates the cost of luma alone.

use crate::cdf::cost;
use crate::kernels;
use crate::picture::{Chroma, SUPERBLOCK};
use crate::predict::neighbors::Place;
use crate::predict::{Mode, Prediction};
use crate::transform::TransformType;

use super::block::Block;
use super::luma::DIAGONAL;
use super::scratch::Scratch;
use super::{Tile, UNITS};

/// The cost of the symbols of a block other than its coefficients, in bits. Fitted to photographs.
pub(super) const BLOCK_BITS: f32 = 7.0;

/// A block in a busy superblock is split, without a comparison of costs, if at least this many of
/// its quarters are split.
const SPLIT_QUARTERS: usize = 3;

/// Which blocks of a superblock are split: of 64, 32, and 16 samples.
#[derive(Debug, Clone, Default)]
pub(super) struct Splits {
    is_busy: bool,
    flags: [[bool; 16]; 3],
}

impl Splits {
    fn index(block: Block) -> (usize, usize) {
        let level = 6 - block.size.ilog2() as usize;
        let (column, row) = (block.column % UNITS, block.row % UNITS);
        (level, ((row / block.units()) << level) + column / block.units())
    }

    pub(super) fn is_split(&self, block: Block) -> bool {
        let (level, at) = Self::index(block);
        self.flags.get(level).is_some_and(|flags| flags[at])
    }

    fn set(&mut self, block: Block, is_split: bool) {
        let (level, at) = Self::index(block);
        self.flags[level][at] = is_split;
    }
}

impl Tile<'_> {
    /// `is_busy` says whether the superblock is likely to have small blocks.
    pub(super) fn choose_splits(
        &self,
        superblock: Block,
        is_busy: bool,
        scratch: &mut Scratch,
    ) -> Splits {
        let mut splits = Splits { is_busy, ..Splits::default() };
        self.cost_of(superblock, &mut splits, scratch);
        splits
    }

    /// The cost of a block with its best partition.
    fn cost_of(&self, block: Block, splits: &mut Splits, scratch: &mut Scratch) -> f32 {
        let (columns, rows) = self.units;
        if block.column >= columns || block.row >= rows {
            return 0.0;
        }
        if block.size == 8 {
            return self.unsplit_cost(block, scratch);
        }
        let half = block.units() / 2;
        let must_split = block.column + half >= columns
            || block.row + half >= rows
            // Chroma would have four transforms.
            || block.size == SUPERBLOCK && self.source.chroma == Chroma::Full;
        let cdf = &self.cdfs.partitions[block.size_index() - 2][0];
        let lambda = self.quantizer.lambda;
        let bits = |symbol| cost(cdf, symbol) as f32 / 256.0;
        if splits.is_busy && block.size > 16 && !must_split {
            let split_cost = self.cost_of_quarters(block, splits, scratch) + lambda * bits(3);
            let quarters = block.quarters();
            let split = quarters.iter().filter(|quarter| splits.is_split(**quarter));
            if split.count() >= SPLIT_QUARTERS {
                splits.set(block, true);
                return split_cost;
            }
            let unsplit_cost = self.unsplit_cost(block, scratch) + lambda * bits(0);
            splits.set(block, split_cost < unsplit_cost);
            return split_cost.min(unsplit_cost);
        }
        let unsplit_cost = if must_split {
            f32::INFINITY
        } else {
            self.unsplit_cost(block, scratch) + lambda * bits(0)
        };
        // Four blocks cost at least this much.
        let mut split_cost = lambda * (bits(3) + 4.0 * BLOCK_BITS);
        if unsplit_cost > split_cost {
            split_cost = self.cost_of_quarters(block, splits, scratch) + lambda * bits(3);
        }
        splits.set(block, split_cost < unsplit_cost);
        split_cost.min(unsplit_cost)
    }

    fn cost_of_quarters(&self, block: Block, splits: &mut Splits, scratch: &mut Scratch) -> f32 {
        let mut cost = 0.0;
        for quarter in block.quarters() {
            cost += self.cost_of(quarter, splits, scratch);
        }
        cost
    }

    fn unsplit_cost(&self, block: Block, scratch: &mut Scratch) -> f32 {
        const PLAIN: [Mode; 5] =
            [Mode::Dc, Mode::Vertical, Mode::Horizontal, Mode::Smooth, Mode::Paeth];
        let cpu = self.shared.cpu;
        let samples = block.size * block.size;
        scratch.neighbors[0].read(&self.source.planes[0], self.source_place(block));
        self.read_source(0, block, &mut scratch.source[..]);
        let directions: &[Mode] =
            if self.shared.search.has_directions_in_partition { &DIAGONAL } else { &[] };
        let mut best = (u32::MAX, Mode::Dc);
        for mode in PLAIN.iter().chain(directions) {
            let predicted = &mut scratch.prediction[..samples];
            let prediction = Prediction::new(*mode);
            kernels::predict(cpu, &scratch.neighbors[0], prediction, (block.size, predicted));
            let error = kernels::hadamard_cost(cpu, &scratch.source[..], predicted, block.size);
            if error < best.0 {
                best = (error, *mode);
                std::mem::swap(&mut scratch.prediction, &mut scratch.best_prediction);
            }
        }
        let predicted = &scratch.best_prediction[..samples];
        let residual = &mut scratch.residual[..samples];
        kernels::subtract(cpu, &scratch.source[..samples], predicted, residual);
        let kind = (block.size, TransformType::DctDct);
        let block_cost = self.quantizer.lambda * BLOCK_BITS;
        let cost = self.residual_cost(kind, scratch) + block_cost;
        if self.shared.frame.is_screen_content {
            self.screen_cost(block, cost, scratch)
        } else {
            cost
        }
    }

    /// A block for the prediction from the source, with a guess of what will be decoded before it.
    fn source_place(&self, block: Block) -> Place {
        let (columns, rows) = self.units;
        let (column, row) = (block.column / block.units(), block.row / block.units());
        let is_first = column % 2 == 0;
        let is_upper = row % 2 == 0;
        Place {
            x: block.column * 4,
            y: block.row * 4,
            size: block.size,
            plane_size: (columns * 4, rows * 4),
            has_above: block.row > 0,
            has_left: block.column > 0,
            has_above_right: block.row > 0 && (is_first || is_upper),
            has_below_left: block.column > 0 && is_first && is_upper,
            is_smooth: false,
        }
    }
}
