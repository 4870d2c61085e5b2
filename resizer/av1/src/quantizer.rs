//! Quantizer steps, quantization, and the estimate of what coefficients cost.

mod matrix;
mod steps;

use crate::transform::{TransformType, coded_side};

/// The step of all coefficients but DC, in 1/8 of an orthonormal coefficient.
pub(crate) fn ac_step(q_index: u8) -> i32 {
    i32::from(steps::AC[usize::from(q_index)])
}

/// The largest dequantized product before the scale of the transform, in bits.
const PRODUCT_MASK: i32 = 0xff_ffff;
/// The largest level, so that no product has more than 24 bits.
const MAX_LEVEL: f32 = 8191.0;

/// The steps of the coefficients of a transform size, in rows.
#[derive(Debug, Clone)]
pub(crate) struct Steps {
    /// In 1/8 of an orthonormal coefficient.
    steps: Vec<i32>,
    /// Levels per orthonormal coefficient.
    inverse: Vec<f32>,
    /// Orthonormal coefficients per level.
    sizes: Vec<f32>,
}

impl Steps {
    fn new(q_index: u8, matrix: Option<&[u8]>, side: usize) -> Self {
        let (dc, ac) = (steps::DC[usize::from(q_index)], steps::AC[usize::from(q_index)]);
        let step = |at: usize| {
            let step = i32::from(if at == 0 { dc } else { ac });
            let Some(triangle) = matrix else { return step };
            let ratio = 32 / side;
            let index = |at: usize| ratio * at + ratio.div_ceil(2) - 1;
            let (row, column) = (index(at / side), index(at % side));
            let (low, high) = (row.min(column), row.max(column));
            let factor = i32::from(triangle[high * (high + 1) / 2 + low]);
            (step * factor + 16) >> 5
        };
        let steps: Vec<i32> = (0..side * side).map(step).collect();
        Self {
            inverse: steps.iter().map(|step| 8.0 / *step as f32).collect(),
            sizes: steps.iter().map(|step| *step as f32 / 8.0).collect(),
            steps,
        }
    }
}

/// The steps of all transform sizes at one quantizer index.
#[derive(Debug, Clone)]
pub(crate) struct Quantizer {
    /// Of luma and of chroma, by size: 4, 8, 16, 32.
    steps: [[Steps; 4]; 2],
    /// The steps without the matrix, for the identity transform. None if the picture does not use
    /// it.
    flat_steps: Option<[Steps; 4]>,
    /// The rate-distortion multiplier: how much squared error a bit is worth.
    pub(crate) lambda: f32,
    /// How much a bit is worth in sums of absolute orthonormal coefficients.
    pub(crate) bit_weight: f32,
}

impl Quantizer {
    pub(crate) fn new(q_index: u8, has_matrix: bool, is_screen_content: bool) -> Self {
        let plane = |plane: usize| {
            let matrix = has_matrix.then_some(&matrix::LOWER_TRIANGLES[plane][..]);
            [4, 8, 16, 32].map(|side| Steps::new(q_index, matrix, side))
        };
        let step = ac_step(q_index) as f32 / 8.0;
        let lambda = if is_screen_content { SCREEN_LAMBDA } else { LAMBDA };
        Self {
            steps: [plane(0), plane(1)],
            flat_steps: is_screen_content
                .then(|| [4, 8, 16, 32].map(|side| Steps::new(q_index, None, side))),
            lambda: lambda * step * step,
            bit_weight: BIT_WEIGHT * step,
        }
    }

    /// The steps of a plane and a transform.
    pub(crate) fn steps(&self, plane: usize, (size, kind): (usize, TransformType)) -> &Steps {
        let index = coded_side(size).ilog2() as usize - 2;
        match &self.flat_steps {
            Some(steps) if kind == TransformType::Identity => &steps[index],
            _ => &self.steps[plane.min(1)][index],
        }
    }
}

/// The rate-distortion multiplier for a step of 1. Fitted to photographs.
const LAMBDA: f32 = 0.12;
/// The same for screen content. Fitted to graphics.
const SCREEN_LAMBDA: f32 = 0.42;
/// How much a bit is worth in sums of absolute coefficients, for a step of 1.
const BIT_WEIGHT: f32 = 0.5;
/// What is added before levels are rounded down.
const ROUNDING: f32 = 0.36;
/// The same for DC.
const DC_ROUNDING: f32 = 0.45;

/// 2^23. The sum of it and a smaller value of at least 0 is rounded to a whole number, which is in
/// the low bits.
pub(crate) const WHOLE: f32 = 8_388_608.0;

/// Adds `rounding`, at most 0.5, to a value of at least 0 and rounds down, as a sum with [`WHOLE`].
#[inline(always)]
fn rounded(value: f32, rounding: f32) -> f32 {
    let value = value + (rounding - 0.5);
    // Not `f32::min`, which takes care of NaN.
    WHOLE + if value < MAX_LEVEL { value } else { MAX_LEVEL }
}

