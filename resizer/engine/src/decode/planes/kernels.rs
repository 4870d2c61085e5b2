//! What is done to every sample, each by the best instruction set that the machine has. Every
//! instruction set gives the same values.

#[cfg(target_arch = "x86_64")]
mod avx2;
mod portable;
#[cfg(test)]
mod tests;

use resizer_cpu::Cpu;

use super::matrix::Weights;

/// Samples in two bytes, as many as there are; those outside of 16 bits become the nearest.
#[cfg(feature = "heic")]
pub(super) fn narrow(cpu: Cpu, samples: &[i32], out: &mut [u16]) {
    match cpu {
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(avx2) => avx2::narrow(avx2, samples, out),
        _ => portable::narrow(samples, out),
    }
}

/// A row of chroma, as long as its own two rows or twice as long. `own` and `near` are the
/// rows of samples that are nearest; what is left in `own` has no meaning.
pub(super) fn upsample(cpu: Cpu, own: &mut [u16], near: &[u16], out: &mut [u16]) {
    match cpu {
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(avx2) => avx2::upsample(avx2, own, near, out),
        _ => portable::upsample(own, near, out),
    }
}

/// Luma to gray, as many pixels as samples.
pub(super) fn gray(cpu: Cpu, weights: &Weights, luma: &[u16], out: &mut [u8]) {
    match cpu {
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(avx2) => avx2::gray(avx2, weights, luma, out),
        _ => portable::gray(weights, luma, out),
    }
}

/// Luma, Cb, and Cr to red, green and blue, as many pixels as samples of each.
pub(super) fn colors(cpu: Cpu, weights: &Weights, samples: [&[u16]; 3], out: &mut [Vec<u8>; 3]) {
    match cpu {
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(avx2) => avx2::colors(avx2, weights, samples, out),
        _ => portable::colors(weights, samples, out),
    }
}
