//! The kernels for NEON. The transform takes one block at a time.
#![expect(unsafe_code, reason = "loads and stores of arrays")]

use std::arch::aarch64::{
    int16x8_t, uint8x16_t, uint8x16x4_t, uint16x8_t, vabsq_s16, vaddq_s16, vaddv_u8, vand_u8,
    vcombine_s16, vcreate_u8, vdupq_n_s16, vdupq_n_u8, veorq_s16, vget_high_s16, vget_high_u16,
    vget_low_s16, vget_low_u16, vld1_u8, vld1q_s16, vld1q_u8, vld1q_u16, vmlal_n_s16, vmovl_u8,
    vmovn_u16, vmull_n_s16, vmull_u16, vqaddq_u16, vqtbl4q_u8, vqtbx4q_u8, vreinterpretq_s16_s32,
    vreinterpretq_s16_s64, vreinterpretq_s16_u8, vreinterpretq_s16_u16, vreinterpretq_s32_s16,
    vreinterpretq_s64_s32, vreinterpretq_u8_s16, vreinterpretq_u16_s16, vreinterpretq_u16_u32,
    vrshrn_n_s32, vrshrq_n_s16, vshlq_n_s16, vshrq_n_s16, vst1q_s16, vsubq_s16, vsubq_u8,
    vtrn1q_s16, vtrn1q_s32, vtrn1q_s64, vtrn2q_s16, vtrn2q_s32, vtrn2q_s64, vtstq_s16, vuzp2q_u16,
};

use super::cosine::{C1, C2, C3, C5, C6, C7};
use crate::encode::block::Block;
use crate::encode::quantization::Divisors;
use crate::zigzag::ZIGZAG;

mod color;

pub(super) use color::{average_pairs, average_squares, convert_rgb};

/// Eight lines of a block.
type Lines = [int16x8_t; 8];

#[target_feature(enable = "neon")]
fn load_row(samples: &[u8; 8]) -> int16x8_t {
    // SAFETY: the reference is to 8 bytes.
    let samples = unsafe { vld1_u8(samples.as_ptr()) };
    vsubq_s16(vreinterpretq_s16_u16(vmovl_u8(samples)), vdupq_n_s16(128))
}

#[target_feature(enable = "neon")]
fn load_i16(values: &[i16; 8]) -> int16x8_t {
    // SAFETY: the reference is to 8 values.
    unsafe { vld1q_s16(values.as_ptr()) }
}

#[target_feature(enable = "neon")]
fn load_u16(values: &[u16; 8]) -> uint16x8_t {
    // SAFETY: the reference is to 8 values.
    unsafe { vld1q_u16(values.as_ptr()) }
}

#[target_feature(enable = "neon")]
fn load_16_bytes(bytes: &[u8; 16]) -> uint8x16_t {
    // SAFETY: the reference is to 16 bytes.
    unsafe { vld1q_u8(bytes.as_ptr()) }
}

#[target_feature(enable = "neon")]
fn store_i16(value: int16x8_t, values: &mut [i16; 8]) {
    // SAFETY: the reference is to 8 values.
    unsafe { vst1q_s16(values.as_mut_ptr(), value) }
}

#[target_feature(enable = "neon")]
pub(super) fn transform(rows: [&[u8]; 8], out: &mut [Block]) {
    let count = out.len();
    let rows = rows.map(|row| row[..count * 8].as_chunks::<8>().0);
    for (at, out) in out.iter_mut().enumerate() {
        let mut lines = [vdupq_n_s16(0); 8];
        for (line, row) in lines.iter_mut().zip(rows) {
            *line = load_row(&row[at]);
        }
        let lines = transpose(transform_lines::<2, 12>(lines));
        to_zigzag(transform_lines::<-2, 16>(lines), out);
    }
}

/// One dimension of the transform across registers, as in `portable::transform_line`.
#[inline]
#[target_feature(enable = "neon")]
fn transform_lines<const UP: i32, const DOWN: i32>(lines: Lines) -> Lines {
    let [s0, s1, s2, s3] = [0, 1, 2, 3].map(|at| vaddq_s16(lines[at], lines[7 - at]));
    let odd = [0, 1, 2, 3].map(|at| vsubq_s16(lines[at], lines[7 - at]));
    let (outer, inner) = (vaddq_s16(s0, s3), vaddq_s16(s1, s2));
    let even = [vsubq_s16(s0, s3), vsubq_s16(s1, s2)];
    [
        plain::<UP>(vaddq_s16(outer, inner)),
        product::<DOWN, 4>(odd, [C1, C3, C5, C7]),
        product::<DOWN, 2>(even, [C2, C6]),
        product::<DOWN, 4>(odd, [C3, -C7, -C1, -C5]),
        plain::<UP>(vsubq_s16(outer, inner)),
        product::<DOWN, 4>(odd, [C5, -C1, C7, C3]),
        product::<DOWN, 2>(even, [C6, -C2]),
        product::<DOWN, 4>(odd, [C7, -C5, C3, -C1]),
    ]
}

