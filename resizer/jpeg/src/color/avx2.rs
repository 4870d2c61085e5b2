//! The row operations for AVX2, 32 samples or pixels at a time. If a row is not a multiple of that,
//! the last step overlaps the one before; rows that are too short are left to portable code.
#![expect(unsafe_code, reason = "calls into AVX2 functions")]

use std::arch::x86_64::{
    __m128i, __m256i, _mm_or_si128, _mm_shuffle_epi8, _mm_unpackhi_epi8, _mm_unpackhi_epi16,
    _mm_unpacklo_epi8, _mm_unpacklo_epi16, _mm256_add_epi16, _mm256_add_epi32, _mm256_and_si256,
    _mm256_madd_epi16, _mm256_maddubs_epi16, _mm256_mulhrs_epi16, _mm256_or_si256,
    _mm256_packs_epi32, _mm256_packus_epi16, _mm256_permute2x128_si256, _mm256_set1_epi16,
    _mm256_set1_epi32, _mm256_setzero_si256, _mm256_slli_epi16, _mm256_srai_epi32,
    _mm256_srli_epi16, _mm256_sub_epi16, _mm256_unpackhi_epi8, _mm256_unpackhi_epi16,
    _mm256_unpacklo_epi8, _mm256_unpacklo_epi16,
};

use super::portable;
use resizer_cpu::Avx2;
use resizer_cpu::avx2::{load, load_half, store, store_half};

/// Samples in a vector.
const STEP: usize = 32;

/// `out` is twice as long as `row`.
pub(super) fn upsample_h2v1(_: Avx2, row: &[u8], out: &mut [u8]) {
    if row.len() < STEP + 2 {
        return portable::upsample_h2v1(row, out);
    }
    portable::h2v1_from(row, 0, 1, out);
    portable::h2v1_from(row, row.len() - 1, row.len(), out);
    // SAFETY: the first argument proves that the machine has AVX2.
    unsafe { h2v1_inside(row, out) }
}

/// `out` is twice as long as `near` and `far`, which are of one length.
pub(super) fn upsample_h2v2(_: Avx2, near: &[u8], far: &[u8], out: &mut [u8]) {
    if near.len() < STEP + 2 {
        return portable::upsample_h2v2(near, far, out);
    }
    portable::h2v2_from([near, far], 0, 1, out);
    portable::h2v2_from([near, far], near.len() - 1, near.len(), out);
    // SAFETY: the first argument proves that the machine has AVX2.
    unsafe { h2v2_inside(near, far, out) }
}

/// All rows are of one length.
pub(super) fn convert_ycbcr(_: Avx2, rows: [&[u8]; 3], out: [&mut [u8]; 3]) {
    if rows[0].len() < STEP {
        return portable::convert_ycbcr(rows, out);
    }
    // SAFETY: the first argument proves that the machine has AVX2.
    unsafe { convert_ycbcr_steps(rows, out) }
}

/// All samples with two neighbors.
#[target_feature(enable = "avx2")]
fn h2v1_inside(row: &[u8], out: &mut [u8]) {
    let weights = _mm256_set1_epi16(0x0103);
    let (mut x, last) = (1, row.len() - 1 - STEP);
    loop {
        let (left, here, right) = (load_at(row, x - 1), load_at(row, x), load_at(row, x + 1));
        let lower = join_wide(
            _mm256_maddubs_epi16(_mm256_unpacklo_epi8(here, left), weights),
            _mm256_maddubs_epi16(_mm256_unpacklo_epi8(here, right), weights),
        );
        let upper = join_wide(
            _mm256_maddubs_epi16(_mm256_unpackhi_epi8(here, left), weights),
            _mm256_maddubs_epi16(_mm256_unpackhi_epi8(here, right), weights),
        );
        store_halves(lower, upper, &mut out[2 * x..]);
        if x == last {
            return;
        }
        x = (x + STEP).min(last);
    }
}

/// Rounds and divides by 4. Odd columns go to the upper bytes.
#[inline]
#[target_feature(enable = "avx2")]
fn join_wide(even: __m256i, odd: __m256i) -> __m256i {
    let even = _mm256_srli_epi16::<2>(_mm256_add_epi16(even, _mm256_set1_epi16(1)));
    let odd = _mm256_slli_epi16::<6>(_mm256_add_epi16(odd, _mm256_set1_epi16(2)));
    _mm256_or_si256(even, _mm256_and_si256(odd, _mm256_set1_epi16(-256)))
}

