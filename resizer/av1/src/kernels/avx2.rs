//! The kernels that need code of their own for AVX2.

mod forward;

use std::arch::x86_64::{
    __m128i, __m256i, _mm_add_epi16, _mm_cvtsi64_si128, _mm_cvtsi128_si64, _mm_madd_epi16,
    _mm_maddubs_epi16, _mm_max_epi16, _mm_mulhrs_epi16, _mm_packus_epi16, _mm_set1_epi16,
    _mm_unpackhi_epi8, _mm_unpacklo_epi8, _mm256_abs_epi16, _mm256_add_epi16, _mm256_add_epi32,
    _mm256_castsi256_si128, _mm256_cvtepu8_epi16, _mm256_extracti128_si256, _mm256_hadd_epi16,
    _mm256_hsub_epi16, _mm256_madd_epi16, _mm256_max_epi16, _mm256_permute2x128_si256,
    _mm256_set1_epi16, _mm256_setzero_si256, _mm256_sub_epi16, _mm256_unpackhi_epi16,
    _mm256_unpackhi_epi32, _mm256_unpackhi_epi64, _mm256_unpacklo_epi16, _mm256_unpacklo_epi32,
    _mm256_unpacklo_epi64,
};

use resizer_cpu::Avx2;
use resizer_cpu::avx2::{Number, load, load_half, store, store_half};

use crate::predict::neighbors::Neighbors;
use crate::predict::{self, Prediction, Samples};
use crate::transform::{TransformType, inverse};

pub(super) use forward::transform;

/// Eight rows of two blocks side by side.
type Rows = [__m256i; 8];

/// Predicts a block. See [`predict::predict`].
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
pub(super) fn predict(
    avx2: Avx2,
    neighbors: &Neighbors,
    prediction: Prediction,
    (size, out): (usize, &mut [u8]),
) {
    predict::predict(neighbors, prediction, (size, out), avx2);
}

impl Samples for Avx2 {
    #[inline(always)]
    fn transpose(self, rows: &[[u8; 8]; 8]) -> [[u8; 8]; 8] {
        // SAFETY: `self` proves that the machine has AVX2.
        unsafe { transpose_bytes(rows) }
    }

    #[inline(always)]
    fn interpolate<const N: usize>(self, first: &[u8; N], second: &[u8; N], weight: u8) -> [u8; N] {
        // SAFETY: `self` proves that the machine has AVX2.
        unsafe { interpolate(first, second, weight) }
    }
}

/// Interpolates between the samples of two rows. The rounded product with 1,024 / 32,768 is a
/// division by 32.
#[inline]
#[target_feature(enable = "avx2")]
fn interpolate<const N: usize>(first: &[u8; N], second: &[u8; N], weight: u8) -> [u8; N] {
    let weights = _mm_set1_epi16(i16::from_le_bytes([32 - weight, weight]));
    let scale = _mm_set1_epi16(1024);
    let between = |pairs| _mm_mulhrs_epi16(_mm_maddubs_epi16(pairs, weights), scale);
    let mut out = [0; N];
    if N < 16 {
        let row = |samples: &[u8; N]| {
            let mut row = [0; 8];
            row[..N].copy_from_slice(samples);
            _mm_cvtsi64_si128(i64::from_le_bytes(row))
        };
        let samples = between(_mm_unpacklo_epi8(row(first), row(second)));
        let packed = _mm_cvtsi128_si64(_mm_packus_epi16(samples, samples));
        out.copy_from_slice(&packed.to_le_bytes()[..N]);
    } else {
        let rows = first.as_chunks::<16>().0.iter().zip(second.as_chunks::<16>().0);
        for (out, (first, second)) in out.as_chunks_mut::<16>().0.iter_mut().zip(rows) {
            let (first, second) = (load_half(first), load_half(second));
            let left = between(_mm_unpacklo_epi8(first, second));
            let right = between(_mm_unpackhi_epi8(first, second));
            store_half(_mm_packus_epi16(left, right), out);
        }
    }
    out
}

#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
pub(super) fn add_residual(
    kind: (usize, TransformType),
    coefficients: (&[i32], usize),
    out: (&mut [u8], usize),
) {
    let transpose = |rows: &_| transpose_words(rows);
    inverse::add_residual(kind, coefficients, out, &transpose);
}

/// Transposes a block.
#[inline]
#[target_feature(enable = "avx2")]
fn transpose_words<T: Number + Default>(rows: &[[T; 8]; 8]) -> [[T; 8]; 8] {
    let pair = |at: usize| {
        let (a, b) = (load(&rows[at]), load(&rows[at + 1]));
        (_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b))
    };
    let fours = |at: usize| {
        let ((left, right), (left_2, right_2)) = (pair(at), pair(at + 2));
        [
            _mm256_unpacklo_epi64(left, left_2),
            _mm256_unpackhi_epi64(left, left_2),
            _mm256_unpacklo_epi64(right, right_2),
            _mm256_unpackhi_epi64(right, right_2),
        ]
    };
    let (upper, lower) = (fours(0), fours(4));
    let mut columns = [[T::default(); 8]; 8];
    for at in 0..4 {
        store(_mm256_permute2x128_si256::<0x20>(upper[at], lower[at]), &mut columns[at]);
        store(_mm256_permute2x128_si256::<0x31>(upper[at], lower[at]), &mut columns[4 + at]);
    }
    columns
}

