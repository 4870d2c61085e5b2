//! How well each variant shows its source: SSIMULACRA2 against both references.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::sync::Mutex;
use std::thread;

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

impl Row {
    /// The rival's name, and its chroma where that is not 4:2:0.
    pub(crate) fn name(&self) -> String {
        let name = self.rival.name;
        match self.outcome.as_ref().ok().and_then(|(figures, _)| figures.chroma) {
            Some("4:2:0") | None => name.to_owned(),
            Some(other) => format!("{name} ({other})"),
        }
    }
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

/// A source's pixels and a variant's file, as hashes.
type Key = [u64; 2];

/// Scores variants; the same file of the same pixels only once.
#[derive(Debug)]
pub(crate) struct Scorer {
    floor: Option<Floor>,
    known: HashMap<Key, [f64; 2]>,
}

impl Scorer {
    pub(crate) fn new(floor: Option<Floor>) -> Self {
        Self { floor, known: HashMap::new() }
    }

    /// Scores whatever a job left behind.
    ///
    /// # Errors
    /// If the source cannot be read.
    pub(crate) fn score(
        &mut self,
        job: &Job,
        input: &Input,
        measured: Vec<Measured>,
    ) -> Outcome<JobResult> {
        eprintln!("  scoring ...");
        let source = picture::read(&input.path, self.floor.as_ref())?;
        let pixels = hash(source.as_raw());
        let widths: Vec<u32> = job.scored().collect();

        let mut references = References::new(source);
        let mut unknown: HashMap<Key, RgbaImage> = HashMap::new();
        let mut read = |figures: &Figures| {
            let key = |&width| self.read(job, figures, width, pixels, &mut unknown);
            widths.iter().map(key).collect::<Outcome<Vec<Key>>>()
        };
        let keys: Vec<Outcome<Vec<Key>>> = measured
            .iter()
            .map(|m| m.outcome.as_ref().map_err(Clone::clone).and_then(&mut read))
            .collect();
        for variant in unknown.values() {
            references.prepare(variant.dimensions())?;
        }
        self.known.extend(all_scores(&references, unknown)?);

        let rows = measured.into_iter().zip(keys).map(|(Measured { rival, outcome }, keys)| {
            let outcome = outcome.and_then(|figures| {
                let scores = widths.iter().zip(keys?).map(|(&width, key)| {
                    let [gamma, linear] = self.known[&key];
                    Score { width, gamma, linear }
                });
                Ok((figures, scores.collect()))
            });
            Row { rival, outcome }
        });
        Ok(JobResult { job: *job, rows: rows.collect() })
    }

    /// The key of a variant, which is decoded unless its score is known.
    fn read(
        &self,
        job: &Job,
        figures: &Figures,
        width: u32,
        pixels: u64,
        unknown: &mut HashMap<Key, RgbaImage>,
    ) -> Outcome<Key> {
        let path = figures.files.join(format!("{width}.{}", job.format));
        let file = fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let key = [pixels, hash(&file)];
        if !self.known.contains_key(&key) && !unknown.contains_key(&key) {
            let variant = picture::read(&path, self.floor.as_ref())?;
            if variant.width() != width {
                return Err(format!("asked for {width} pixels, got {}", variant.width()));
            }
            unknown.insert(key, variant);
        }
        Ok(key)
    }
}

fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

/// On all cores: nothing is being measured meanwhile.
fn all_scores(
    references: &References,
    variants: HashMap<Key, RgbaImage>,
) -> Outcome<Vec<(Key, [f64; 2])>> {
    let waiting = Mutex::new(variants.into_iter());
    let work = || {
        let mut done = Vec::new();
        loop {
            let next = waiting.lock().map_err(|error| error.to_string())?.next();
            let Some((key, variant)) = next else { return Ok(done) };
            let score = |light| references.score(&variant, light);
            done.push((key, [score(Light::Gamma)?, score(Light::Linear)?]));
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let parts: Vec<Outcome<Vec<_>>> = thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let panicked = |_| Err("the scoring panicked".to_owned());
        all.into_iter().map(|thread| thread.join().unwrap_or_else(panicked)).collect()
    });
    let parts: Vec<Vec<_>> = parts.into_iter().collect::<Outcome<_>>()?;
    Ok(parts.concat())
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

    /// Makes what `score` needs for variants of this width and height.
    pub(crate) fn prepare(&mut self, (width, height): (u32, u32)) -> Outcome<()> {
        if !self.made.contains_key(&(width, height)) {
            let make = |light| Field::resampled(&self.source, [width, height], light).to_linear();
            self.made.insert((width, height), [make(Light::Gamma)?, make(Light::Linear)?]);
        }
        Ok(())
    }

    /// # Errors
    /// If the variant's size was not prepared.
    pub(crate) fn score(&self, variant: &RgbaImage, light: Light) -> Outcome<f64> {
        let (width, height) = variant.dimensions();
        let made = self.made.get(&(width, height));
        let [gamma, linear] = made.ok_or_else(|| format!("no reference of {width}x{height}"))?;
        let reference = if light == Light::Gamma { gamma } else { linear };
        // Pixels without alpha are the same under both lights; those with it are put on white as
        // the reference's were.
        let own = Field::new(variant, light).to_linear()?;
        let score = compute_frame_ssimulacra2(reference.clone(), own);
        score.map_err(|error| error.to_string())
    }
}