/// All samples with two neighbors.
#[target_feature(enable = "avx2")]
fn h2v2_inside(near: &[u8], far: &[u8], out: &mut [u8]) {
    let (mut x, last) = (1, near.len() - 1 - STEP);
    loop {
        let (nears, fars) = (load_at(near, x - 1), load_at(far, x - 1));
        let left = [_mm256_unpacklo_epi8(nears, fars), _mm256_unpackhi_epi8(nears, fars)];
        let (nears, fars) = (load_at(near, x), load_at(far, x));
        let here = [_mm256_unpacklo_epi8(nears, fars), _mm256_unpackhi_epi8(nears, fars)];
        let (nears, fars) = (load_at(near, x + 1), load_at(far, x + 1));
        let right = [_mm256_unpacklo_epi8(nears, fars), _mm256_unpackhi_epi8(nears, fars)];
        let lower = join_both(left[0], here[0], right[0]);
        let upper = join_both(left[1], here[1], right[1]);
        store_halves(lower, upper, &mut out[2 * x..]);
        if x == last {
            return;
        }
        x = (x + STEP).min(last);
    }
}

/// Pairs of a near and a far sample to the even and the odd column. Odd columns go to the upper
/// bytes.
#[inline]
#[target_feature(enable = "avx2")]
fn join_both(left: __m256i, here: __m256i, right: __m256i) -> __m256i {
    let quarter = _mm256_set1_epi16(0x0103);
    let three_quarters = _mm256_maddubs_epi16(here, _mm256_set1_epi16(0x0309));
    let three_quarters = _mm256_add_epi16(three_quarters, _mm256_set1_epi16(7));
    let even = _mm256_add_epi16(three_quarters, _mm256_maddubs_epi16(left, quarter));
    let even = _mm256_srli_epi16::<4>(_mm256_add_epi16(even, _mm256_set1_epi16(1)));
    let odd = _mm256_add_epi16(three_quarters, _mm256_maddubs_epi16(right, quarter));
    let odd = _mm256_and_si256(_mm256_slli_epi16::<4>(odd), _mm256_set1_epi16(-256));
    _mm256_or_si256(even, odd)
}

#[target_feature(enable = "avx2")]
fn convert_ycbcr_steps(rows: [&[u8]; 3], mut out: [&mut [u8]; 3]) {
    let zero = _mm256_setzero_si256();
    let (mut x, last) = (0, rows[0].len() - STEP);
    loop {
        let [y, cb, cr] = [load_at(rows[0], x), load_at(rows[1], x), load_at(rows[2], x)];
        let lower = convert_half(
            _mm256_unpacklo_epi8(y, zero),
            _mm256_unpacklo_epi8(cb, zero),
            _mm256_unpacklo_epi8(cr, zero),
        );
        let upper = convert_half(
            _mm256_unpackhi_epi8(y, zero),
            _mm256_unpackhi_epi8(cb, zero),
            _mm256_unpackhi_epi8(cr, zero),
        );
        for ((out, lower), upper) in out.iter_mut().zip(lower).zip(upper) {
            store_first(_mm256_packus_epi16(lower, upper), &mut out[x..]);
        }
        if x == last {
            return;
        }
        x = (x + STEP).min(last);
    }
}

/// Red, green and blue before clamping. The factors are those of the portable code less whole
/// numbers, which are added, and halved for 15 fraction bits. Half of 26,345 rounds alike for each
/// of the 256 values.
#[inline]
#[target_feature(enable = "avx2")]
fn convert_half(y: __m256i, cb: __m256i, cr: __m256i) -> [__m256i; 3] {
    let middle = _mm256_set1_epi16(128);
    let cb = _mm256_sub_epi16(cb, middle);
    let cr = _mm256_sub_epi16(cr, middle);
    let red = _mm256_mulhrs_epi16(cr, _mm256_set1_epi16(13_173));
    let red = _mm256_add_epi16(_mm256_add_epi16(y, cr), red);
    let blue = _mm256_mulhrs_epi16(cb, _mm256_set1_epi16(-7_471));
    let blue = _mm256_add_epi16(_mm256_add_epi16(y, _mm256_add_epi16(cb, cb)), blue);
    let green = _mm256_packs_epi32(
        green_share(_mm256_unpacklo_epi16(cb, cr)),
        green_share(_mm256_unpackhi_epi16(cb, cr)),
    );
    [red, _mm256_add_epi16(_mm256_sub_epi16(y, cr), green), blue]
}

/// What pairs of Cb and Cr add to green, but for one whole Cr.
#[inline]
#[target_feature(enable = "avx2")]
fn green_share(differences: __m256i) -> __m256i {
    let factors = _mm256_set1_epi32(9_367 << 16 | (-11_277 & 0xffff));
    let product = _mm256_madd_epi16(differences, factors);
    _mm256_srai_epi32::<15>(_mm256_add_epi32(product, _mm256_set1_epi32(1 << 14)))
}

