//! The row operations in Rust alone; what the other instruction sets are held to.

use std::ops::Range;
use std::sync::LazyLock;

use super::{BLOCK, PAIRED_COLUMNS, STEP_BITS, Sum, WHITE, terms};
use crate::resize::axis::{Axis, WEIGHT_BITS};

/// Half of a sample, for rounding.
pub(super) const HALF: i32 = 1 << (WEIGHT_BITS - 1);

/// Blocks of the upper row and of the lower one in turns.
pub(super) fn pair(upper: &[[i16; BLOCK]], lower: &[[i16; BLOCK]], out: &mut [[i16; 2 * BLOCK]]) {
    for ((upper, lower), out) in upper.iter().zip(lower).zip(out) {
        out[..BLOCK].copy_from_slice(upper);
        out[BLOCK..].copy_from_slice(lower);
    }
}

pub(super) fn vertical(pairs: &[&[i16]], sums: &[Sum<'_>], steps: Range<usize>, out: &mut [i16]) {
    let length = pairs[0].len() / 2;
    for step in steps {
        for (sum, out) in sums.iter().zip(out.chunks_exact_mut(length)) {
            let mut totals = [HALF; PAIRED_COLUMNS];
            for (blocks, weights) in terms(pairs, sum, step) {
                for (totals, rows) in
                    totals.as_chunks_mut::<BLOCK>().0.iter_mut().zip(blocks.chunks_exact(2 * BLOCK))
                {
                    let (upper, lower) = rows.split_at(BLOCK);
                    for ((total, &upper), &lower) in totals.iter_mut().zip(upper).zip(lower) {
                        *total += i32::from(upper) * i32::from(weights[0]);
                        *total += i32::from(lower) * i32::from(weights[1]);
                    }
                }
            }
            for (out, total) in out[step * PAIRED_COLUMNS..].iter_mut().zip(totals) {
                *out = narrowed(total);
            }
        }
    }
}

pub(super) fn horizontal(row: &[i16], axis: &Axis, out: &mut [i16]) {
    horizontal_from(row, axis, 0, out);
}

/// The columns from `x` on alone.
pub(super) fn horizontal_from(row: &[i16], axis: &Axis, x: usize, out: &mut [i16]) {
    for (at, out) in out.iter_mut().enumerate().skip(x) {
        let (start, weights) = axis.window(at);
        let products = row[start..].iter().zip(weights);
        let sum: i32 = products.map(|(&s, &weight)| i32::from(s) * i32::from(weight)).sum();
        *out = narrowed(sum + HALF);
    }
}

fn narrowed(sum: i32) -> i16 {
    (sum >> WEIGHT_BITS).clamp(i16::MIN.into(), i16::MAX.into()) as i16
}

/// Inlined into code for each instruction set.
#[inline(always)]
pub(super) fn to_gamma(bytes: &[u8], samples: &mut [i16]) {
    for (sample, &byte) in samples.iter_mut().zip(bytes) {
        *sample = i16::from(byte) << STEP_BITS;
    }
}

/// Inlined into code for each instruction set.
#[inline(always)]
pub(super) fn from_gamma(samples: &[i16], bytes: &mut [u8]) {
    for (byte, &sample) in bytes.iter_mut().zip(samples) {
        *byte = ((sample.clamp(0, WHITE) + (1 << (STEP_BITS - 1))) >> STEP_BITS) as u8;
    }
}

/// The sRGB curve less its dark end as a polynomial of a byte times 128, 15 bits of fraction each,
/// the highest power first. It was fitted to be right at white and at most 0.074 of a byte's step
/// beside the curve.
pub(super) const LIGHT: [i16; 6] = [2355, -8896, 20_979, 17_437, 1024, 32];

/// The last byte of the curve's dark end, which is straight, and the slope in 6 bits of fraction.
pub(super) const DARK: (i16, i16) = (10, 317);

pub(super) fn to_linear(bytes: &[u8], samples: &mut [i16]) {
    for (sample, &byte) in samples.iter_mut().zip(bytes) {
        *sample = LINEAR[usize::from(byte)];
    }
}

static LINEAR: [i16; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = linear(byte as i32);
        byte += 1;
    }
    table
};

const fn linear(byte: i32) -> i16 {
    if byte <= DARK.0 as i32 {
        return ((byte * DARK.1 as i32 + 32) >> 6) as i16;
    }
    let mut value = LIGHT[0] as i32;
    let mut at = 1;
    while at < LIGHT.len() {
        value = ((value * (byte << 7) + (1 << 14)) >> 15) + LIGHT[at] as i32;
        at += 1;
    }
    ((value + 1) >> 1) as i16
}

/// The sRGB curve's inverse less its dark end as a polynomial of the root of a sample, the highest
/// power first: at most 0.082 of a byte's step beside the curve.
pub(super) const CODED: [f32; 6] =
    [3.852_553e-9, -1.545_88e-6, 0.000_247_358_75, -0.021_852_842, 3.028_364_2, -10.215_282];

/// The first sample behind the curve's dark end, and the slope before it.
pub(super) const CODED_DARK: (i16, f32) = (52, 12.92 * 255.0 / WHITE as f32);

pub(super) fn from_linear(samples: &[i16], bytes: &mut [u8]) {
    for (byte, &sample) in bytes.iter_mut().zip(samples) {
        *byte = CODES[sample.clamp(0, WHITE) as usize];
    }
}

static CODES: LazyLock<Vec<u8>> = LazyLock::new(|| (0..=WHITE).map(coded).collect());

fn coded(sample: i16) -> u8 {
    let sample_float = f32::from(sample);
    let byte = if sample < CODED_DARK.0 {
        sample_float * CODED_DARK.1
    } else {
        let root = sample_float.sqrt();
        CODED[1..].iter().fold(CODED[0], |value, factor| value * root + factor)
    };
    byte.round_ties_even() as u8
}

pub(super) fn interleave(rows: [&[u8]; 3], out: &mut [u8]) {
    let [reds, greens, blues] = rows;
    let pixels = out.as_chunks_mut::<3>().0.iter_mut();
    for (((pixel, &red), &green), &blue) in pixels.zip(reds).zip(greens).zip(blues) {
        *pixel = [red, green, blue];
    }
}