#[inline]
#[target_feature(enable = "neon")]
fn plain<const UP: i32>(value: int16x8_t) -> int16x8_t {
    if UP > 0 { vshlq_n_s16::<2>(value) } else { vrshrq_n_s16::<2>(value) }
}

#[inline]
#[target_feature(enable = "neon")]
fn product<const DOWN: i32, const N: usize>(values: [int16x8_t; N], by: [i16; N]) -> int16x8_t {
    let mut low = vmull_n_s16(vget_low_s16(values[0]), by[0]);
    let mut high = vmull_n_s16(vget_high_s16(values[0]), by[0]);
    for at in 1..N {
        low = vmlal_n_s16(low, vget_low_s16(values[at]), by[at]);
        high = vmlal_n_s16(high, vget_high_s16(values[at]), by[at]);
    }
    vcombine_s16(vrshrn_n_s32::<DOWN>(low), vrshrn_n_s32::<DOWN>(high))
}

/// Transposes a block.
#[inline]
#[target_feature(enable = "neon")]
fn transpose(lines: Lines) -> Lines {
    let mut pairs = lines;
    for at in [0, 2, 4, 6] {
        pairs[at] = vtrn1q_s16(lines[at], lines[at + 1]);
        pairs[at + 1] = vtrn2q_s16(lines[at], lines[at + 1]);
    }
    let mut fours = pairs;
    for at in [0, 1, 4, 5] {
        let [a, b] = [at, at + 2].map(|at| vreinterpretq_s32_s16(pairs[at]));
        fours[at] = vreinterpretq_s16_s32(vtrn1q_s32(a, b));
        fours[at + 2] = vreinterpretq_s16_s32(vtrn2q_s32(a, b));
    }
    let mut out = fours;
    for at in 0..4 {
        let [a, b] = [at, at + 4].map(|at| vreinterpretq_s64_s32(vreinterpretq_s32_s16(fours[at])));
        out[at] = vreinterpretq_s16_s64(vtrn1q_s64(a, b));
        out[at + 4] = vreinterpretq_s16_s64(vtrn2q_s64(a, b));
    }
    out
}

/// For each eight positions of the zigzag sequence, the bytes of a transposed block that go there.
const SHUFFLES: [[u8; 16]; 8] = {
    let mut shuffles = [[0; 16]; 8];
    let mut at = 0;
    while at < 64 {
        let byte = ZIGZAG[at] % 8 * 16 + ZIGZAG[at] / 8 * 2;
        shuffles[at / 8][at % 8 * 2] = byte;
        shuffles[at / 8][at % 8 * 2 + 1] = byte + 1;
        at += 1;
    }
    shuffles
};

#[inline]
#[target_feature(enable = "neon")]
fn to_zigzag(columns: Lines, out: &mut Block) {
    let columns = columns.map(|column| vreinterpretq_u8_s16(column));
    let [a, b, c, d, e, f, g, h] = columns;
    let (left, right) = (uint8x16x4_t(a, b, c, d), uint8x16x4_t(e, f, g, h));
    for (shuffle, out) in SHUFFLES.iter().zip(out.0.as_chunks_mut().0) {
        let shuffle = load_16_bytes(shuffle);
        let part = vqtbl4q_u8(left, shuffle);
        let whole = vqtbx4q_u8(part, right, vsubq_u8(shuffle, vdupq_n_u8(64)));
        store_i16(vreinterpretq_s16_u8(whole), out);
    }
}

#[target_feature(enable = "neon")]
pub(super) fn quantize(blocks: &mut [Block], divisors: &Divisors, masks: &mut [u64]) {
    let biases = divisors.bias.as_chunks().0;
    let reciprocals = divisors.reciprocal.as_chunks().0;
    let scales = divisors.scale.as_chunks().0;
    let weights = vcreate_u8(0x8040_2010_0804_0201);
    for (block, mask) in blocks.iter_mut().zip(masks) {
        let mut bits = [0; 8];
        for (at, values) in block.0.as_chunks_mut().0.iter_mut().enumerate() {
            let value = load_i16(values);
            let size = vreinterpretq_u16_s16(vabsq_s16(value));
            let size = vqaddq_u16(size, load_u16(&biases[at]));
            let size = multiply_high(size, load_u16(&reciprocals[at]));
            let size = vreinterpretq_s16_u16(multiply_high(size, load_u16(&scales[at])));
            let sign = vshrq_n_s16::<15>(value);
            store_i16(vsubq_s16(veorq_s16(size, sign), sign), values);
            bits[at] = vaddv_u8(vand_u8(vmovn_u16(vtstq_s16(size, size)), weights));
        }
        *mask = u64::from_le_bytes(bits);
    }
}

#[inline]
#[target_feature(enable = "neon")]
fn multiply_high(a: uint16x8_t, b: uint16x8_t) -> uint16x8_t {
    let low = vmull_u16(vget_low_u16(a), vget_low_u16(b));
    let high = vmull_u16(vget_high_u16(a), vget_high_u16(b));
    vuzp2q_u16(vreinterpretq_u16_u32(low), vreinterpretq_u16_u32(high))
}
