//! How well each variant shows its source: SSIMULACRA2 against both references.

use std::collections::HashMap;

use image::RgbaImage;
use ssimulacra2::{LinearRgb, compute_frame_ssimulacra2};

use crate::Outcome;
use crate::floor::Floor;
use crate::inputs::Input;
use crate::jobs::Job;
use crate::measure::{Figures, Measured};
use crate::picture;
use crate::reference::{Field, Light};
use crate::rival::Rival;

/// The widths that are scored, where a job has them.
pub(crate) const SCORED: [u32; 3] = [1920, 640, 320];

/// One job with all rivals' figures and scores.
#[derive(Debug, Clone)]
pub(crate) struct JobResult {
    pub(crate) job: Job,
    pub(crate) rows: Vec<Row>,
}

/// One rival in one job.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) rival: Rival,
    /// Or why it is not in the table.
    pub(crate) outcome: Outcome<(Figures, Vec<Score>)>,
}

/// Of one variant; 100 is the reference itself, 90 hardly to be told from it, 70 good.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Score {
    pub(crate) width: u32,
    pub(crate) gamma: f64,
    pub(crate) linear: f64,
}

impl JobResult {
    /// What a rival took, if it did the job.
    pub(crate) fn of(&self, id: &str) -> Option<(&Figures, &[Score])> {
        let row = self.rows.iter().find(|row| row.rival.id == id)?;
        row.outcome.as_ref().ok().map(|(figures, scores)| (figures, scores.as_slice()))
    }
}

/// Scores whatever a job left behind.
///
/// # Errors
/// If the source cannot be read.
pub(crate) fn score(
    job: &Job,
    input: &Input,
    measured: Vec<Measured>,
    floor: Option<Floor>,
) -> Outcome<JobResult> {
    eprintln!("  scoring ...");
    let mut references = References::new(picture::read(&input.path, floor.as_ref())?);
    let scored = measured.into_iter().map(|Measured { rival, outcome }| {
        let outcome = outcome.and_then(|figures| {
            let scores = scores(job, &figures, &mut references, floor.as_ref())?;
            Ok((figures, scores))
        });
        Row { rival, outcome }
    });
    Ok(JobResult { job: *job, rows: scored.collect() })
}

fn scores(
    job: &Job,
    figures: &Figures,
    references: &mut References,
    floor: Option<&Floor>,
) -> Outcome<Vec<Score>> {
    let widths = SCORED.into_iter().filter(|width| job.widths.contains(width));
    let score = |width| {
        let path = figures.files.join(format!("{width}.{}", job.format));
        let variant = picture::read(&path, floor)?;
        if variant.width() != width {
            return Err(format!("asked for {width} pixels, got {}", variant.width()));
        }
        let [gamma, linear] = references.score(&variant)?;
        Ok(Score { width, gamma, linear })
    };
    widths.map(score).collect()
}

/// The references of one source, one pair for each size that is asked for.
pub(crate) struct References {
    source: RgbaImage,
    made: HashMap<(u32, u32), [LinearRgb; 2]>,
}

impl References {
    pub(crate) fn new(source: RgbaImage) -> Self {
        Self { source, made: HashMap::new() }
    }

    /// Against gamma, against linear.
    pub(crate) fn score(&mut self, variant: &RgbaImage) -> Outcome<[f64; 2]> {
        let (width, height) = variant.dimensions();
        if let std::collections::hash_map::Entry::Vacant(entry) = self.made.entry((width, height)) {
            let make = |light| Field::resampled(&self.source, [width, height], light).to_linear();
            entry.insert([make(Light::Gamma)?, make(Light::Linear)?]);
        }
        let references = &self.made[&(width, height)];
        let score = |reference: &LinearRgb, light| {
            // Pixels without alpha are the same under both; those with are put on white as the
            // reference's were.
            let own = Field::new(variant, light).to_linear()?;
            let score = compute_frame_ssimulacra2(reference.clone(), own);
            score.map_err(|error| error.to_string())
        };
        Ok([score(&references[0], Light::Gamma)?, score(&references[1], Light::Linear)?])
    }
}
