//! How busy each superblock is. Errors show less in busy places, so these get a larger step.

use crate::picture::{Picture, SUPERBLOCK};

/// The change of the quantizer index for each doubling of the variance.
const STRENGTH: f32 = 4.0;
/// The largest change of the quantizer index.
const MAX_CHANGE: i32 = 32;

/// The variance, in units of the rate-distortion multiplier, above which a superblock is busy.
const BUSY: f32 = 8.0;

/// The mean binary logarithm of the variance of the blocks of 8 x 8 of each superblock, as far as
/// they lie in the picture.
#[derive(Debug)]
pub(super) struct Activity {
    values: Vec<f32>,
    columns: usize,
    mean: f32,
}

impl Activity {
    pub(super) fn new(picture: &Picture) -> Self {
        let columns = picture.width.div_ceil(SUPERBLOCK);
        let rows = picture.height.div_ceil(SUPERBLOCK);
        let places = (0..rows).flat_map(|row| (0..columns).map(move |column| (column, row)));
        let values: Vec<f32> = places.map(|place| superblock(picture, place)).collect();
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        Self { values, columns, mean }
    }

    /// Whether the variance of most blocks is large for a rate-distortion multiplier.
    pub(super) fn is_busy(&self, (column, row): (usize, usize), lambda: f32) -> bool {
        self.values[row * self.columns + column] > log2(BUSY * lambda)
    }

    /// How much larger than the base index the quantizer index of a superblock should be.
    pub(super) fn q_index_change(&self, column: usize, row: usize) -> i32 {
        let difference = self.values[row * self.columns + column] - self.mean;
        ((STRENGTH * difference).round() as i32).clamp(-MAX_CHANGE, MAX_CHANGE)
    }
}

fn superblock(picture: &Picture, (column, row): (usize, usize)) -> f32 {
    let plane = &picture.planes[0];
    let (left, top) = (column * SUPERBLOCK, row * SUPERBLOCK);
    let (right, bottom) =
        (picture.width.min(left + SUPERBLOCK), picture.height.min(top + SUPERBLOCK));
    let (mut sum, mut count) = (0.0, 0.0);
    for y in (top..bottom).step_by(8) {
        for x in (left..right).step_by(8) {
            sum += log2(variance(plane.at(x, y), plane.stride) + 3.0);
            count += 1.0;
        }
    }
    sum / count
}

/// The variance of 8 x 8 samples.
fn variance(samples: &[u8], stride: usize) -> f32 {
    let (mut sum, mut squares) = (0, 0);
    for row in samples.chunks(stride).take(8) {
        for sample in &row[..8] {
            sum += u32::from(*sample);
            squares += u32::from(*sample) * u32::from(*sample);
        }
    }
    (squares as f32 - (sum * sum) as f32 / 64.0) / 64.0
}

/// The binary logarithm, with an error below 0.01. It is the same on every machine, other than that
/// of the standard library.
fn log2(value: f32) -> f32 {
    let bits = value.to_bits();
    let exponent = (bits >> 23) as f32 - 127.0;
    let mantissa = f32::from_bits(bits & 0x7f_ffff | 0x3f80_0000) - 1.0;
    exponent + mantissa * (1.345 - 0.345 * mantissa)
}

#[cfg(test)]
mod tests {
    use super::log2;

    #[test]
    fn logarithms_are_nearly_right() {
        for value in [3.0f32, 3.7, 5.0, 100.0, 1000.0, 16_000.0] {
            assert!((log2(value) - value.log2()).abs() < 0.01, "{value} {}", log2(value));
        }
    }
}
