//! The candidates: what becomes of a block of 8 by 8 samples at 1/2, 1/4 and 1/8.

use std::f64::consts::PI;

use crate::library::Samples;
use resizer_jpeg::Scale;

/// A way to reduce.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    /// For the table.
    pub(crate) name: &'static str,
    /// What it does to a block.
    pub(crate) transform: Transform,
    /// Whether color differences that are sampled less are reduced less, as a decoder to RGB does.
    pub(crate) keeps_color: bool,
    /// Whether what remains to the thumbnail is done in linear light.
    pub(crate) linear: bool,
}

/// What a candidate does to a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transform {
    /// Nothing: the full planes go into the resampler.
    None,
    /// What libjpeg-turbo makes of the file.
    Library,
    /// The mean of the samples under each reduced one.
    Box,
    /// The low part of the spectrum, each coefficient with the weight that the mean gives it.
    BandLimitedBox,
    /// The low part of the spectrum, each coefficient with a weight half way to 1.
    HalfWeights,
    /// The low part of the spectrum as it is.
    Truncated,
    /// The low part of the spectrum, each coefficient as much above 1 as half way is below.
    Raised,
    /// A Lanczos3 over the block and its mirror images; all coefficients take part.
    MirroredLanczos,
}

/// All of them, the yardstick of what a perfect one could reach first.
pub(crate) fn candidates() -> Vec<Candidate> {
    let of = |name, transform| Candidate { name, transform, keeps_color: false, linear: false };
    vec![
        of("not reduced", Transform::None),
        of("(a) libjpeg-turbo", Transform::Library),
        of("(b) mean of the samples", Transform::Box),
        of("(c) low coefficients, mean's weight", Transform::BandLimitedBox),
        of("(e) low coefficients, half way", Transform::HalfWeights),
        of("(d) low coefficients as they are", Transform::Truncated),
        of("(f) low coefficients, raised", Transform::Raised),
        of("(g) mirrored Lanczos3", Transform::MirroredLanczos),
        Candidate { keeps_color: true, ..of("(b) with color reduced less", Transform::Box) },
        Candidate { keeps_color: true, ..of("(d) with color reduced less", Transform::Truncated) },
        Candidate { linear: true, ..of("(b) then linear light", Transform::Box) },
        Candidate { linear: true, ..of("(d) then linear light", Transform::Truncated) },
    ]
}

/// A plane of whole blocks, reduced; `None` and `Library` are not for here.
pub(crate) fn reduced(plane: &Samples, transform: Transform, scale: Scale) -> Samples {
    let side = scale.eighths() as usize;
    let matrix = matrix(transform, side);
    let (width, height) = (plane.width / 8 * side, plane.height / 8 * side);
    let mut pixels = vec![0; width * height];
    for top in 0..plane.height / 8 {
        for left in 0..plane.width / 8 {
            let block = |y: usize, x: usize| {
                f64::from(plane.pixels[(top * 8 + y) * plane.width + left * 8 + x])
            };
            for (v, down) in matrix.iter().enumerate() {
                let row: [f64; 8] =
                    std::array::from_fn(|x| (0..8).map(|y| down[y] * block(y, x)).sum());
                for (u, across) in matrix.iter().enumerate() {
                    let sample: f64 = row.iter().zip(across).map(|(a, b)| a * b).sum();
                    pixels[(top * side + v) * width + left * side + u] =
                        sample.round().clamp(0.0, 255.0) as u8;
                }
            }
        }
    }
    Samples { pixels, width, height }
}

/// `side` rows: the weight of each of 8 samples in a reduced one. Forward DCT, weights, inverse DCT
/// of `side` points.
fn matrix(transform: Transform, side: usize) -> Vec<[f64; 8]> {
    let group = 8 / side;
    let row = |u: usize| {
        std::array::from_fn(|x| match transform {
            Transform::Box => f64::from(u8::from(x / group == u)) / group as f64,
            Transform::MirroredLanczos if side > 1 => mirrored_lanczos(x, u, group),
            _ => (0..side).map(|k| weight(transform, k, side) * basis(k, x, u, side)).sum(),
        })
    };
    (0..side).map(row).collect()
}

/// What sample `x` of 8 adds to sample `u` of `side` by way of coefficient `k`.
fn basis(k: usize, x: usize, u: usize, side: usize) -> f64 {
    let cosine =
        |x: usize, points: usize| ((2 * x + 1) as f64 * k as f64 * PI / (2 * points) as f64).cos();
    let scale = if k == 0 { 1.0 } else { 2.0 };
    scale / 8.0 * cosine(x, 8) * cosine(u, side)
}

fn weight(transform: Transform, k: usize, side: usize) -> f64 {
    let angle = k as f64 * PI / 16.0;
    let mean = match side {
        4 => angle.cos(),
        2 => angle.cos() * (2.0 * angle).cos(),
        _ => 1.0,
    };
    match transform {
        Transform::BandLimitedBox => mean,
        Transform::HalfWeights => f64::midpoint(1.0, mean),
        Transform::Raised => 1.5 - 0.5 * mean,
        _ => 1.0,
    }
}

/// The weight of sample `x` and of its mirror images to both sides of the block.
fn mirrored_lanczos(x: usize, u: usize, group: usize) -> f64 {
    let sinc = |x: f64| if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) };
    let center = (u as f64 + 0.5) * group as f64;
    let weight = |x: f64| {
        let distance = (x + 0.5 - center) / group as f64;
        if distance.abs() < 3.0 { sinc(distance) * sinc(distance / 3.0) } else { 0.0 }
    };
    let sum: f64 = (-32..40).map(|x| weight(f64::from(x))).sum();
    let x = x as f64;
    let images = [x - 32.0, -17.0 - x, x - 16.0, -1.0 - x, x, 15.0 - x, x + 16.0, 31.0 - x];
    images.map(weight).iter().sum::<f64>() / sum
}
