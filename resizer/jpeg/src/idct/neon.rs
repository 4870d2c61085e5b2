//! The transforms for NEON, one block at a time: a vector holds a row of eight coefficients.
//! Products are sums of 32 bits, four to a vector, so two blocks at once would save nothing.
#![expect(unsafe_code, reason = "vector loads and stores, and calls into NEON functions")]

use std::arch::aarch64::{
    int16x4_t, int16x8_t, int32x4_t, uint8x8_t, uint8x16_t, vadd_s16, vaddhn_s32, vaddq_s32,
    vcombine_s8, vcombine_s16, vdup_n_s16, vdupq_n_s16, vdupq_n_s32, vdupq_n_u8, veorq_u8,
    vget_high_s16, vget_high_u8, vget_low_s16, vget_low_u8, vgetq_lane_u32, vld1q_s16, vld1q_u8,
    vmlal_n_s16, vmlsl_n_s16, vmull_n_s16, vmulq_s16, vqshrn_n_s16, vqshrn_n_s32, vqtbl1q_u8,
    vreinterpretq_u8_s8, vreinterpretq_u32_u8, vshll_n_s16, vst1_u8, vsubhn_s32, vsubq_s32,
    vzip1q_s16, vzip1q_u8, vzip2q_s16, vzip2q_u8,
};
use std::array::from_fn;

use super::{InverseTransform, Pair, Place, Weights, flat};
use crate::marker::QuantizationTable;
use resizer_cpu::Neon;

impl InverseTransform for Neon {
    #[inline(always)]
    fn full(self, pair: &Pair<'_>, samples: &mut [u8]) {
        if pair.last == 0 {
            return flat::<8>(pair, samples);
        }
        // SAFETY: `self` proves that the machine has NEON.
        unsafe {
            if pair.last < 10 { full::<true>(pair, samples) } else { full::<false>(pair, samples) }
        }
    }

    #[inline(always)]
    fn reduced<const SIDE: usize>(self, pair: &Pair<'_>, samples: &mut [u8]) {
        if pair.last == 0 {
            return flat::<SIDE>(pair, samples);
        }
        // SAFETY: `self` proves that the machine has NEON.
        unsafe { reduced::<SIDE>(pair, samples) }
    }

    #[inline(always)]
    fn half(self, pair: &Pair<'_>, samples: &mut [u8]) {
        if pair.last == 0 {
            return flat::<4>(pair, samples);
        }
        // SAFETY: `self` proves that the machine has NEON.
        unsafe { half_size(pair, samples) }
    }
}

/// With `LOW` only the first four rows and columns are not 0.
#[inline]
#[target_feature(enable = "neon")]
fn full<const LOW: bool>(pair: &Pair<'_>, samples: &mut [u8]) {
    for index in 0..2 {
        let (block, quantization) = (pair.blocks[index], pair.quantization[index]);
        let columns =
            if LOW { low_columns(block, quantization) } else { columns(block, quantization) };
        let lower = second_pass::<LOW>(columns.map(|column| vget_low_s16(column)));
        let upper = second_pass::<LOW>(columns.map(|column| vget_high_s16(column)));
        store_columns::<8>([lower, upper], pair.places[index], samples);
    }
}

/// The first pass over a block, and a transposition.
#[inline]
#[target_feature(enable = "neon")]
fn columns(block: &[i16; 64], quantization: &QuantizationTable) -> [int16x8_t; 8] {
    let rows: [int16x8_t; 8] = from_fn(|y| row(block, quantization, y));
    let lower = first_pass::<false>(rows.map(|row| vget_low_s16(row)));
    let upper = first_pass::<false>(rows.map(|row| vget_high_s16(row)));
    riffle(riffle(riffle(from_fn(|y| vcombine_s16(lower[y], upper[y])))))
}

/// The same if rows and columns 4 to 7 are 0.
#[inline]
#[target_feature(enable = "neon")]
fn low_columns(block: &[i16; 64], quantization: &QuantizationTable) -> [int16x8_t; 8] {
    let rows =
        from_fn(|y| if y < 4 { vget_low_s16(row(block, quantization, y)) } else { vdup_n_s16(0) });
    let results = first_pass::<true>(rows);
    let pairs = from_fn(|y| vcombine_s16(results[2 * y], results[2 * y + 1]));
    let [a, b, c, d] = riffle(riffle(riffle(pairs)));
    let zero = vdupq_n_s16(0);
    [a, b, c, d, zero, zero, zero, zero]
}

