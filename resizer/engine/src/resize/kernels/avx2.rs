//! The passes in AVX2. Products are of 16 by 16 bits, added in pairs to 32 (`madd`): down the
//! columns two rows at a time, along a row two samples at a time.
#![expect(unsafe_code, reason = "vector loads and stores, and calls into AVX2 functions")]

mod samples;

use std::arch::x86_64::{
    __m256i, _mm_loadu_si128, _mm_madd_epi16, _mm_packs_epi32, _mm256_add_epi32,
    _mm256_castsi256_si128, _mm256_extracti128_si256, _mm256_loadu_si256, _mm256_madd_epi16,
    _mm256_packs_epi32, _mm256_permute2x128_si256, _mm256_set1_epi32, _mm256_setzero_si256,
    _mm256_srai_epi32, _mm256_unpackhi_epi16, _mm256_unpackhi_epi32, _mm256_unpackhi_epi64,
    _mm256_unpacklo_epi16, _mm256_unpacklo_epi32, _mm256_unpacklo_epi64, _mm256_zextsi128_si256,
};
use std::ops::Range;

use resizer_cpu::Avx2;
use resizer_cpu::avx2::{load, store, store_half};

pub(super) use self::samples::{from_gamma, from_linear, interleave, to_gamma, to_linear};
use super::portable::{self, HALF};
use super::{BATCH, BLOCK, Column, PAIRED_COLUMNS, Sum, terms};
use crate::resize::axis::{Axis, WEIGHT_BITS};

/// Samples of a vector.
const LANES: usize = 16;

/// Vectors of a step of paired columns.
const VECTORS: usize = PAIRED_COLUMNS / LANES;

/// Output samples that are summed side by side.
const GROUP: usize = 8;

/// Any number of taps.
const ANY: usize = 0;

const SHIFT: i32 = WEIGHT_BITS as i32;

/// As many blocks of each. Within each half of a vector the columns of two rows alternate, four of
/// them in the first vector and four in the second: the order that `packs` makes straight again.
pub(super) fn pair(
    _: Avx2,
    upper: &[[i16; BLOCK]],
    lower: &[[i16; BLOCK]],
    out: &mut [[i16; 2 * BLOCK]],
) {
    // SAFETY: the first argument proves that the machine has AVX2.
    unsafe { pair_blocks(upper, lower, out) }
}

