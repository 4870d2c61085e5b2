//! A finished picture and a variant's plan in, the bytes of a file out. One encoder per format in
//! `encode/`; none of them writes metadata.

mod jpeg;
mod palette;
mod png;
mod webp;

use crate::plan::VariantPlan;
use crate::resize::Picture;
use crate::spec::OutputFormat;

/// Encodes an upright sRGB picture as `format`.
///
/// # Panics
/// For planes as anything but JPEG, which no plan asks for.
pub fn encode(picture: &Picture, format: OutputFormat, variant: &VariantPlan) -> Vec<u8> {
    match (format, picture) {
        (OutputFormat::Jpeg, picture) => jpeg::encode(picture, variant),
        (OutputFormat::Png, Picture::Pixels(raster)) => png::encode(raster, variant.effort),
        (OutputFormat::Webp, Picture::Pixels(raster)) => {
            webp::encode(raster, variant.quality, variant.effort)
        }
        (_, Picture::Planes(_)) => unreachable!("only JPEGs are planned as planes"),
    }
}
