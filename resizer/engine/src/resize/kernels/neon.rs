//! The passes in NEON: products of 16 by 16 bits added to sums of 32 (`mlal`), rounded and narrowed
//! in one instruction.
#![expect(unsafe_code, reason = "vector loads and stores, and calls into NEON functions")]

use std::arch::aarch64::{
    int16x8_t, int32x4_t, uint8x16x3_t, vaddq_f32, vaddq_s16, vaddq_s32, vbslq_f32, vbslq_s16,
    vcgtq_s16, vcltq_s32, vcombine_s16, vcvtnq_s32_f32, vcvtq_f32_s32, vdupq_n_f32, vdupq_n_s16,
    vdupq_n_s32, vget_low_s16, vld1_u8, vld1q_s16, vld1q_u8, vmaxq_s16, vminq_s16,
    vmlal_high_n_s16, vmlal_high_s16, vmlal_n_s16, vmlal_s16, vmovl_high_s16, vmovl_s16, vmovl_u8,
    vmulq_f32, vmulq_n_f32, vmulq_n_s16, vpaddq_s32, vqmovn_s32, vqmovun_s16, vqrdmulhq_s16,
    vqrshrn_n_s32, vreinterpretq_s16_u16, vrshrq_n_s16, vshlq_n_s16, vsqrtq_f32, vst1_u8,
    vst1q_s16, vst3q_u8,
};
use std::ops::Range;

use resizer_cpu::Neon;

use super::portable::{self, CODED, CODED_DARK, DARK, LIGHT};
use super::{BLOCK, PAIRED_COLUMNS, Sum, WHITE, terms};
use crate::resize::axis::{Axis, WEIGHT_BITS};

/// Samples of a vector.
const LANES: usize = 8;

/// Pixels of a step.
const PIXELS: usize = 16;

/// Output samples that are summed side by side.
const GROUP: usize = 8;

const SHIFT: i32 = WEIGHT_BITS as i32;