/// Transforms four columns, with two fraction bits.
#[inline]
#[target_feature(enable = "neon")]
fn first_pass<const FEW: bool>(lines: [int16x4_t; 8]) -> [int16x4_t; 8] {
    let [even, odd] = parts::<FEW>(lines, 1 << 10);
    from_fn(|index| match index {
        0..4 => vqshrn_n_s32::<11>(vaddq_s32(even[index], odd[index])),
        _ => vqshrn_n_s32::<11>(vsubq_s32(even[7 - index], odd[7 - index])),
    })
}

/// Transforms four rows to four times the samples: 16 of the 18 fraction bits are dropped here.
#[inline]
#[target_feature(enable = "neon")]
fn second_pass<const FEW: bool>(lines: [int16x4_t; 8]) -> [int16x4_t; 8] {
    let [even, odd] = parts::<FEW>(lines, 1 << 17);
    from_fn(|index| match index {
        0..4 => vaddhn_s32(even[index], odd[index]),
        _ => vsubhn_s32(even[7 - index], odd[7 - index]),
    })
}

/// The even and odd parts of four lines. Their sums are the first four results, their differences
/// the last four in reverse. With `FEW` coefficients 4 to 7 are 0.
///
/// Rounding is added to the even part rather than left to the shift, because sums wrap with it.
#[inline]
#[target_feature(enable = "neon")]
fn parts<const FEW: bool>(lines: [int16x4_t; 8], round: i32) -> [[int32x4_t; 4]; 2] {
    let weigh = |a: int16x4_t, first: i16, b: int16x4_t, second: i16| {
        vmlal_n_s16(vmull_n_s16(a, first), b, second)
    };
    let add = |sum: int32x4_t, a: int16x4_t, first: i16, b: int16x4_t, second: i16| {
        vmlal_n_s16(vmlal_n_s16(sum, a, first), b, second)
    };
    let [l0, l1, l2, l3, l4, l5, l6, l7] = lines;
    let first = vaddq_s32(vshll_n_s16::<13>(l0), vdupq_n_s32(round));
    if FEW {
        let (low, high) = (vmull_n_s16(l2, 4433), vmull_n_s16(l2, 4433 + 6270));
        // The factors of the general case below, added up.
        let odd = [
            weigh(l1, 12299 - 7373 + 9633 - 3196, l3, 9633),
            weigh(l1, 9633, l3, 25172 - 20995 + 9633 - 16069),
            weigh(l1, 9633 - 3196, l3, 9633 - 20995),
            weigh(l1, 9633 - 7373, l3, 9633 - 16069),
        ];
        return [even([first; 2], low, high), odd];
    }
    let fourth = vshll_n_s16::<13>(l4);
    let outer = [vaddq_s32(first, fourth), vsubq_s32(first, fourth)];
    let low = weigh(l2, 4433, l6, 4433 - 15137);
    let high = weigh(l2, 4433 + 6270, l6, 4433);
    let (z3, z4) = (vadd_s16(l7, l3), vadd_s16(l5, l1));
    let cross3 = weigh(z3, 9633 - 16069, z4, 9633);
    let cross4 = weigh(z3, 9633, z4, 9633 - 3196);
    let odd = [
        add(cross4, l1, 12299 - 7373, l7, -7373),
        add(cross3, l3, 25172 - 20995, l5, -20995),
        add(cross4, l5, 16819 - 20995, l3, -20995),
        add(cross3, l7, 2446 - 7373, l1, -7373),
    ];
    [even(outer, low, high), odd]
}

/// `outer` is the sum and the difference of coefficients 0 and 4.
#[inline]
#[target_feature(enable = "neon")]
fn even(outer: [int32x4_t; 2], low: int32x4_t, high: int32x4_t) -> [int32x4_t; 4] {
    let [sum, difference] = outer;
    [
        vaddq_s32(sum, high),
        vaddq_s32(difference, low),
        vsubq_s32(difference, low),
        vsubq_s32(sum, high),
    ]
}

