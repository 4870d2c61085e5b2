//! The row operations for NEON, 16 samples or pixels at a time. If a row is not a multiple of that,
//! the last step overlaps the one before; rows that are too short are left to portable code.
#![expect(unsafe_code, reason = "vector loads and stores, and calls into NEON functions")]

use std::arch::aarch64::{
    int16x8_t, uint8x8_t, uint8x16_t, uint8x16x2_t, uint8x16x3_t, uint8x16x4_t, uint16x8_t,
    vaddq_s16, vaddq_u16, vaddw_u8, vcombine_s16, vcombine_u8, vdup_n_u8, vdupq_n_u16,
    vget_high_s16, vget_high_u8, vget_low_s16, vget_low_u8, vld1q_u8, vmlal_n_s16, vmlal_u8,
    vmlaq_n_u16, vmovl_u8, vmull_n_s16, vmull_u8, vqmovun_s16, vqrdmulhq_n_s16,
    vreinterpretq_s16_u16, vrshrn_n_s32, vrshrn_n_u16, vshrn_n_u16, vst1q_u8, vst2q_u8, vst3q_u8,
    vst4q_u8, vsubl_u8, vsubq_s16,
};

use super::portable;
use resizer_cpu::Neon;

/// Samples in a vector.
const STEP: usize = 16;

/// `out` is twice as long as `row`.
pub(super) fn upsample_h2v1(_: Neon, row: &[u8], out: &mut [u8]) {
    if row.len() < STEP + 2 {
        return portable::upsample_h2v1(row, out);
    }
    portable::h2v1_from(row, 0, 1, out);
    portable::h2v1_from(row, row.len() - 1, row.len(), out);
    // SAFETY: the first argument proves that the machine has NEON.
    unsafe { h2v1_inside(row, out) }
}

/// `out` is twice as long as `near` and `far`, which are of one length.
pub(super) fn upsample_h2v2(_: Neon, near: &[u8], far: &[u8], out: &mut [u8]) {
    if near.len() < STEP + 2 {
        return portable::upsample_h2v2(near, far, out);
    }
    portable::h2v2_from([near, far], 0, 1, out);
    portable::h2v2_from([near, far], near.len() - 1, near.len(), out);
    // SAFETY: the first argument proves that the machine has NEON.
    unsafe { h2v2_inside(near, far, out) }
}

/// All rows are of one length.
pub(super) fn convert_ycbcr(_: Neon, rows: [&[u8]; 3], out: [&mut [u8]; 3]) {
    if rows[0].len() < STEP {
        return portable::convert_ycbcr(rows, out);
    }
    // SAFETY: the first argument proves that the machine has NEON.
    unsafe { convert_ycbcr_steps(rows, out) }
}

/// All samples with two neighbors.
#[target_feature(enable = "neon")]
fn h2v1_inside(row: &[u8], out: &mut [u8]) {
    let (mut x, last) = (1, row.len() - 1 - STEP);
    loop {
        let (left, here, right) = (load(row, x - 1), load(row, x), load(row, x + 1));
        let lower = widen(vget_low_u8(left), vget_low_u8(here), vget_low_u8(right));
        let upper = widen(vget_high_u8(left), vget_high_u8(here), vget_high_u8(right));
        store_twice(lower, upper, &mut out[2 * x..]);
        if x == last {
            return;
        }
        x = (x + STEP).min(last);
    }
}

/// The even and the odd columns.
#[inline]
#[target_feature(enable = "neon")]
fn widen(left: uint8x8_t, here: uint8x8_t, right: uint8x8_t) -> [uint8x8_t; 2] {
    let three = vdup_n_u8(3);
    let even = vaddw_u8(vmlal_u8(vdupq_n_u16(1), here, three), left);
    let odd = vaddw_u8(vmull_u8(here, three), right);
    [vshrn_n_u16::<2>(even), vrshrn_n_u16::<2>(odd)]
}

/// All samples with two neighbors.
#[target_feature(enable = "neon")]
fn h2v2_inside(near: &[u8], far: &[u8], out: &mut [u8]) {
    let (mut x, last) = (1, near.len() - 1 - STEP);
    loop {
        let left = columns(load(near, x - 1), load(far, x - 1));
        let here = columns(load(near, x), load(far, x));
        let right = columns(load(near, x + 1), load(far, x + 1));
        let lower = widen_columns(left[0], here[0], right[0]);
        let upper = widen_columns(left[1], here[1], right[1]);
        store_twice(lower, upper, &mut out[2 * x..]);
        if x == last {
            return;
        }
        x = (x + STEP).min(last);
    }
}

/// Three times the near plus the far samples: lower and upper half.
#[inline]
#[target_feature(enable = "neon")]
fn columns(near: uint8x16_t, far: uint8x16_t) -> [uint16x8_t; 2] {
    let three = vdup_n_u8(3);
    [
        vaddw_u8(vmull_u8(vget_low_u8(near), three), vget_low_u8(far)),
        vaddw_u8(vmull_u8(vget_high_u8(near), three), vget_high_u8(far)),
    ]
}

/// The even and the odd columns.
#[inline]
#[target_feature(enable = "neon")]
fn widen_columns(left: uint16x8_t, here: uint16x8_t, right: uint16x8_t) -> [uint8x8_t; 2] {
    let even = vmlaq_n_u16(left, here, 3);
    let odd = vaddq_u16(vmlaq_n_u16(right, here, 3), vdupq_n_u16(7));
    [vrshrn_n_u16::<4>(even), vshrn_n_u16::<4>(odd)]
}

