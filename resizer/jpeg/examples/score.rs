//! Which reduced transform makes the best thumbnails: every candidate reduces photographs to 1/2,
//! 1/4 and 1/8, a Lanczos3 on gamma-coded planes does the rest, and SSIMULACRA2 compares with a
//! Lanczos3 of the full picture in linear light.
//! `cargo run --release --example score --features turbojpeg -- [photographs]`

#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../tests/turbojpeg/library.rs"]
mod library;
#[path = "score/picture.rs"]
mod picture;
#[path = "score/reduce.rs"]
mod reduce;
#[path = "score/resample.rs"]
mod resample;

use std::path::PathBuf;
use std::{env, fs};

use picture::Photograph;
use reduce::{Candidate, candidates};
use resizer_jpeg::Scale;

/// Scores of one candidate, summed.
#[derive(Clone, Copy, Default)]
struct Sum {
    score: f64,
    lowest: Option<f64>,
    count: usize,
}

impl Sum {
    fn add(&mut self, score: f64) {
        self.score += score;
        self.lowest = Some(self.lowest.map_or(score, |lowest| lowest.min(score)));
        self.count += 1;
    }

    fn cell(&self) -> String {
        match self.lowest {
            Some(lowest) => format!("{:.2} ({lowest:.1})", self.score / self.count as f64),
            None => "-".into(),
        }
    }
}

/// One column of the table: how the thumbnail's size follows from the photograph's.
struct Case {
    name: String,
    scale: Scale,
    size: Size,
}

#[derive(Clone, Copy)]
enum Size {
    /// The reduced plane is so many times as wide, on a part of the picture where that would be
    /// above a megapixel.
    Margin(f64),
    /// So many pixels, of the whole picture; smaller reduced planes are left out.
    Width(usize),
}

fn main() {
    let files = files();
    let candidates = candidates();
    let cases = cases();
    let mut sums = vec![vec![Sum::default(); cases.len()]; candidates.len()];
    for (number, file) in files.iter().enumerate() {
        eprintln!("{} of {}: {}", number + 1, files.len(), file.display());
        let whole = Photograph::read(&fs::read(file).expect("a readable file"));
        for (case, index) in cases.iter().zip(0..) {
            let Some((photograph, width)) = frame(&whole, case) else { continue };
            let reference = photograph.thumbnail_in_linear_light(width);
            for (candidate, sums) in candidates.iter().zip(&mut sums) {
                let thumbnail = photograph.thumbnail(candidate, case.scale, width);
                sums[index].add(picture::score(&reference, &thumbnail));
            }
        }
    }
    print_tables(&candidates, &cases, &sums, files.len());
}

/// The files that the command line names, or all that `RESIZER_PHOTOS` holds.
fn files() -> Vec<PathBuf> {
    let named: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    if !named.is_empty() {
        return named;
    }
    let folder = fixtures::outside::photos();
    let entries = fs::read_dir(&folder).expect("a folder of photographs can be listed");
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    files
}

fn cases() -> Vec<Case> {
    let scales = [("1/2", Scale::Half), ("1/4", Scale::Quarter), ("1/8", Scale::Eighth)];
    let mut cases = Vec::new();
    for (words, scale) in scales {
        for margin in [1.0, 1.5, 2.0, 4.0] {
            let name = format!("{words} x{margin}");
            cases.push(Case { name, scale, size: Size::Margin(margin) });
        }
    }
    for (words, scale) in scales {
        for width in [320, 640, 1280] {
            let name = format!("{words} {width} px");
            cases.push(Case { name, scale, size: Size::Width(width) });
        }
    }
    cases
}

/// The part of the photograph that a case looks at, and the thumbnail's width.
fn frame(whole: &Photograph, case: &Case) -> Option<(Photograph, usize)> {
    let reduction = 8 / case.scale.eighths() as usize;
    match case.size {
        Size::Margin(margin) => {
            let part = whole.middle((1024.0 * margin * reduction as f64) as usize);
            let width = (part.width() / reduction) as f64 / margin;
            Some((part, width.round() as usize))
        }
        Size::Width(width) => {
            let part = whole.middle(usize::MAX);
            (part.width() / reduction >= width).then_some((part, width))
        }
    }
}

fn print_tables(candidates: &[Candidate], cases: &[Case], sums: &[Vec<Sum>], files: usize) {
    println!("SSIMULACRA2, mean (lowest) of {files} photographs; see the example's first lines.");
    for scale in [Scale::Half, Scale::Quarter, Scale::Eighth] {
        let columns: Vec<usize> = (0..cases.len()).filter(|&i| cases[i].scale == scale).collect();
        print!("\n{:34}", "");
        for &column in &columns {
            print!("{:>16}", cases[column].name);
        }
        println!();
        for (candidate, sums) in candidates.iter().zip(sums) {
            print!("{:34}", candidate.name);
            for &column in &columns {
                print!("{:>16}", sums[column].cell());
            }
            println!();
        }
        print!("{:34}", "photographs");
        for &column in &columns {
            print!("{:>16}", sums[0][column].count);
        }
        println!();
    }
}
