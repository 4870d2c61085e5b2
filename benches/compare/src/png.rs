//! PNGs alone: the engine's beside those of other programs, from one lossless PNG of each picture
//! and size to a smaller file. Out: PNG.md.

mod equal;
mod page;
mod pictures;
mod programs;

use std::fs;
use std::path::{Path, PathBuf};

use image::RgbaImage;
use ssimulacra2::{ColorPrimaries, Rgb, TransferCharacteristic, compute_frame_ssimulacra2};

use crate::Outcome;
use crate::install::{folder, workspace};
use crate::machine::{Machine, load_average};
use crate::options::Options;
use page::{Page, Table};
use programs::{Program, Written};

/// A file of a program.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    pub(crate) bytes: f64,
    pub(crate) cpu_ms: f64,
    pub(crate) score: f64,
}

/// What a program made of all pictures of a kind.
#[derive(Debug, Clone, Default)]
pub(crate) struct Total {
    pub(crate) bytes: usize,
    pub(crate) cpu_ms: f64,
    /// Of each file.
    pub(crate) scores: Vec<f64>,
}

/// Measures all programs that can be installed, and writes the page.
///
/// # Errors
/// If there are no pictures, or a file cannot be written.
pub(crate) fn compare(options: &Options) -> Outcome<()> {
    let folder = folder()?.join("png");
    let machine = Machine::read(options.core()?);
    let corpus = options.corpus.as_deref().ok_or("name the folder of the corpus: --corpus")?;
    let kinds = pictures::all(corpus, options.photos.as_deref(), &folder)?;
    let load_before = load_average();
    let mut tables = Vec::new();
    for (kind, files) in &kinds {
        eprintln!("{kind}: {} files", files.len());
        let rows = programs::ALL.map(|program| {
            let total = of_program(program, files, &folder, (options.rounds, machine.core));
            match &total {
                Ok(Total { bytes, cpu_ms, .. }) => {
                    eprintln!("  {:32} {bytes:9} bytes {cpu_ms:8.0} ms", program.name);
                }
                Err(reason) => eprintln!("  {:32} not here: {reason}", program.name),
            }
            (program, total)
        });
        // Photographs take no palette, so there is nothing to be equal to.
        let equal = (*kind == pictures::DRAWN).then(|| {
            let pair = ["ours-balanced", "sharp"].map(programs::named);
            equal::compare(pair, files, &folder.join("out"), machine.core)
        });
        tables.push(Table { kind, count: files.len(), rows: rows.into(), equal });
    }
    let loads = [load_before, load_average()];
    let text = Page { machine, loads, tables, rounds: options.rounds }.markdown();
    let out = options.out()?;
    fs::create_dir_all(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    let path = out.join("PNG.md");
    // Error messages may name files; the page does not name the repository's folder.
    let text = text.replace(&format!("{}/", workspace().display()), "");
    fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    eprintln!("{}", path.display());
    Ok(())
}

/// Writes the files of a program, and compares each with its source.
fn of_program(
    program: Program,
    files: &[PathBuf],
    folder: &Path,
    (rounds, core): (usize, usize),
) -> Outcome<Total> {
    let out = folder.join("out").join(program.id);
    fs::create_dir_all(&out).map_err(|error| error.to_string())?;
    total(&program.write_all(files, &out, rounds, core)?)
}

fn total(written: &[Written]) -> Outcome<Total> {
    let mut total = Total::default();
    for written in written {
        let Measured { bytes, cpu_ms, score } = measured(written)?;
        total.bytes += bytes as usize;
        total.cpu_ms += cpu_ms;
        total.scores.push(score);
    }
    Ok(total)
}

fn measured(Written { source, file, cpu_ms }: &Written) -> Outcome<Measured> {
    let bytes = fs::metadata(file).map_err(|error| error.to_string())?.len() as f64;
    let score = score(&opened(source)?, &opened(file)?)?;
    Ok(Measured { bytes, cpu_ms: *cpu_ms, score })
}

fn opened(path: &Path) -> Outcome<RgbaImage> {
    let picture = image::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(picture.to_rgba8())
}

/// SSIMULACRA2; of pictures with alpha the lower one of those on black and on white.
fn score(source: &RgbaImage, file: &RgbaImage) -> Outcome<f64> {
    if source == file {
        return Ok(100.0);
    }
    let has_alpha = source.pixels().any(|pixel| pixel.0[3] < 255);
    let grounds: &[f32] = if has_alpha { &[0.0, 1.0] } else { &[0.0] };
    let mut lowest = f64::MAX;
    for &ground in grounds {
        let score = compute_frame_ssimulacra2(on(source, ground)?, on(file, ground)?);
        lowest = lowest.min(score.map_err(|error| error.to_string())?);
    }
    Ok(lowest)
}

fn on(picture: &RgbaImage, ground: f32) -> Outcome<Rgb> {
    let pixel = |pixel: &image::Rgba<u8>| {
        let [red, green, blue, alpha] = pixel.0.map(|level| f32::from(level) / 255.0);
        [red, green, blue].map(|level| level * alpha + ground * (1.0 - alpha))
    };
    let (width, height) = picture.dimensions();
    let pixels = picture.pixels().map(pixel).collect();
    let (curve, colors) = (TransferCharacteristic::SRGB, ColorPrimaries::BT709);
    let made = Rgb::new(pixels, width as usize, height as usize, curve, colors);
    made.map_err(|error| format!("{error:?}"))
}

impl Program {
    /// Whether all that it loses is a form.
    fn is_lossless(&self) -> bool {
        self.name.contains("all colors") || self.id == "oxipng"
    }
}