/// All rows are of one length, a third of `out`'s.
pub(super) fn interleave_3(_: Avx2, rows: [&[u8]; 3], out: &mut [u8]) {
    if rows[0].len() < PIXELS {
        return portable::interleave(rows, out);
    }
    // SAFETY: the first argument proves that the machine has AVX2.
    unsafe { interleave_3_steps(rows, out) }
}

/// All rows are of one length, a quarter of `out`'s.
pub(super) fn interleave_4(_: Avx2, rows: [&[u8]; 4], out: &mut [u8]) {
    if rows[0].len() < PIXELS {
        return portable::interleave(rows, out);
    }
    // SAFETY: the first argument proves that the machine has AVX2.
    unsafe { interleave_4_steps(rows, out) }
}

/// Pixels that are interleaved in one step.
const PIXELS: usize = 16;

/// For each third of 16 pixels and each channel, the samples that go there.
const SHUFFLES: [[[u8; PIXELS]; 3]; 3] = {
    let mut shuffles = [[[0x80; PIXELS]; 3]; 3];
    let mut at = 0;
    while at < 3 * PIXELS {
        shuffles[at / PIXELS][at % 3][at % PIXELS] = (at / 3) as u8;
        at += 1;
    }
    shuffles
};

#[target_feature(enable = "avx2")]
fn interleave_3_steps(rows: [&[u8]; 3], out: &mut [u8]) {
    let shuffles = SHUFFLES.map(|third| third.map(|shuffle| load_half(&shuffle)));
    let (mut x, last) = (0, rows[0].len() - PIXELS);
    loop {
        let channels = rows.map(|row| load_half_at(row, x));
        let pixels = &mut out[3 * x..][..3 * PIXELS];
        for (third, shuffles) in pixels.chunks_exact_mut(PIXELS).zip(&shuffles) {
            let [red, green, blue] =
                [0, 1, 2].map(|at| _mm_shuffle_epi8(channels[at], shuffles[at]));
            store_half_first(_mm_or_si128(_mm_or_si128(red, green), blue), third);
        }
        if x == last {
            return;
        }
        x = (x + PIXELS).min(last);
    }
}

#[target_feature(enable = "avx2")]
fn interleave_4_steps(rows: [&[u8]; 4], out: &mut [u8]) {
    let (mut x, last) = (0, rows[0].len() - PIXELS);
    loop {
        let [a, b, c, d] = rows.map(|row| load_half_at(row, x));
        let (ab, cd) = (_mm_unpacklo_epi8(a, b), _mm_unpacklo_epi8(c, d));
        let (ab2, cd2) = (_mm_unpackhi_epi8(a, b), _mm_unpackhi_epi8(c, d));
        let quarters = [
            _mm_unpacklo_epi16(ab, cd),
            _mm_unpackhi_epi16(ab, cd),
            _mm_unpacklo_epi16(ab2, cd2),
            _mm_unpackhi_epi16(ab2, cd2),
        ];
        let pixels = &mut out[4 * x..][..4 * PIXELS];
        for (quarter, values) in pixels.chunks_exact_mut(PIXELS).zip(quarters) {
            store_half_first(values, quarter);
        }
        if x == last {
            return;
        }
        x = (x + PIXELS).min(last);
    }
}

/// Writes what was unpacked from the lower and the upper 8 samples of each half, in order.
#[inline]
#[target_feature(enable = "avx2")]
fn store_halves(lower: __m256i, upper: __m256i, out: &mut [u8]) {
    let out = &mut out[..2 * STEP];
    store_first(_mm256_permute2x128_si256::<0x20>(lower, upper), &mut out[..STEP]);
    store_first(_mm256_permute2x128_si256::<0x31>(lower, upper), &mut out[STEP..]);
}

#[inline]
#[target_feature(enable = "avx2")]
fn load_at(row: &[u8], x: usize) -> __m256i {
    load::<_, STEP>(row[x..].first_chunk().expect("rows hold whole steps"))
}

/// At the beginning of `out`.
#[inline]
#[target_feature(enable = "avx2")]
fn store_first(values: __m256i, out: &mut [u8]) {
    store::<_, STEP>(values, out.first_chunk_mut().expect("rows hold whole steps"));
}

#[inline]
#[target_feature(enable = "avx2")]
fn load_half_at(row: &[u8], x: usize) -> __m128i {
    load_half::<_, PIXELS>(row[x..].first_chunk().expect("rows hold whole steps"))
}

/// At the beginning of `out`.
#[inline]
#[target_feature(enable = "avx2")]
fn store_half_first(values: __m128i, out: &mut [u8]) {
    store_half::<_, PIXELS>(values, out.first_chunk_mut().expect("rows hold whole steps"));
}