#[target_feature(enable = "neon")]
fn convert_ycbcr_steps(rows: [&[u8]; 3], mut out: [&mut [u8]; 3]) {
    let (mut x, last) = (0, rows[0].len() - STEP);
    loop {
        let [y, cb, cr] = [load(rows[0], x), load(rows[1], x), load(rows[2], x)];
        let lower = convert_half(vget_low_u8(y), vget_low_u8(cb), vget_low_u8(cr));
        let upper = convert_half(vget_high_u8(y), vget_high_u8(cb), vget_high_u8(cr));
        for ((out, lower), upper) in out.iter_mut().zip(lower).zip(upper) {
            store(vcombine_u8(lower, upper), &mut out[x..]);
        }
        if x == last {
            return;
        }
        x = (x + STEP).min(last);
    }
}

/// Red, green and blue. The factors are those of the portable code less whole numbers, which are
/// added, and halved for 15 fraction bits. Half of 26,345 rounds alike for each of the 256 values.
#[inline]
#[target_feature(enable = "neon")]
fn convert_half(y: uint8x8_t, cb: uint8x8_t, cr: uint8x8_t) -> [uint8x8_t; 3] {
    let middle = vdup_n_u8(128);
    let y = vreinterpretq_s16_u16(vmovl_u8(y));
    let cb = vreinterpretq_s16_u16(vsubl_u8(cb, middle));
    let cr = vreinterpretq_s16_u16(vsubl_u8(cr, middle));
    let red = vaddq_s16(vaddq_s16(y, cr), vqrdmulhq_n_s16(cr, 13_173));
    let blue = vaddq_s16(vaddq_s16(y, vaddq_s16(cb, cb)), vqrdmulhq_n_s16(cb, -7_471));
    let green = vaddq_s16(vsubq_s16(y, cr), green_share(cb, cr));
    [vqmovun_s16(red), vqmovun_s16(green), vqmovun_s16(blue)]
}

/// What Cb and Cr add to green, but for one whole Cr.
#[inline]
#[target_feature(enable = "neon")]
fn green_share(cb: int16x8_t, cr: int16x8_t) -> int16x8_t {
    let lower = vmull_n_s16(vget_low_s16(cb), -11_277);
    let lower = vmlal_n_s16(lower, vget_low_s16(cr), 9_367);
    let upper = vmull_n_s16(vget_high_s16(cb), -11_277);
    let upper = vmlal_n_s16(upper, vget_high_s16(cr), 9_367);
    vcombine_s16(vrshrn_n_s32::<15>(lower), vrshrn_n_s32::<15>(upper))
}

/// All rows are of one length, a third of `out`'s.
pub(super) fn interleave_3(_: Neon, rows: [&[u8]; 3], out: &mut [u8]) {
    if rows[0].len() < STEP {
        return portable::interleave(rows, out);
    }
    // SAFETY: the first argument proves that the machine has NEON.
    unsafe { interleave_3_steps(rows, out) }
}

/// All rows are of one length, a quarter of `out`'s.
pub(super) fn interleave_4(_: Neon, rows: [&[u8]; 4], out: &mut [u8]) {
    if rows[0].len() < STEP {
        return portable::interleave(rows, out);
    }
    // SAFETY: the first argument proves that the machine has NEON.
    unsafe { interleave_4_steps(rows, out) }
}

#[target_feature(enable = "neon")]
fn interleave_3_steps(rows: [&[u8]; 3], out: &mut [u8]) {
    let (mut x, last) = (0, rows[0].len() - STEP);
    loop {
        let [a, b, c] = rows.map(|row| load(row, x));
        let pixels = &mut out[3 * x..][..3 * STEP];
        // SAFETY: `pixels` has the 48 bytes that are written.
        unsafe { vst3q_u8(pixels.as_mut_ptr(), uint8x16x3_t(a, b, c)) }
        if x == last {
            return;
        }
        x = (x + STEP).min(last);
    }
}

#[target_feature(enable = "neon")]
fn interleave_4_steps(rows: [&[u8]; 4], out: &mut [u8]) {
    let (mut x, last) = (0, rows[0].len() - STEP);
    loop {
        let [a, b, c, d] = rows.map(|row| load(row, x));
        let pixels = &mut out[4 * x..][..4 * STEP];
        // SAFETY: `pixels` has the 64 bytes that are written.
        unsafe { vst4q_u8(pixels.as_mut_ptr(), uint8x16x4_t(a, b, c, d)) }
        if x == last {
            return;
        }
        x = (x + STEP).min(last);
    }
}

#[inline]
#[target_feature(enable = "neon")]
fn load(row: &[u8], x: usize) -> uint8x16_t {
    let samples = &row[x..][..STEP];
    // SAFETY: `samples` has the 16 bytes that are read.
    unsafe { vld1q_u8(samples.as_ptr()) }
}

/// Interleaves even and odd columns.
#[inline]
#[target_feature(enable = "neon")]
fn store_twice(lower: [uint8x8_t; 2], upper: [uint8x8_t; 2], out: &mut [u8]) {
    let place = &mut out[..2 * STEP];
    let columns = uint8x16x2_t(vcombine_u8(lower[0], upper[0]), vcombine_u8(lower[1], upper[1]));
    // SAFETY: `place` has the 32 bytes that are written.
    unsafe { vst2q_u8(place.as_mut_ptr(), columns) }
}

#[inline]
#[target_feature(enable = "neon")]
fn store(values: uint8x16_t, out: &mut [u8]) {
    let place = &mut out[..STEP];
    // SAFETY: `place` has the 16 bytes that are written.
    unsafe { vst1q_u8(place.as_mut_ptr(), values) }
}
