//! Bytes at an equal score, compared with libaom at speed 8.

use super::encoders::{Curve, Encoder, Point};
use super::of;
use super::photographs::Picture;
use crate::statistics::interpolate;

/// The encoder with which the others are compared. Its bytes count as 1.
pub(super) const BASE: Encoder = Encoder::Libaom(8);
/// The scores at which bytes are compared.
pub(super) const TARGETS: [f64; 3] = [60.0, 70.0, 80.0];

/// The metric by which two files are equal.
#[derive(Debug, Clone, Copy)]
pub(super) enum Metric {
    Ssimulacra2,
    /// The other file has the butteraugli of the file of [`BASE`] that has the target SSIMULACRA2.
    Butteraugli,
}

/// The ratios of bytes of all pictures of a width, less 1.
#[derive(Debug, Clone)]
pub(super) struct Ratios {
    /// The mean, computed from the logarithms.
    pub(super) mean: f64,
    /// The largest ratio, with the name of its picture.
    pub(super) worst: (f64, String),
    pub(super) count: usize,
}

/// The ratios of the held-out pictures of a width at a score; `None` if no picture has files on
/// both sides of it.
pub(super) fn ratios(
    (pictures, curves): (&[Picture], &[Curve]),
    encoder: Encoder,
    width: u32,
    target: f64,
    metric: Metric,
) -> Option<Ratios> {
    let find = |place: usize, encoder| {
        curves.iter().find(|curve| curve.picture == place && curve.encoder == encoder)
    };
    let ratio = |place: usize| {
        let base = &find(place, BASE)?.points;
        let ours = &find(place, encoder)?.points;
        let bytes = at(base, target, |point| point.scores.ssimulacra2)?;
        let other = match metric {
            Metric::Ssimulacra2 => at(ours, target, |point| point.scores.ssimulacra2)?,
            Metric::Butteraugli => {
                let wanted = read(base, target, |point| {
                    (point.scores.ssimulacra2, -point.scores.butteraugli)
                })?;
                at(ours, wanted, |point| -point.scores.butteraugli)?
            }
        };
        Some((other - bytes, pictures[place].name.clone()))
    };
    let all: Vec<(f64, String)> = of(pictures, width, true).filter_map(ratio).collect();
    let count = all.len();
    let mean = all.iter().map(|(log, _)| log).sum::<f64>() / count as f64;
    let worst = all.into_iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
    Some(Ratios { mean: mean.exp() - 1.0, worst: (worst.0.exp() - 1.0, worst.1), count })
}

/// The logarithm of the bytes at a score.
fn at(points: &[Point], score: f64, of: impl Fn(&Point) -> f64) -> Option<f64> {
    read(points, score, |point| (of(point), (point.bytes as f64).ln()))
}

/// The value at a place of the curve through all points.
fn read(points: &[Point], x: f64, pair: impl Fn(&Point) -> (f64, f64)) -> Option<f64> {
    let mut pairs: Vec<(f64, f64)> = points.iter().map(pair).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    interpolate(&pairs, x)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use image::RgbImage;

    use super::{BASE, Metric, ratios};
    use crate::avif::encoders::{AVIF, Curve, Encoder, Point};
    use crate::avif::metrics::Scores;
    use crate::avif::photographs::Picture;

    #[test]
    fn half_of_the_bytes_at_the_same_score_is_half() {
        let picture = Picture {
            name: "one".into(),
            width: 160,
            is_held_out: true,
            png: PathBuf::new(),
            pixels: RgbImage::new(1, 1),
        };
        let curve = |encoder: Encoder, share: usize| {
            let point = |quality: u8| {
                let ssimulacra2 = f64::from(quality);
                let scores = Scores { ssimulacra2, butteraugli: 10.0 - ssimulacra2 / 10.0 };
                Point { quality, bytes: usize::from(quality) * share, scores }
            };
            Curve { picture: 0, encoder, points: [50, 65, 90].map(point).to_vec() }
        };
        let curves = [curve(BASE, 2000), curve(AVIF, 1000)];
        let pictures = [picture];
        for metric in [Metric::Ssimulacra2, Metric::Butteraugli] {
            let found = ratios((&pictures, &curves), AVIF, 160, 70.0, metric);
            let found = found.expect("both curves go through 70");
            assert!((found.mean + 0.5).abs() < 1e-9, "{found:?}");
            assert_eq!(found.count, 1);
        }
        assert!(ratios((&pictures, &curves), AVIF, 160, 95.0, Metric::Ssimulacra2).is_none());
    }
}
