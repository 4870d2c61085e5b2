//! The portable kernels, compiled for AVX2.
#![expect(unsafe_code, reason = "calls into AVX2 functions")]

use resizer_cpu::Avx2;

use super::portable;
use crate::decode::planes::matrix::Weights;

#[cfg(feature = "heic")]
pub(super) fn narrow(_: Avx2, samples: &[i32], out: &mut [u16]) {
    #[target_feature(enable = "avx2")]
    fn narrow(samples: &[i32], out: &mut [u16]) {
        portable::narrow(samples, out);
    }
    // SAFETY: the first argument proves that the machine has AVX2.
    unsafe { narrow(samples, out) }
}

pub(super) fn upsample(_: Avx2, own: &mut [u16], near: &[u16], out: &mut [u16]) {
    #[target_feature(enable = "avx2")]
    fn upsample(own: &mut [u16], near: &[u16], out: &mut [u16]) {
        portable::upsample(own, near, out);
    }
    // SAFETY: the first argument proves that the machine has AVX2.
    unsafe { upsample(own, near, out) }
}

pub(super) fn gray(_: Avx2, weights: &Weights, luma: &[u16], out: &mut [u8]) {
    #[target_feature(enable = "avx2")]
    fn gray(weights: &Weights, luma: &[u16], out: &mut [u8]) {
        portable::gray(weights, luma, out);
    }
    // SAFETY: the first argument proves that the machine has AVX2.
    unsafe { gray(weights, luma, out) }
}

pub(super) fn colors(_: Avx2, weights: &Weights, samples: [&[u16]; 3], out: &mut [Vec<u8>; 3]) {
    #[target_feature(enable = "avx2")]
    fn colors(weights: &Weights, samples: [&[u16]; 3], out: &mut [Vec<u8>; 3]) {
        portable::colors(weights, samples, out);
    }
    // SAFETY: the first argument proves that the machine has AVX2.
    unsafe { colors(weights, samples, out) }
}
