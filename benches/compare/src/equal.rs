//! Bytes at an equal score: libjpeg-turbo encodes the reference itself at many qualities, and its
//! bytes are read off where its score is that of our variant.

use std::fs;
use std::path::Path;

use crate::Outcome;
use crate::floor::Floor;
use crate::inputs::Inputs;
use crate::jobs::{SCORED, Source};
use crate::picture;
use crate::reference::{Field, Light};
use crate::score::{JobResult, References, Row};
use crate::statistics::interpolate;

/// The job whose variants are compared.
const JOB: &str = "five";

/// Of libjpeg-turbo: from below to above any score that ours have at quality 80.
const QUALITIES: [u8; 9] = [50, 60, 68, 74, 78, 82, 86, 90, 95];

/// One variant of ours beside libjpeg-turbo's of the same score.
#[derive(Debug, Clone)]
pub(crate) struct Equal {
    /// The id and name of our row.
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) width: u32,
    /// Against the gamma reference.
    pub(crate) score: f64,
    pub(crate) our_bytes: u64,
    /// `None` where no quality comes to this score.
    pub(crate) their_bytes: Option<f64>,
}

impl Equal {
    /// Ours over theirs, less one: below zero ours is smaller.
    pub(crate) fn difference(&self) -> Option<f64> {
        self.their_bytes.map(|theirs| self.our_bytes as f64 / theirs - 1.0)
    }
}

/// All variants of all of ours in gamma; or why there are none.
pub(crate) fn compare(
    results: &[JobResult],
    inputs: &Inputs,
    floor: Option<Floor>,
    folder: &Path,
) -> Outcome<Vec<Equal>> {
    let floor = floor.ok_or("libjpeg-turbo could not be built")?;
    let result = results.iter().find(|result| result.job.id == JOB);
    let result = result.ok_or_else(|| format!("the job {JOB} was not run"))?;
    let source = picture::read(&inputs.of(Source::Baseline).path, Some(&floor))?;
    eprintln!("bytes at an equal score ...");
    let mut references = References::new(source.clone());
    let mut out = Vec::new();
    for width in SCORED {
        let height = f64::from(width) * f64::from(source.height()) / f64::from(source.width());
        let size = [width, height.round() as u32];
        let reference = Field::resampled(&source, size, Light::Gamma);
        let ppm = folder.join("equal.ppm");
        let written = fs::write(&ppm, picture::to_ppm(&reference.to_bytes(), size));
        written.map_err(|error| format!("{}: {error}", ppm.display()))?;
        references.prepare(size.into())?;
        let curve = curve(&floor, &ppm, &references)?;
        // Against this reference only those are comparable that resample as it does.
        let is_comparable = |row: &&Row| row.rival.is_ours() && row.rival.mode.ends_with("gamma");
        for row in result.rows.iter().filter(is_comparable) {
            let Ok((figures, scores)) = &row.outcome else { continue };
            let Some(score) = scores.iter().find(|score| score.width == width) else { continue };
            let place = result.job.widths.iter().position(|other| *other == width);
            let our_bytes = place.map_or(0, |place| figures.bytes[place]);
            let their_bytes = interpolate(&curve, score.gamma).map(f64::exp);
            let (id, name, score) = (row.rival.id, row.rival.name, score.gamma);
            out.push(Equal { id, name, width, score, our_bytes, their_bytes });
        }
    }
    Ok(out)
}

/// Score and logarithm of bytes, by ascending score.
fn curve(floor: &Floor, ppm: &Path, references: &References) -> Outcome<Vec<(f64, f64)>> {
    let jpeg = ppm.with_extension("jpg");
    let point = |quality| {
        floor.encode(quality, ppm, &jpeg)?;
        let bytes = fs::metadata(&jpeg).map_err(|error| error.to_string())?.len();
        let score = references.score(&picture::read(&jpeg, Some(floor))?, Light::Gamma)?;
        Ok((score, (bytes as f64).ln()))
    };
    let mut points: Vec<(f64, f64)> = QUALITIES.into_iter().map(point).collect::<Outcome<_>>()?;
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    Ok(points)
}
