//! PNG through `png`: 8 bits, the raster's own layout, marked as sRGB.

use png::{BitDepth, ColorType, Compression, Encoder, EncodingError, SrgbRenderingIntent};

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
    encoder.set_color(match raster.layout() {
        Layout::Gray => ColorType::Grayscale,
        Layout::GrayAlpha => ColorType::GrayscaleAlpha,
        Layout::Rgb => ColorType::Rgb,
        Layout::Rgba => ColorType::Rgba,
    });
    encoder.set_depth(BitDepth::Eight);
    encoder.set_source_srgb(SrgbRenderingIntent::Perceptual);
    encoder.set_compression(match effort {
        Effort::Fast => Compression::Fast,
        Effort::Balanced => Compression::Balanced,
        Effort::Small => Compression::High,
    });
    let mut writer = encoder.write_header()?;
    writer.write_image_data(raster.pixels())?;
    writer.finish()
}
