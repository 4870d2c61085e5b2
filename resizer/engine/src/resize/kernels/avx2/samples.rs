//! Bytes to linear light and back, and planar channels to interleaved pixels, in AVX2. Where a row
//! is no multiple of a vector, the last step overlaps the one before.
#![expect(unsafe_code, reason = "calls into AVX2 functions")]

use std::arch::x86_64::{
    __m256i, _mm_packus_epi16, _mm256_add_epi16, _mm256_add_ps, _mm256_blendv_epi8,
    _mm256_blendv_ps, _mm256_castsi256_ps, _mm256_castsi256_si128, _mm256_cmpgt_epi16,
    _mm256_cmpgt_epi32, _mm256_cvtepi16_epi32, _mm256_cvtepi32_ps, _mm256_cvtepu8_epi16,
    _mm256_cvtps_epi32, _mm256_extracti128_si256, _mm256_max_epi16, _mm256_min_epi16,
    _mm256_mul_ps, _mm256_mulhrs_epi16, _mm256_mullo_epi16, _mm256_packs_epi32,
    _mm256_permute2x128_si256, _mm256_permute4x64_epi64, _mm256_set1_epi16, _mm256_set1_epi32,
    _mm256_set1_ps, _mm256_setr_epi8, _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_slli_epi16,
    _mm256_sqrt_ps, _mm256_srai_epi16,
};

use resizer_cpu::Avx2;
use resizer_cpu::avx2::{load, load_half, store, store_half};

use crate::resize::kernels::WHITE;
use crate::resize::kernels::portable::{self, CODED, CODED_DARK, DARK, LIGHT};

/// Samples of a vector.
const LANES: usize = 16;

/// Pixels of a step.
const STEP: usize = 32;

/// As many samples as bytes.
pub(in crate::resize::kernels) fn to_gamma(_: Avx2, bytes: &[u8], samples: &mut [i16]) {
    #[target_feature(enable = "avx2")]
    fn to_gamma(bytes: &[u8], samples: &mut [i16]) {
        portable::to_gamma(bytes, samples);
    }
    // SAFETY: the first argument proves that the machine has AVX2.
    unsafe { to_gamma(bytes, samples) }
}

/// As many bytes as samples.
pub(in crate::resize::kernels) fn from_gamma(_: Avx2, samples: &[i16], bytes: &mut [u8]) {
    #[target_feature(enable = "avx2")]
    fn from_gamma(samples: &[i16], bytes: &mut [u8]) {
        portable::from_gamma(samples, bytes);
    }
    // SAFETY: the first argument proves that the machine has AVX2.
    unsafe { from_gamma(samples, bytes) }
}

/// As many samples as bytes.
pub(in crate::resize::kernels) fn to_linear(_: Avx2, bytes: &[u8], samples: &mut [i16]) {
    if bytes.len() < LANES {
        return portable::to_linear(bytes, samples);
    }
    // SAFETY: the first argument proves that the machine has AVX2.
    unsafe { to_linear_steps(bytes, samples) }
}

/// As many bytes as samples.
pub(in crate::resize::kernels) fn from_linear(_: Avx2, samples: &[i16], bytes: &mut [u8]) {
    if bytes.len() < LANES {
        return portable::from_linear(samples, bytes);
    }
    // SAFETY: the first argument proves that the machine has AVX2.
    unsafe { from_linear_steps(samples, bytes) }
}

/// `out` is three times as long as each of the rows.
pub(in crate::resize::kernels) fn interleave(_: Avx2, rows: [&[u8]; 3], out: &mut [u8]) {
    if rows[0].len() < STEP {
        return portable::interleave(rows, out);
    }
    // SAFETY: the first argument proves that the machine has AVX2.
    unsafe { interleave_steps(rows, out) }
}

#[target_feature(enable = "avx2")]
fn to_linear_steps(bytes: &[u8], samples: &mut [i16]) {
    let (mut x, last) = (0, bytes.len() - LANES);
    loop {
        let values = _mm256_cvtepu8_epi16(load_half(step::<_, LANES>(bytes, x)));
        store(linear(values), step_mut::<_, LANES>(samples, x));
        if x == last {
            return;
        }
        x = (x + LANES).min(last);
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn linear(bytes: __m256i) -> __m256i {
    let x = _mm256_slli_epi16::<7>(bytes);
    let mut value = _mm256_set1_epi16(LIGHT[0]);
    for factor in &LIGHT[1..] {
        value = _mm256_add_epi16(_mm256_mulhrs_epi16(value, x), _mm256_set1_epi16(*factor));
    }
    let light = _mm256_srai_epi16::<1>(_mm256_add_epi16(value, _mm256_set1_epi16(1)));
    let dark = _mm256_mullo_epi16(bytes, _mm256_set1_epi16(DARK.1));
    let dark = _mm256_srai_epi16::<6>(_mm256_add_epi16(dark, _mm256_set1_epi16(32)));
    _mm256_blendv_epi8(dark, light, _mm256_cmpgt_epi16(bytes, _mm256_set1_epi16(DARK.0)))
}

#[target_feature(enable = "avx2")]
fn from_linear_steps(samples: &[i16], bytes: &mut [u8]) {
    let (mut x, last) = (0, bytes.len() - LANES);
    loop {
        let values = load(step::<_, LANES>(samples, x));
        let values = _mm256_max_epi16(values, _mm256_setzero_si256());
        let values = _mm256_min_epi16(values, _mm256_set1_epi16(WHITE));
        let left = coded(_mm256_cvtepi16_epi32(_mm256_castsi256_si128(values)));
        let right = coded(_mm256_cvtepi16_epi32(_mm256_extracti128_si256::<1>(values)));
        let words = _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_packs_epi32(left, right));
        let packed =
            _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256::<1>(words));
        store_half(packed, step_mut::<_, LANES>(bytes, x));
        if x == last {
            return;
        }
        x = (x + LANES).min(last);
    }
}