/// All pairs are equally long, and are as many as the sums are made of.
pub(super) fn vertical(
    _: Avx2,
    pairs: &[&[i16]],
    sums: &[Sum<'_>],
    steps: Range<usize>,
    out: &mut [i16],
) {
    // SAFETY: the first argument proves that the machine has AVX2.
    unsafe { vertical_steps(pairs, sums, steps, out) }
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

/// `rows` are as long as the axis says, or one sample shorter; its windows start at even places and
/// have an even number of taps.
pub(super) fn horizontal_batch(
    _: Avx2,
    rows: [&[i16]; BATCH],
    axis: &Axis,
    columns: &mut [Column],
    mut out: [&mut [i16]; BATCH],
) {
    let columns = &mut columns[..axis.input().div_ceil(2)];
    let whole = axis.output() - axis.output() % GROUP;
    // SAFETY: the first argument proves that the machine has AVX2.
    unsafe {
        transpose(rows, columns);
        match axis.taps() {
            8 => batch_groups::<4>(columns, axis, &mut out),
            10 => batch_groups::<5>(columns, axis, &mut out),
            12 => batch_groups::<6>(columns, axis, &mut out),
            14 => batch_groups::<7>(columns, axis, &mut out),
            16 => batch_groups::<8>(columns, axis, &mut out),
            _ => batch_groups::<ANY>(columns, axis, &mut out),
        }
    }
    for (row, out) in rows.iter().zip(&mut out) {
        portable::horizontal_from(row, axis, whole, out);
    }
}

/// Rows to pairs of columns; a last column that stands alone is beside zeros.
#[target_feature(enable = "avx2")]
fn transpose(rows: [&[i16]; BATCH], columns: &mut [Column]) {
    let (tiles, _) = columns.as_chunks_mut::<8>();
    let tiled = rows.map(|row| row.as_chunks::<LANES>().0);
    let count = tiles.len().min(tiled[0].len());
    for (at, tile) in tiles[..count].iter_mut().enumerate() {
        let mut pairs = [_mm256_setzero_si256(); BATCH];
        for (pair, row) in pairs.iter_mut().zip(&tiled) {
            *pair = load(&row[at]);
        }
        let pairs = transposed(pairs);
        for (column, pair) in tile.iter_mut().zip(pairs) {
            store(pair, column);
        }
    }
    for (at, column) in columns.iter_mut().enumerate().skip(8 * count) {
        for (row, samples) in rows.iter().zip(column.as_chunks_mut::<2>().0) {
            *samples = [2 * at, 2 * at + 1].map(|x| row.get(x).copied().unwrap_or(0));
        }
    }
}

/// Eight rows of eight numbers of 32 bits to as many columns.
#[inline]
#[target_feature(enable = "avx2")]
fn transposed(rows: [__m256i; 8]) -> [__m256i; 8] {
    let [a, b, c, d, e, f, g, h] = rows;
    let (upper, lower) = (transposed_halves([a, b, c, d]), transposed_halves([e, f, g, h]));
    let left = |at: usize| _mm256_permute2x128_si256::<0x20>(upper[at], lower[at]);
    let right = |at: usize| _mm256_permute2x128_si256::<0x31>(upper[at], lower[at]);
    [left(0), left(1), left(2), left(3), right(0), right(1), right(2), right(3)]
}

/// The same for four rows, within each half.
#[inline]
#[target_feature(enable = "avx2")]
fn transposed_halves([a, b, c, d]: [__m256i; 4]) -> [__m256i; 4] {
    let (ab, cd) = (_mm256_unpacklo_epi32(a, b), _mm256_unpacklo_epi32(c, d));
    let (ab2, cd2) = (_mm256_unpackhi_epi32(a, b), _mm256_unpackhi_epi32(c, d));
    [
        _mm256_unpacklo_epi64(ab, cd),
        _mm256_unpackhi_epi64(ab, cd),
        _mm256_unpacklo_epi64(ab2, cd2),
        _mm256_unpackhi_epi64(ab2, cd2),
    ]
}

/// Whole groups of output columns. `PAIRS`: half of the axis's taps, unless that is `ANY`.
#[target_feature(enable = "avx2")]
fn batch_groups<const PAIRS: usize>(
    columns: &[Column],
    axis: &Axis,
    out: &mut [&mut [i16]; BATCH],
) {
    let pairs = if PAIRS == ANY { axis.taps() / 2 } else { PAIRS };
    let groups = axis.weights().chunks_exact(GROUP * 2 * pairs).zip(axis.starts().as_chunks().0);
    for (group, (weights, starts)) in groups.enumerate() {
        let starts: &[usize; GROUP] = starts;
        let weights = weights.as_chunks::<2>().0;
        let mut sums = [_mm256_setzero_si256(); GROUP];
        for ((sum, &start), weights) in sums.iter_mut().zip(starts).zip(weights.chunks_exact(pairs))
        {
            *sum = column_sum(&columns[start / 2..][..pairs], weights);
        }
        // Each half has four of the rows. Columns to rows of eight samples.
        let (left, right) = (rows_of_four(&sums, 0), rows_of_four(&sums, 4));
        for at in 0..2 {
            let even = _mm256_unpacklo_epi64(left[at], right[at]);
            let odd = _mm256_unpackhi_epi64(left[at], right[at]);
            for (y, row) in [(2 * at, even), (2 * at + 1, odd)] {
                let [upper, lower] = [y, y + BATCH / 2];
                let place = &mut out[upper].as_chunks_mut::<GROUP>().0[group];
                store_half(_mm256_castsi256_si128(row), place);
                let place = &mut out[lower].as_chunks_mut::<GROUP>().0[group];
                store_half(_mm256_extracti128_si256::<1>(row), place);
            }
        }
    }
}

/// One output column of all rows, as 32-bit numbers; as many weights as columns.
#[inline]
#[target_feature(enable = "avx2")]
fn column_sum(columns: &[Column], weights: &[[i16; 2]]) -> __m256i {
    let mut sum = _mm256_set1_epi32(HALF);
    for (column, &[first, second]) in columns.iter().zip(weights) {
        let weights = i32::from(second) << 16 | i32::from(first) & 0xffff;
        let products = _mm256_madd_epi16(load(column), _mm256_set1_epi32(weights));
        sum = _mm256_add_epi32(sum, products);
    }
    _mm256_srai_epi32::<SHIFT>(sum)
}

/// Four columns from one on, as rows of four samples: of each half the first two rows, and the
/// last two.
#[inline]
#[target_feature(enable = "avx2")]
fn rows_of_four(columns: &[__m256i; GROUP], at: usize) -> [__m256i; 2] {
    let first = _mm256_packs_epi32(columns[at], columns[at + 1]);
    let second = _mm256_packs_epi32(columns[at + 2], columns[at + 3]);
    let even = _mm256_unpacklo_epi16(first, second);
    let odd = _mm256_unpackhi_epi16(first, second);
    [_mm256_unpacklo_epi16(even, odd), _mm256_unpackhi_epi16(even, odd)]
}

#[target_feature(enable = "avx2")]
fn pair_blocks(upper: &[[i16; BLOCK]], lower: &[[i16; BLOCK]], out: &mut [[i16; 2 * BLOCK]]) {
    for ((upper, lower), out) in upper.iter().zip(lower).zip(out) {
        let (upper, lower) = (load(upper), load(lower));
        let (halves, _) = out.as_chunks_mut::<LANES>();
        store(_mm256_unpacklo_epi16(upper, lower), &mut halves[0]);
        store(_mm256_unpackhi_epi16(upper, lower), &mut halves[1]);
    }
}

#[target_feature(enable = "avx2")]
fn vertical_steps(pairs: &[&[i16]], sums: &[Sum<'_>], steps: Range<usize>, out: &mut [i16]) {
    let length = pairs[0].len() / 2;
    for step in steps {
        for (sum, out) in sums.iter().zip(out.chunks_exact_mut(length)) {
            let mut totals = [_mm256_set1_epi32(HALF); 2 * VECTORS];
            for (blocks, [first, second]) in terms(pairs, sum, step) {
                let weights =
                    _mm256_set1_epi32(i32::from(second) << 16 | i32::from(first) & 0xffff);
                let (blocks, _) = blocks.as_chunks::<LANES>();
                for at in 0..2 * VECTORS {
                    let products = _mm256_madd_epi16(load(&blocks[at]), weights);
                    totals[at] = _mm256_add_epi32(totals[at], products);
                }
            }
            let (out, _) = out[step * PAIRED_COLUMNS..][..PAIRED_COLUMNS].as_chunks_mut::<LANES>();
            for at in 0..VECTORS {
                let first = _mm256_srai_epi32::<SHIFT>(totals[2 * at]);
                let second = _mm256_srai_epi32::<SHIFT>(totals[2 * at + 1]);
                store(_mm256_packs_epi32(first, second), &mut out[at]);
            }
        }
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
            let (left, right) = (sums_of_two(first, second), sums_of_two(third, fourth));
            _mm256_add_epi32(_mm256_unpacklo_epi64(left, right), _mm256_unpackhi_epi64(left, right))
        };
        let (first, second) = (four(0), four(4));
        let sums = _mm256_add_epi32(
            _mm256_permute2x128_si256::<0x20>(first, second),
            _mm256_permute2x128_si256::<0x31>(first, second),
        );
        let sums = _mm256_srai_epi32::<SHIFT>(_mm256_add_epi32(sums, _mm256_set1_epi32(HALF)));
        let packed =
            _mm_packs_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256::<1>(sums));
        store_half(packed, out);
    }
}

/// In each half, two partial sums of the first and of the second in turns. Adding neighbors by
/// `hadd` takes twice as long on some machines.
#[inline]
#[target_feature(enable = "avx2")]
fn sums_of_two(first: __m256i, second: __m256i) -> __m256i {
    _mm256_add_epi32(_mm256_unpacklo_epi32(first, second), _mm256_unpackhi_epi32(first, second))
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