/// The transform of the lowest frequencies.
#[inline]
#[target_feature(enable = "neon")]
fn reduced<const SIDE: usize>(pair: &Pair<'_>, samples: &mut [u8]) {
    for index in 0..2 {
        let (block, quantization) = (pair.blocks[index], pair.quantization[index]);
        let mut rows = [vdupq_n_s16(0); SIDE];
        for (y, coefficients) in rows.iter_mut().enumerate() {
            *coefficients = row(block, quantization, y);
        }
        let lower = reduced_first::<SIDE>(rows.map(|row| vget_low_s16(row)));
        let upper = reduced_first::<SIDE>(rows.map(|row| vget_high_s16(row)));
        let turned: [_; 8] = riffle(riffle(riffle(from_fn(|y| vcombine_s16(lower[y], upper[y])))));
        let mut columns = [vdupq_n_s16(0); SIDE];
        columns.copy_from_slice(&turned[..SIDE]);
        let lower = reduced_second::<SIDE>(columns.map(|column| vget_low_s16(column)));
        let upper = reduced_second::<SIDE>(columns.map(|column| vget_high_s16(column)));
        store_columns::<SIDE>([lower, upper], pair.places[index], samples);
    }
}

/// Transforms four columns to `SIDE` numbers with two fraction bits.
#[inline]
#[target_feature(enable = "neon")]
fn reduced_first<const SIDE: usize>(lines: [int16x4_t; SIDE]) -> [int16x4_t; 8] {
    let mut results = [vdup_n_s16(0); 8];
    for sample in 0..SIDE.div_ceil(2) {
        let [sum, difference] = reduced_parts(lines, sample, 1 << 10);
        results[SIDE - 1 - sample] = vqshrn_n_s32::<11>(vsubq_s32(sum, difference));
        results[sample] = vqshrn_n_s32::<11>(vaddq_s32(sum, difference));
    }
    results
}

/// Transforms four rows to four times the samples: 16 of the 18 fraction bits are dropped here.
#[inline]
#[target_feature(enable = "neon")]
fn reduced_second<const SIDE: usize>(lines: [int16x4_t; SIDE]) -> [int16x4_t; 8] {
    let mut results = [vdup_n_s16(0); 8];
    for sample in 0..SIDE.div_ceil(2) {
        let [sum, difference] = reduced_parts(lines, sample, 1 << 17);
        results[SIDE - 1 - sample] = vsubhn_s32(sum, difference);
        results[sample] = vaddhn_s32(sum, difference);
    }
    results
}

/// What even and odd frequencies add to a sample. They add the same and the opposite to its mirror
/// image; odd ones add nothing to the sample in the middle.
#[inline]
#[target_feature(enable = "neon")]
fn reduced_parts<const SIDE: usize>(
    lines: [int16x4_t; SIDE],
    sample: usize,
    round: i32,
) -> [int32x4_t; 2] {
    let mut parts = [vdupq_n_s32(round), vdupq_n_s32(0)];
    for (frequency, line) in lines.into_iter().enumerate() {
        let weight = Weights::<SIDE>::TABLE[sample][frequency] as i16;
        parts[frequency % 2] = vmlal_n_s16(parts[frequency % 2], line, weight);
    }
    parts
}

/// The 4-point transform of the lowest frequencies.
#[inline]
#[target_feature(enable = "neon")]
fn half_size(pair: &Pair<'_>, samples: &mut [u8]) {
    for index in 0..2 {
        let (block, quantization) = (pair.blocks[index], pair.quantization[index]);
        let rows = from_fn(|y| vget_low_s16(row(block, quantization, y)));
        let [[a, b], [c, d]] = short_parts(rows, 1 << 10);
        let first = vqshrn_n_s32::<11>(vaddq_s32(a, c));
        let second = vqshrn_n_s32::<11>(vaddq_s32(b, d));
        let third = vqshrn_n_s32::<11>(vsubq_s32(b, d));
        let fourth = vqshrn_n_s32::<11>(vsubq_s32(a, c));
        let pairs = [vcombine_s16(first, second), vcombine_s16(third, fourth)];
        let [lower, upper] = riffle(riffle(pairs));
        let columns =
            [vget_low_s16(lower), vget_high_s16(lower), vget_low_s16(upper), vget_high_s16(upper)];
        let [[a, b], [c, d]] = short_parts(columns, 1 << 17);
        let left = vqshrn_n_s16::<2>(vcombine_s16(vaddhn_s32(a, c), vaddhn_s32(b, d)));
        let right = vqshrn_n_s16::<2>(vcombine_s16(vsubhn_s32(b, d), vsubhn_s32(a, c)));
        let bytes = veorq_u8(vreinterpretq_u8_s8(vcombine_s8(left, right)), vdupq_n_u8(128));
        store_square(bytes, pair.places[index], samples);
    }
}

