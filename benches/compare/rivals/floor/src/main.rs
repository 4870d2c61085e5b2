//! libjpeg-turbo by itself. As a worker it is the floor: the least that any engine on top of it
//! must do, a decode of the source's planes at 1/8 and the encoding of finished planes.
//! As a tool it decodes, encodes and changes the coding of files without loss.

mod planes;
#[path = "../../../src/protocol.rs"]
mod protocol;

use std::collections::HashMap;
use std::path::PathBuf;
use std::{env, fs, io};

use planes::Planes;
use protocol::{Made, Order, Stages, process_cpu_ms};
use turbojpeg::{Compressor, Decompressor, Image, PixelFormat, ScalingFactor, Subsamp};
use turbojpeg::{Transform, TransformOp, YuvImage};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["worker"] => Ok(work()?),
        ["decode", input, out] => decode(input, out),
        ["encode", quality, input, out] => encode(quality.parse()?, input, out),
        ["transcode", coding @ ("baseline" | "progressive"), input, out] => {
            transcode(coding == "progressive", input, out)
        }
        _ => Err("worker | decode JPEG PPM | encode QUALITY PPM JPEG | \
                  transcode baseline|progressive JPEG JPEG"
            .into()),
    }
}

/// Answers the runner. The planes of a source are made at the first job and kept, so that only
/// warm runs are the floor.
fn work() -> io::Result<()> {
    let mut sources: HashMap<(PathBuf, Vec<u32>), Planes> = HashMap::new();
    let mut library: Option<(Decompressor, Compressor)> = None;
    protocol::serve("libjpeg-turbo 3.1 (crate turbojpeg 1.5)", |order, source| {
        if order.format != "jpeg" || !source.starts_with(&[0xff, 0xd8]) {
            return Err("the floor is from JPEG to JPEG".into());
        }
        let key = (order.input.clone(), order.widths.clone());
        if !sources.contains_key(&key) {
            let header = turbojpeg::read_header(source).map_err(|error| error.to_string())?;
            if header.subsamp != Subsamp::Sub2x2 {
                return Err("the floor is from 4:2:0 to 4:2:0".into());
            }
            let planes = Planes::new(source, &order.widths).map_err(|error| error.to_string())?;
            sources.insert(key.clone(), planes);
        }
        let mut make = || -> turbojpeg::Result<_> {
            if library.is_none() {
                library = Some((Decompressor::new()?, Compressor::new()?));
            }
            let (decompressor, compressor) = library.as_mut().ok_or(turbojpeg::Error::Null)?;
            floor(order, source, &sources[&key], decompressor, compressor)
        };
        make().map_err(|error| error.to_string())
    })
}

fn floor(
    order: &Order,
    source: &[u8],
    planes: &Planes,
    decompressor: &mut Decompressor,
    compressor: &mut Compressor,
) -> turbojpeg::Result<Made> {
    let start = process_cpu_ms();
    let eighth = ScalingFactor::ONE_EIGHTH;
    decompressor.set_scaling_factor(eighth)?;
    let header = decompressor.read_header(source)?.scaled(eighth);
    let mut decoded = planes::empty(header.width, header.height)?;
    decompressor.decompress_to_yuv(source, decoded.as_deref_mut())?;
    std::hint::black_box(&decoded.pixels);
    let between = process_cpu_ms();

    compressor.set_quality(order.quality.into())?;
    let encode = |variant: &YuvImage<Vec<u8>>| compressor.compress_yuv_to_vec(variant.as_deref());
    let files = planes.variants.iter().map(encode).collect::<turbojpeg::Result<_>>()?;
    let (decode, encode) = (between - start, process_cpu_ms() - between);
    let stages = order.stages.then_some(Stages { decode, resize: 0.0, encode });
    Ok(Made { files, stages })
}

fn decode(input: &str, out: &str) -> Outcome<()> {
    let image = turbojpeg::decompress(&fs::read(input)?, PixelFormat::RGB)?;
    let mut ppm = format!("P6\n{} {}\n255\n", image.width, image.height).into_bytes();
    ppm.extend_from_slice(&image.pixels);
    Ok(fs::write(out, ppm)?)
}

fn encode(quality: i32, input: &str, out: &str) -> Outcome<()> {
    let ppm = fs::read(input)?;
    let mut lines = ppm.splitn(4, |byte| *byte == b'\n');
    let mut next = || lines.next().ok_or("PPM ends in its header");
    let (_, size, _, pixels) = (next()?, next()?, next()?, next()?);
    let (width, height) = str::from_utf8(size)?.split_once(' ').ok_or("width and height")?;
    let (width, height) = (width.parse()?, height.parse()?);
    let image = Image { pixels, width, height, pitch: width * 3, format: PixelFormat::RGB };
    Ok(fs::write(out, turbojpeg::compress(image, quality, Subsamp::Sub2x2)?)?)
}

fn transcode(progressive: bool, input: &str, out: &str) -> Outcome<()> {
    let mut transform = Transform::op(TransformOp::None);
    (transform.progressive, transform.copy_none) = (progressive, true);
    Ok(fs::write(out, turbojpeg::transform(&transform, &fs::read(input)?)?)?)
}
