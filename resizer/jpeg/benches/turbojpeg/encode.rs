//! Encoding from planes: time on the whole photograph; bytes and score on its middle.

use std::hint::black_box;

use crate::inputs::Photograph;
use crate::library::{self, Recipe, Samples};
use crate::measure::{Race, race};
use crate::quality::Subject;
use resizer_jpeg::planes::Plane;
use resizer_jpeg::{Effort, EncodeOptions, Encoder, Sampling, Scale};

/// Of the library's file; libjpeg's scale.
const QUALITIES: [u8; 3] = [60, 80, 90];

const EFFORTS: [(&str, Effort); 3] =
    [("fast", Effort::Fast), ("balanced", Effort::Balanced), ("small", Effort::Small)];

/// Bytes at a score are read off a line through so many qualities to both sides: single ones jump.
const NEIGHBOURS: u8 = 3;

/// All rows about encoding that are wanted.
pub(crate) fn print_all(photograph: &Photograph, wants: &dyn Fn(&str) -> bool) {
    let name = |words: &str, quality: u8| format!("encode {words} {quality}");
    let wanted = |quality| EFFORTS.iter().any(|(words, _)| wants(&name(words, quality)));
    let qualities: Vec<u8> = QUALITIES.into_iter().filter(|&quality| wanted(quality)).collect();
    if qualities.is_empty() {
        return;
    }
    print_heading();
    let subject = Subject::new(photograph.middle(Scale::Half, 1536, 1024));
    for quality in qualities {
        let theirs = Theirs::new(&subject, quality);
        for (words, effort) in EFFORTS {
            let row = name(words, quality);
            if wants(&row) {
                print_row(&row, photograph, &subject, effort, &theirs);
            }
        }
    }
}

fn print_heading() {
    println!("\nEncoding from 4:2:0 planes; CPU ms of one thread, median; the library: baseline,");
    println!("standard tables. Bytes and SSIMULACRA2 of the middle, 1536x1024 of 1/2, and bytes");
    println!("against the library's where ours has the same score (at another quality)");
    println!(
        "{:24}{:>9}{:>9}  {:24}{:>9}{:>9}{:>8}{:>8}{:>13}",
        "", "ours", "library", "ratio", "bytes", "library", "score", "library", "equal score"
    );
}

/// What the library makes of the subject at a quality.
struct Theirs {
    quality: u8,
    bytes: usize,
    score: f64,
    curve: Curve,
}

impl Theirs {
    fn new(subject: &Subject, quality: u8) -> Self {
        let planes = &subject.planes;
        let (width, height) = (planes[0].width, planes[0].height);
        let encode = |quality| library::encode(planes, width, height, &recipe(quality));
        let file = encode(quality);
        let (bytes, score) = (file.len(), subject.score(&file));
        Self { quality, bytes, score, curve: Curve::around(subject, quality, &encode) }
    }
}

fn print_row(row: &str, photo: &Photograph, subject: &Subject, effort: Effort, theirs: &Theirs) {
    let recipe = recipe(theirs.quality);
    let mut kept = Vec::new();
    let Race { ours_ms, theirs_ms, ratio, .. } = race(
        || drop(black_box(ours(&photo.planes, effort, theirs.quality))),
        || library::encode_into(&mut kept, &photo.planes, photo.width, photo.height, &recipe),
    );
    let encode = |quality| ours(&subject.planes, effort, quality);
    let file = encode(theirs.quality);
    let center = quality_of(subject, &encode, theirs);
    let equal = Curve::around(subject, center, &encode).bytes_at(theirs.score)
        / theirs.curve.bytes_at(theirs.score);
    println!(
        "{row:24}{:9.2}{:9.2}  {:24}{:9}{:9}{:8.2}{:8.2}{:>12.1} %",
        ours_ms.median,
        theirs_ms.median,
        format!("{:.3} ({:.3}..{:.3})", ratio.median, ratio.least, ratio.most),
        file.len(),
        theirs.bytes,
        subject.score(&file),
        theirs.score,
        (equal - 1.0) * 100.0
    );
}

/// The quality at which our score is next to theirs.
fn quality_of(subject: &Subject, encode: &dyn Fn(u8) -> Vec<u8>, theirs: &Theirs) -> u8 {
    let miss = |quality: u8| (subject.score(&encode(quality)) - theirs.score).abs();
    let mut best = (miss(theirs.quality), theirs.quality);
    for step in [-1, 1] {
        while let Some(next) = best.1.checked_add_signed(step).filter(|next| *next <= 97) {
            let there = miss(next);
            if there >= best.0 {
                break;
            }
            best = (there, next);
        }
    }
    best.1
}

/// The logarithm of bytes as a line over scores.
struct Curve {
    slope: f64,
    offset: f64,
}

impl Curve {
    /// Least squares over the neighbors of a quality.
    fn around(subject: &Subject, quality: u8, encode: &dyn Fn(u8) -> Vec<u8>) -> Self {
        let qualities = quality.saturating_sub(NEIGHBOURS).max(1)..=quality + NEIGHBOURS;
        let points: Vec<(f64, f64)> = qualities
            .map(encode)
            .map(|file| (subject.score(&file), (file.len() as f64).ln()))
            .collect();
        let count = points.len() as f64;
        let mean_x = points.iter().map(|point| point.0).sum::<f64>() / count;
        let mean_y = points.iter().map(|point| point.1).sum::<f64>() / count;
        let both: f64 = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
        let square: f64 = points.iter().map(|(x, _)| (x - mean_x) * (x - mean_x)).sum();
        let slope = both / square;
        Self { slope, offset: mean_y - slope * mean_x }
    }

    fn bytes_at(&self, score: f64) -> f64 {
        (self.offset + self.slope * score).exp()
    }
}

fn recipe(quality: u8) -> Recipe {
    Recipe {
        quality: quality.into(),
        sampling: library::Sampling::Quarter,
        optimized: false,
        progressive: false,
        restart_rows: 0,
    }
}

fn ours(planes: &[Samples], effort: Effort, quality: u8) -> Vec<u8> {
    let options = EncodeOptions::default()
        .with_quality(quality)
        .with_sampling(Sampling::S420)
        .with_effort(effort);
    let (width, height) = (planes[0].width as u32, planes[0].height as u32);
    let mut encoder = Encoder::new(Vec::new(), width, height, &options).expect("a size");
    let planes: Vec<Plane<'_>> = planes.iter().map(plane).collect();
    encoder.push_planes(&planes).expect("all rows");
    encoder.finish().expect("all rows were given")
}

fn plane(samples: &Samples) -> Plane<'_> {
    let Samples { pixels, width, height } = samples;
    Plane { pixels, width: *width, height: *height, stride: *width }
}
