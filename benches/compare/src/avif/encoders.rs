//! The encoders, and what they make of each picture: bytes and scores by quality.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use resizer_engine::spec::{Effort, FormatSpec, OutputFormat, VariantSpec};

use super::metrics::{Reference, Scores};
use super::photographs::Picture;
use crate::Outcome;
use crate::install::{once, rivals_folder, run};
use crate::ours;

/// One encoder with one setting of its speed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Encoder {
    Ours(OutputFormat, Effort),
    /// libaom by Pillow, with its `speed`.
    Libaom(u8),
}

pub(super) const JPEG: Encoder = Encoder::Ours(OutputFormat::Jpeg, Effort::Balanced);
pub(super) const WEBP: Encoder = Encoder::Ours(OutputFormat::Webp, Effort::Balanced);
pub(super) const AVIF: Encoder = Encoder::Ours(OutputFormat::Avif, Effort::Balanced);
const FAST: Encoder = Encoder::Ours(OutputFormat::Avif, Effort::Fast);
const SMALL: Encoder = Encoder::Ours(OutputFormat::Avif, Effort::Small);

/// The encoders whose bytes are compared, in the order of the tables.
pub(super) const AVIFS: [Encoder; 6] =
    [FAST, AVIF, SMALL, Encoder::Libaom(9), Encoder::Libaom(8), Encoder::Libaom(6)];

/// The qualities at which the formats are compared with each other.
pub(super) const SCALE: [u8; 9] = [20, 30, 40, 50, 60, 70, 80, 90, 95];

impl Encoder {
    pub(super) fn name(self) -> String {
        match self {
            Self::Ours(OutputFormat::Avif, Effort::Fast) => "ours, `fast`".into(),
            Self::Ours(OutputFormat::Avif, Effort::Small) => "ours, `small`".into(),
            Self::Ours(OutputFormat::Avif, _) => "ours, `balanced`".into(),
            Self::Ours(format, _) => format!("our {format:?}"),
            Self::Libaom(speed) => format!("libaom, speed {speed}"),
        }
    }

    /// The qualities for a width of pictures. Large pictures have fewer, because they take too
    /// long.
    fn qualities(self, width: u32) -> &'static [u8] {
        let is_large = width > 1000;
        match self {
            JPEG if is_large => &[20, 40, 60, 80, 95],
            JPEG => &SCALE,
            // From below to above the scores of JPEGs.
            WEBP if is_large => &[10, 20, 40, 60, 80, 95, 100],
            WEBP => &[10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 100],
            // 4:4:4 begins at 90. The steps below are small, so that interpolation spans short gaps.
            AVIF if is_large => &[10, 20, 40, 50, 60, 70, 80, 89, 95, 100],
            AVIF => &[10, 20, 30, 40, 50, 55, 60, 65, 70, 75, 80, 84, 89, 90, 95, 100],
            Self::Ours(..) if is_large => &[40, 60, 80, 89],
            Self::Ours(..) => &[30, 45, 60, 70, 80, 89],
            Self::Libaom(_) if is_large => &[45, 60, 75, 88],
            Self::Libaom(_) => &[36, 45, 54, 62, 70, 78, 86, 93],
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Ours(OutputFormat::Jpeg, _) => "jpg",
            Self::Ours(OutputFormat::Webp, _) => "webp",
            _ => "avif",
        }
    }
}

/// A file of one picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    pub(super) quality: u8,
    pub(super) bytes: usize,
    pub(super) scores: Scores,
}

/// What an encoder makes of a picture, by ascending quality.
#[derive(Debug, Clone)]
pub(super) struct Curve {
    /// The index of the picture.
    pub(super) picture: usize,
    pub(super) encoder: Encoder,
    pub(super) points: Vec<Point>,
}

