//! Transforms of square blocks with sides of 4 to 64 samples.

pub(crate) mod forward;
pub(crate) mod identity;
pub(crate) mod inverse;
mod inverse_adst;
mod inverse_dct;

/// 4,096 times the cosine of n / 128 of a half turn. Source: AV1 specification, table
/// "Cos128_Lookup".
const COSINES: [i32; 65] = [
    4096, 4095, 4091, 4085, 4076, 4065, 4052, 4036, 4017, 3996, 3973, 3948, 3920, 3889, 3857, 3822,
    3784, 3745, 3703, 3659, 3612, 3564, 3513, 3461, 3406, 3349, 3290, 3229, 3166, 3102, 3035, 2967,
    2896, 2824, 2751, 2675, 2598, 2520, 2440, 2359, 2276, 2191, 2106, 2019, 1931, 1842, 1751, 1660,
    1567, 1474, 1380, 1285, 1189, 1092, 995, 897, 799, 700, 601, 501, 401, 301, 201, 101, 0,
];

/// 4,096 times the square root of 2 times 2/3 of the sines of 1/9 to 4/9 of a half turn. Source:
/// AV1 specification, constants "SINPI_1_9" to "SINPI_4_9".
pub(crate) const SINES_OF_NINTHS: [i32; 4] = [1321, 2482, 3344, 3803];

/// 4,096 times the cosine of an angle in 1/128 of a half turn.
#[inline(always)]
const fn cosine(angle: i32) -> i32 {
    let angle = angle & 255;
    match angle {
        0..=64 => COSINES[angle as usize],
        65..=128 => -COSINES[128 - angle as usize],
        129..=192 => -COSINES[angle as usize - 128],
        _ => COSINES[256 - angle as usize],
    }
}

/// 4,096 times the sine of an angle in 1/128 of a half turn.
#[inline(always)]
const fn sine(angle: i32) -> i32 {
    cosine(angle - 64)
}

/// The transforms of the columns and of the rows of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum TransformType {
    #[default]
    DctDct,
    /// The columns have an ADST.
    AdstDct,
    /// The rows have an ADST.
    DctAdst,
    AdstAdst,
    /// Neither the columns nor the rows have a transform.
    Identity,
}

impl TransformType {
    /// All transforms of blocks that are not screen content.
    pub(crate) const ALL: [Self; 4] = [Self::DctDct, Self::AdstDct, Self::DctAdst, Self::AdstAdst];

    pub(crate) const fn has_column_adst(self) -> bool {
        matches!(self, Self::AdstDct | Self::AdstAdst)
    }

    pub(crate) const fn has_row_adst(self) -> bool {
        matches!(self, Self::DctAdst | Self::AdstAdst)
    }
}

/// The number of coded coefficients in a row or column. Of 64 x 64 coefficients, 32 x 32 are coded.
pub(crate) const fn coded_side(size: usize) -> usize {
    if size < 32 { size } else { 32 }
}

#[cfg(test)]
mod tests;
