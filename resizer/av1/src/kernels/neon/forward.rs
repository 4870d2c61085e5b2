//! The forward transform in NEON.

use std::arch::aarch64::{
    float32x4_t, vaddq_f32, vcvtq_f32_s32, vdupq_n_f32, vget_low_s16, vmovl_high_s16, vmovl_s16,
    vmulq_n_f32, vreinterpretq_f32_f64, vreinterpretq_f32_s32, vreinterpretq_f64_f32,
    vreinterpretq_s32_f32, vsubq_f32, vtrn1q_f32, vtrn1q_f64, vtrn2q_f32, vtrn2q_f64,
};

use super::{load_i16, load_i32, store_f32, store_i32};
use crate::transform::forward::{HALF_SECANTS, ROOT_OF_HALF, forward_transforms};
use crate::transform::{SINES_OF_NINTHS, TransformType, identity};

type Lanes = [float32x4_t; 2];

forward_transforms!(Lanes, #[target_feature(enable = "neon")]);

#[inline]
#[target_feature(enable = "neon")]
fn zero() -> Lanes {
    [vdupq_n_f32(0.0); 2]
}

#[inline]
#[target_feature(enable = "neon")]
fn add(a: Lanes, b: Lanes) -> Lanes {
    [vaddq_f32(a[0], b[0]), vaddq_f32(a[1], b[1])]
}

#[inline]
#[target_feature(enable = "neon")]
fn subtract(a: Lanes, b: Lanes) -> Lanes {
    [vsubq_f32(a[0], b[0]), vsubq_f32(a[1], b[1])]
}

#[inline]
#[target_feature(enable = "neon")]
fn scale(values: Lanes, factor: f32) -> Lanes {
    [vmulq_n_f32(values[0], factor), vmulq_n_f32(values[1], factor)]
}

#[inline]
#[target_feature(enable = "neon")]
fn load_residual(residual: &[i16; 8]) -> Lanes {
    let residual = load_i16(residual);
    [vcvtq_f32_s32(vmovl_s16(vget_low_s16(residual))), vcvtq_f32_s32(vmovl_high_s16(residual))]
}

#[inline]
#[target_feature(enable = "neon")]
fn store(values: Lanes, out: &mut [f32; 8]) {
    let (halves, _) = out.as_chunks_mut();
    store_f32(values[0], &mut halves[0]);
    store_f32(values[1], &mut halves[1]);
}

/// Transposes a block.
#[inline]
#[target_feature(enable = "neon")]
fn transpose(rows: [Lanes; 8]) -> [Lanes; 8] {
    let quarter = |row: usize, half: usize| {
        fours([rows[row][half], rows[row + 1][half], rows[row + 2][half], rows[row + 3][half]])
    };
    let (left, right) = (quarter(0, 0), quarter(0, 1));
    let (left_2, right_2) = (quarter(4, 0), quarter(4, 1));
    let mut columns = [zero(); 8];
    for at in 0..4 {
        columns[at] = [left[at], left_2[at]];
        columns[4 + at] = [right[at], right_2[at]];
    }
    columns
}

/// Transposes 4 x 4 values.
#[inline]
#[target_feature(enable = "neon")]
fn fours([a, b, c, d]: [float32x4_t; 4]) -> [float32x4_t; 4] {
    let even = |a, b| vreinterpretq_f64_f32(vtrn1q_f32(a, b));
    let odd = |a, b| vreinterpretq_f64_f32(vtrn2q_f32(a, b));
    [
        vreinterpretq_f32_f64(vtrn1q_f64(even(a, b), even(c, d))),
        vreinterpretq_f32_f64(vtrn1q_f64(odd(a, b), odd(c, d))),
        vreinterpretq_f32_f64(vtrn2q_f64(even(a, b), even(c, d))),
        vreinterpretq_f32_f64(vtrn2q_f64(odd(a, b), odd(c, d))),
    ]
}

/// Transposes a block.
#[inline]
#[target_feature(enable = "neon")]
pub(super) fn transpose_words(rows: &[[i32; 8]; 8]) -> [[i32; 8]; 8] {
    let mut lanes = [zero(); 8];
    for (lanes, row) in lanes.iter_mut().zip(rows) {
        let (halves, _) = row.as_chunks();
        let half = |at: usize| vreinterpretq_f32_s32(load_i32(&halves[at]));
        *lanes = [half(0), half(1)];
    }
    let mut columns = [[0; 8]; 8];
    for (column, lanes) in columns.iter_mut().zip(transpose(lanes)) {
        let (halves, _) = column.as_chunks_mut();
        store_i32(vreinterpretq_s32_f32(lanes[0]), &mut halves[0]);
        store_i32(vreinterpretq_s32_f32(lanes[1]), &mut halves[1]);
    }
    columns
}
