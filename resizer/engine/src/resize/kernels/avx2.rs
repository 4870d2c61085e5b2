//! The passes in AVX2. Products are of 16 by 16 bits, added in pairs to 32 (`madd`): down the
//! columns two rows at a time, along a row two samples at a time.
#![expect(unsafe_code, reason = "vector loads and stores, and calls into AVX2 functions")]

mod bytes;

use std::arch::x86_64::{
    __m256i, _mm_loadu_si128, _mm_madd_epi16, _mm_packs_epi32, _mm_storeu_si128, _mm256_add_epi32,
    _mm256_castsi256_si128, _mm256_extracti128_si256, _mm256_hadd_epi32, _mm256_loadu_si256,
    _mm256_madd_epi16, _mm256_packs_epi32, _mm256_permute2x128_si256, _mm256_set1_epi32,
    _mm256_setzero_si256, _mm256_srai_epi32, _mm256_storeu_si256, _mm256_unpackhi_epi16,
    _mm256_unpacklo_epi16, _mm256_zextsi128_si256,
};

use resizer_jpeg::cpu::Avx2;

pub(super) use self::bytes::{from_linear, interleave, to_linear};
use super::portable::{self, HALF};
use crate::resize::axis::{Axis, WEIGHT_BITS};

/// Samples of a vector.
const LANES: usize = 16;

/// Columns that are added up side by side.
const COLUMNS: usize = 4 * LANES;

/// Output samples that are added up side by side.
const GROUP: usize = 8;

/// Any number of taps.
const ANY: usize = 0;

const SHIFT: i32 = WEIGHT_BITS as i32;

/// All rows are as long as `out`.
pub(super) fn vertical(_: Avx2, rows: &[&[i16]], weights: &[i16], out: &mut [i16]) {
    let (rows_by_two, None) = (rows.as_chunks().0, rows.as_chunks::<2>().1.first()) else {
        return portable::vertical(rows, weights, out);
    };
    if out.len() < COLUMNS {
        return portable::vertical(rows, weights, out);
    }
    // SAFETY: the first argument proves that the machine has AVX2.
    unsafe { vertical_steps(rows_by_two, weights.as_chunks().0, out) }
}

/// `row` and `out` are as long as the axis says.
pub(super) fn horizontal(_: Avx2, row: &[i16], axis: &Axis, out: &mut [i16]) {
    if !axis.taps().is_multiple_of(super::TAP_MULTIPLE) {
        return portable::horizontal(row, axis, out);
    }
    let whole = out.len() - out.len() % GROUP;
    let (groups, _) = out.as_chunks_mut::<GROUP>();
    // SAFETY: the first argument proves that the machine has AVX2; the axis has as many taps as
    // the function is made for.
    unsafe {
        match axis.taps() {
            8 => horizontal_groups::<8>(row, axis, groups),
            16 => horizontal_groups::<16>(row, axis, groups),
            24 => horizontal_groups::<24>(row, axis, groups),
            32 => horizontal_groups::<32>(row, axis, groups),
            _ => horizontal_groups::<ANY>(row, axis, groups),
        }
    }
    portable::horizontal_from(row, axis, whole, out);
}

/// All rows are as long as `out`, which is at least `COLUMNS` long.
#[target_feature(enable = "avx2")]
fn vertical_steps(rows: &[[&[i16]; 2]], weights: &[[i16; 2]], out: &mut [i16]) {
    let (mut x, last) = (0, out.len() - COLUMNS);
    loop {
        let mut sums = [_mm256_set1_epi32(HALF); 2 * COLUMNS / LANES];
        for (&[upper, lower], &[first, second]) in rows.iter().zip(weights) {
            let pair = _mm256_set1_epi32(i32::from(second) << 16 | i32::from(first) & 0xffff);
            for (part, sums) in sums.as_chunks_mut::<2>().0.iter_mut().enumerate() {
                let at = x + part * LANES;
                // SAFETY: `x` is at most the rows' length less `COLUMNS`.
                let (upper, lower) = unsafe { (load(upper, at), load(lower, at)) };
                let left = _mm256_madd_epi16(_mm256_unpacklo_epi16(upper, lower), pair);
                let right = _mm256_madd_epi16(_mm256_unpackhi_epi16(upper, lower), pair);
                *sums = [_mm256_add_epi32(sums[0], left), _mm256_add_epi32(sums[1], right)];
            }
        }
        for (part, sums) in sums.as_chunks::<2>().0.iter().enumerate() {
            let [left, right] = sums.map(|sum| _mm256_srai_epi32::<SHIFT>(sum));
            store(_mm256_packs_epi32(left, right), &mut out[x + part * LANES..]);
        }
        if x == last {
            return;
        }
        x = (x + COLUMNS).min(last);
    }
}

