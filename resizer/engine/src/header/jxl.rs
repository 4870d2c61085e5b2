//! JPEG XL: what `jxl-oxide` reads before pixels, in the manner of `image`.

use image::{ColorType, ImageDecoder, ImageError};
use jxl_oxide::integration::JxlDecoder;

use super::{Detail, Header, colour_bytes, nonzero_size};
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::orientation::Orientation;
use crate::raster::Layout;
use crate::stop::{Stop, StopReader};

pub(super) fn read(source: &[u8]) -> Result<Header, Reject> {
    let mut decoder = open(StopReader::new(source, &Stop::default()))?;
    let (width, height) = decoder.dimensions();
    let size = nonzero_size(ImageFormat::Jxl, width, height)?;
    let colours = decoder.color_type();
    let layout = layout(colours)?;
    let orientation = decoder.orientation().map_err(reject)?;
    // One that cannot be read is none.
    let profile = decoder.icc_profile().ok().flatten();
    let pixel_bytes = u64::from(colours.bytes_per_pixel());
    Ok(Header {
        format: ImageFormat::Jxl,
        size,
        orientation: Orientation::from_exif_value(orientation.to_exif()),
        layout,
        chroma: None,
        scans: 1,
        frames: 1,
        plays: 1,
        // All pixels as stored and as bytes, and some of them once more.
        decode_bytes: size.pixels().saturating_mul(2 * pixel_bytes + layout.channels() as u64),
        colour_bytes: colour_bytes(profile.map_or(0, |icc| icc.len())),
        detail: Detail::Jxl,
    })
}

/// The library's decoder, before its pixels.
///
/// # Errors
/// `Malformed`.
pub(crate) fn open<'a>(source: StopReader<'a>) -> Result<JxlDecoder<StopReader<'a>>, Reject> {
    JxlDecoder::new(source).map_err(reject)
}

/// What becomes of the pixels as `image` gives them.
fn layout(colours: ColorType) -> Result<Layout, Reject> {
    match colours {
        ColorType::L8 | ColorType::L16 => Ok(Layout::Gray),
        ColorType::La8 | ColorType::La16 => Ok(Layout::GrayAlpha),
        ColorType::Rgb8 | ColorType::Rgb16 => Ok(Layout::Rgb),
        ColorType::Rgba8 | ColorType::Rgba16 => Ok(Layout::Rgba),
        _ => Err(Reject::Unsupported { what: "an image of floating-point samples" }),
    }
}

/// The library's refusals in the engine's words.
pub(crate) fn reject(error: ImageError) -> Reject {
    Reject::malformed(ImageFormat::Jxl, error)
}
