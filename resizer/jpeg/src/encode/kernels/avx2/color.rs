//! Color conversion and downsampling for AVX2, 16 or 32 samples at a time. The rest of a row is
//! left to portable Rust.

use std::arch::x86_64::{
    __m128i, __m256i, _MM_HINT_T0, _mm_or_si128, _mm_prefetch, _mm_setr_epi8, _mm_shuffle_epi8,
    _mm256_add_epi16, _mm256_add_epi32, _mm256_castsi256_si128, _mm256_cvtepu8_epi16,
    _mm256_madd_epi16, _mm256_maddubs_epi16, _mm256_packs_epi32, _mm256_packus_epi16,
    _mm256_permute4x64_epi64, _mm256_set1_epi8, _mm256_set1_epi32, _mm256_setzero_si256,
    _mm256_srli_epi16, _mm256_srli_epi32, _mm256_unpackhi_epi16, _mm256_unpacklo_epi16,
};

use resizer_cpu::avx2::{load, load_half, store_half};

use super::factors;
use crate::encode::kernels::portable;

#[target_feature(enable = "avx2")]
pub(in crate::encode::kernels) fn convert_rgb(rgb: &[u8], planes: [&mut [u8]; 3]) {
    let [luma, blue, red] = planes;
    let (sixteens, rest) = rgb.as_chunks::<48>();
    let (lumas, luma) = luma.as_chunks_mut::<16>();
    let (blues, blue) = blue.as_chunks_mut::<16>();
    let (reds, red) = red.as_chunks_mut::<16>();
    let out = lumas.iter_mut().zip(blues).zip(reds);
    for (at, (rgb, ((luma, blue), red))) in sixteens.iter().zip(out).enumerate() {
        if let Some(later) = sixteens.get(at + FETCHED_AHEAD) {
            fetch(later);
        }
        let converted = convert_16(deinterleave(rgb));
        store_half(converted[0], luma);
        store_half(converted[1], blue);
        store_half(converted[2], red);
    }
    portable::convert_rgb(rest, [luma, blue, red]);
}

/// The prefetch distance, in groups of 16 pixels. Prefetching saves a third of the time.
const FETCHED_AHEAD: usize = 24;

#[inline]
#[target_feature(enable = "avx2")]
fn fetch(pixels: &[u8; 48]) {
    // SAFETY: a prefetch reads nothing, whatever the address.
    #[expect(unsafe_code, reason = "a prefetch")]
    #[expect(clippy::allow_attributes, reason = "nothing is unused in Rust 1.88, the minimum")]
    #[allow(unused_unsafe, reason = "the intrinsic became safe after that")]
    unsafe {
        _mm_prefetch::<_MM_HINT_T0>(pixels.as_ptr().cast());
    }
}

/// Deinterleaves 16 pixels.
#[inline]
#[target_feature(enable = "avx2")]
fn deinterleave(rgb: &[u8; 48]) -> [__m256i; 3] {
    let thirds = rgb.as_chunks::<16>().0;
    let thirds = [0, 1, 2].map(|at| load_half(&thirds[at]));
    let first = [
        _mm_setr_epi8(0, 3, 6, 9, 12, 15, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1),
        _mm_setr_epi8(-1, -1, -1, -1, -1, -1, 2, 5, 8, 11, 14, -1, -1, -1, -1, -1),
        _mm_setr_epi8(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1, 4, 7, 10, 13),
    ];
    let second = [
        _mm_setr_epi8(1, 4, 7, 10, 13, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1),
        _mm_setr_epi8(-1, -1, -1, -1, -1, 0, 3, 6, 9, 12, 15, -1, -1, -1, -1, -1),
        _mm_setr_epi8(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 2, 5, 8, 11, 14),
    ];
    let third = [
        _mm_setr_epi8(2, 5, 8, 11, 14, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1),
        _mm_setr_epi8(-1, -1, -1, -1, -1, 1, 4, 7, 10, 13, -1, -1, -1, -1, -1, -1),
        _mm_setr_epi8(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 3, 6, 9, 12, 15),
    ];
    [collect(thirds, first), collect(thirds, second), collect(thirds, third)]
}

