//! The kernels that need code of their own for AVX2.

use std::arch::x86_64::{
    __m256i, _mm256_abs_epi16, _mm256_add_epi16, _mm256_add_epi32, _mm256_castsi256_si128,
    _mm256_cvtepu8_epi16, _mm256_extracti128_si256, _mm256_madd_epi16, _mm256_set1_epi16,
    _mm256_setzero_si256, _mm256_sub_epi16, _mm256_unpackhi_epi16, _mm256_unpackhi_epi32,
    _mm256_unpackhi_epi64, _mm256_unpacklo_epi16, _mm256_unpacklo_epi32, _mm256_unpacklo_epi64,
};

use resizer_cpu::avx2::{load_half, store_half};

/// Eight rows of two blocks side by side.
type Rows = [__m256i; 8];

/// The cost of the first eight rows of a block.
#[target_feature(enable = "avx2")]
pub(super) fn hadamard_cost(
    (source, stride): (&[u8], usize),
    prediction: &[u8],
    size: usize,
) -> u32 {
    if size == 8 {
        return pair_cost(differences_8((source, stride), prediction))[0];
    }
    let mut sum = 0;
    for x in (0..size).step_by(16) {
        let differences = differences_16((&source[x..], stride), (&prediction[x..], size));
        let [first, second] = pair_cost(differences);
        sum += first + second;
    }
    sum
}

/// The differences of 16 samples of eight rows.
#[inline]
#[target_feature(enable = "avx2")]
fn differences_16((source, stride): (&[u8], usize), (prediction, width): (&[u8], usize)) -> Rows {
    let mut rows = [_mm256_setzero_si256(); 8];
    for (y, row) in rows.iter_mut().enumerate() {
        let source = source[y * stride..].first_chunk().unwrap_or(&[0; 16]);
        let prediction = prediction[y * width..].first_chunk().unwrap_or(&[0; 16]);
        *row = difference(source, prediction);
    }
    rows
}

/// The differences of 8 samples of eight rows, and zeros.
#[inline]
#[target_feature(enable = "avx2")]
fn differences_8((source, stride): (&[u8], usize), prediction: &[u8]) -> Rows {
    let mut rows = [_mm256_setzero_si256(); 8];
    let (prediction, _) = prediction.as_chunks::<8>();
    for (y, (row, prediction)) in rows.iter_mut().zip(prediction).enumerate() {
        let source = source[y * stride..].first_chunk().unwrap_or(&[0; 8]);
        *row = difference(&padded(*source), &padded(*prediction));
    }
    rows
}

#[inline]
fn padded(samples: [u8; 8]) -> [u8; 16] {
    u128::from(u64::from_le_bytes(samples)).to_le_bytes()
}

#[inline]
#[target_feature(enable = "avx2")]
fn difference(source: &[u8; 16], prediction: &[u8; 16]) -> __m256i {
    let source = _mm256_cvtepu8_epi16(load_half(source));
    _mm256_sub_epi16(source, _mm256_cvtepu8_epi16(load_half(prediction)))
}

/// The costs of two blocks of 8 x 8.
#[inline]
#[target_feature(enable = "avx2")]
fn pair_cost(rows: Rows) -> [u32; 2] {
    let transformed = hadamard(transpose(hadamard(rows)));
    let ones = _mm256_set1_epi16(1);
    let mut sums = _mm256_setzero_si256();
    for row in transformed {
        sums = _mm256_add_epi32(sums, _mm256_madd_epi16(_mm256_abs_epi16(row), ones));
    }
    let halves = [_mm256_castsi256_si128(sums), _mm256_extracti128_si256::<1>(sums)];
    let mut costs = [0; 2];
    for (cost, half) in costs.iter_mut().zip(halves) {
        let mut bytes = [0u8; 16];
        store_half(half, &mut bytes);
        let (words, _) = bytes.as_chunks::<4>();
        *cost = words.iter().map(|word| u32::from_ne_bytes(*word)).sum::<u32>() / 8;
    }
    costs
}

/// The Hadamard transform of columns.
#[inline]
#[target_feature(enable = "avx2")]
fn hadamard(mut rows: Rows) -> Rows {
    for distance in [1, 2, 4] {
        for first in (0..8).step_by(2 * distance) {
            for at in first..first + distance {
                let (a, b) = (rows[at], rows[at + distance]);
                rows[at] = _mm256_add_epi16(a, b);
                rows[at + distance] = _mm256_sub_epi16(a, b);
            }
        }
    }
    rows
}

/// Exchanges rows and columns of both blocks.
#[inline]
#[target_feature(enable = "avx2")]
fn transpose(rows: Rows) -> Rows {
    let [a, b, c, d, e, f, g, h] = rows;
    let low = |x, y| _mm256_unpacklo_epi16(x, y);
    let high = |x, y| _mm256_unpackhi_epi16(x, y);
    let pairs = [
        low(a, b),
        high(a, b),
        low(c, d),
        high(c, d),
        low(e, f),
        high(e, f),
        low(g, h),
        high(g, h),
    ];
    let mut fours = [_mm256_setzero_si256(); 8];
    for half in 0..2 {
        let [a, b, c, d] = [0, 1, 2, 3].map(|at| pairs[4 * half + at]);
        fours[4 * half] = _mm256_unpacklo_epi32(a, c);
        fours[4 * half + 1] = _mm256_unpackhi_epi32(a, c);
        fours[4 * half + 2] = _mm256_unpacklo_epi32(b, d);
        fours[4 * half + 3] = _mm256_unpackhi_epi32(b, d);
    }
    let mut columns = [_mm256_setzero_si256(); 8];
    for at in 0..4 {
        columns[2 * at] = _mm256_unpacklo_epi64(fours[at], fours[4 + at]);
        columns[2 * at + 1] = _mm256_unpackhi_epi64(fours[at], fours[4 + at]);
    }
    columns
}
