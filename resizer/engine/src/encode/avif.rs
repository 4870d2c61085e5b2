//! AVIF through our own crate: 8 bits; 4:2:0, or 4:4:4 at high quality, for small pictures, and for
//! drawings.

mod hidden;

use std::borrow::Cow;

use resizer_av1::{
    ColorCode, Effort as AvifEffort, EncodeError, EncodeOptions, PixelFormat, Sampling,
    encode_until,
};

use self::hidden::painted_over;
use super::{Encoder, Failure, File, WorkingSet};
use crate::raster::{Layout, Raster, Size, widen};
use crate::spec::Effort;

pub(super) const ENCODER: Encoder = Encoder {
    extension: "avif",
    media_type: "image/avif",
    // AV1's level 6.2 has 35.6 megapixels. Larger pictures are of level 31, which has no bounds, so
    // that decoders may refuse them.
    max_side: 8192,
    holds_profile: true,
    working_bytes,
    encode: |picture, file| file.guarded(|| encode(picture.pixels()?, file)),
    animate: None,
};

/// Tables, then for each pixel two copies of it, the planes and those of their reconstruction, with
/// half as much again where the picture has several tiles, and the file twice.
fn working_bytes(WorkingSet { size, .. }: WorkingSet) -> u64 {
    let side = |side: u32| u64::from(side).next_multiple_of(64);
    (2 << 20) + side(size.width()) * side(size.height()) * 24
}

fn encode(raster: &Raster, file: &File<'_>) -> Result<Vec<u8>, Failure> {
    let (format, layout) = match raster.layout() {
        Layout::Gray => (PixelFormat::Gray, Layout::Gray),
        Layout::GrayAlpha => (PixelFormat::GrayAlpha, Layout::GrayAlpha),
        Layout::Rgb => (PixelFormat::Rgb, Layout::Rgb),
        Layout::Rgba | Layout::Cmyk => (PixelFormat::Rgba, Layout::Rgba),
    };
    let mut raster = widen(raster, layout);
    if layout.has_alpha() {
        raster = Cow::Owned(painted_over(&raster));
    }
    let quality = file.variant.quality.avif;
    let mut options = EncodeOptions::default()
        .with_format(format)
        .with_quality(quality)
        .with_sampling(sampling(quality, raster.size()))
        .with_effort(effort(file.variant.effort));
    if let Some(icc) = file.extras.icc {
        options = options.with_icc_profile(icc).with_color(ColorCode::UNSPECIFIED);
    }
    if let Some(exif) = file.extras.exif {
        options = options.with_exif(exif);
    }
    if let Some(xmp) = file.extras.xmp {
        options = options.with_xmp(xmp);
    }
    let size = (raster.size().width(), raster.size().height());
    encode_until(raster.pixels(), size, &options, &|| file.stop.is_set()).map_err(|error| {
        match error {
            EncodeError::Stopped => Failure::Stopped,
            error => error.into(),
        }
    })
}

/// Coarse chroma shows at high quality, and in small pictures, as for JPEG. In drawings, text, and
/// screenshots, 4:4:4 has fewer bytes at equal SSIMULACRA2 scores.
fn sampling(quality: u8, size: Size) -> Sampling {
    let is_small = size.width().min(size.height()) < 64;
    if quality >= 90 || is_small { Sampling::S444 } else { Sampling::Automatic }
}

/// The README of the crate has the times and the bytes of each.
fn effort(effort: Effort) -> AvifEffort {
    match effort {
        Effort::Fast => AvifEffort::Fast,
        Effort::Balanced => AvifEffort::Balanced,
        Effort::Small => AvifEffort::Small,
    }
}
