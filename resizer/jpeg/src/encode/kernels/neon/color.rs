//! Color conversion and downsampling for NEON, 16 samples at a time. The rest of a row is left to
//! portable Rust.

use std::arch::aarch64::{
    uint8x8_t, uint8x16_t, uint16x4_t, vaddq_u16, vcombine_u8, vcombine_u16, vdupq_n_u32,
    vget_high_u8, vget_high_u16, vget_low_u8, vget_low_u16, vld3q_u8, vmlal_n_u16, vmlsl_n_u16,
    vmovl_u8, vmovn_u16, vpaddlq_u8, vreinterpretq_u16_u32, vshrn_n_u16, vshrn_n_u32, vst1_u8,
    vst1q_u8,
};

use super::load_16_bytes;
use crate::encode::kernels::portable;

#[target_feature(enable = "neon")]
fn store_16_bytes(value: uint8x16_t, bytes: &mut [u8; 16]) {
    // SAFETY: the reference is to 16 bytes.
    unsafe { vst1q_u8(bytes.as_mut_ptr(), value) }
}

#[target_feature(enable = "neon")]
fn store_8_bytes(value: uint8x8_t, bytes: &mut [u8; 8]) {
    // SAFETY: the reference is to 8 bytes.
    unsafe { vst1_u8(bytes.as_mut_ptr(), value) }
}

#[target_feature(enable = "neon")]
fn load_colors(rgb: &[u8; 48]) -> [uint8x16_t; 3] {
    // SAFETY: the reference is to 48 bytes.
    let colors = unsafe { vld3q_u8(rgb.as_ptr()) };
    [colors.0, colors.1, colors.2]
}

#[target_feature(enable = "neon")]
pub(in crate::encode::kernels) fn convert_rgb(rgb: &[u8], planes: [&mut [u8]; 3]) {
    let [luma, blue, red] = planes;
    let (sixteens, rest) = rgb.as_chunks::<48>();
    let (lumas, luma) = luma.as_chunks_mut::<16>();
    let (blues, blue) = blue.as_chunks_mut::<16>();
    let (reds, red) = red.as_chunks_mut::<16>();
    let out = lumas.iter_mut().zip(blues).zip(reds);
    for (rgb, ((luma, blue), red)) in sixteens.iter().zip(out) {
        let colors = load_colors(rgb);
        let low = convert_8(colors.map(|color| vget_low_u8(color)));
        let high = convert_8(colors.map(|color| vget_high_u8(color)));
        store_16_bytes(vcombine_u8(low[0], high[0]), luma);
        store_16_bytes(vcombine_u8(low[1], high[1]), blue);
        store_16_bytes(vcombine_u8(low[2], high[2]), red);
    }
    portable::convert_rgb(rest, [luma, blue, red]);
}

#[inline]
#[target_feature(enable = "neon")]
fn convert_8(colors: [uint8x8_t; 3]) -> [uint8x8_t; 3] {
    let colors = colors.map(|color| vmovl_u8(color));
    let low = convert_4(colors.map(|color| vget_low_u16(color)));
    let high = convert_4(colors.map(|color| vget_high_u16(color)));
    [0, 1, 2].map(|at| vmovn_u16(vcombine_u16(low[at], high[at])))
}

#[inline]
#[target_feature(enable = "neon")]
fn convert_4([r, g, b]: [uint16x4_t; 3]) -> [uint16x4_t; 3] {
    let middle = vdupq_n_u32((128 << 16) + 32_767);
    let luma = vmlal_n_u16(vdupq_n_u32(32_768), r, 19_595);
    let luma = vmlal_n_u16(vmlal_n_u16(luma, g, 38_470), b, 7_471);
    let blue = vmlal_n_u16(middle, b, 32_768);
    let blue = vmlsl_n_u16(vmlsl_n_u16(blue, r, 11_059), g, 21_709);
    let red = vmlal_n_u16(middle, r, 32_768);
    let red = vmlsl_n_u16(vmlsl_n_u16(red, g, 27_439), b, 5_329);
    [vshrn_n_u32::<16>(luma), vshrn_n_u32::<16>(blue), vshrn_n_u32::<16>(red)]
}

#[target_feature(enable = "neon")]
pub(in crate::encode::kernels) fn average_pairs(row: &[u8], out: &mut [u8]) {
    let turns = vreinterpretq_u16_u32(vdupq_n_u32(1 << 16));
    let (samples, rest) = row.as_chunks::<16>();
    let (means, rest_means) = out.split_at_mut(samples.len() * 8);
    for (samples, means) in samples.iter().zip(means.as_chunks_mut().0) {
        let sums = vaddq_u16(vpaddlq_u8(load_16_bytes(samples)), turns);
        store_8_bytes(vshrn_n_u16::<1>(sums), means);
    }
    portable::average_pairs(rest, rest_means);
}

#[target_feature(enable = "neon")]
pub(in crate::encode::kernels) fn average_squares(rows: [&[u8]; 2], out: &mut [u8]) {
    let turns = vreinterpretq_u16_u32(vdupq_n_u32(2 << 16 | 1));
    let [(above, rest_above), (below, rest_below)] = rows.map(|row| row.as_chunks::<16>());
    let (means, rest_means) = out.split_at_mut(above.len() * 8);
    for ((above, below), means) in above.iter().zip(below).zip(means.as_chunks_mut().0) {
        let above = vaddq_u16(vpaddlq_u8(load_16_bytes(above)), turns);
        let sums = vaddq_u16(above, vpaddlq_u8(load_16_bytes(below)));
        store_8_bytes(vshrn_n_u16::<2>(sums), means);
    }
    portable::average_squares([rest_above, rest_below], rest_means);
}
