//! Encodes a picture: `encode IN.ppm OUT.avif [QUALITY] [fast|balanced|small] [REPETITIONS]`.
//!
//! The input is a binary PPM or PGM of 8 bits. The output line has the size of the file in bytes,
//! the shortest CPU time of all repetitions in milliseconds, and the same for each megapixel. CPU
//! times are those of Linux; elsewhere they are 0.

use std::error::Error;
use std::fs;

use resizer_av1::{Effort, EncodeOptions, PixelFormat, encode};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let argument =
        |at: usize, default: &str| arguments.get(at).map_or(default, String::as_str).to_owned();
    let file = fs::read(argument(1, "in.ppm"))?;
    let (format, width, height, pixels) = parse(&file).ok_or("no binary PPM or PGM of 8 bits")?;
    let effort = match argument(4, "balanced").as_str() {
        "fast" => Effort::Fast,
        "balanced" => Effort::Balanced,
        "small" => Effort::Small,
        _ => return Err("efforts are fast, balanced, and small".into()),
    };
    let options = EncodeOptions::default()
        .with_format(format)
        .with_quality(argument(3, "80").parse()?)
        .with_effort(effort);
    let mut shortest = u64::MAX;
    let mut encoded = Vec::new();
    for _ in 0..argument(5, "1").parse()? {
        let start = cpu_nanoseconds();
        encoded = encode(pixels, width, height, &options)?;
        shortest = shortest.min(cpu_nanoseconds() - start);
    }
    fs::write(argument(2, "out.avif"), &encoded)?;
    let milliseconds = shortest as f64 / 1e6;
    let megapixels = f64::from(width) * f64::from(height) / 1e6;
    println!("{} {milliseconds:.2} {:.1}", encoded.len(), milliseconds / megapixels);
    Ok(())
}

/// The format, width, height, and pixels of a file.
fn parse(file: &[u8]) -> Option<(PixelFormat, u32, u32, &[u8])> {
    let mut rest = file;
    let mut word = || {
        let start = rest.iter().position(|byte| !byte.is_ascii_whitespace())?;
        let length = rest[start..].iter().position(u8::is_ascii_whitespace)?;
        let word = std::str::from_utf8(&rest[start..start + length]).ok();
        rest = &rest[start + length..];
        word
    };
    let format = match word()? {
        "P5" => PixelFormat::Gray,
        "P6" => PixelFormat::Rgb,
        _ => return None,
    };
    let (width, height) = (word()?.parse().ok()?, word()?.parse().ok()?);
    (word()? == "255").then(|| (format, width, height, &rest[1..]))
}

/// The time that this thread has spent on a CPU.
fn cpu_nanoseconds() -> u64 {
    let times = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    times.split(' ').next().and_then(|time| time.parse().ok()).unwrap_or(0)
}
