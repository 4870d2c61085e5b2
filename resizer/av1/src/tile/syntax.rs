//! The symbols of partitions and blocks. Source: AV1 specification, sections "Decode partition
//! syntax" and "Intra frame mode info syntax".

use crate::cdf::Cdf;
use crate::predict::Mode;

use super::block::{Block, ChromaMode, Luma};
use super::chroma::{AlphaSymbols, FROM_LUMA};
use super::scratch::Scratch;
use super::{Tile, UNITS};
use crate::picture::SUPERBLOCK;

/// The symbols of partitions.
const NONE: usize = 0;
const SPLIT: usize = 3;

impl Tile<'_> {
    pub(super) fn partition_context(&self, block: Block) -> usize {
        let is_smaller = |size: u8| usize::from(usize::from(size) < block.size);
        let above = is_smaller(self.above.sizes[block.column]);
        2 * is_smaller(self.left.sizes[block.row % UNITS]) + above
    }

    /// Writes whether a block is split. At the end of the tile, it may be known.
    pub(super) fn write_partition_symbol(&mut self, block: Block, is_split: bool) {
        let context = self.partition_context(block);
        let symbol = if is_split { SPLIT } else { NONE };
        if block.size == 8 {
            return self.coder.symbol(&mut self.cdfs.partition_8[context], symbol);
        }
        let half = block.units() / 2;
        let (columns, rows) = self.units;
        let cdf = &mut self.cdfs.partitions[block.size_index() - 2][context];
        match (block.column + half < columns, block.row + half < rows) {
            (true, true) => self.coder.symbol(cdf, symbol),
            (true, false) => self.coder.flag((1 << 15) - splits_of_columns(cdf), is_split),
            (false, true) => self.coder.flag((1 << 15) - splits_of_rows(cdf), is_split),
            (false, false) => {}
        }
    }

    /// Writes a block whose levels are in the buffers.
    pub(super) fn write_block(
        &mut self,
        block: Block,
        luma: Luma,
        chroma: Option<ChromaMode>,
        scratch: &mut Scratch,
    ) {
        let planes = self.flags.len();
        let is_empty = scratch.levels[..planes].iter().all(|levels| levels.end == 0);
        let (column, row) = (block.column, block.row % UNITS);
        let context =
            usize::from(self.above.is_empty[column]) + usize::from(self.left.is_empty[row]);
        self.coder.symbol(&mut self.cdfs.skip[context], usize::from(is_empty));
        self.write_q_index(block, is_empty);
        self.write_luma_mode(block, luma);
        if let Some(chroma) = chroma {
            self.write_chroma_mode(block, luma, chroma);
        }
        if self.shared.frame.is_screen_content {
            self.write_palettes(block, luma, chroma);
        }
        self.write_filter(block, luma);
        if self.shared.frame.is_screen_content {
            self.write_color_maps(block, luma, chroma, scratch);
        }
        if is_empty {
            (0..planes).for_each(|plane| self.remember(plane, block, 0, 0));
        } else {
            for plane in 0..planes {
                self.write_coefficients(plane, block, luma, scratch);
            }
        }
        let has_smooth_chroma =
            matches!(chroma, Some(ChromaMode::Plain(prediction)) if prediction.mode.is_smooth());
        for (line, start) in [(&mut self.above, column), (&mut self.left, row)] {
            let range = start..start + block.units();
            line.modes[range.clone()].fill(luma.prediction.mode);
            line.has_smooth_chroma[range.clone()].fill(has_smooth_chroma);
            line.is_empty[range.clone()].fill(is_empty);
            line.sizes[range].fill(block.size as u8);
        }
    }

    /// Writes the quantizer index in the first block of a superblock.
    fn write_q_index(&mut self, block: Block, is_empty: bool) {
        const SMALL: u32 = 3;
        if !self.owes_q_index || (block.size == SUPERBLOCK && is_empty) {
            return;
        }
        self.owes_q_index = false;
        let difference = i32::from(self.q_index) - i32::from(self.written_q_index);
        let steps = (difference / Self::Q_INDEX_STEP).unsigned_abs();
        self.coder.symbol(&mut self.cdfs.delta_q, steps.min(SMALL) as usize);
        if steps >= SMALL {
            let bits = (steps - 1).ilog2();
            self.coder.bits(bits - 1, 3);
            self.coder.bits(steps - 1 - (1 << bits), bits);
        }
        if steps > 0 {
            self.coder.bits(u32::from(difference < 0), 1);
        }
        self.written_q_index = self.q_index;
    }

    fn write_luma_mode(&mut self, block: Block, luma: Luma) {
        let mode = luma.prediction.mode;
        let (above, left) = self.mode_classes(block);
        self.coder.symbol(&mut self.cdfs.y_mode[above][left], mode.index());
        self.write_angle(mode, luma.prediction.delta);
    }

    fn write_angle(&mut self, mode: Mode, delta: i8) {
        if let Some(index) = mode.directional_index() {
            self.coder.symbol(&mut self.cdfs.angle[index], (delta + 3) as usize);
        }
    }

    fn write_chroma_mode(&mut self, block: Block, luma: Luma, chroma: ChromaMode) {
        let luma = luma.prediction.mode.index();
        let symbol = match chroma {
            ChromaMode::Plain(prediction) => prediction.mode.index(),
            ChromaMode::FromLuma(_) => FROM_LUMA,
            ChromaMode::Palette(_) => Mode::Dc.index(),
        };
        if self.allows_from_luma(block) {
            self.coder.symbol(&mut self.cdfs.uv_mode_cfl[luma], symbol);
        } else {
            self.coder.symbol(&mut self.cdfs.uv_mode[luma], symbol);
        }
        match chroma {
            ChromaMode::Plain(prediction) => self.write_angle(prediction.mode, prediction.delta),
            ChromaMode::FromLuma(alphas) => {
                let symbols = AlphaSymbols::new(alphas);
                self.coder.symbol(&mut self.cdfs.cfl_sign, symbols.signs);
                for (context, symbol) in symbols.alphas.into_iter().flatten() {
                    self.coder.symbol(&mut self.cdfs.cfl_alpha[context], symbol);
                }
            }
            ChromaMode::Palette(_) => {}
        }
    }

    fn write_filter(&mut self, block: Block, luma: Luma) {
        let Luma { prediction, .. } = luma;
        if prediction.mode != Mode::Dc || block.size > 32 || !luma.palette.is_empty() {
            return;
        }
        let cdf = &mut self.cdfs.filter_intra[block.size_index()];
        self.coder.symbol(cdf, usize::from(prediction.filter.is_some()));
        if let Some(filter) = prediction.filter {
            self.coder.symbol(&mut self.cdfs.filter_intra_mode, usize::from(filter));
        }
    }
}

/// The probability of a split where only partitions into columns are possible otherwise.
fn splits_of_rows(cdf: &Cdf<11>) -> u32 {
    // Horizontal, split, the T shapes but the last one, and four rows.
    probabilities(cdf, [1, 3, 4, 5, 6, 8])
}

/// The probability of a split where only partitions into rows are possible otherwise.
fn splits_of_columns(cdf: &Cdf<11>) -> u32 {
    // Vertical, split, the T shapes but the second one, and four columns.
    probabilities(cdf, [2, 3, 4, 6, 7, 9])
}

fn probabilities(cdf: &Cdf<11>, symbols: [usize; 6]) -> u32 {
    symbols.iter().map(|symbol| u32::from(cdf[*symbol] - cdf[*symbol - 1])).sum()
}
