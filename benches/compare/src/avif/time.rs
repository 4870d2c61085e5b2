//! The CPU time of encoding alone. For each picture, the encoders alternate in several rounds.

use resizer_av1::{Effort, EncodeOptions, encode};

use super::encoders::{AVIFS, Encoder, Libaom};
use super::photographs::Picture;
use crate::Outcome;
use crate::install::folder;
use crate::protocol::process_cpu_ms;
use crate::statistics::Spread;

/// The row of the JPEG in the tables.
pub(super) const JPEG_NAME: &str = "our JPEG";
/// The quality of our files. With [`LIBAOM_QUALITY`], libaom's files have about the same score.
const QUALITY: u8 = 80;
const LIBAOM_QUALITY: u8 = 72;
/// Milliseconds for which an encoding is repeated, at least. A single one of a small picture would
/// mostly measure cold caches.
const REPETITION_MS: f64 = 50.0;

/// Milliseconds of CPU time for each megapixel.
#[derive(Debug, Clone)]
pub(super) struct Times {
    /// The index of the picture.
    pub(super) picture: usize,
    /// The name of each encoder, and the median of its rounds.
    pub(super) encoders: Vec<(String, f64)>,
}

/// Measures the held-out pictures from 320 pixels on.
///
/// # Errors
/// If an encoder fails.
pub(super) fn measure(
    pictures: &[Picture],
    libaom: &mut Libaom,
    rounds: usize,
) -> Outcome<Vec<Times>> {
    let file = folder()?.join("avif").join("timed.avif");
    let mut out = Vec::new();
    let is_timed = |picture: &&Picture| picture.is_held_out && picture.width >= 320;
    for picture in pictures.iter().filter(is_timed) {
        eprintln!("times: {}", picture.name);
        let mut samples = vec![Vec::new(); AVIFS.len() + 1];
        for _ in 0..rounds {
            samples[0].push(cpu_ms(|| jpeg(picture))?);
            for (sample, encoder) in samples[1..].iter_mut().zip(AVIFS) {
                sample.push(match encoder {
                    Encoder::Libaom(speed) => {
                        libaom.encode(picture, (speed, LIBAOM_QUALITY), REPETITION_MS, &file)?
                    }
                    Encoder::Ours(_, effort) => cpu_ms(|| avif(picture, effort))?,
                });
            }
        }
        let names = [JPEG_NAME.to_owned()].into_iter().chain(AVIFS.map(Encoder::name));
        let median = |sample: &Vec<f64>| Spread::of(sample).map_or(0.0, |spread| spread.median);
        let medians = samples.iter().map(|sample| median(sample) / picture.megapixels());
        let place = pictures.iter().position(|other| other.name == picture.name);
        let picture = place.ok_or("no picture")?;
        out.push(Times { picture, encoders: names.zip(medians).collect() });
    }
    Ok(out)
}

/// The mean CPU time of work that is repeated for at least [`REPETITION_MS`].
fn cpu_ms(work: impl Fn() -> Outcome<Vec<u8>>) -> Outcome<f64> {
    let before = process_cpu_ms();
    let mut repetitions = 0.0;
    loop {
        if work()?.is_empty() {
            return Err("an empty file".into());
        }
        repetitions += 1.0;
        let spent = process_cpu_ms() - before;
        if spent >= REPETITION_MS {
            return Ok(spent / repetitions);
        }
    }
}

fn jpeg(picture: &Picture) -> Outcome<Vec<u8>> {
    let (width, height) = picture.pixels.dimensions();
    let options = resizer_jpeg::EncodeOptions::default().with_quality(QUALITY);
    resizer_jpeg::encode(picture.pixels.as_raw(), width, height, &options)
        .map_err(|error| error.to_string())
}

fn avif(picture: &Picture, effort: resizer_engine::spec::Effort) -> Outcome<Vec<u8>> {
    use resizer_engine::spec::Effort as Asked;
    let (width, height) = picture.pixels.dimensions();
    let effort = match effort {
        Asked::Fast => Effort::Fast,
        Asked::Balanced => Effort::Balanced,
        Asked::Small => Effort::Small,
    };
    let options = EncodeOptions::default().with_quality(QUALITY).with_effort(effort);
    encode(picture.pixels.as_raw(), width, height, &options).map_err(|error| error.to_string())
}
