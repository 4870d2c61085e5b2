//! A finished raster and a variant's plan in, the bytes of a file out. One encoder per format in
//! `encode/`; none of them writes metadata.

mod jpeg;
mod png;
mod webp;

use crate::plan::VariantPlan;
use crate::raster::Raster;
use crate::spec::OutputFormat;

/// Encodes an upright sRGB raster as `format`.
pub fn encode(raster: &Raster, format: OutputFormat, variant: &VariantPlan) -> Vec<u8> {
    match format {
        OutputFormat::Jpeg => jpeg::encode(raster, variant.quality, variant.background),
        OutputFormat::Png => png::encode(raster),
        OutputFormat::Webp => webp::encode(raster, variant.quality),
    }
}
