//! The kernels that need code of their own for NEON.

mod forward;

use std::arch::aarch64::{
    float32x4_t, int16x8_t, int32x4_t, uint8x16_t, vabsq_s16, vaddlvq_u16, vaddq_s16, vaddvq_u32,
    vcreate_u8, vdup_n_u8, vdupq_n_s16, vdupq_n_u32, vget_high_u8, vget_lane_u64, vget_low_u8,
    vld1q_s16, vld1q_s32, vld1q_u8, vmaxq_s16, vmlal_u8, vmull_u8, vpadalq_u16,
    vreinterpret_u64_u8, vreinterpretq_s16_s32, vreinterpretq_s16_s64, vreinterpretq_s16_u16,
    vreinterpretq_s32_s16, vreinterpretq_s64_s16, vreinterpretq_u16_s16, vrshrn_n_u16, vst1q_f32,
    vst1q_s32, vst1q_u8, vsubl_u8, vsubq_s16, vtrn1q_s16, vtrn1q_s32, vtrn1q_s64, vtrn2q_s16,
    vtrn2q_s32, vtrn2q_s64, vuzp1q_s16, vuzp2q_s16, vzip1q_u8, vzip2q_u8,
};

use resizer_cpu::Neon;

use crate::predict::neighbors::Neighbors;
use crate::predict::{self, Prediction, Samples};
use crate::transform::{TransformType, inverse};

pub(super) use forward::transform;

/// Eight rows of a block.
type Rows = [int16x8_t; 8];

#[target_feature(enable = "neon")]
fn load_bytes(bytes: &[u8; 16]) -> uint8x16_t {
    // SAFETY: the reference is to 16 bytes.
    unsafe { vld1q_u8(bytes.as_ptr()) }
}

#[target_feature(enable = "neon")]
fn store_bytes(vector: uint8x16_t, bytes: &mut [u8; 16]) {
    // SAFETY: the reference is to 16 bytes.
    unsafe { vst1q_u8(bytes.as_mut_ptr(), vector) }
}

#[target_feature(enable = "neon")]
fn load_i16(values: &[i16; 8]) -> int16x8_t {
    // SAFETY: the reference is to 8 values.
    unsafe { vld1q_s16(values.as_ptr()) }
}

#[target_feature(enable = "neon")]
fn load_i32(values: &[i32; 4]) -> int32x4_t {
    // SAFETY: the reference is to 4 values.
    unsafe { vld1q_s32(values.as_ptr()) }
}

#[target_feature(enable = "neon")]
fn store_i32(vector: int32x4_t, values: &mut [i32; 4]) {
    // SAFETY: the reference is to 4 values.
    unsafe { vst1q_s32(values.as_mut_ptr(), vector) }
}

#[target_feature(enable = "neon")]
fn store_f32(vector: float32x4_t, values: &mut [f32; 4]) {
    // SAFETY: the reference is to 4 values.
    unsafe { vst1q_f32(values.as_mut_ptr(), vector) }
}

/// Predicts a block. See [`predict::predict`].
#[target_feature(enable = "neon")]
pub(super) fn predict(
    neon: Neon,
    neighbors: &Neighbors,
    prediction: Prediction,
    (size, out): (usize, &mut [u8]),
) {
    predict::predict(neighbors, prediction, (size, out), neon);
}

impl Samples for Neon {
    #[inline(always)]
    fn transpose(self, rows: &[[u8; 8]; 8]) -> [[u8; 8]; 8] {
        // SAFETY: `self` proves that the machine has NEON.
        unsafe { transpose_bytes(rows) }
    }

    #[inline(always)]
    fn interpolate<const N: usize>(self, first: &[u8; N], second: &[u8; N], weight: u8) -> [u8; N] {
        // SAFETY: `self` proves that the machine has NEON.
        unsafe { interpolate(first, second, weight) }
    }
}

/// Interpolates between the samples of two rows.
#[inline]
#[target_feature(enable = "neon")]
fn interpolate<const N: usize>(first: &[u8; N], second: &[u8; N], weight: u8) -> [u8; N] {
    let weights = (vdup_n_u8(32 - weight), vdup_n_u8(weight));
    let side = N.min(8);
    let mut out = [0; N];
    let rows = first.chunks_exact(side).zip(second.chunks_exact(side));
    for (out, (first, second)) in out.chunks_exact_mut(side).zip(rows) {
        let row = |samples: &[u8]| {
            let mut row = [0; 8];
            row[..side].copy_from_slice(samples);
            vcreate_u8(u64::from_le_bytes(row))
        };
        let sums = vmlal_u8(vmull_u8(row(first), weights.0), row(second), weights.1);
        let packed = vget_lane_u64::<0>(vreinterpret_u64_u8(vrshrn_n_u16::<5>(sums)));
        out.copy_from_slice(&packed.to_le_bytes()[..side]);
    }
    out
}

