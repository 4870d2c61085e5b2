//! The symbols of the coefficients of a transform block. Source: AV1 specification, sections
//! "Coefficients syntax" and "CDF selection process".

use crate::predict::Prediction;
use crate::transform::{TransformType, coded_side};

use super::block::{Block, Luma};
use super::scratch::Scratch;
use super::{Tile, UNITS};

/// How many columns and rows the contexts of a level reach beyond it.
const REACH: usize = 2;

/// Levels that are coded with symbols. The rest follows as a Golomb code.
const MAX_SYMBOL_LEVEL: u16 = 14;

/// The absolute values of levels, with zeros to the right and below.
#[derive(Debug, Clone)]
pub(super) struct Magnitudes {
    values: [u8; (32 + REACH) * (32 + REACH)],
    stride: usize,
}

impl Magnitudes {
    pub(super) const fn new() -> Self {
        Self { values: [0; (32 + REACH) * (32 + REACH)], stride: 0 }
    }

    /// Takes the first rows of the levels of a block. The others are 0.
    fn read(&mut self, levels: &[i16], side: usize, rows: usize) {
        self.stride = side + REACH;
        let (read, below) = self.values.split_at_mut(rows * self.stride);
        for (out, levels) in read.chunks_exact_mut(side + REACH).zip(levels.chunks_exact(side)) {
            for (out, level) in out.iter_mut().zip(levels) {
                *out = level.unsigned_abs().min(127) as u8;
            }
            out[side..].fill(0);
        }
        below[..(side + REACH - rows) * self.stride].fill(0);
    }

    /// The context of the low level at a place. The contexts 11 to 15 are 21 to 25 of the
    /// specification.
    #[inline]
    fn base_context(&self, row: usize, column: usize) -> usize {
        if row + column == 0 {
            return 0;
        }
        let stride = self.stride;
        let at = &self.values[row * stride + column..];
        let low = |offset: usize| at[offset].min(3);
        let sum = low(1) + low(2) + low(stride) + low(stride + 1) + low(2 * stride);
        let class = match row + column {
            1 => 1,
            2 | 3 => 6,
            _ => 11,
        };
        usize::from(sum.div_ceil(2).min(4)) + class
    }

    /// The context of the high level at a place.
    #[inline]
    fn high_context(&self, row: usize, column: usize) -> usize {
        let at = &self.values[row * self.stride + column..];
        let high = |offset: usize| at[offset].min(15);
        let sum = high(1) + high(self.stride) + high(self.stride + 1);
        let class = match (row, column) {
            (0, 0) => 0,
            (0 | 1, 0 | 1) => 7,
            _ => 14,
        };
        usize::from(sum.div_ceil(2).min(6)) + class
    }
}

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
        scratch.magnitudes.read(&levels.levels, side, levels.rows);
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
        let shift = side.ilog2();
        let last = order.len() - 1;
        for (position, at) in order.iter().enumerate().rev() {
            let (row, column) = (usize::from(*at) >> shift, usize::from(*at) % side);
            let level = magnitudes.values[row * magnitudes.stride + column];
            if position == last {
                let context = end_context(position, side);
                let cdf = &mut cdfs.base_end[index][kind][context];
                self.coder.symbol(cdf, usize::from(level.min(3)) - 1);
            } else {
                let context = magnitudes.base_context(row, column);
                self.coder.symbol(&mut base[context], usize::from(level.min(3)));
            }
            if level < 3 {
                continue;
            }
            let cdf = &mut high[magnitudes.high_context(row, column)];
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
