//! The seam to our JPEG encoder: gray or YCbCr, of fewer bytes rather than in less time.

use resizer_jpeg::{EncodeOptions, Encoder, Profile, Sampling, Segments};

use crate::colour::flatten;
use crate::raster::{Layout, Raster};
use crate::spec::Rgba;

/// From this quality on the chroma planes keep their full size, as libvips does it.
const FULL_CHROMA_QUALITY: u8 = 90;

pub(super) fn encode(raster: &Raster, quality: u8, background: Rgba) -> Vec<u8> {
    let raster = flatten(raster, background);
    let full_chroma = quality >= FULL_CHROMA_QUALITY;
    let options = EncodeOptions {
        quality,
        sampling: if full_chroma { Sampling::Full } else { Sampling::Quarter },
        profile: Profile::Balanced,
        ..EncodeOptions::default()
    };
    write(&raster, &options).expect("the plan keeps sides within the format's, and rows are whole")
}

fn write(raster: &Raster, options: &EncodeOptions) -> Result<Vec<u8>, resizer_jpeg::EncodeError> {
    let gray = raster.layout() == Layout::Gray;
    let layout = if gray { resizer_jpeg::Layout::Gray } else { resizer_jpeg::Layout::YCbCr };
    let (width, height) = (raster.size().width(), raster.size().height());
    let mut encoder = Encoder::new(width, height, layout, options, &Segments::default())?;
    if gray {
        encoder.push_gray(raster.pixels())?;
    } else {
        encoder.push_rgb(raster.pixels())?;
    }
    encoder.finish()
}
