//! Operations on all samples or coefficients of a block. Each instruction set has a version with
//! equal results: the portable code, compiled for these instructions, except for the sums and the
//! transpositions that `avx2.rs` and `neon.rs` have.
#![cfg_attr(
    any(target_arch = "x86_64", target_arch = "aarch64"),
    expect(unsafe_code, reason = "kernels are called on the proof that a `Cpu` is")
)]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "aarch64")]
mod neon;
mod portable;

use resizer_cpu::Cpu;

use crate::color::{self, luminance};
use crate::predict::{self, Prediction, cfl, neighbors::Neighbors};
use crate::quantizer::{self, Levels, Steps};
use crate::tile::magnitudes::{self, Magnitudes};
use crate::transform::TransformType;

/// Defines functions that call the version for a CPU.
macro_rules! versions {
    ($(
        $(#[$doc:meta])*
        fn $name:ident($($argument:ident: $type:ty),*) $(-> $result:ty)?;
    )*) => {$(
        $(#[$doc])*
        pub(crate) fn $name(cpu: Cpu, $($argument: $type),*) $(-> $result)? {
            match cpu {
                // SAFETY: the token is the proof that the machine has these instructions.
                #[cfg(target_arch = "x86_64")]
                Cpu::Avx2(_) => unsafe { avx2::$name($($argument),*) },
                // SAFETY: as above.
                #[cfg(target_arch = "aarch64")]
                Cpu::Neon(_) => unsafe { neon::$name($($argument),*) },
                Cpu::Portable => portable::$name($($argument),*),
            }
        }
    )*};
}

versions! {
    /// The sum of the absolute Hadamard coefficients of the differences of `size` x `size` samples
    /// and their prediction, both in rows without gaps. It is divided by 8, or by 4 for a `size` of
    /// 4.
    fn hadamard_cost(source: &[u8], prediction: &[u8], size: usize) -> u32;

    /// Transforms a residual. See [`forward::transform`](crate::transform::forward::transform).
    fn transform(kind: (usize, TransformType), residual: &[i16], out: &mut [f32]);

    /// Adds a residual to a prediction. See
    /// [`inverse::add_residual`](crate::transform::inverse::add_residual).
    fn add_residual(
        kind: (usize, TransformType), coefficients: (&[i32], usize), out: (&mut [u8], usize)
    );
}

/// Defines functions that call portable code, compiled for a CPU.
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
                Levels, Magnitudes, Steps, cfl, color, luminance, magnitudes, portable, quantizer,
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
    /// The variation of luma for chroma from luma. See [`cfl::luma_variation`].
    fn luma_variation(
        luma: (&[u8], usize), shift: usize, size: usize, out: &mut [i16]
    ) = cfl::luma_variation;

    /// The sum of squares of the variation of luma. See [`cfl::energy`].
    fn energy(variation: &[i16]) -> i64 = cfl::energy;

    /// The correlation of luma and chroma. See [`cfl::correlation`].
    fn correlation(variation: &[i16], source: &[u8], dc: &[u8]) -> i64 = cfl::correlation;

    /// Predicts chroma from luma.
    fn predict_from_luma(
        dc: &[u8], variation: &[i16], alpha: i32, out: &mut [u8]
    ) = cfl::predict;

    /// The differences of samples and their prediction.
    fn subtract(source: &[u8], prediction: &[u8], out: &mut [i16]) = portable::subtract;

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

    /// The absolute values of levels and their contexts. See [`magnitudes::read`].
    fn read_magnitudes(levels: &Levels, side: usize, out: &mut Magnitudes) = magnitudes::read;

    /// The channels of a row of pixels. See [`color::separate`].
    fn separate(row: &[u8], channels: usize, out: &mut [Vec<i16>; 3]) = color::separate;

    /// Luma of a row of pixels.
    fn luma(channels: &[Vec<i16>; 3], out: &mut [u8]) = color::luma;

    /// Cb and Cr of one or two rows of pixels. See [`color::chroma`].
    fn chroma(rows: &[[Vec<i16>; 3]], out: (&mut [u8], &mut [u8])) = color::chroma;

    /// Chroma for the pixels of a row. See [`luminance::interpolate`].
    fn interpolate_chroma(
        rows: [&[u8]; 2], columns: &mut [i16], out: &mut [i16]
    ) = luminance::interpolate;

    /// Changes luma to fit coarse chroma. See [`luminance::adjust`].
    fn keep_luminance(
        channels: &[Vec<i16>; 3], chroma: &[Vec<i16>; 2], luma: &mut [u8]
    ) = luminance::adjust;
}

/// Predicts a block of `size` x `size` samples into rows without gaps.
pub(crate) fn predict(
    cpu: Cpu,
    neighbors: &Neighbors,
    prediction: Prediction,
    (size, out): (usize, &mut [u8]),
) {
    match cpu {
        // SAFETY: the token is the proof that the machine has these instructions.
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(avx2) => unsafe { avx2::predict(avx2, neighbors, prediction, (size, out)) },
        // SAFETY: as above.
        #[cfg(target_arch = "aarch64")]
        Cpu::Neon(neon) => unsafe { neon::predict(neon, neighbors, prediction, (size, out)) },
        Cpu::Portable => predict::predict(neighbors, prediction, (size, out), portable::Portable),
    }
}

#[cfg(test)]
mod tests;