#[target_feature(enable = "neon")]
pub(super) fn add_residual(
    kind: (usize, TransformType),
    coefficients: (&[i32], usize),
    out: (&mut [u8], usize),
) {
    let transpose = |rows: &_| forward::transpose_words(rows);
    inverse::add_residual(kind, coefficients, out, &transpose);
}

/// Transposes a block.
#[inline]
#[target_feature(enable = "neon")]
fn transpose_bytes(rows: &[[u8; 8]; 8]) -> [[u8; 8]; 8] {
    let (pairs, _) = rows.as_flattened().as_chunks::<16>();
    let row = |at: usize| load_bytes(&pairs[at]);
    let (a, b, c, d) = (row(0), row(1), row(2), row(3));
    // Rows 0 and 4 interleaved, and so on.
    let (rows_0, rows_1) = (vzip1q_u8(a, c), vzip2q_u8(a, c));
    let (rows_2, rows_3) = (vzip1q_u8(b, d), vzip2q_u8(b, d));
    // The left and the right half of rows 0, 2, 4, and 6, and of the others.
    let even = (vzip1q_u8(rows_0, rows_2), vzip2q_u8(rows_0, rows_2));
    let odd = (vzip1q_u8(rows_1, rows_3), vzip2q_u8(rows_1, rows_3));
    let mut columns = [[0; 8]; 8];
    let (out, _) = columns.as_flattened_mut().as_chunks_mut::<16>();
    store_bytes(vzip1q_u8(even.0, odd.0), &mut out[0]);
    store_bytes(vzip2q_u8(even.0, odd.0), &mut out[1]);
    store_bytes(vzip1q_u8(even.1, odd.1), &mut out[2]);
    store_bytes(vzip2q_u8(even.1, odd.1), &mut out[3]);
    columns
}

#[target_feature(enable = "neon")]
pub(super) fn hadamard_cost(source: &[u8], prediction: &[u8], size: usize) -> u32 {
    match size {
        4 => half_sum_of_4(source, prediction) / 2,
        8 => half_sum::<8>(source, prediction) / 4,
        16 => half_sum::<16>(source, prediction) / 4,
        32 => half_sum::<32>(source, prediction) / 4,
        _ => half_sum::<64>(source, prediction) / 4,
    }
}

/// The differences of the first and the last eight of 16 samples.
#[inline]
#[target_feature(enable = "neon")]
fn differences(source: &[u8; 16], prediction: &[u8; 16]) -> (int16x8_t, int16x8_t) {
    let (source, prediction) = (load_bytes(source), load_bytes(prediction));
    let first = vsubl_u8(vget_low_u8(source), vget_low_u8(prediction));
    let last = vsubl_u8(vget_high_u8(source), vget_high_u8(prediction));
    (vreinterpretq_s16_u16(first), vreinterpretq_s16_u16(last))
}

/// The sums and the differences of two vectors.
#[inline]
#[target_feature(enable = "neon")]
fn butterfly(a: int16x8_t, b: int16x8_t) -> (int16x8_t, int16x8_t) {
    (vaddq_s16(a, b), vsubq_s16(a, b))
}

/// The larger of the absolute values. |a + b| + |a - b| is twice that, which replaces the last step
/// of a transform.
#[inline]
#[target_feature(enable = "neon")]
fn larger(a: int16x8_t, b: int16x8_t) -> int16x8_t {
    vmaxq_s16(vabsq_s16(a), vabsq_s16(b))
}

/// Half of the sum of the absolute coefficients of 4 x 4 samples.
#[inline]
#[target_feature(enable = "neon")]
fn half_sum_of_4(source: &[u8], prediction: &[u8]) -> u32 {
    let (Some(source), Some(prediction)) = (source.first_chunk(), prediction.first_chunk()) else {
        return 0;
    };
    let (upper, lower) = differences(source, prediction);
    let (sums, differences) = butterfly(upper, lower);
    let (sums, differences) = (vreinterpretq_s64_s16(sums), vreinterpretq_s64_s16(differences));
    let even = vreinterpretq_s16_s64(vtrn1q_s64(sums, differences));
    let odd = vreinterpretq_s16_s64(vtrn2q_s64(sums, differences));
    let (first, second) = butterfly(even, odd);
    let (sums, differences) = butterfly(vuzp1q_s16(first, second), vuzp2q_s16(first, second));
    let larger = larger(vuzp1q_s16(sums, differences), vuzp2q_s16(sums, differences));
    vaddlvq_u16(vreinterpretq_u16_s16(larger))
}