/// All curves.
///
/// # Errors
/// If an encoder fails, or a file cannot be decoded.
pub(super) fn curves(
    pictures: &[Picture],
    libaom: &mut Libaom,
    folder: &Path,
) -> Outcome<Vec<Curve>> {
    let folder = folder.join("files");
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    for picture in pictures.iter().filter(|picture| picture.is_held_out) {
        eprintln!("libaom: {}", picture.name);
        for encoder in AVIFS {
            let Encoder::Libaom(speed) = encoder else { continue };
            for &quality in encoder.qualities(picture.width) {
                let file = file(&folder, picture, encoder, quality);
                libaom.encode(picture, (speed, quality), 0.0, &file)?;
            }
        }
    }
    // On all cores: no time is measured here.
    let next = AtomicUsize::new(0);
    let work = || {
        let mut out = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(picture) = pictures.get(place) else { return Ok(out) };
            eprintln!("scoring: {}", picture.name);
            let reference = Reference::new(&picture.pixels)?;
            // The other photographs are used only to fit the scales.
            let of_half = if picture.is_held_out { &AVIFS[..] } else { &[AVIF] };
            for encoder in [JPEG, WEBP].iter().chain(of_half).copied() {
                let point = |&quality| {
                    let path = file(&folder, picture, encoder, quality);
                    if let Encoder::Ours(format, effort) = encoder {
                        by_us(picture, format, effort, quality, &path)?;
                    }
                    let bytes = fs::metadata(&path).map_err(|e| e.to_string())?.len() as usize;
                    Ok(Point { quality, bytes, scores: reference.scores(&path)? })
                };
                let qualities = encoder.qualities(picture.width);
                let points = qualities.iter().map(point).collect::<Outcome<_>>()?;
                out.push(Curve { picture: place, encoder, points });
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let parts: Vec<Outcome<Vec<Curve>>> = thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let panicked = |_| Err("the scoring panicked".to_owned());
        all.into_iter().map(|thread| thread.join().unwrap_or_else(panicked)).collect()
    });
    Ok(parts.into_iter().collect::<Outcome<Vec<_>>>()?.concat())
}

fn file(folder: &Path, picture: &Picture, encoder: Encoder, quality: u8) -> PathBuf {
    let encoded = match encoder {
        Encoder::Ours(_, effort) => format!("{effort:?}").to_lowercase(),
        Encoder::Libaom(speed) => format!("libaom{speed}"),
    };
    folder.join(format!("{}-{encoded}-{quality}.{}", picture.name, encoder.extension()))
}

fn by_us(
    picture: &Picture,
    format: OutputFormat,
    effort: Effort,
    quality: u8,
    to: &Path,
) -> Outcome<()> {
    let png = fs::read(&picture.png).map_err(|error| error.to_string())?;
    let formats = vec![FormatSpec::Fixed(format)];
    let spec = VariantSpec { formats, effort, quality: quality.into(), ..VariantSpec::default() };
    let file = ours::render_all(&png, &vec![spec].into(), &mut |_| {})?.pop();
    fs::write(to, file.ok_or("no picture")?).map_err(|error| error.to_string())
}

/// libaom by Pillow, in a process that is pinned to a core.
#[derive(Debug)]
pub(super) struct Libaom {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// The versions of Pillow and libavif.
    pub(super) version: String,
}

impl Libaom {
    /// # Errors
    /// If Pillow cannot be installed, or has no libavif.
    pub(super) fn start(folder: &Path, core: usize) -> Outcome<Self> {
        fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        let environment = folder.join("python");
        let program = environment.join("bin").join("python");
        once(&environment, || {
            run(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
            let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
            run(Command::new(&program).args(install).arg("pillow"))
        })?;
        let mut child = Command::new("taskset")
            .args(["-c", &core.to_string()])
            .arg(program)
            .arg(rivals_folder().join("avif.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let orders = child.stdin.take().ok_or("no pipe")?;
        let answers = BufReader::new(child.stdout.take().ok_or("no pipe")?);
        let mut libaom = Self { child, orders, answers, version: String::new() };
        libaom.version = libaom.answer()?;
        Ok(libaom)
    }

    /// Writes a file, and returns the CPU time of its encoding in milliseconds: the mean of
    /// repetitions that together take at least `least_ms`.
    ///
    /// # Errors
    /// If the process ends.
    pub(super) fn encode(
        &mut self,
        picture: &Picture,
        (speed, quality): (u8, u8),
        least_ms: f64,
        to: &Path,
    ) -> Outcome<f64> {
        let (from, to) = (picture.png.display(), to.display());
        let order = format!("{from}\t{to}\t{speed}\t{quality}\t{least_ms}");
        writeln!(self.orders, "{order}").map_err(|e| e.to_string())?;
        self.answer()?.parse().map_err(|error| format!("libaom: {error}"))
    }

    fn answer(&mut self) -> Outcome<String> {
        let mut line = String::new();
        let read = self.answers.read_line(&mut line).map_err(|error| error.to_string())?;
        if read == 0 { Err("Pillow ended".into()) } else { Ok(line.trim().to_owned()) }
    }
}

impl Drop for Libaom {
    fn drop(&mut self) {
        // The process ends by itself when its input ends. After an error, it is killed here.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
