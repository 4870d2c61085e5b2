//! Intra prediction of square blocks. Source: AV1 specification, section "Intra prediction
//! process".

pub(crate) mod cfl;
mod directional;
mod filter;
pub(crate) mod neighbors;
mod plain;

use crate::transform::TransformType;
use neighbors::Neighbors;

/// A prediction mode of luma or chroma. The order is that of the specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Mode {
    #[default]
    Dc,
    Vertical,
    Horizontal,
    D45,
    D135,
    D113,
    D157,
    D203,
    D67,
    Smooth,
    SmoothVertical,
    SmoothHorizontal,
    Paeth,
}

impl Mode {
    #[cfg(test)]
    pub(crate) const ALL: [Self; 13] = [
        Self::Dc,
        Self::Vertical,
        Self::Horizontal,
        Self::D45,
        Self::D135,
        Self::D113,
        Self::D157,
        Self::D203,
        Self::D67,
        Self::Smooth,
        Self::SmoothVertical,
        Self::SmoothHorizontal,
        Self::Paeth,
    ];

    pub(crate) const fn index(self) -> usize {
        self as usize
    }

    /// The index among the modes with an angle.
    pub(crate) const fn directional_index(self) -> Option<usize> {
        match self {
            Self::Dc
            | Self::Smooth
            | Self::SmoothVertical
            | Self::SmoothHorizontal
            | Self::Paeth => None,
            _ => Some(self as usize - 1),
        }
    }

    /// In degrees.
    const fn angle(self) -> i32 {
        [0, 90, 180, 45, 135, 113, 157, 203, 67, 0, 0, 0, 0][self as usize]
    }

    pub(crate) const fn is_smooth(self) -> bool {
        matches!(self, Self::Smooth | Self::SmoothVertical | Self::SmoothHorizontal)
    }

    /// The class of the mode as a context of other modes.
    pub(crate) const fn class(self) -> usize {
        [0, 1, 2, 3, 4, 4, 4, 4, 3, 0, 1, 2, 0][self as usize]
    }

    /// The transform that chroma has with this mode, in blocks of at most 16 x 16 samples.
    pub(crate) const fn transform(self) -> TransformType {
        match self {
            Self::Dc | Self::D45 => TransformType::DctDct,
            Self::Vertical | Self::D113 | Self::D67 | Self::SmoothVertical => {
                TransformType::AdstDct
            }
            Self::Horizontal | Self::D157 | Self::D203 | Self::SmoothHorizontal => {
                TransformType::DctAdst
            }
            Self::D135 | Self::Smooth | Self::Paeth => TransformType::AdstAdst,
        }
    }
}

/// The number of filter-intra modes.
pub(crate) const FILTERS: u8 = 5;

/// How a block is predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Prediction {
    pub(crate) mode: Mode,
    /// The change of a directional mode's angle in steps of 3 degrees, -3 to 3.
    pub(crate) delta: i8,
    /// The filter-intra mode, which replaces the mode `Dc`.
    pub(crate) filter: Option<u8>,
}

impl Prediction {
    pub(crate) const fn new(mode: Mode) -> Self {
        Self { mode, delta: 0, filter: None }
    }

    pub(crate) const fn with_delta(mode: Mode, delta: i8) -> Self {
        Self { mode, delta, filter: None }
    }

    pub(crate) const fn with_filter(filter: u8) -> Self {
        Self { mode: Mode::Dc, delta: 0, filter: Some(filter) }
    }

    /// The mode that stands for this prediction in the contexts of transform types.
    pub(crate) fn direction(self) -> Mode {
        const FILTERS: [Mode; 5] =
            [Mode::Dc, Mode::Vertical, Mode::Horizontal, Mode::D157, Mode::Dc];
        self.filter.map_or(self.mode, |filter| FILTERS[usize::from(filter)])
    }
}

/// Operations on samples that have a version for each instruction set.
pub(crate) trait Samples: Copy {
    /// Transposes a block.
    fn transpose(self, rows: &[[u8; 8]; 8]) -> [[u8; 8]; 8];

    /// Interpolates between the samples of two rows. `weight` is that of the second row in 1/32, up
    /// to 31.
    fn interpolate<const N: usize>(self, first: &[u8; N], second: &[u8; N], weight: u8) -> [u8; N];
}

/// Transposes a block.
#[inline(always)]
fn transpose_block<const N: usize>(
    kernels: impl Samples,
    columns: &[[u8; N]; N],
    out: &mut [[u8; N]],
) {
    let side = N.min(8);
    for y in (0..N).step_by(8) {
        for x in (0..N).step_by(8) {
            let mut block = [[0; 8]; 8];
            for (row, column) in block.iter_mut().zip(&columns[x..x + side]) {
                row[..side].copy_from_slice(&column[y..y + side]);
            }
            let block = kernels.transpose(&block);
            for (row, samples) in out[y..y + side].iter_mut().zip(&block) {
                row[x..x + side].copy_from_slice(&samples[..side]);
            }
        }
    }
}

/// Predicts a block of `size` x `size` samples into rows without gaps.
#[inline(always)]
pub(crate) fn predict(
    neighbors: &Neighbors,
    prediction: Prediction,
    (size, out): (usize, &mut [u8]),
    kernels: impl Samples,
) {
    match size {
        4 => predict_block::<4, 8, 64>(neighbors, prediction, out, kernels),
        8 => predict_block::<8, 16, 64>(neighbors, prediction, out, kernels),
        16 => predict_block::<16, 32, 96>(neighbors, prediction, out, kernels),
        32 => predict_block::<32, 64, 160>(neighbors, prediction, out, kernels),
        _ => predict_block::<64, 128, 288>(neighbors, prediction, out, kernels),
    }
}

#[inline(always)]
fn predict_block<const N: usize, const DOUBLE: usize, const LENGTH: usize>(
    neighbors: &Neighbors,
    prediction: Prediction,
    out: &mut [u8],
    kernels: impl Samples,
) {
    let (rows, _) = out[..N * N].as_chunks_mut::<N>();
    if let Some(filter) = prediction.filter {
        return filter::predict(neighbors, filter, rows);
    }
    match prediction.mode {
        Mode::Dc => plain::dc(neighbors, rows),
        Mode::Smooth => plain::smooth(neighbors, rows),
        Mode::SmoothVertical => plain::smooth_vertical(neighbors, rows),
        Mode::SmoothHorizontal => plain::smooth_horizontal(neighbors, rows),
        Mode::Paeth => plain::paeth(neighbors, rows),
        mode => {
            let angle = mode.angle() + 3 * i32::from(prediction.delta);
            directional::predict::<N, DOUBLE, LENGTH>(neighbors, angle, rows, kernels);
        }
    }
}