/// Half of the sum of the absolute coefficients of all blocks of 8 x 8.
#[inline]
#[target_feature(enable = "neon")]
fn half_sum<const N: usize>(source: &[u8], prediction: &[u8]) -> u32 {
    let mut sums = vdupq_n_u32(0);
    if N == 8 {
        let (source, _) = source.as_chunks();
        let (prediction, _) = prediction.as_chunks();
        let mut rows = [vdupq_n_s16(0); 8];
        let (pairs, _) = rows.as_chunks_mut::<2>();
        for (pair, (source, prediction)) in pairs.iter_mut().zip(source.iter().zip(prediction)) {
            (pair[0], pair[1]) = differences(source, prediction);
        }
        return vaddvq_u32(vpadalq_u16(sums, vreinterpretq_u16_s16(block_sums(rows))));
    }
    let (source, _) = source.as_chunks::<N>();
    let (prediction, _) = prediction.as_chunks::<N>();
    let bands = source.as_chunks::<8>().0.iter().zip(prediction.as_chunks::<8>().0);
    for (source, prediction) in bands.take(N / 8) {
        for x in 0..N / 16 {
            let (mut left, mut right) = ([vdupq_n_s16(0); 8], [vdupq_n_s16(0); 8]);
            for (y, (source, prediction)) in source.iter().zip(prediction).enumerate() {
                let (source, _) = source.as_chunks();
                let (prediction, _) = prediction.as_chunks();
                (left[y], right[y]) = differences(&source[x], &prediction[x]);
            }
            sums = vpadalq_u16(sums, vreinterpretq_u16_s16(block_sums(left)));
            sums = vpadalq_u16(sums, vreinterpretq_u16_s16(block_sums(right)));
        }
    }
    vaddvq_u32(sums)
}

/// Sums of the larger absolute values of 8 x 8 differences, whose sum is half of that of the
/// absolute coefficients. Each is the sum of four values of at most 8,160.
#[inline]
#[target_feature(enable = "neon")]
fn block_sums(mut rows: Rows) -> int16x8_t {
    rows = hadamard_without_last_step(rows);
    for at in 0..4 {
        (rows[at], rows[at + 4]) = butterfly(rows[at], rows[at + 4]);
    }
    let [a, b, c, d, e, f, g, h] = hadamard_without_last_step(transpose(rows));
    let upper = vaddq_s16(larger(a, e), larger(b, f));
    vaddq_s16(upper, vaddq_s16(larger(c, g), larger(d, h)))
}

/// The Hadamard transform of columns, without the sums and differences of the upper and the lower
/// half.
#[inline]
#[target_feature(enable = "neon")]
fn hadamard_without_last_step(mut rows: Rows) -> Rows {
    for at in [0, 2, 4, 6] {
        (rows[at], rows[at + 1]) = butterfly(rows[at], rows[at + 1]);
    }
    for at in [0, 1, 4, 5] {
        (rows[at], rows[at + 2]) = butterfly(rows[at], rows[at + 2]);
    }
    rows
}

/// Transposes a block.
#[inline]
#[target_feature(enable = "neon")]
fn transpose(rows: Rows) -> Rows {
    let mut fours = [vdupq_n_s16(0); 8];
    for half in [0, 4] {
        let (a, b) = (rows[half], rows[half + 1]);
        let (c, d) = (rows[half + 2], rows[half + 3]);
        let even =
            (vreinterpretq_s32_s16(vtrn1q_s16(a, b)), vreinterpretq_s32_s16(vtrn1q_s16(c, d)));
        let odd =
            (vreinterpretq_s32_s16(vtrn2q_s16(a, b)), vreinterpretq_s32_s16(vtrn2q_s16(c, d)));
        fours[half] = vreinterpretq_s16_s32(vtrn1q_s32(even.0, even.1));
        fours[half + 1] = vreinterpretq_s16_s32(vtrn1q_s32(odd.0, odd.1));
        fours[half + 2] = vreinterpretq_s16_s32(vtrn2q_s32(even.0, even.1));
        fours[half + 3] = vreinterpretq_s16_s32(vtrn2q_s32(odd.0, odd.1));
    }
    let mut columns = [vdupq_n_s16(0); 8];
    for at in 0..4 {
        let (upper, lower) =
            (vreinterpretq_s64_s16(fours[at]), vreinterpretq_s64_s16(fours[at + 4]));
        columns[at] = vreinterpretq_s16_s64(vtrn1q_s64(upper, lower));
        columns[at + 4] = vreinterpretq_s16_s64(vtrn2q_s64(upper, lower));
    }
    columns
}
