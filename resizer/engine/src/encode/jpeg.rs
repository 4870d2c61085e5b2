//! The seam to the JPEG encoder: jpeg-encoder, baseline, gray or YCbCr.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use crate::colour::flatten;
use crate::raster::{Layout, Raster};
use crate::spec::Rgba;

/// From this quality on the chroma planes keep their full size, as libvips does it.
const FULL_CHROMA_QUALITY: u8 = 90;

pub(super) fn encode(raster: &Raster, quality: u8, background: Rgba) -> Vec<u8> {
    let raster = flatten(raster, background);
    let colour_type =
        if raster.layout() == Layout::Gray { ColorType::Luma } else { ColorType::Rgb };
    let side = |side: u32| u16::try_from(side).expect("the plan keeps sides within the format's");
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality);
    encoder.set_sampling_factor(if quality >= FULL_CHROMA_QUALITY {
        SamplingFactor::F_1_1
    } else {
        SamplingFactor::F_2_2
    });
    let (width, height) = (side(raster.size().width()), side(raster.size().height()));
    encoder
        .encode(raster.pixels(), width, height, colour_type)
        .expect("the raster has the encoder's size and layout, and a Vec takes every write");
    bytes
}