/// Transposes a block.
#[inline]
#[target_feature(enable = "avx2")]
fn transpose_bytes(rows: &[[u8; 8]; 8]) -> [[u8; 8]; 8] {
    let (pairs, _) = rows.as_flattened().as_chunks::<16>();
    let row = |at: usize| load_half(&pairs[at]);
    let (a, b, c, d) = (row(0), row(1), row(2), row(3));
    // Rows 0 and 4 interleaved, and so on.
    let (rows_0, rows_1) = (_mm_unpacklo_epi8(a, c), _mm_unpackhi_epi8(a, c));
    let (rows_2, rows_3) = (_mm_unpacklo_epi8(b, d), _mm_unpackhi_epi8(b, d));
    // The left and the right half of rows 0, 2, 4, and 6, and of the others.
    let even = (_mm_unpacklo_epi8(rows_0, rows_2), _mm_unpackhi_epi8(rows_0, rows_2));
    let odd = (_mm_unpacklo_epi8(rows_1, rows_3), _mm_unpackhi_epi8(rows_1, rows_3));
    let mut columns = [[0; 8]; 8];
    let (out, _) = columns.as_flattened_mut().as_chunks_mut::<16>();
    store_half(_mm_unpacklo_epi8(even.0, odd.0), &mut out[0]);
    store_half(_mm_unpackhi_epi8(even.0, odd.0), &mut out[1]);
    store_half(_mm_unpacklo_epi8(even.1, odd.1), &mut out[2]);
    store_half(_mm_unpackhi_epi8(even.1, odd.1), &mut out[3]);
    columns
}

#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
pub(super) fn hadamard_cost(source: &[u8], prediction: &[u8], size: usize) -> u32 {
    match size {
        4 => half_sum_of_4(source, prediction) / 2,
        8 => half_sum_of_8(source, prediction) / 4,
        16 => half_sum::<16>(source, prediction) / 4,
        32 => half_sum::<32>(source, prediction) / 4,
        _ => half_sum::<64>(source, prediction) / 4,
    }
}

/// The differences of 16 samples.
#[inline]
#[target_feature(enable = "avx2")]
fn difference(source: &[u8; 16], prediction: &[u8; 16]) -> __m256i {
    let source = _mm256_cvtepu8_epi16(load_half(source));
    _mm256_sub_epi16(source, _mm256_cvtepu8_epi16(load_half(prediction)))
}

/// The sums and the differences of two vectors.
#[inline]
#[target_feature(enable = "avx2")]
fn butterfly(a: __m256i, b: __m256i) -> (__m256i, __m256i) {
    (_mm256_add_epi16(a, b), _mm256_sub_epi16(a, b))
}

/// The larger of the absolute values. |a + b| + |a - b| is twice that, which replaces the last step
/// of a transform.
#[inline]
#[target_feature(enable = "avx2")]
fn larger(a: __m256i, b: __m256i) -> __m256i {
    _mm256_max_epi16(_mm256_abs_epi16(a), _mm256_abs_epi16(b))
}

/// The sum of 16-bit values.
#[inline]
#[target_feature(enable = "avx2")]
fn total(values: __m128i) -> u32 {
    let mut words = [0u32; 4];
    store_half(_mm_madd_epi16(values, _mm_set1_epi16(1)), &mut words);
    words.iter().sum()
}

/// Half of the sum of the absolute coefficients of 4 x 4 samples.
#[inline]
#[target_feature(enable = "avx2")]
fn half_sum_of_4(source: &[u8], prediction: &[u8]) -> u32 {
    let (Some(source), Some(prediction)) = (source.first_chunk(), prediction.first_chunk()) else {
        return 0;
    };
    // Rows 0 and 1 in the lower half, and rows 2 and 3.
    let rows = difference(source, prediction);
    let (sums, differences) = butterfly(rows, _mm256_permute2x128_si256::<1>(rows, rows));
    let even = _mm256_unpacklo_epi64(sums, differences);
    let odd = _mm256_unpackhi_epi64(sums, differences);
    let (first, second) = butterfly(even, odd);
    let (sums, differences) = (_mm256_hadd_epi16(first, second), _mm256_hsub_epi16(first, second));
    let even = _mm256_abs_epi16(_mm256_hadd_epi16(sums, differences));
    let odd = _mm256_abs_epi16(_mm256_hsub_epi16(sums, differences));
    total(_mm256_castsi256_si128(_mm256_add_epi16(even, odd))) / 2
}

