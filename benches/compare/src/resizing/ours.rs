//! The engine's resampling as a contender: its worker. The engine resamples what its decoders give,
//! bands of rows whose channels lie one behind the other; they are made of the pixels before the
//! clock starts. In the mode `tiff` the decoder of an uncompressed TIFF is part of the work.

use std::rc::Rc;

use fixtures::tiff::{Chunks, Compression, TiffOptions, TiffSamples, Value, tiff};
use resizer_engine::internals::{Band, Decoder, Picture, Plan, Resampler};
use resizer_engine::spec::{Fit, FormatSpec, Light, OutputFormat, PngColors, Request, VariantSpec};
use resizer_engine::{Source, Stop};

use super::protocol::{self, Pixels, Run, Samples};
use crate::Outcome;

/// Rows of a strip, and of a band.
const STRIP_ROWS: u32 = 16;

/// Answers tasks until standard input ends.
///
/// # Errors
/// If the pipes break.
pub(crate) fn work(mode: &str) -> Outcome<()> {
    let version = concat!("resizer-engine ", env!("CARGO_PKG_VERSION"));
    let served = protocol::serve(version, |pixels, bytes| prepare(mode, pixels, &bytes));
    served.map_err(|error| error.to_string())
}

fn prepare(mode: &str, pixels: &Pixels, bytes: &[u8]) -> Outcome<Run> {
    if pixels.bits != 8 {
        return Err("resamples 8-bit samples alone; decoders narrow wider ones".into());
    }
    let light = if pixels.linear { Light::Linear } else { Light::Gamma };
    let file = uncompressed(pixels, bytes);
    let mut bands = Vec::new();
    if mode != "tiff" {
        let source = Source::parse(&file).map_err(|error| error.to_string())?;
        each_band(&source, &Plan::new(&source, &request(&[[1, 1]], light)), |band| {
            bands.push(std::mem::take(band));
        })?;
    }
    Ok(Box::new(move |sizes| {
        let source = Source::parse(&file).map_err(|error| error.to_string())?;
        let plan = Plan::new(&source, &request(sizes, light));
        let mut resampler = Resampler::new(&plan, plan.rows.layout);
        if bands.is_empty() {
            each_band(&source, &plan, |band| resampler.push(band))?;
        } else {
            bands.iter().for_each(|band| resampler.push(band));
        }
        let pictures = Rc::new(resampler.finish());
        Ok(plan.variants.iter().map(|variant| samples(&pictures, variant.picture)).collect())
    }))
}

fn each_band(source: &Source<'_>, plan: &Plan, mut take: impl FnMut(&mut Band)) -> Outcome<()> {
    let mut decoder =
        Decoder::new(source, plan, &Stop::default()).map_err(|error| error.to_string())?;
    let mut band = Band::default();
    while decoder.next_band(&mut band).map_err(|error| error.to_string())? {
        take(&mut band);
    }
    Ok(())
}

fn samples(pictures: &Rc<Vec<Picture>>, index: usize) -> Samples {
    let pictures = Rc::clone(pictures);
    let take: Box<dyn FnOnce() -> Vec<u8>> = Box::new(move || match &pictures[index] {
        Picture::Pixels(raster) => raster.pixels().to_vec(),
        Picture::Planes([luma, blue, red]) => [luma.pixels(), blue.pixels(), red.pixels()].concat(),
    });
    take.into()
}

/// The engine makes a picture of a larger one, if both are asked for at once.
fn request(sizes: &[[u32; 2]], light: Light) -> Request {
    let spec = |&[width, height]: &[u32; 2]| VariantSpec {
        name: format!("w{width}"),
        width: Some(width),
        height: Some(height),
        fit: Fit::Exact,
        formats: vec![FormatSpec::Fixed(OutputFormat::Png)],
        png_colors: PngColors::All,
        light,
        ..VariantSpec::default()
    };
    sizes.iter().map(spec).collect::<Vec<_>>().into()
}

fn uncompressed(pixels: &Pixels, bytes: &[u8]) -> Vec<u8> {
    const RGB: u16 = 2;
    const BLACK_IS_ZERO: u16 = 1;
    /// `ExtraSamples`, and its value for alpha that is not premultiplied.
    const STRAIGHT_ALPHA: (u16, u16) = (338, 2);
    let &Pixels { size: [width, height], channels, .. } = pixels;
    let strip_bytes = width as usize * channels * STRIP_ROWS as usize;
    let strips = bytes.chunks(strip_bytes).map(<[u8]>::to_vec).collect();
    let samples = TiffSamples {
        width,
        height,
        bits: 8,
        per_pixel: channels,
        model: if channels == 1 { BLACK_IS_ZERO } else { RGB },
        values: vec![0; bytes.len()],
    };
    let (tag, straight) = STRAIGHT_ALPHA;
    let alpha = (channels == 4).then(|| (tag, Value::Short(vec![straight])));
    let options = TiffOptions {
        compression: Compression::Done(1, strips),
        chunks: Chunks::Strips(STRIP_ROWS),
        fields: alpha.into_iter().collect(),
        ..TiffOptions::default()
    };
    tiff(&samples, &options)
}
