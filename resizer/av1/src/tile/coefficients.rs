//! The symbols of the coefficients of a transform block. Source: AV1 specification, sections
//! "Coefficients syntax" and "CDF selection process".

use crate::kernels;
use crate::predict::Prediction;
use crate::transform::{TransformType, coded_side};

use super::block::{Block, Luma};
use super::magnitudes::Magnitudes;
use super::scratch::Scratch;
use super::{Tile, UNITS};

/// Levels that are coded with symbols. The rest follows as a Golomb code.
const MAX_SYMBOL_LEVEL: u16 = 14;

impl TransformType {
    /// The symbol for blocks of 4 x 4 and 8 x 8.
    pub(super) const fn symbol_in_set_1(self) -> usize {
        match self {
            Self::DctDct => 1,
            Self::AdstDct => 5,
            Self::DctAdst => 6,
            Self::AdstAdst => 4,
            Self::Identity => 0,
        }
    }

    /// The symbol for blocks of 16 x 16.
    pub(super) const fn symbol_in_set_2(self) -> usize {
        match self {
            Self::DctDct => 1,
            Self::AdstDct => 3,
            Self::DctAdst => 4,
            Self::AdstAdst => 2,
            Self::Identity => 0,
        }
    }
}

impl Tile<'_> {
    /// Writes the coefficients of a plane.
    pub(super) fn write_coefficients(
        &mut self,
        plane: usize,
        block: Block,
        luma: Luma,
        scratch: &mut Scratch,
    ) {
        let size = block.size >> self.source.chroma.shift(plane);
        let index = size.ilog2() as usize - 2;
        let levels = &scratch.levels[plane];
        let context = self.all_zero_context(plane, block);
        self.coder.symbol(&mut self.cdfs.all_zero[index][context], usize::from(levels.end == 0));
        if levels.end == 0 {
            return self.remember(plane, block, 0, 0);
        }
        if plane == 0 {
            self.write_transform_type(size, luma.prediction, luma.transform);
        }
        let kind = plane.min(1);
        self.write_end(index, kind, levels.end);
        let side = coded_side(size);
        kernels::read_magnitudes(self.shared.cpu, levels, side, &mut scratch.magnitudes);
        let order = &self.shared.scans.order(side)[..levels.end];
        self.write_magnitudes((index, kind), (order, side), &scratch.magnitudes);
        let dc_context = self.dc_sign_context(plane, block);
        let mut sum = 0;
        for at in order {
            let level = levels.levels[usize::from(*at)];
            if level == 0 {
                continue;
            }
            let sign = usize::from(level < 0);
            if *at == 0 {
                self.coder.symbol(&mut self.cdfs.dc_sign[kind][dc_context], sign);
            } else {
                self.coder.bits(sign as u32, 1);
            }
            let magnitude = level.unsigned_abs();
            if magnitude > MAX_SYMBOL_LEVEL {
                self.write_golomb(u32::from(magnitude - MAX_SYMBOL_LEVEL));
            }
            sum += u32::from(magnitude);
        }
        self.remember(plane, block, sum.min(63) as u8, levels.levels[0].signum() as i8);
    }

    fn write_transform_type(&mut self, size: usize, prediction: Prediction, kind: TransformType) {
        let direction = prediction.direction().index();
        match size {
            4 | 8 => {
                let cdf = &mut self.cdfs.type_set_1[size / 8][direction];
                self.coder.symbol(cdf, kind.symbol_in_set_1());
            }
            16 => {
                let cdf = &mut self.cdfs.type_set_2[direction];
                self.coder.symbol(cdf, kind.symbol_in_set_2());
            }
            _ => {}
        }
    }

    /// Writes the number of coefficients up to the last one that is not 0.
    fn write_end(&mut self, index: usize, kind: usize, end: usize) {
        // Class 0 is 1, class 1 is 2, class 2 is 3 to 4, class 3 is 5 to 8, and so on.
        let class = (end - 1).checked_ilog2().map_or(0, |log2| log2 as usize + 1);
        let cdfs = &mut self.cdfs;
        match index {
            0 => self.coder.symbol(&mut cdfs.end_16[kind], class),
            1 => self.coder.symbol(&mut cdfs.end_64[kind], class),
            2 => self.coder.symbol(&mut cdfs.end_256[kind], class),
            _ => self.coder.symbol(&mut cdfs.end_1024[kind], class),
        }
        if class >= 2 {
            let extra_bits = class as u32 - 1;
            let extra = (end - 1 - (1 << extra_bits)) as u32;
            let high = extra >> (extra_bits - 1);
            let cdf = &mut cdfs.end_extra[index][kind][class - 2];
            self.coder.symbol(cdf, high as usize);
            self.coder.bits(extra, extra_bits - 1);
        }
    }

    /// Writes the absolute values of levels up to 14, the last one first.
    fn write_magnitudes(
        &mut self,
        (index, kind): (usize, usize),
        (order, side): (&[u16], usize),
        magnitudes: &Magnitudes,
    ) {
        let cdfs = &mut *self.cdfs;
        let base = &mut cdfs.base[index][kind];
        let high = &mut cdfs.high[index.min(3)][kind];
        let last = order.len() - 1;
        for (position, at) in order.iter().enumerate().rev() {
            let at = usize::from(*at) & 1023;
            let level = magnitudes.values[at];
            if position == last {
                let context = end_context(position, side);
                let cdf = &mut cdfs.base_end[index][kind][context];
                self.coder.symbol(cdf, usize::from(level.min(3)) - 1);
            } else {
                let context = usize::from(magnitudes.base[at] & 15);
                self.coder.symbol(&mut base[context], usize::from(level.min(3)));
            }
            if level < 3 {
                continue;
            }
            let cdf = &mut high[usize::from(magnitudes.high[at])];
            let mut rest = level - 3;
            for _ in 0..4 {
                let symbol = rest.min(3);
                self.coder.symbol(cdf, usize::from(symbol));
                rest -= symbol;
                if symbol < 3 {
                    break;
                }
            }
        }
    }

    /// Writes a value of at least 1 as its number of bits in zeros, and its bits.
    fn write_golomb(&mut self, value: u32) {
        let length = value.ilog2();
        self.coder.bits(0, length);
        self.coder.bits(value, length + 1);
    }

    /// The units of a plane above and to the left of a block, as far as they lie in the tile.
    fn beside(
        &self,
        plane: usize,
        block: Block,
    ) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
        let shift = self.source.chroma.shift(plane);
        let units = block.units() >> shift;
        let (column, row) = (block.column >> shift, (block.row % UNITS) >> shift);
        let (columns, rows) = self.units;
        let visible = |start: usize, end: usize| units.min((end - start) >> shift);
        (column..column + visible(block.column, columns), row..row + visible(block.row, rows))
    }

    fn all_zero_context(&self, plane: usize, block: Block) -> usize {
        if plane == 0 {
            // The transform is as large as the block.
            return 0;
        }
        let (above, left) = self.beside(plane, block);
        let is_set = |line: &super::context::Line, range: std::ops::Range<usize>| {
            line.levels[plane][range.clone()].iter().any(|level| *level != 0)
                || line.dc_signs[plane][range].iter().any(|sign| *sign != 0)
        };
        7 + usize::from(is_set(&self.above, above)) + usize::from(is_set(&self.left, left))
    }

    fn dc_sign_context(&self, plane: usize, block: Block) -> usize {
        let (above, left) = self.beside(plane, block);
        let signs = self.above.dc_signs[plane][above].iter();
        let sum: i32 =
            signs.chain(&self.left.dc_signs[plane][left]).map(|sign| i32::from(*sign)).sum();
        match sum.signum() {
            0 => 0,
            -1 => 1,
            _ => 2,
        }
    }

    /// Stores what later blocks need to know of the coefficients.
    pub(super) fn remember(&mut self, plane: usize, block: Block, level: u8, sign: i8) {
        let shift = self.source.chroma.shift(plane);
        let units = block.units() >> shift;
        let column = block.column >> shift;
        let row = (block.row % UNITS) >> shift;
        for (line, start) in [(&mut self.above, column), (&mut self.left, row)] {
            line.levels[plane][start..start + units].fill(level);
            line.dc_signs[plane][start..start + units].fill(sign);
        }
    }
}

/// The context of the last level that is not 0.
fn end_context(position: usize, side: usize) -> usize {
    let count = side * side;
    match position {
        0 => 0,
        position if position <= count / 8 => 1,
        position if position <= count / 4 => 2,
        _ => 3,
    }
}
