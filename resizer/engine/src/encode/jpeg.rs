//! The seam to our JPEG encoder: gray, RGB or the planes of YCbCr.

use resizer_jpeg::{EncodeError, EncodeOptions, Encoder, Plane, Profile, Sampling, Segments};

use super::Extras;
use crate::colour::flatten;
use crate::plan::{VariantPlan, has_full_chroma};
use crate::raster::{Layout, Raster, Size};
use crate::resize::Picture;
use crate::spec::Effort;

const FITS: &str = "the plan keeps sides within the format's, and rows are whole";

pub(super) fn encode(picture: &Picture, variant: &VariantPlan, extras: Extras<'_>) -> Vec<u8> {
    match picture {
        Picture::Pixels(raster) => {
            encode_pixels(&flatten(raster, variant.background), variant, extras).expect(FITS)
        }
        Picture::Planes(planes) => encode_planes(planes, variant, extras).expect(FITS),
    }
}

fn encode_pixels(
    raster: &Raster,
    variant: &VariantPlan,
    extras: Extras<'_>,
) -> Result<Vec<u8>, EncodeError> {
    let gray = raster.layout() == Layout::Gray;
    let layout = if gray { resizer_jpeg::Layout::Gray } else { resizer_jpeg::Layout::YCbCr };
    let mut encoder = new_encoder(raster.size(), layout, variant, extras)?;
    if gray {
        encoder.push_gray(raster.pixels())?;
    } else {
        encoder.push_rgb(raster.pixels())?;
    }
    encoder.finish()
}

fn encode_planes(
    planes: &[Raster; 3],
    variant: &VariantPlan,
    extras: Extras<'_>,
) -> Result<Vec<u8>, EncodeError> {
    let mut encoder = new_encoder(planes[0].size(), resizer_jpeg::Layout::YCbCr, variant, extras)?;
    encoder.push_planes(&planes.each_ref().map(plane))?;
    encoder.finish()
}

fn plane(raster: &Raster) -> Plane<'_> {
    let (width, height) = (raster.size().width() as usize, raster.size().height() as usize);
    Plane { pixels: raster.pixels(), width, height, stride: width }
}

fn new_encoder(
    size: Size,
    layout: resizer_jpeg::Layout,
    variant: &VariantPlan,
    Extras { icc, exif, xmp }: Extras<'_>,
) -> Result<Encoder, EncodeError> {
    let full_chroma = has_full_chroma(variant.quality, size);
    let options = EncodeOptions {
        quality: variant.quality,
        sampling: if full_chroma { Sampling::Full } else { Sampling::Quarter },
        profile: match variant.effort {
            Effort::Fast => Profile::Fast,
            Effort::Balanced => Profile::Balanced,
            Effort::Small => Profile::Small,
        },
        ..EncodeOptions::default()
    };
    let segments = Segments { icc, exif, xmp, ..Segments::default() };
    Encoder::new(size.width(), size.height(), layout, &options, &segments)
}
