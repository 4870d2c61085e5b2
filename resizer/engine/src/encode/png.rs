//! PNG through `png`: 8 bits, a palette where that loses nothing, else the raster's own layout;
//! marked as sRGB, if it has no profile.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::Write;
use std::rc::Rc;

use png::{
    BitDepth, ColorType, DeflateCompression, Encoder as PngEncoder, EncodingError, Filter, Info,
    SrgbRenderingIntent, Writer,
};

use super::palette::{Indexed, indexed};
use super::{EncodeFrames, Encoder, Failure, File, Loops, Timed};
use crate::raster::{Layout, Raster, Size, widen};
use crate::spec::{Effort, MAX_SIDE};

pub(super) const ENCODER: Encoder = Encoder {
    extension: "png",
    media_type: "image/png",
    max_side: MAX_SIDE,
    holds_profile: true,
    working_bytes: |set| set.pixels * 12,
    encode: |picture, file| {
        file.guarded(|| {
            let mut bytes = Vec::new();
            write(picture.pixels()?, file, &mut bytes)?;
            Ok(bytes)
        })
    },
    animate: Some(|first, loops, file| Ok(Box::new(ApngEncoder::new(first.size(), loops, file)?))),
};

/// Frames in the making: whole pictures with alpha, so that none of them hides the one before.
struct ApngEncoder {
    writer: Writer<Shared>,
    bytes: Shared,
}

/// Where the library writes, which gives nothing back.
#[derive(Clone, Default)]
struct Shared(Rc<RefCell<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl ApngEncoder {
    fn new(size: Size, loops: Loops, file: &File<'_>) -> Result<Self, EncodingError> {
        let bytes = Shared::default();
        let mut encoder = encoder(bytes.clone(), size, file)?;
        encoder.set_color(ColorType::Rgba);
        encoder.set_filter(Filter::Adaptive);
        encoder.set_animated(loops.frame_count, loops.loop_count)?;
        Ok(Self { writer: encoder.write_header()?, bytes })
    }
}

impl EncodeFrames for ApngEncoder {
    fn push(&mut self, frame: &Timed<'_>) -> Result<(), Failure> {
        let raster = widen(frame.raster, Layout::Rgba);
        let [numerator, denominator] = delay(frame.duration_ms);
        self.writer.set_frame_delay(numerator, denominator)?;
        Ok(self.writer.write_image_data(raster.pixels())?)
    }

    fn finish(self: Box<Self>, _: &File<'_>) -> Result<Vec<u8>, Failure> {
        self.writer.finish()?;
        Ok(self.bytes.0.take())
    }
}

/// A time in parts of a second, the smallest whose number fits.
fn delay(duration_ms: u32) -> [u16; 2] {
    let in_parts = |parts: u16| {
        let number = duration_ms / (1000 / u32::from(parts));
        u16::try_from(number).ok().map(|number| [number, parts])
    };
    [1000, 100, 10].into_iter().find_map(in_parts).unwrap_or([u16::MAX, 1])
}

fn encoder<'a, W: Write>(
    out: W,
    size: Size,
    file: &File<'a>,
) -> Result<PngEncoder<'a, W>, EncodingError> {
    let extras = file.extras;
    let mut info = Info::with_size(size.width(), size.height());
    info.icc_profile = extras.icc.map(Cow::Borrowed);
    info.exif_metadata = extras.exif.map(Cow::Borrowed);
    let mut encoder = PngEncoder::with_info(out, info)?;
    encoder.set_depth(BitDepth::Eight);
    if extras.icc.is_none() {
        encoder.set_source_srgb(SrgbRenderingIntent::Perceptual);
    }
    if let Some(xmp) = extras.xmp.and_then(|xmp| std::str::from_utf8(xmp).ok()) {
        encoder.add_itxt_chunk("XML:com.adobe.xmp".to_owned(), xmp.to_owned())?;
    }
    encoder.set_deflate_compression(deflate(file.variant.effort));
    Ok(encoder)
}

fn write(raster: &Raster, file: &File<'_>, bytes: &mut Vec<u8>) -> Result<(), EncodingError> {
    let mut encoder = encoder(bytes, raster.size(), file)?;
    if let Some(Indexed { colors, alphas, indices }) = indexed(raster) {
        encoder.set_color(ColorType::Indexed);
        encoder.set_palette(colors);
        if !alphas.is_empty() {
            encoder.set_trns(alphas);
        }
        // Differences of numbers mean nothing.
        encoder.set_filter(Filter::NoFilter);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&indices)?;
        return writer.finish();
    }
    encoder.set_color(match raster.layout() {
        Layout::Gray => ColorType::Grayscale,
        Layout::GrayAlpha => ColorType::GrayscaleAlpha,
        Layout::Rgb => ColorType::Rgb,
        Layout::Rgba | Layout::Cmyk => ColorType::Rgba,
    });
    encoder.set_filter(Filter::Adaptive);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(raster.pixels())?;
    writer.finish()
}

/// A photograph of 1920x1080 takes 12 ms for 4.67 MB, 169 ms for 3.92 MB or 526 ms for 3.86 MB; a
/// drawing of 1024x1024 2 ms for 71 kB, 8 ms for 47 kB or 25 ms for 43 kB. zlib's usual level 6 is
/// 352 ms for 3.88 MB and 13 ms for 44 kB.
fn deflate(effort: Effort) -> DeflateCompression {
    match effort {
        Effort::Fast => DeflateCompression::FdeflateUltraFast,
        Effort::Balanced => DeflateCompression::Level(3),
        Effort::Small => DeflateCompression::Level(9),
    }
}