/// The table of the portable code took a tenth of the whole job's time, this takes a third of that.
#[inline]
#[target_feature(enable = "avx2")]
fn coded(samples: __m256i) -> __m256i {
    let values = _mm256_cvtepi32_ps(samples);
    let root = _mm256_sqrt_ps(values);
    let mut light = _mm256_set1_ps(CODED[0]);
    for factor in &CODED[1..] {
        // Not fused, so that every set rounds alike.
        light = _mm256_add_ps(_mm256_mul_ps(light, root), _mm256_set1_ps(*factor));
    }
    let dark = _mm256_mul_ps(values, _mm256_set1_ps(CODED_DARK.1));
    let is_dark = _mm256_cmpgt_epi32(_mm256_set1_epi32(CODED_DARK.0.into()), samples);
    _mm256_cvtps_epi32(_mm256_blendv_ps(light, dark, _mm256_castsi256_ps(is_dark)))
}

#[target_feature(enable = "avx2")]
fn interleave_steps(rows: [&[u8]; 3], out: &mut [u8]) {
    let (mut x, last) = (0, rows[0].len() - STEP);
    loop {
        let [red, green, blue] = rows.map(|row| step::<_, STEP>(row, x));
        store_pixels([load(red), load(green), load(blue)], &mut out[3 * x..]);
        if x == last {
            return;
        }
        x = (x + STEP).min(last);
    }
}

/// Interleaves three vectors. In each half a color's byte `i` first goes to place `3 * i` modulo
/// 16, one or two further for green and blue, so that each byte of the result then lies at its
/// place in one of the three.
#[inline]
#[target_feature(enable = "avx2")]
fn store_pixels(colors: [__m256i; 3], out: &mut [u8]) {
    let [red, green, blue] = colors;
    let red =
        _mm256_shuffle_epi8(red, twice(&[0, 11, 6, 1, 12, 7, 2, 13, 8, 3, 14, 9, 4, 15, 10, 5]));
    let green =
        _mm256_shuffle_epi8(green, twice(&[5, 0, 11, 6, 1, 12, 7, 2, 13, 8, 3, 14, 9, 4, 15, 10]));
    let blue =
        _mm256_shuffle_epi8(blue, twice(&[10, 5, 0, 11, 6, 1, 12, 7, 2, 13, 8, 3, 14, 9, 4, 15]));
    let seconds = twice(&[0, -1, 0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0]);
    let thirds = twice(&[0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0, -1, 0]);
    let choose = |a, b, c| _mm256_blendv_epi8(_mm256_blendv_epi8(a, b, seconds), c, thirds);
    let first = choose(red, green, blue);
    let second = choose(green, blue, red);
    let third = choose(blue, red, green);
    let out = &mut out[..3 * STEP];
    store(_mm256_permute2x128_si256::<0x20>(first, second), step_mut::<_, STEP>(out, 0));
    store(_mm256_permute2x128_si256::<0x30>(third, first), step_mut::<_, STEP>(out, STEP));
    store(_mm256_permute2x128_si256::<0x31>(second, third), step_mut::<_, STEP>(out, 2 * STEP));
}

/// The same 16 bytes in both halves.
#[inline]
#[target_feature(enable = "avx2")]
fn twice(bytes: &[i8; 16]) -> __m256i {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = *bytes;
    _mm256_setr_epi8(
        a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, a, b, c, d, e, f, g, h, i, j, k, l, m, n,
        o, p,
    )
}

/// The values of a step from `x` on.
#[inline]
fn step<T, const COUNT: usize>(values: &[T], x: usize) -> &[T; COUNT] {
    values[x..].first_chunk().expect("rows hold whole steps")
}

/// The place of a step from `x` on.
#[inline]
fn step_mut<T, const COUNT: usize>(values: &mut [T], x: usize) -> &mut [T; COUNT] {
    values[x..].first_chunk_mut().expect("rows hold whole steps")
}
