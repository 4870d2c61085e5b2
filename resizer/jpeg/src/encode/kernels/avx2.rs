//! The kernels for AVX2. The transform takes two blocks at a time, one in each half of a register.

use std::arch::x86_64::{
    __m256i, _mm256_abs_epi16, _mm256_add_epi16, _mm256_add_epi32, _mm256_adds_epu16,
    _mm256_castsi256_si128, _mm256_cmpeq_epi8, _mm256_cvtepu8_epi16, _mm256_extracti128_si256,
    _mm256_madd_epi16, _mm256_movemask_epi8, _mm256_mulhi_epu16, _mm256_or_si256,
    _mm256_packs_epi16, _mm256_packs_epi32, _mm256_permute4x64_epi64, _mm256_set1_epi16,
    _mm256_set1_epi32, _mm256_setr_m128i, _mm256_setzero_si256, _mm256_shuffle_epi8,
    _mm256_sign_epi16, _mm256_slli_epi16, _mm256_srai_epi16, _mm256_srai_epi32, _mm256_sub_epi16,
    _mm256_unpackhi_epi16, _mm256_unpackhi_epi32, _mm256_unpackhi_epi64, _mm256_unpacklo_epi16,
    _mm256_unpacklo_epi32, _mm256_unpacklo_epi64,
};

use resizer_cpu::avx2::{load, load_half, store};

use super::cosine::{C1, C2, C3, C5, C6, C7};
use crate::encode::block::Block;
use crate::encode::quantization::Divisors;
use crate::zigzag::ZIGZAG;

mod color;

pub(super) use color::{average_pairs, average_squares, convert_rgb};

/// Eight lines of two blocks.
type Lines = [__m256i; 8];

