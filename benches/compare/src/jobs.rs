//! What is measured: a source, widths and a format each.

use crate::Outcome;

/// The widths that are scored, where a job has them.
pub(crate) const SCORED: [u32; 3] = [1920, 640, 320];

/// The five default variants, widest first.
pub(crate) const FIVE: [u32; 5] = [1920, 1080, 640, 320, 160];

/// Which picture a job starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// 12 megapixels, baseline 4:2:0.
    Baseline,
    /// The same, progressive.
    Progressive,
    /// 24 megapixels, baseline 4:2:0.
    Large,
    /// With alpha.
    Png,
    /// Lossy.
    Webp,
}

/// One job.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Job {
    /// For the command line and file names.
    pub(crate) id: &'static str,
    /// A heading.
    pub(crate) title: &'static str,
    pub(crate) source: Source,
    /// Widest first.
    pub(crate) widths: &'static [u32],
    /// `jpeg`, `png`, `webp` or `avif`.
    pub(crate) format: &'static str,
    /// Whether it gets plots.
    pub(crate) is_main: bool,
}

impl Job {
    /// The widths that are scored. The widest takes longest by far: only where plots show it, and
    /// where it is the only one.
    pub(crate) fn scored(&self) -> impl Iterator<Item = u32> {
        let has = |width: &u32| self.widths.contains(width);
        let takes_widest = self.is_main || self.widths.len() == 1;
        SCORED.into_iter().filter(has).filter(move |width| takes_widest || *width < SCORED[0])
    }
}

/// libjpeg's and libwebp's scale; for AVIF each encoder has its own.
pub(crate) const QUALITY: u8 = 80;

const JOBS: [Job; 10] = [
    job("five", "12 megapixels to five JPEGs", Source::Baseline, &FIVE, "jpeg", true),
    job("one", "12 megapixels to one thumbnail of 320", Source::Baseline, &[320], "jpeg", true),
    job("one-1920", "12 megapixels to one of 1920", Source::Baseline, &[1920], "jpeg", false),
    job(
        "progressive-five",
        "12 megapixels, progressive, to five JPEGs",
        Source::Progressive,
        &FIVE,
        "jpeg",
        true,
    ),
    job(
        "progressive-one",
        "12 megapixels, progressive, to one thumbnail of 320",
        Source::Progressive,
        &[320],
        "jpeg",
        false,
    ),
    job("large-five", "24 megapixels to five JPEGs", Source::Large, &FIVE, "jpeg", true),
    job("webp-out", "12 megapixels to five WebPs", Source::Baseline, &FIVE, "webp", false),
    job("avif-out", "12 megapixels to five AVIFs", Source::Baseline, &FIVE, "avif", false),
    job("png", "A PNG with alpha to five PNGs", Source::Png, &FIVE, "png", false),
    job("webp", "A WebP to five WebPs", Source::Webp, &FIVE, "webp", false),
];

const fn job(
    id: &'static str,
    title: &'static str,
    source: Source,
    widths: &'static [u32],
    format: &'static str,
    is_main: bool,
) -> Job {
    Job { id, title, source, widths, format, is_main }
}

/// The jobs of these ids, or all.
///
/// # Errors
/// An id that no job has.
pub(crate) fn wanted(ids: Option<&[String]>) -> Outcome<Vec<&'static Job>> {
    let Some(ids) = ids else { return Ok(JOBS.iter().collect()) };
    let find = |id: &String| {
        let known = || JOBS.map(|job| job.id).join(", ");
        JOBS.iter().find(|job| job.id == id).ok_or_else(|| format!("no job {id}; {}", known()))
    };
    ids.iter().map(find).collect()
}