/// The quantized coefficients of a transform block, in rows of equal horizontal frequency.
#[derive(Debug, Clone)]
pub(crate) struct Levels {
    pub(crate) levels: [i16; 1024],
    /// The number of levels up to the last one that is not 0, in scan order.
    pub(crate) end: usize,
    /// All levels that are not 0 lie in the first `rows` rows and columns.
    pub(crate) rows: usize,
}

impl Default for Levels {
    fn default() -> Self {
        Self { levels: [0; 1024], end: 0, rows: 0 }
    }
}

/// Quantizes orthonormal coefficients. `positions` has the place of each coefficient in the scan,
/// counted from 1.
#[inline(always)]
pub(crate) fn quantize(coefficients: &[f32], steps: &Steps, positions: &[u16], out: &mut Levels) {
    let count = positions.len();
    let (coefficients, inverse) = (&coefficients[..count], &steps.inverse[..count]);
    let levels = &mut out.levels[..count];
    let mut end = 0;
    for at in 0..count {
        let scaled = coefficients[at].abs() * inverse[at];
        let level = (rounded(scaled, ROUNDING).to_bits() - WHOLE.to_bits()) as i32;
        let sign = (coefficients[at].to_bits() as i32) >> 31;
        levels[at] = ((level ^ sign) - sign) as i16;
        end = end.max(if level == 0 { 0 } else { u32::from(positions[at]) });
    }
    let dc = (coefficients[0].abs() * inverse[0] + DC_ROUNDING).min(MAX_LEVEL) as i16;
    levels[0] = if coefficients[0] < 0.0 { -dc } else { dc };
    out.end = (end as usize).max(usize::from(dc != 0));
    out.rows = rows(out.end).min(count.isqrt());
}

/// The number of diagonals that have room for `count` coefficients, if each is longer by 1 than the
/// one before it.
fn rows(count: usize) -> usize {
    count.checked_sub(1).map_or(0, |rest| (8 * rest + 1).isqrt().div_ceil(2))
}

/// The values that the decoder gets from levels. Source: AV1 specification, section "Dequantization
/// functions".
#[inline(always)]
pub(crate) fn dequantize(size: usize, levels: &Levels, steps: &Steps, out: &mut [i32]) {
    let side = coded_side(size);
    let shift = match size {
        64 => 2,
        32 => 1,
        _ => 0,
    };
    let count = levels.rows * side;
    let (levels, steps) = (&levels.levels[..count], &steps.steps[..count]);
    for (at, out) in out[..count].iter_mut().enumerate() {
        let level = i32::from(levels[at]);
        let value = ((level.abs() * steps[at]) & PRODUCT_MASK) >> shift;
        *out = if level < 0 { -value } else { value };
    }
}

/// An estimate of the rate-distortion cost of orthonormal coefficients, in squared error.
#[inline(always)]
pub(crate) fn estimate(coefficients: &[f32], steps: &Steps, lambda: f32) -> f32 {
    const LANES: usize = 8;
    let (coefficients, _) = coefficients[..steps.steps.len()].as_chunks::<LANES>();
    let (inverse, _) = steps.inverse.as_chunks::<LANES>();
    let (sizes, _) = steps.sizes.as_chunks::<LANES>();
    let (mut errors, mut bits) = ([0f32; LANES], [0f32; LANES]);
    for ((coefficients, inverse), sizes) in coefficients.iter().zip(inverse).zip(sizes) {
        for lane in 0..LANES {
            let scaled = coefficients[lane].abs() * inverse[lane];
            let level = rounded(scaled, ROUNDING) - WHOLE;
            let error = (scaled - level) * sizes[lane];
            errors[lane] += error * error;
            // The exponent and the mantissa are the logarithm, nearly.
            let logarithm = (level.to_bits() as i32 - 0x3f80_0000) as f32 * (1.0 / 8_388_608.0);
            // 0 or 1. A branch would not become vector code.
            let is_coded = if level < 1.0 { level } else { 1.0 };
            let coded = 4.0 + 1.8 * logarithm;
            bits[lane] += is_coded * coded + (1.0 - is_coded) * (0.35 * scaled);
        }
    }
    errors.iter().sum::<f32>() + lambda * bits.iter().sum::<f32>()
}

/// The squared error of what [`coded_side`] leaves out of a transform block.
#[inline(always)]
pub(crate) fn lost_energy(residual: &[i16], coefficients: &[f32]) -> f32 {
    let residual: i32 = residual.iter().map(|value| i32::from(*value) * i32::from(*value)).sum();
    let (coefficients, _) = coefficients.as_chunks::<8>();
    let mut coded = [0f32; 8];
    for coefficients in coefficients {
        for lane in 0..8 {
            coded[lane] += coefficients[lane] * coefficients[lane];
        }
    }
    (residual as f32 - coded.iter().sum::<f32>()).max(0.0)
}
