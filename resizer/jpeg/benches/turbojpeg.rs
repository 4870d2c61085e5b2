//! Against libjpeg-turbo 3.1: CPU time of the thread, in rounds that alternate in one process.
//! `cargo bench -p resizer-jpeg --features turbojpeg --bench turbojpeg -- [part of a row | file]..`

#[path = "turbojpeg/decode.rs"]
mod decode;
#[path = "turbojpeg/encode.rs"]
mod encode;
#[path = "turbojpeg/inputs.rs"]
mod inputs;
#[expect(dead_code, reason = "the tests use the rest")]
#[path = "../tests/turbojpeg/library.rs"]
mod library;
#[path = "turbojpeg/measure.rs"]
mod measure;
#[path = "turbojpeg/quality.rs"]
mod quality;

use std::path::PathBuf;
use std::{env, fs};

/// What the command line asks for.
struct Choice {
    /// A row must have one of these in its name, if there are any.
    parts: Vec<String>,
    files: Vec<PathBuf>,
}

impl Choice {
    fn read() -> Self {
        // Cargo adds `--bench`.
        let words = env::args().skip(1).filter(|word| !word.starts_with("--"));
        let (files, parts) = words.partition(|word| PathBuf::from(word).is_file());
        Self { parts, files: Vec::from_iter(files).into_iter().map(PathBuf::from).collect() }
    }

    fn wants(&self, row: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|part| row.contains(part.as_str()))
    }
}

fn main() {
    let choice = Choice::read();
    if !choice.files.is_empty() {
        decode::print_heading();
        for file in &choice.files {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let bytes = fs::read(file).expect("a readable file");
            decode::print_scales(&name, &bytes, &|row| choice.wants(row));
        }
        return;
    }
    let photograph = inputs::Photograph::find();
    println!("photograph: {}", photograph.description);
    decode::print_all(&photograph, &|row| choice.wants(row));
    encode::print_all(&photograph, &|row| choice.wants(row));
}
