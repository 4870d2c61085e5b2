//! PNG through `png`: 8 bits, a palette where that loses nothing, else the raster's own layout;
//! marked as sRGB.

use png::{
    BitDepth, ColorType, DeflateCompression, Encoder, EncodingError, Filter, SrgbRenderingIntent,
};

use super::palette::{Indexed, indexed};
use crate::raster::{Layout, Raster};
use crate::spec::Effort;

pub(super) fn encode(raster: &Raster, effort: Effort) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(raster, effort, &mut bytes)
        .expect("the raster has the header's length, a Vec takes every write");
    bytes
}

fn write(raster: &Raster, effort: Effort, bytes: &mut Vec<u8>) -> Result<(), EncodingError> {
    let mut encoder = Encoder::new(bytes, raster.size().width(), raster.size().height());
    encoder.set_depth(BitDepth::Eight);
    encoder.set_source_srgb(SrgbRenderingIntent::Perceptual);
    encoder.set_deflate_compression(deflate(effort));
    if let Some(Indexed { colours, alphas, indices }) = indexed(raster) {
        encoder.set_color(ColorType::Indexed);
        encoder.set_palette(colours);
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
        Layout::Rgba => ColorType::Rgba,
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