/// Half of the sum of the absolute coefficients of 8 x 8 samples.
#[inline]
#[target_feature(enable = "avx2")]
fn half_sum_of_8(source: &[u8], prediction: &[u8]) -> u32 {
    let (Some(source), Some(prediction)) =
        (source.first_chunk::<64>(), prediction.first_chunk::<64>())
    else {
        return 0;
    };
    let (source, _) = source.as_chunks::<16>();
    let (prediction, _) = prediction.as_chunks::<16>();
    // Each vector has two rows, the even one in its lower half.
    let rows = |at: usize| difference(&source[at], &prediction[at]);
    let (a, b, c, d) = (rows(0), rows(1), rows(2), rows(3));
    let ((a, b), (c, d)) = (butterfly(a, b), butterfly(c, d));
    let ((a, c), (b, d)) = (butterfly(a, c), butterfly(b, d));
    // Columns 0 to 3 and 4 to 7 of two rows, then columns 0 and 1, and so on, of four rows.
    let (left, right) = (_mm256_unpacklo_epi16(a, b), _mm256_unpackhi_epi16(a, b));
    let (left_2, right_2) = (_mm256_unpacklo_epi16(c, d), _mm256_unpackhi_epi16(c, d));
    let (a, b) = (_mm256_unpacklo_epi32(left, left_2), _mm256_unpackhi_epi32(left, left_2));
    let (c, d) = (_mm256_unpacklo_epi32(right, right_2), _mm256_unpackhi_epi32(right, right_2));
    let ((a, b), (c, d)) = (butterfly(a, b), butterfly(c, d));
    let ((a, c), (b, d)) = (butterfly(a, c), butterfly(b, d));
    let (even, odd) = (_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b));
    let (even_2, odd_2) = (_mm256_unpacklo_epi64(c, d), _mm256_unpackhi_epi64(c, d));
    let ((a, b), (c, d)) = (butterfly(even, odd), butterfly(even_2, odd_2));
    // The last step combines even and odd rows.
    let mut sums = _mm_set1_epi16(0);
    for values in [a, b, c, d] {
        let absolute = _mm256_abs_epi16(values);
        let (even, odd) =
            (_mm256_castsi256_si128(absolute), _mm256_extracti128_si256::<1>(absolute));
        // The sum of four values of at most 8,160 has 16 bits.
        sums = _mm_add_epi16(sums, _mm_max_epi16(even, odd));
    }
    total(sums)
}

/// Half of the sum of the absolute coefficients of all blocks of 8 x 8.
#[inline]
#[target_feature(enable = "avx2")]
fn half_sum<const N: usize>(source: &[u8], prediction: &[u8]) -> u32 {
    let (source, _) = source.as_chunks::<N>();
    let (prediction, _) = prediction.as_chunks::<N>();
    let bands = source.as_chunks::<8>().0.iter().zip(prediction.as_chunks::<8>().0);
    let ones = _mm256_set1_epi16(1);
    let mut sums = _mm256_setzero_si256();
    for (source, prediction) in bands.take(N / 8) {
        for x in 0..N / 16 {
            let mut rows = [_mm256_setzero_si256(); 8];
            for (row, (source, prediction)) in rows.iter_mut().zip(source.iter().zip(prediction)) {
                let (source, _) = source.as_chunks();
                let (prediction, _) = prediction.as_chunks();
                *row = difference(&source[x], &prediction[x]);
            }
            rows = hadamard_without_last_step(rows);
            for at in 0..4 {
                (rows[at], rows[at + 4]) = butterfly(rows[at], rows[at + 4]);
            }
            let [a, b, c, d, e, f, g, h] = hadamard_without_last_step(transpose(rows));
            // The sum of four values of at most 8,160 has 16 bits.
            let upper = _mm256_add_epi16(larger(a, e), larger(b, f));
            let lower = _mm256_add_epi16(larger(c, g), larger(d, h));
            let sum = _mm256_madd_epi16(_mm256_add_epi16(upper, lower), ones);
            sums = _mm256_add_epi32(sums, sum);
        }
    }
    let mut words = [0u32; 8];
    store(sums, &mut words);
    words.iter().sum()
}

/// The Hadamard transform of columns, without the sums and differences of the upper and the lower
/// half.
#[inline]
#[target_feature(enable = "avx2")]
fn hadamard_without_last_step(mut rows: Rows) -> Rows {
    for at in [0, 2, 4, 6] {
        (rows[at], rows[at + 1]) = butterfly(rows[at], rows[at + 1]);
    }
    for at in [0, 1, 4, 5] {
        (rows[at], rows[at + 2]) = butterfly(rows[at], rows[at + 2]);
    }
    rows
}

/// Transposes both blocks.
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