/// `row` is as long as the axis says, whose taps are a multiple of 8.
///
/// # Safety
/// The axis has `TAPS` taps, unless that is `ANY`.
#[target_feature(enable = "avx2")]
unsafe fn horizontal_groups<const TAPS: usize>(row: &[i16], axis: &Axis, out: &mut [[i16; GROUP]]) {
    let taps = if TAPS == ANY { axis.taps() } else { TAPS };
    let groups = axis.weights().chunks_exact(GROUP * taps).zip(axis.starts().as_chunks().0);
    for (out, (weights, starts)) in out.iter_mut().zip(groups) {
        let starts: &[usize; GROUP] = starts;
        // SAFETY: the axis has `taps` samples of the row from each start on, and as many weights
        // for each sample of the group.
        let sum = |at: usize| unsafe {
            weighted_sum(row.as_ptr().add(starts[at]), weights.as_ptr().add(at * taps), taps)
        };
        let four = |at: usize| {
            let (first, second) = (sum(at), sum(at + 1));
            let (third, fourth) = (sum(at + 2), sum(at + 3));
            _mm256_hadd_epi32(_mm256_hadd_epi32(first, second), _mm256_hadd_epi32(third, fourth))
        };
        let (first, second) = (four(0), four(4));
        let sums = _mm256_add_epi32(
            _mm256_permute2x128_si256::<0x20>(first, second),
            _mm256_permute2x128_si256::<0x31>(first, second),
        );
        let sums = _mm256_srai_epi32::<SHIFT>(_mm256_add_epi32(sums, _mm256_set1_epi32(HALF)));
        let packed =
            _mm_packs_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256::<1>(sums));
        // SAFETY: `out` has the 8 samples that are written.
        unsafe { _mm_storeu_si128(out.as_mut_ptr().cast(), packed) }
    }
}

/// Eight partial sums.
///
/// # Safety
/// Both pointers have `taps` values, a multiple of 8.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn weighted_sum(samples: *const i16, weights: *const i16, taps: usize) -> __m256i {
    let mut at = taps % LANES;
    let mut sum = _mm256_setzero_si256();
    if at > 0 {
        // SAFETY: `at` is 8, and so many values are there.
        let (samples, weights) =
            unsafe { (_mm_loadu_si128(samples.cast()), _mm_loadu_si128(weights.cast())) };
        sum = _mm256_zextsi128_si256(_mm_madd_epi16(samples, weights));
    }
    while at < taps {
        // SAFETY: `taps - at` is a multiple of 16, and so many values are there.
        let (samples, weights) = unsafe {
            (_mm256_loadu_si256(samples.add(at).cast()), _mm256_loadu_si256(weights.add(at).cast()))
        };
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(samples, weights));
        at += LANES;
    }
    sum
}

/// # Safety
/// The row has 16 samples from `x` on.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn load(row: &[i16], x: usize) -> __m256i {
    debug_assert!(x + LANES <= row.len());
    // SAFETY: the caller's.
    unsafe { _mm256_loadu_si256(row.as_ptr().add(x).cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn store(values: __m256i, out: &mut [i16]) {
    let place = &mut out[..LANES];
    // SAFETY: `place` has the 16 samples that are written.
    unsafe { _mm256_storeu_si256(place.as_mut_ptr().cast(), values) }
}