/// As `parts`, of four coefficients each.
#[inline]
#[target_feature(enable = "neon")]
fn short_parts(lines: [int16x4_t; 4], round: i32) -> [[int32x4_t; 2]; 2] {
    let [l0, l1, l2, l3] = lines;
    let first = vaddq_s32(vshll_n_s16::<13>(l0), vdupq_n_s32(round));
    let second = vshll_n_s16::<13>(l2);
    let outer = vmlal_n_s16(vmull_n_s16(l1, 10703), l3, 4433);
    let inner = vmlsl_n_s16(vmull_n_s16(l1, 4433), l3, 10703);
    [[vaddq_s32(first, second), vsubq_s32(first, second)], [outer, inner]]
}

/// Interleaves the first half of all numbers with the second. Repeated for each bit of a column
/// number, this transposes.
#[inline]
#[target_feature(enable = "neon")]
fn riffle<const COUNT: usize>(vectors: [int16x8_t; COUNT]) -> [int16x8_t; COUNT] {
    from_fn(|index| {
        let (a, b) = (vectors[index / 2], vectors[index / 2 + COUNT / 2]);
        if index % 2 == 0 { vzip1q_s16(a, b) } else { vzip2q_s16(a, b) }
    })
}

#[inline]
#[target_feature(enable = "neon")]
fn riffle_bytes(vectors: [uint8x16_t; 4]) -> [uint8x16_t; 4] {
    from_fn(|index| {
        let (a, b) = (vectors[index / 2], vectors[index / 2 + 2]);
        if index % 2 == 0 { vzip1q_u8(a, b) } else { vzip2q_u8(a, b) }
    })
}

/// A dequantized row of a block.
#[inline]
#[target_feature(enable = "neon")]
fn row(block: &[i16; 64], quantization: &QuantizationTable, y: usize) -> int16x8_t {
    vmulq_s16(load(&block.as_chunks::<8>().0[y]), load(&quantization.as_chunks::<8>().0[y]))
}

#[inline]
#[target_feature(enable = "neon")]
fn load<T>(row: &[T; 8]) -> int16x8_t {
    const { assert!(size_of::<T>() == 2) };
    // SAFETY: the reference is to 8 numbers of 2 bytes, the 16 that are read.
    unsafe { vld1q_s16(row.as_ptr().cast()) }
}

/// Writes transposed columns of four times the samples, upper and lower halves, as the first `ROWS`
/// rows.
#[inline]
#[target_feature(enable = "neon")]
fn store_columns<const ROWS: usize>(
    [upper, lower]: [[int16x4_t; 8]; 2],
    place: Place,
    samples: &mut [u8],
) {
    let narrow = |x: usize| vqshrn_n_s16::<2>(vcombine_s16(upper[x], lower[x]));
    let bytes = from_fn(|x| {
        let two = vreinterpretq_u8_s8(vcombine_s8(narrow(2 * x), narrow(2 * x + 1)));
        veorq_u8(two, vdupq_n_u8(128))
    });
    for (y, two) in riffle_bytes(riffle_bytes(riffle_bytes(bytes))).into_iter().enumerate() {
        let first = place.offset + 2 * y * place.stride;
        if 2 * y < ROWS {
            store_row(vget_low_u8(two), &mut samples[first..]);
        }
        if 2 * y + 1 < ROWS {
            store_row(vget_high_u8(two), &mut samples[first + place.stride..]);
        }
    }
}

#[inline]
#[target_feature(enable = "neon")]
fn store_row(row: uint8x8_t, samples: &mut [u8]) {
    let place = &mut samples[..8];
    // SAFETY: `place` has the 8 bytes that are written.
    unsafe { vst1_u8(place.as_mut_ptr(), row) }
}

/// Four columns of four samples.
#[inline]
#[target_feature(enable = "neon")]
fn store_square(columns: uint8x16_t, place: Place, samples: &mut [u8]) {
    const TURN: [u8; 16] = [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15];
    // SAFETY: `TURN` has the 16 bytes that are read.
    let turn = unsafe { vld1q_u8(TURN.as_ptr()) };
    let rows = vreinterpretq_u32_u8(vqtbl1q_u8(columns, turn));
    let rows = [
        vgetq_lane_u32::<0>(rows),
        vgetq_lane_u32::<1>(rows),
        vgetq_lane_u32::<2>(rows),
        vgetq_lane_u32::<3>(rows),
    ];
    for (y, row) in rows.into_iter().enumerate() {
        samples[place.offset + y * place.stride..][..4].copy_from_slice(&row.to_ne_bytes());
    }
}
