//! One channel in, how much of each two-dimensional cosine wave is in it out: what both hashes are
//! made of. Across first and down then, so that a wave costs a row and not a picture.

use std::f64::consts::PI;

/// The amount of each wave, row after row of waves; `[0][0]` is the mean.
///
/// `shift` is where in a pixel a wave is taken: 0.5 in its middle, 0 at its edge.
pub(super) fn amounts(
    channel: &[f64],
    width: usize,
    [across, down]: [usize; 2],
    shift: f64,
) -> Vec<Vec<f64>> {
    let height = channel.len() / width;
    let sums: Vec<Vec<f64>> = (0..across)
        .map(|wave| {
            let wave = cosines(wave, width, shift);
            channel.chunks_exact(width).map(|row| product(row, &wave)).collect()
        })
        .collect();
    let row = |wave: usize| {
        let wave = cosines(wave, height, shift);
        sums.iter().map(|sums| product(sums, &wave) / channel.len() as f64).collect()
    };
    (0..down).map(row).collect()
}

/// `wave` half periods over `count` samples.
fn cosines(wave: usize, count: usize, shift: f64) -> Vec<f64> {
    let step = PI * wave as f64 / count as f64;
    (0..count).map(|at| (step * (at as f64 + shift)).cos()).collect()
}

fn product(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}
