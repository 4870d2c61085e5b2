//! The kernels in portable Rust, of loops that compilers turn into vectors.

use crate::decode::planes::matrix::{FRACTION_BITS, Weights};

#[cfg(feature = "heic")]
#[inline(always)]
pub(super) fn narrow(samples: &[i32], out: &mut [u16]) {
    for (out, &sample) in out.iter_mut().zip(samples) {
        *out = sample.clamp(0, 0xffff) as u16;
    }
}

#[inline(always)]
pub(super) fn upsample(own: &mut [u16], near: &[u16], out: &mut [u16]) {
    // Sixteen times 12 bits are 16.
    for (own, &near) in own.iter_mut().zip(near) {
        *own = own.wrapping_mul(3).wrapping_add(near);
    }
    let between = |own: u16, near: u16| own.wrapping_mul(3).wrapping_add(near).wrapping_add(8) >> 4;
    if out.len() == own.len() {
        for (out, &own) in out.iter_mut().zip(own.iter()) {
            *out = between(own, own);
        }
        return;
    }
    let (pairs, _) = out.as_chunks_mut::<2>();
    let ([first, .., last], [first_pair, .., last_pair]) = (&*own, &mut *pairs) else {
        // One sample alone.
        pairs.iter_mut().zip(own.iter()).for_each(|(pair, &own)| *pair = [between(own, own); 2]);
        return;
    };
    *first_pair = [between(*first, *first), between(*first, own[1])];
    *last_pair = [between(*last, own[own.len() - 2]), between(*last, *last)];
    let (before, after) = (&own[..own.len() - 2], &own[2..]);
    let inner = own[1..].iter().zip(before).zip(after);
    for (pair, ((&own, &before), &after)) in pairs[1..].iter_mut().zip(inner) {
        *pair = [between(own, before), between(own, after)];
    }
}

#[inline(always)]
pub(super) fn gray(weights: &Weights, luma: &[u16], out: &mut [u8]) {
    for (out, &luma) in out.iter_mut().zip(luma) {
        let sum = weights.gray.wrapping_mul(luma.into()).wrapping_add(weights.gray_bias);
        *out = (sum >> FRACTION_BITS).clamp(0, 255) as u8;
    }
}

#[inline(always)]
pub(super) fn colors(weights: &Weights, samples: [&[u16]; 3], out: &mut [Vec<u8>; 3]) {
    let [luma, first, second] = samples;
    for ((out, of_color), &bias) in out.iter_mut().zip(&weights.colors).zip(&weights.biases) {
        let [of_luma, of_first, of_second] = *of_color;
        let samples = luma.iter().zip(first).zip(second);
        for (out, ((&luma, &first), &second)) in out.iter_mut().zip(samples) {
            let sum = of_luma.wrapping_mul(luma.into());
            let sum = sum.wrapping_add(of_first.wrapping_mul(first.into()));
            let sum = sum.wrapping_add(of_second.wrapping_mul(second.into())).wrapping_add(bias);
            *out = (sum >> FRACTION_BITS).clamp(0, 255) as u8;
        }
    }
}