#[inline]
#[target_feature(enable = "avx2")]
fn collect(thirds: [__m128i; 3], shuffles: [__m128i; 3]) -> __m256i {
    let [a, b, c] = [0, 1, 2].map(|at| _mm_shuffle_epi8(thirds[at], shuffles[at]));
    _mm256_cvtepu8_epi16(_mm_or_si128(_mm_or_si128(a, b), c))
}

#[inline]
#[target_feature(enable = "avx2")]
fn convert_16([r, g, b]: [__m256i; 3]) -> [__m128i; 3] {
    let middle = (128 << 16) + 32_767;
    // Factors must fit into 15 bits, so the factor of green is split in two, and so is a half.
    [
        weigh([r, g, b, g], [19_595, 22_086, 7_471, 16_384], 32_768),
        weigh([r, g, b, b], [-11_059, -21_709, 16_384, 16_384], middle),
        weigh([g, b, r, r], [-27_439, -5_329, 16_384, 16_384], middle),
    ]
}

#[inline]
#[target_feature(enable = "avx2")]
fn weigh(values: [__m256i; 4], by: [i16; 4], more: i32) -> __m128i {
    let more = _mm256_set1_epi32(more);
    let low =
        [(values[0], values[1]), (values[2], values[3])].map(|(a, b)| _mm256_unpacklo_epi16(a, b));
    let high =
        [(values[0], values[1]), (values[2], values[3])].map(|(a, b)| _mm256_unpackhi_epi16(a, b));
    let by = [factors([by[0], by[1]]), factors([by[2], by[3]])];
    let [low, high] = [low, high].map(|values| {
        let sum = _mm256_add_epi32(
            _mm256_madd_epi16(values[0], by[0]),
            _mm256_madd_epi16(values[1], by[1]),
        );
        _mm256_srli_epi32::<16>(_mm256_add_epi32(sum, more))
    });
    to_bytes(_mm256_packs_epi32(low, high))
}

/// Packs 16 values of 16 bits that are at most 255.
#[inline]
#[target_feature(enable = "avx2")]
fn to_bytes(values: __m256i) -> __m128i {
    let bytes = _mm256_packus_epi16(values, _mm256_setzero_si256());
    _mm256_castsi256_si128(_mm256_permute4x64_epi64::<0b11_01_10_00>(bytes))
}

#[inline]
#[target_feature(enable = "avx2")]
fn pair_sums(samples: &[u8; 32]) -> __m256i {
    _mm256_maddubs_epi16(load(samples), _mm256_set1_epi8(1))
}

#[target_feature(enable = "avx2")]
pub(in crate::encode::kernels) fn average_pairs(row: &[u8], out: &mut [u8]) {
    let turns = _mm256_set1_epi32(1 << 16);
    let (samples, rest) = row.as_chunks::<32>();
    let (means, rest_means) = out.split_at_mut(samples.len() * 16);
    for (samples, means) in samples.iter().zip(means.as_chunks_mut::<16>().0) {
        let sums = _mm256_add_epi16(pair_sums(samples), turns);
        store_half(to_bytes(_mm256_srli_epi16::<1>(sums)), means);
    }
    portable::average_pairs(rest, rest_means);
}

#[target_feature(enable = "avx2")]
pub(in crate::encode::kernels) fn average_squares(rows: [&[u8]; 2], out: &mut [u8]) {
    let turns = _mm256_set1_epi32(2 << 16 | 1);
    let [(above, rest_above), (below, rest_below)] = rows.map(|row| row.as_chunks::<32>());
    let (means, rest_means) = out.split_at_mut(above.len() * 16);
    for ((above, below), means) in above.iter().zip(below).zip(means.as_chunks_mut::<16>().0) {
        let sums = _mm256_add_epi16(pair_sums(above), pair_sums(below));
        let sums = _mm256_add_epi16(sums, turns);
        store_half(to_bytes(_mm256_srli_epi16::<2>(sums)), means);
    }
    portable::average_squares([rest_above, rest_below], rest_means);
}
