//! Operations on all samples or coefficients of a block. Each instruction set has a version with
//! equal results: the portable code, compiled for these instructions, except where `avx2.rs` has
//! code of its own.
#![cfg_attr(
    target_arch = "x86_64",
    expect(unsafe_code, reason = "kernels are called on the proof that a `Cpu` is")
)]

#[cfg(target_arch = "x86_64")]
mod avx2;
mod portable;

use resizer_cpu::Cpu;

use crate::color;
use crate::predict::{Prediction, cfl, neighbors::Neighbors};
use crate::quantizer::{self, Levels, Steps};
use crate::transform::TransformType;
use crate::transform::forward::{self, Matrices};
use crate::transform::inverse;

/// Defines functions that call the code for a CPU.
macro_rules! kernels {
    ($(
        $(#[$doc:meta])*
        fn $name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)? = $portable:path;
    )*) => {
        $(
            $(#[$doc])*
            pub(crate) fn $name(cpu: Cpu, $($argument: $type),*) $(-> $result)? {
                match cpu {
                    // SAFETY: the token is the proof that the machine has these instructions.
                    #[cfg(target_arch = "x86_64")]
                    Cpu::Avx2(_) => unsafe { recompiled::$name($($argument),*) },
                    // On AArch64, the portable code is compiled for NEON.
                    _ => $portable($($argument),*),
                }
            }
        )*

        /// The portable code, compiled for AVX2.
        #[cfg(target_arch = "x86_64")]
        mod recompiled {
            use super::{
                Levels, Matrices, Neighbors, Prediction, Steps, TransformType, cfl, color, forward,
                inverse, portable, quantizer,
            };

            $(
                #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
                pub(super) fn $name($($argument: $type),*) $(-> $result)? {
                    $portable($($argument),*)
                }
            )*
        }
    };
}

kernels! {
    /// Predicts a block of `size` x `size` samples into rows without gaps.
    fn predict(
        neighbors: &Neighbors, prediction: Prediction, size: usize, out: &mut [u8]
    ) = crate::predict::predict;

    /// The variation of luma for chroma from luma. See [`cfl::luma_variation`].
    fn luma_variation(
        luma: (&[u8], usize), shift: usize, size: usize, out: &mut [i16]
    ) = cfl::luma_variation;

    /// Predicts chroma from luma.
    fn predict_from_luma(
        dc: &[u8], variation: &[i16], alpha: i32, out: &mut [u8]
    ) = cfl::predict;

    /// The differences of `size` x `size` samples and their prediction, in rows without gaps.
    fn subtract(
        source: (&[u8], usize), prediction: &[u8], size: usize, out: &mut [i16]
    ) = portable::subtract;

    /// Transforms a residual. See [`forward::transform`].
    fn transform(
        matrices: &Matrices, kind: (usize, TransformType), residual: &[i16], out: &mut [f32]
    ) = forward::transform;

    /// Quantizes coefficients. See [`quantizer::quantize`].
    fn quantize(
        coefficients: &[f32], steps: &Steps, positions: &[u16], out: &mut Levels
    ) = quantizer::quantize;

    /// Dequantizes levels. See [`quantizer::dequantize`].
    fn dequantize(
        size: usize, levels: &Levels, steps: &Steps, out: &mut [i32]
    ) = quantizer::dequantize;

    /// Estimates the cost of coefficients. See [`quantizer::estimate`].
    fn estimate(
        coefficients: &[f32], steps: &Steps, lambda: f32
    ) -> f32 = quantizer::estimate;

    /// The squared error of what is not coded. See [`quantizer::lost_energy`].
    fn lost_energy(residual: &[i16], coefficients: &[f32]) -> f32 = quantizer::lost_energy;

    /// Luma of a row of pixels.
    fn luma(channels: &[Vec<i16>; 3], out: &mut [u8]) = color::luma;

    /// Cb and Cr of one or two rows of pixels. See [`color::chroma`].
    fn chroma(rows: &[[Vec<i16>; 3]], out: (&mut [u8], &mut [u8])) = color::chroma;

    /// Adds a residual to a prediction. See [`inverse::add_residual`].
    fn add_residual(
        kind: (usize, TransformType), coefficients: &[i32], rows: usize, out: (&mut [u8], usize)
    ) = inverse::add_residual;
}

/// The sum of the absolute Hadamard coefficients of the differences of `size` x `size` samples and
/// their prediction, divided by 8 for each block of 8 x 8, and by 4 for one of 4 x 4.
pub(crate) fn hadamard_cost(
    cpu: Cpu,
    (source, stride): (&[u8], usize),
    prediction: &[u8],
    size: usize,
) -> u32 {
    if size == 4 {
        return portable::hadamard_cost_4((source, stride), prediction);
    }
    let mut sum = 0;
    for y in (0..size).step_by(8) {
        let (source, prediction) = (&source[y * stride..], &prediction[y * size..]);
        sum += match cpu {
            // SAFETY: the token is the proof that the machine has these instructions.
            #[cfg(target_arch = "x86_64")]
            Cpu::Avx2(_) => unsafe { avx2::hadamard_cost((source, stride), prediction, size) },
            _ => portable::hadamard_cost((source, stride), prediction, size),
        };
    }
    sum
}

#[cfg(test)]
mod tests;
