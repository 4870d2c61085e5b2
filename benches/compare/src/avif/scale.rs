//! The look of a quality number: the mean score of JPEG, WebP, and AVIF with the same number.

use resizer_engine::spec::OutputFormat;

use super::encoders::{AVIF, Curve, Encoder, JPEG, Point, SCALE, WEBP};
use super::photographs::Picture;
use super::{of, widths};
use crate::plot::lines::{Line, Panel, panels};
use crate::statistics::interpolate;

/// The mean scores of an encoder for pictures of one width and half, by quality.
pub(super) fn means(
    pictures: &[Picture],
    curves: &[Curve],
    encoder: Encoder,
    (width, is_held_out): (u32, bool),
) -> Vec<(u8, f64)> {
    let places: Vec<usize> = of(pictures, width, is_held_out).collect();
    let points = || {
        let of_these = |curve: &&Curve| curve.encoder == encoder && places.contains(&curve.picture);
        curves.iter().filter(of_these).flat_map(|curve| &curve.points)
    };
    let mean = |quality| {
        let scores = points().filter(|point: &&Point| point.quality == quality);
        let (sum, count) = scores
            .fold((0.0, 0), |(sum, count), point| (sum + point.scores.ssimulacra2, count + 1));
        (count > 0).then(|| (quality, sum / f64::from(count)))
    };
    (0..=100).filter_map(mean).collect()
}

/// The mean scores of the formats with one number of `quality`, for pictures of one width.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) width: u32,
    pub(super) quality: u8,
    pub(super) jpeg: f64,
    pub(super) webp: f64,
    pub(super) avif: f64,
}

/// The mean scores of one half, by width and quality.
pub(super) fn steps(pictures: &[Picture], curves: &[Curve], is_held_out: bool) -> Vec<Step> {
    let mut steps = Vec::new();
    for width in widths(pictures) {
        let means = |encoder| means(pictures, curves, encoder, (width, is_held_out));
        let (jpeg, webp, avif) = (means(JPEG), means(WEBP), means(AVIF));
        for quality in SCALE {
            let at = |means: &[(u8, f64)]| {
                means.iter().find(|(other, _)| *other == quality).map(|(_, score)| *score)
            };
            if let (Some(jpeg), Some(webp), Some(avif)) = (at(&jpeg), at(&webp), at(&avif)) {
                steps.push(Step { width, quality, jpeg, webp, avif });
            }
        }
    }
    steps
}

/// Prints the numbers with which WebP and AVIF would have the score of the JPEG, for the half that
/// is not held out. The scales are fitted to these numbers.
pub(super) fn tell(pictures: &[Picture], curves: &[Curve]) {
    for (encoder, format) in [(WEBP, OutputFormat::Webp), (AVIF, OutputFormat::Avif)] {
        for width in widths(pictures) {
            let means = |encoder| means(pictures, curves, encoder, (width, false));
            let numbers: Vec<(f64, f64)> = means(encoder)
                .into_iter()
                .map(|(quality, score)| (score, f64::from(quality)))
                .collect();
            let wanted = means(JPEG).into_iter().map(|(quality, score)| {
                match interpolate(&numbers, score) {
                    Some(number) => format!("{quality}: {number:.1}"),
                    None => format!("{quality}: outside"),
                }
            });
            let wanted: Vec<String> = wanted.collect();
            eprintln!("{format:?} {width}: {}", wanted.join(", "));
        }
    }
}

/// A panel for each width, with a line for each format.
pub(super) fn plot(pictures: &[Picture], curves: &[Curve]) -> String {
    let panel = |width: u32| {
        let line = |encoder, name, class| {
            let means = means(pictures, curves, encoder, (width, true));
            let points = means.into_iter().map(|(quality, score)| [f64::from(quality), score]);
            Line { name, class, points: points.collect() }
        };
        let lines = vec![
            line(JPEG, "JPEG", "floor"),
            line(WEBP, "WebP", "rival"),
            line(AVIF, "AVIF", "ours"),
        ];
        Panel { title: format!("{width} pixels wide"), lines }
    };
    panels(
        "Mean SSIMULACRA2 by quality, held-out photographs",
        &widths(pictures).into_iter().map(panel).collect::<Vec<_>>(),
    )
}
