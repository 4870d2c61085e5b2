//! The forward transform in AVX2.

use std::arch::x86_64::{
    __m256, _mm256_add_ps, _mm256_castpd_ps, _mm256_castps_pd, _mm256_castps_si256,
    _mm256_cvtepi16_epi32, _mm256_cvtepi32_ps, _mm256_mul_ps, _mm256_permute2f128_ps,
    _mm256_set1_ps, _mm256_setzero_ps, _mm256_sub_ps, _mm256_unpackhi_pd, _mm256_unpackhi_ps,
    _mm256_unpacklo_pd, _mm256_unpacklo_ps,
};

use resizer_cpu::avx2::load_half;

use crate::transform::forward::{HALF_SECANTS, ROOT_OF_HALF, forward_transforms};
use crate::transform::{SINES_OF_NINTHS, TransformType, identity};

forward_transforms!(__m256, #[target_feature(enable = "avx2")]);

#[inline]
#[target_feature(enable = "avx2")]
fn zero() -> __m256 {
    _mm256_setzero_ps()
}

#[inline]
#[target_feature(enable = "avx2")]
fn add(a: __m256, b: __m256) -> __m256 {
    _mm256_add_ps(a, b)
}

#[inline]
#[target_feature(enable = "avx2")]
fn subtract(a: __m256, b: __m256) -> __m256 {
    _mm256_sub_ps(a, b)
}

#[inline]
#[target_feature(enable = "avx2")]
fn scale(values: __m256, factor: f32) -> __m256 {
    _mm256_mul_ps(values, _mm256_set1_ps(factor))
}

#[inline]
#[target_feature(enable = "avx2")]
fn load_residual(residual: &[i16; 8]) -> __m256 {
    _mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(load_half(residual)))
}

#[inline]
#[target_feature(enable = "avx2")]
fn store(values: __m256, out: &mut [f32; 8]) {
    resizer_cpu::avx2::store(_mm256_castps_si256(values), out);
}

/// Transposes a block.
#[inline]
#[target_feature(enable = "avx2")]
fn transpose(rows: [__m256; 8]) -> [__m256; 8] {
    let [a, b, c, d, e, f, g, h] = rows;
    let (upper, lower) = (fours([a, b, c, d]), fours([e, f, g, h]));
    let left = |at: usize| _mm256_permute2f128_ps::<0x20>(upper[at], lower[at]);
    let right = |at: usize| _mm256_permute2f128_ps::<0x31>(upper[at], lower[at]);
    [left(0), left(1), left(2), left(3), right(0), right(1), right(2), right(3)]
}

/// Transposes two blocks of 4 x 4 side by side.
#[inline]
#[target_feature(enable = "avx2")]
fn fours([a, b, c, d]: [__m256; 4]) -> [__m256; 4] {
    let low = |a, b| _mm256_castps_pd(_mm256_unpacklo_ps(a, b));
    let high = |a, b| _mm256_castps_pd(_mm256_unpackhi_ps(a, b));
    let (left, left_2, right, right_2) = (low(a, b), low(c, d), high(a, b), high(c, d));
    [
        _mm256_castpd_ps(_mm256_unpacklo_pd(left, left_2)),
        _mm256_castpd_ps(_mm256_unpackhi_pd(left, left_2)),
        _mm256_castpd_ps(_mm256_unpacklo_pd(right, right_2)),
        _mm256_castpd_ps(_mm256_unpackhi_pd(right, right_2)),
    ]
}