/// All pairs are equally long, and are as many as the sums are made of.
pub(super) fn vertical(
    _: Neon,
    pairs: &[&[i16]],
    sums: &[Sum<'_>],
    steps: Range<usize>,
    out: &mut [i16],
) {
    // SAFETY: the first argument proves that the machine has NEON.
    unsafe { vertical_steps(pairs, sums, steps, out) }
}

/// `row` and `out` are as long as the axis says.
pub(super) fn horizontal(_: Neon, row: &[i16], axis: &Axis, out: &mut [i16]) {
    if !axis.taps().is_multiple_of(super::TAP_MULTIPLE) {
        return portable::horizontal(row, axis, out);
    }
    let whole = out.len() - out.len() % GROUP;
    // SAFETY: the first argument proves that the machine has NEON.
    unsafe { horizontal_groups(row, axis, &mut out[..whole]) }
    portable::horizontal_from(row, axis, whole, out);
}

/// As many samples as bytes.
pub(super) fn to_linear(_: Neon, bytes: &[u8], samples: &mut [i16]) {
    if bytes.len() < LANES {
        return portable::to_linear(bytes, samples);
    }
    // SAFETY: the first argument proves that the machine has NEON.
    unsafe { to_linear_steps(bytes, samples) }
}

/// As many bytes as samples.
pub(super) fn from_linear(_: Neon, samples: &[i16], bytes: &mut [u8]) {
    if bytes.len() < LANES {
        return portable::from_linear(samples, bytes);
    }
    // SAFETY: the first argument proves that the machine has NEON.
    unsafe { from_linear_steps(samples, bytes) }
}

/// `out` is three times as long as each of the rows.
pub(super) fn interleave(_: Neon, rows: [&[u8]; 3], out: &mut [u8]) {
    if rows[0].len() < PIXELS {
        return portable::interleave(rows, out);
    }
    // SAFETY: the first argument proves that the machine has NEON.
    unsafe { interleave_steps(rows, out) }
}

#[target_feature(enable = "neon")]
fn vertical_steps(pairs: &[&[i16]], sums: &[Sum<'_>], steps: Range<usize>, out: &mut [i16]) {
    let length = pairs[0].len() / 2;
    for step in steps {
        for (sum, out) in sums.iter().zip(out.chunks_exact_mut(length)) {
            let mut totals = [[vdupq_n_s32(0); 2]; PAIRED_COLUMNS / LANES];
            for (blocks, weights) in terms(pairs, sum, step) {
                let (totals, (blocks, _)) =
                    (totals.as_chunks_mut::<2>().0, blocks.as_chunks::<{ 2 * BLOCK }>());
                for (totals, block) in totals.iter_mut().zip(blocks) {
                    for (row, weight) in block.chunks_exact(BLOCK).zip(weights) {
                        for (totals, part) in totals.iter_mut().zip(row.chunks_exact(LANES)) {
                            let part = load(part, 0);
                            totals[0] = vmlal_n_s16(totals[0], vget_low_s16(part), weight);
                            totals[1] = vmlal_high_n_s16(totals[1], part, weight);
                        }
                    }
                }
            }
            let out = out[step * PAIRED_COLUMNS..].chunks_exact_mut(LANES);
            for ([left, right], out) in totals.into_iter().zip(out) {
                store(narrowed(left, right), out);
            }
        }
    }
}

/// `out` is a multiple of `GROUP` long, taps are a multiple of 8.
#[target_feature(enable = "neon")]
fn horizontal_groups(row: &[i16], axis: &Axis, out: &mut [i16]) {
    let taps = axis.taps();
    let groups = axis.weights().chunks_exact(GROUP * taps).zip(axis.starts().chunks_exact(GROUP));
    for (out, (weights, starts)) in out.chunks_exact_mut(GROUP).zip(groups) {
        let sum =
            |at: usize| weighted_sum(&row[starts[at]..][..taps], &weights[at * taps..][..taps]);
        let first = vpaddq_s32(vpaddq_s32(sum(0), sum(1)), vpaddq_s32(sum(2), sum(3)));
        let second = vpaddq_s32(vpaddq_s32(sum(4), sum(5)), vpaddq_s32(sum(6), sum(7)));
        store(narrowed(first, second), out);
    }
}

/// Four partial sums; both slices are of one length, a multiple of 8.
#[inline]
#[target_feature(enable = "neon")]
fn weighted_sum(samples: &[i16], weights: &[i16]) -> int32x4_t {
    let (mut even, mut odd) = (vdupq_n_s32(0), vdupq_n_s32(0));
    let (samples, _) = samples.as_chunks::<LANES>();
    let (weights, _) = weights.as_chunks::<LANES>();
    for (samples, weights) in samples.iter().zip(weights) {
        let (samples, weights) = (load(samples, 0), load(weights, 0));
        even = vmlal_s16(even, vget_low_s16(samples), vget_low_s16(weights));
        odd = vmlal_high_s16(odd, samples, weights);
    }
    vaddq_s32(even, odd)
}

#[target_feature(enable = "neon")]
fn to_linear_steps(bytes: &[u8], samples: &mut [i16]) {
    let (mut x, last) = (0, bytes.len() - LANES);
    loop {
        let values = &bytes[x..][..LANES];
        // SAFETY: `values` has the 8 bytes that are read.
        let values = vreinterpretq_s16_u16(vmovl_u8(unsafe { vld1_u8(values.as_ptr()) }));
        store(linear(values), &mut samples[x..]);
        if x == last {
            return;
        }
        x = (x + LANES).min(last);
    }
}

#[inline]
#[target_feature(enable = "neon")]
fn linear(bytes: int16x8_t) -> int16x8_t {
    let x = vshlq_n_s16::<7>(bytes);
    let mut value = vdupq_n_s16(LIGHT[0]);
    for factor in &LIGHT[1..] {
        value = vaddq_s16(vqrdmulhq_s16(value, x), vdupq_n_s16(*factor));
    }
    let dark = vrshrq_n_s16::<6>(vmulq_n_s16(bytes, DARK.1));
    vbslq_s16(vcgtq_s16(bytes, vdupq_n_s16(DARK.0)), vrshrq_n_s16::<1>(value), dark)
}

#[target_feature(enable = "neon")]
fn from_linear_steps(samples: &[i16], bytes: &mut [u8]) {
    let (mut x, last) = (0, bytes.len() - LANES);
    loop {
        let values = vmaxq_s16(load(samples, x), vdupq_n_s16(0));
        let values = vminq_s16(values, vdupq_n_s16(WHITE));
        let left = coded(vmovl_s16(vget_low_s16(values)));
        let right = coded(vmovl_high_s16(values));
        let packed = vqmovun_s16(vcombine_s16(vqmovn_s32(left), vqmovn_s32(right)));
        let place = &mut bytes[x..][..LANES];
        // SAFETY: `place` has the 8 bytes that are written.
        unsafe { vst1_u8(place.as_mut_ptr(), packed) }
        if x == last {
            return;
        }
        x = (x + LANES).min(last);
    }
}

#[inline]
#[target_feature(enable = "neon")]
fn coded(samples: int32x4_t) -> int32x4_t {
    let values = vcvtq_f32_s32(samples);
    let root = vsqrtq_f32(values);
    let mut light = vdupq_n_f32(CODED[0]);
    for factor in &CODED[1..] {
        // Not fused, so that every set rounds alike.
        light = vaddq_f32(vmulq_f32(light, root), vdupq_n_f32(*factor));
    }
    let dark = vmulq_n_f32(values, CODED_DARK.1);
    let is_dark = vcltq_s32(samples, vdupq_n_s32(CODED_DARK.0.into()));
    vcvtnq_s32_f32(vbslq_f32(is_dark, dark, light))
}

#[target_feature(enable = "neon")]
fn interleave_steps(rows: [&[u8]; 3], out: &mut [u8]) {
    let (mut x, last) = (0, rows[0].len() - PIXELS);
    loop {
        // SAFETY: `x` is at most the rows' length less the 16 bytes that are read.
        let [red, green, blue] = rows.map(|row| unsafe { vld1q_u8(row[x..].as_ptr()) });
        let place = &mut out[3 * x..][..3 * PIXELS];
        // SAFETY: `place` has the 48 bytes that are written.
        unsafe { vst3q_u8(place.as_mut_ptr(), uint8x16x3_t(red, green, blue)) }
        if x == last {
            return;
        }
        x = (x + PIXELS).min(last);
    }
}

/// Rounded to the nearest, halves up.
#[inline]
#[target_feature(enable = "neon")]
fn narrowed(left: int32x4_t, right: int32x4_t) -> int16x8_t {
    vcombine_s16(vqrshrn_n_s32::<SHIFT>(left), vqrshrn_n_s32::<SHIFT>(right))
}

#[inline]
#[target_feature(enable = "neon")]
fn load(row: &[i16], x: usize) -> int16x8_t {
    let samples = &row[x..][..LANES];
    // SAFETY: `samples` has the 8 samples that are read.
    unsafe { vld1q_s16(samples.as_ptr()) }
}

#[inline]
#[target_feature(enable = "neon")]
fn store(values: int16x8_t, out: &mut [i16]) {
    let place = &mut out[..LANES];
    // SAFETY: `place` has the 8 samples that are written.
    unsafe { vst1q_s16(place.as_mut_ptr(), values) }
}
