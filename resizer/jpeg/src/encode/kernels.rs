//! Operations on all pixels or coefficients: color conversion, downsampling, forward transform,
//! quantization. Each instruction set has a version with equal results.
#![cfg_attr(
    any(target_arch = "x86_64", target_arch = "aarch64"),
    expect(unsafe_code, reason = "kernels are called on the proof that a `Cpu` is")
)]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "aarch64")]
mod neon;
mod portable;

use super::block::Block;
use super::quantization::Divisors;
use resizer_cpu::Cpu;

/// Calls the function of this name for the instruction set.
macro_rules! dispatch {
    ($cpu:expr, $function:ident($($argument:expr),*)) => {
        match $cpu {
            Cpu::Portable => portable::$function($($argument),*),
            // SAFETY: the token is the proof that the machine has these instructions.
            #[cfg(target_arch = "x86_64")]
            Cpu::Avx2(_) => unsafe { avx2::$function($($argument),*) },
            // SAFETY: as above.
            #[cfg(target_arch = "aarch64")]
            Cpu::Neon(_) => unsafe { neon::$function($($argument),*) },
        }
    };
}

/// RGB to luma, Cb and Cr. Source: JFIF 1.02, with libjpeg's fixed-point equations.
pub(super) fn convert_rgb(cpu: Cpu, rgb: &[u8], planes: [&mut [u8]; 3]) {
    dispatch!(cpu, convert_rgb(rgb, planes));
}

/// Downsamples a row 2:1. A lone last sample counts twice. Halves are rounded down and up
/// alternately.
pub(super) fn average_pairs(cpu: Cpu, row: &[u8], out: &mut [u8]) {
    dispatch!(cpu, average_pairs(row, out));
}

/// Downsamples two rows 2:1 in both directions. A lone last sample counts twice. Halves are rounded
/// down and up alternately.
pub(super) fn average_squares(cpu: Cpu, rows: [&[u8]; 2], out: &mut [u8]) {
    dispatch!(cpu, average_squares(rows, out));
}

/// The forward transform of as many blocks side by side in eight rows as `out` holds.
pub(super) fn transform(cpu: Cpu, rows: [&[u8]; 8], out: &mut [Block]) {
    dispatch!(cpu, transform(rows, out));
}

/// Quantizes blocks. Bit n of a mask says whether coefficient n is not 0 afterwards.
pub(super) fn quantize(cpu: Cpu, blocks: &mut [Block], divisors: &Divisors, masks: &mut [u64]) {
    dispatch!(cpu, quantize(blocks, divisors, masks));
}

/// The constants of the transform with 14 fraction bits: sqrt(2) * cos(k * pi / 16).
mod cosine {
    pub(super) const C1: i16 = 22725;
    pub(super) const C2: i16 = 21407;
    pub(super) const C3: i16 = 19266;
    pub(super) const C5: i16 = 12873;
    pub(super) const C6: i16 = 8867;
    pub(super) const C7: i16 = 4520;
}

#[cfg(test)]
mod tests;