#[target_feature(enable = "avx2")]
pub(super) fn transform(rows: [&[u8]; 8], out: &mut [Block]) {
    let count = out.len();
    let rows = rows.map(|row| &row[..count * 8]);
    let mut pairs = out.chunks_exact_mut(2);
    for (at, pair) in pairs.by_ref().enumerate() {
        let samples = rows.map(|row| row[at * 16..].first_chunk().unwrap_or(&[0; 16]));
        let [first, second] = transform_pair(samples);
        pair[0] = first;
        pair[1] = second;
    }
    if let [last] = pairs.into_remainder() {
        let samples = rows.map(|row| {
            let mut padded = [0; 16];
            padded[..8].copy_from_slice(&row[count * 8 - 8..]);
            padded
        });
        [*last, _] = transform_pair(samples.each_ref());
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn transform_pair(samples: [&[u8; 16]; 8]) -> [Block; 2] {
    let middle = _mm256_set1_epi16(128);
    let mut lines = [_mm256_setzero_si256(); 8];
    for (line, samples) in lines.iter_mut().zip(samples) {
        *line = _mm256_sub_epi16(_mm256_cvtepu8_epi16(load_half(samples)), middle);
    }
    let lines = transpose(transform_lines::<2, 12>(lines));
    to_zigzag(transform_lines::<-2, 16>(lines))
}

/// One dimension of the transform across registers, as in `portable::transform_line`.
#[inline]
#[target_feature(enable = "avx2")]
fn transform_lines<const UP: i32, const DOWN: i32>(lines: Lines) -> Lines {
    let [s0, s1, s2, s3] = [0, 1, 2, 3].map(|at| _mm256_add_epi16(lines[at], lines[7 - at]));
    let [d0, d1, d2, d3] = [0, 1, 2, 3].map(|at| _mm256_sub_epi16(lines[at], lines[7 - at]));
    let [outer, inner] = [(s0, s3), (s1, s2)].map(|(a, b)| _mm256_add_epi16(a, b));
    let even = interleave(_mm256_sub_epi16(s0, s3), _mm256_sub_epi16(s1, s2));
    let (odd, more) = (interleave(d0, d1), interleave(d2, d3));
    [
        plain::<UP>(_mm256_add_epi16(outer, inner)),
        four::<DOWN>(odd, [C1, C3], more, [C5, C7]),
        two::<DOWN>(even, [C2, C6]),
        four::<DOWN>(odd, [C3, -C7], more, [-C1, -C5]),
        plain::<UP>(_mm256_sub_epi16(outer, inner)),
        four::<DOWN>(odd, [C5, -C1], more, [C7, C3]),
        two::<DOWN>(even, [C6, -C2]),
        four::<DOWN>(odd, [C7, -C5], more, [C3, -C1]),
    ]
}

#[inline]
#[target_feature(enable = "avx2")]
fn plain<const UP: i32>(value: __m256i) -> __m256i {
    if UP > 0 {
        return _mm256_slli_epi16::<2>(value);
    }
    _mm256_srai_epi16::<2>(_mm256_add_epi16(value, _mm256_set1_epi16(2)))
}

#[inline]
#[target_feature(enable = "avx2")]
fn interleave(a: __m256i, b: __m256i) -> [__m256i; 2] {
    [_mm256_unpacklo_epi16(a, b), _mm256_unpackhi_epi16(a, b)]
}

/// Two factors for `madd` with interleaved values.
#[inline]
#[target_feature(enable = "avx2")]
fn factors([a, b]: [i16; 2]) -> __m256i {
    _mm256_set1_epi32(i32::from(b) << 16 | i32::from(a as u16))
}

#[inline]
#[target_feature(enable = "avx2")]
fn two<const DOWN: i32>(values: [__m256i; 2], by: [i16; 2]) -> __m256i {
    let by = factors(by);
    round::<DOWN>(_mm256_madd_epi16(values[0], by), _mm256_madd_epi16(values[1], by))
}

#[inline]
#[target_feature(enable = "avx2")]
fn four<const DOWN: i32>(
    values: [__m256i; 2],
    by: [i16; 2],
    more: [__m256i; 2],
    more_by: [i16; 2],
) -> __m256i {
    let (by, more_by) = (factors(by), factors(more_by));
    let low =
        _mm256_add_epi32(_mm256_madd_epi16(values[0], by), _mm256_madd_epi16(more[0], more_by));
    let high =
        _mm256_add_epi32(_mm256_madd_epi16(values[1], by), _mm256_madd_epi16(more[1], more_by));
    round::<DOWN>(low, high)
}

#[inline]
#[target_feature(enable = "avx2")]
fn round<const DOWN: i32>(low: __m256i, high: __m256i) -> __m256i {
    let half = _mm256_set1_epi32(1 << (DOWN - 1));
    _mm256_packs_epi32(
        _mm256_srai_epi32::<DOWN>(_mm256_add_epi32(low, half)),
        _mm256_srai_epi32::<DOWN>(_mm256_add_epi32(high, half)),
    )
}

/// Transposes the block in each half.
#[inline]
#[target_feature(enable = "avx2")]
fn transpose(lines: Lines) -> Lines {
    let [a, b, c, d, e, f, g, h] = lines;
    let ([ab0, ab1], [cd0, cd1]) = (interleave(a, b), interleave(c, d));
    let ([ef0, ef1], [gh0, gh1]) = (interleave(e, f), interleave(g, h));
    let ad = [
        _mm256_unpacklo_epi32(ab0, cd0),
        _mm256_unpackhi_epi32(ab0, cd0),
        _mm256_unpacklo_epi32(ab1, cd1),
        _mm256_unpackhi_epi32(ab1, cd1),
    ];
    let eh = [
        _mm256_unpacklo_epi32(ef0, gh0),
        _mm256_unpackhi_epi32(ef0, gh0),
        _mm256_unpacklo_epi32(ef1, gh1),
        _mm256_unpackhi_epi32(ef1, gh1),
    ];
    let mut out = lines;
    for at in 0..4 {
        out[2 * at] = _mm256_unpacklo_epi64(ad[at], eh[at]);
        out[2 * at + 1] = _mm256_unpackhi_epi64(ad[at], eh[at]);
    }
    out
}

/// For each eight positions of the zigzag sequence and each column, the rows of that column that go
/// there.
const SHUFFLES: [[[u8; 16]; 8]; 8] = {
    let mut shuffles = [[[0x80; 16]; 8]; 8];
    let mut at = 0;
    while at < 64 {
        let (row, column) = (ZIGZAG[at] / 8, ZIGZAG[at] as usize % 8);
        shuffles[at / 8][column][at % 8 * 2] = row * 2;
        shuffles[at / 8][column][at % 8 * 2 + 1] = row * 2 + 1;
        at += 1;
    }
    shuffles
};

/// Two transposed blocks to zigzag order. Each eight positions of the sequence come from a few
/// neighboring columns.
#[inline]
#[target_feature(enable = "avx2")]
fn to_zigzag(columns: Lines) -> [Block; 2] {
    let eights = [
        gather::<0, 0, 3>(columns),
        gather::<1, 0, 5>(columns),
        gather::<2, 0, 4>(columns),
        gather::<3, 3, 7>(columns),
        gather::<4, 0, 4>(columns),
        gather::<5, 3, 7>(columns),
        gather::<6, 2, 7>(columns),
        gather::<7, 4, 7>(columns),
    ];
    let mut blocks = [Block::ZERO; 2];
    let [first, second] = &mut blocks;
    let halves = first.0.as_chunks_mut::<16>().0.iter_mut().zip(second.0.as_chunks_mut::<16>().0);
    for (pair, (first, second)) in eights.chunks_exact(2).zip(halves) {
        let low = _mm256_castsi256_si128(pair[1]);
        store(_mm256_setr_m128i(_mm256_castsi256_si128(pair[0]), low), first);
        let high = [0, 1].map(|at| _mm256_extracti128_si256::<1>(pair[at]));
        store(_mm256_setr_m128i(high[0], high[1]), second);
    }
    blocks
}

#[inline]
#[target_feature(enable = "avx2")]
fn gather<const EIGHT: usize, const FROM: usize, const TO: usize>(columns: Lines) -> __m256i {
    let mut out = _mm256_setzero_si256();
    for column in FROM..=TO {
        let shuffle = load_half(&SHUFFLES[EIGHT][column]);
        let part = _mm256_shuffle_epi8(columns[column], _mm256_setr_m128i(shuffle, shuffle));
        out = _mm256_or_si256(out, part);
    }
    out
}

#[target_feature(enable = "avx2")]
pub(super) fn quantize(blocks: &mut [Block], divisors: &Divisors, masks: &mut [u64]) {
    let biases = divisors.bias.as_chunks::<16>().0;
    let reciprocals = divisors.reciprocal.as_chunks::<16>().0;
    let scales = divisors.scale.as_chunks::<16>().0;
    let zero = _mm256_setzero_si256();
    for (block, mask) in blocks.iter_mut().zip(masks) {
        let values = block.0.as_chunks_mut::<16>().0;
        let mut quotients = [zero; 4];
        for at in 0..4 {
            let value = load(&values[at]);
            let size = _mm256_adds_epu16(_mm256_abs_epi16(value), load(&biases[at]));
            let size = _mm256_mulhi_epu16(size, load(&reciprocals[at]));
            let size = _mm256_mulhi_epu16(size, load(&scales[at]));
            quotients[at] = _mm256_sign_epi16(size, value);
            store(quotients[at], &mut values[at]);
        }
        let zeros = [0, 2].map(|at| {
            let bytes = _mm256_packs_epi16(quotients[at], quotients[at + 1]);
            let bytes = _mm256_permute4x64_epi64::<0b11_01_10_00>(bytes);
            _mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, zero)) as u32
        });
        *mask = !(u64::from(zeros[1]) << 32 | u64::from(zeros[0]));
    }
}
