//! What reduced planes should be, in floating point: of the spectrum of 8 by 8 samples the lowest
//! frequencies, put together as samples of a smaller block.

use std::f64::consts::PI;

use crate::library::Samples;
use resizer_jpeg::Scale;

/// In levels: two roundings, that of the full samples and that of the reduced ones. At 7/8 they add
/// up to 1.71.
pub(crate) const TOLERANCE: f64 = 1.75;

/// The largest difference between a reduced sample and what the full ones make it. Blocks with
/// samples at the ends of the range are left out: there the spectrum is no longer known.
pub(crate) fn difference(full: &Samples, reduced: &Samples, scale: Scale) -> f64 {
    let side = scale.eighths() as usize;
    let matrix = matrix(side);
    let mut most: f64 = 0.0;
    for top in 0..full.height / 8 {
        for left in 0..full.width / 8 {
            let row = |y: usize| &full.pixels[(top * 8 + y) * full.width + left * 8..][..8];
            if (0..8).any(|y| row(y).iter().any(|sample| matches!(sample, 0 | 255))) {
                continue;
            }
            for (v, down) in matrix.iter().enumerate() {
                let mut low = [0.0; 8];
                for (y, weight) in down.iter().enumerate() {
                    for (low, &sample) in low.iter_mut().zip(row(y)) {
                        *low += weight * f64::from(sample);
                    }
                }
                let ours = &reduced.pixels[(top * side + v) * reduced.width + left * side..];
                for (across, &ours) in matrix.iter().zip(ours) {
                    let expected: f64 = across.iter().zip(&low).map(|(a, b)| a * b).sum();
                    most = most.max((expected.clamp(0.0, 255.0) - f64::from(ours)).abs());
                }
            }
        }
    }
    most
}

/// `side` rows: the weight of each of 8 samples in a reduced one.
fn matrix(side: usize) -> Vec<[f64; 8]> {
    let cosine = |k: usize, x: usize, points: usize| {
        ((2 * x + 1) as f64 * k as f64 * PI / (2 * points) as f64).cos()
    };
    let term = |k: usize, x: usize, u: usize| {
        let scale = if k == 0 { 1.0 } else { 2.0 };
        scale / 8.0 * cosine(k, x, 8) * cosine(k, u, side)
    };
    let row = |u: usize| std::array::from_fn(|x| (0..side).map(|k| term(k, x, u)).sum());
    (0..side).map(row).collect()
}
