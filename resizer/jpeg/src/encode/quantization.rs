//! Quantization tables for a quality, and the reciprocals that replace division in the kernels.

use crate::zigzag::ZIGZAG;

/// How each coefficient of a block is divided, in zigzag order: `(|value| + bias) * reciprocal *
/// scale >> 32`, which is exact for all values of the transform.
#[derive(Debug, Clone)]
pub(super) struct Divisors {
    /// The divisor, 8 times as large as in the file.
    pub(super) divisor: [u16; 64],
    pub(super) bias: [u16; 64],
    pub(super) reciprocal: [u16; 64],
    pub(super) scale: [u16; 64],
}

impl Divisors {
    /// Division with rounding to nearest, for a table row by row.
    pub(super) fn rounding(table: &[u8; 64]) -> Self {
        let divisor = ZIGZAG.map(|at| u16::from(table[usize::from(at)]) * 8);
        let bits = divisor.map(|divisor| (divisor - 1).ilog2());
        let reciprocal = |at: usize| (1u32 << (16 + bits[at])).div_ceil(u32::from(divisor[at]));
        Self {
            bias: divisor.map(|divisor| divisor / 2),
            reciprocal: std::array::from_fn(|at| reciprocal(at) as u16),
            scale: bits.map(|bits| 1 << (16 - bits)),
            divisor,
        }
    }
}

/// Quantization tables for luma and chroma, row by row.
pub(super) fn tables(quality: u8) -> [[u8; 64]; 2] {
    [LUMA_SHAPE, CHROMA_SHAPE].map(|shape| shape.table(quality))
}

/// A quantization table whose divisors grow linearly with the frequency, in any direction.
#[derive(Debug, Clone, Copy)]
struct TableShape {
    mean: f32,
    /// For the two lowest AC frequencies.
    first: f32,
    /// For the highest frequency.
    last: f32,
}

/// Finer than the example of the specification for low frequencies and coarser for high ones. It
/// saves 11 % at an equal SSIMULACRA2, and was tuned on eight crops of four photographs. From
/// quality 60 to 90 the score differs by at most 1 from that of the example at the same quality; on
/// other photographs it is up to 4 higher at 60.
const LUMA_SHAPE: TableShape = TableShape { mean: 8.0, first: 12.0, last: 105.0 };
/// Tuned as above.
const CHROMA_SHAPE: TableShape = TableShape { mean: 6.5, first: 9.5, last: 60.0 };

impl TableShape {
    /// The table for a quality on libjpeg's scale, row by row.
    fn table(self, quality: u8) -> [u8; 64] {
        let percent = percent(quality) as f32;
        std::array::from_fn(|at| {
            let [u, v] = [at % 8, at / 8].map(|frequency| frequency as f32);
            let way = ((u * u + v * v).sqrt() - 1.0) / (98f32.sqrt() - 1.0);
            let ac = self.first + (self.last - self.first) * way;
            let divisor = if at == 0 { self.mean } else { ac };
            (divisor * percent / 100.0).round().clamp(1.0, 255.0) as u8
        })
    }
}

/// The scale factor in percent for a quality, as in libjpeg: 50 is the table as it stands, 100 all
/// ones.
fn percent(quality: u8) -> u32 {
    match u32::from(quality.clamp(1, 100)) {
        quality @ ..50 => 5000 / quality,
        quality => 200 - quality * 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reciprocals_divide_exactly() {
        for divisor in 1..=255 {
            let divisors = Divisors::rounding(&[divisor; 64]);
            let [exact, reciprocal, scale] =
                [divisors.divisor[0], divisors.reciprocal[0], divisors.scale[0]].map(u32::from);
            for value in 0..(1 << 14) {
                let quotient = (((value * reciprocal) >> 16) * scale) >> 16;
                assert_eq!(quotient, value / exact, "{divisor}");
            }
        }
    }

    #[test]
    fn qualities_are_on_libjpegs_scale() {
        let percents = [1, 10, 25, 50, 75, 80, 100].map(percent);
        assert_eq!(percents, [5000, 500, 200, 100, 50, 40, 0]);
        assert_eq!([percent(0), percent(200)], [percent(1), percent(100)]);
    }

    #[test]
    fn tables_rise_with_the_frequency_and_fall_with_the_quality() {
        for shape in [LUMA_SHAPE, CHROMA_SHAPE] {
            let middle = shape.table(50);
            assert_eq!(f32::from(middle[63]), shape.last);
            assert_eq!(f32::from(middle[8]), shape.first.round());
            assert!(middle[1..8].is_sorted() && middle[0] < middle[1] && middle[9] > middle[8]);
            for quality in 1..100 {
                let [lower, higher] = [quality, quality + 1].map(|quality| shape.table(quality));
                assert!(lower.iter().zip(&higher).all(|(lower, higher)| lower >= higher));
            }
            assert_eq!(shape.table(100), [1; 64]);
            assert_eq!(shape.table(1), [255; 64]);
        }
    }
}
