//! The seam to our JPEG encoder: gray or YCbCr, of fewer bytes rather than in less time.

use resizer_jpeg::{EncodeOptions, Encoder, Profile, Sampling, Segments};

use crate::colour::flatten;
use crate::raster::{Layout, Raster};
use crate::spec::Rgba;

/// From this quality on the chroma planes keep their full size, as libvips does it.
const FULL_CHROMA_QUALITY: u8 = 90;

/// Below this side in pixels they do so too: there a line of one pixel is a part of the picture. A
/// red one at the edge of 640x32 keeps 59 of its 166 levels above blue in libjpeg's 4:2:0, at
/// quality 95 no more than 67.
const FULL_CHROMA_SIDE: u32 = 64;

pub(super) fn encode(raster: &Raster, quality: u8, background: Rgba) -> Vec<u8> {
    let raster = flatten(raster, background);
    let side = raster.size().width().min(raster.size().height());
    let full_chroma = quality >= FULL_CHROMA_QUALITY || side < FULL_CHROMA_SIDE;
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
