//! JPEG XL: what `jxl-oxide` reads before pixels, in the manner of `image`.

use image::{ColorType, ImageDecoder, ImageError};
use jxl_oxide::integration::JxlDecoder;

use super::{Memory, Parsed, StoredPicture, nonzero_size, profile_bytes};
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::orientation::Orientation;
use crate::raster::Layout;
use crate::stop::{Stop, StopReader};

pub(super) fn parse(source: &[u8]) -> Result<Parsed<()>, Reject> {
    let mut decoder = open(StopReader::new(source, &Stop::default()))?;
    let (width, height) = decoder.dimensions();
    let size = nonzero_size(ImageFormat::Jxl, width, height)?;
    let colors = decoder.color_type();
    let layout = layout(colors)?;
    let orientation = decoder.orientation().map_err(reject)?;
    let orientation = Orientation::from_exif_value(orientation.to_exif());
    // One that cannot be read is none.
    let icc = decoder.icc_profile().ok().flatten();
    let pixel_bytes = 2 * u64::from(colors.bytes_per_pixel()) + layout.channels() as u64;
    Ok(Parsed {
        picture: StoredPicture { size, orientation, layout },
        memory: Memory {
            // All pixels as stored and as bytes, and some of them once more.
            decoder_bytes: size.pixels().saturating_mul(pixel_bytes),
            lasting_bytes: profile_bytes(icc.map_or(0, |icc| icc.len())),
        },
        container: (),
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
fn layout(colors: ColorType) -> Result<Layout, Reject> {
    match colors {
        ColorType::L8 | ColorType::L16 => Ok(Layout::Gray),
        ColorType::La8 | ColorType::La16 => Ok(Layout::GrayAlpha),
        ColorType::Rgb8 | ColorType::Rgb16 => Ok(Layout::Rgb),
        ColorType::Rgba8 | ColorType::Rgba16 => Ok(Layout::Rgba),
        _ => Err(Reject::Unsupported { what: "an image of floating-point samples" }),
    }
}

/// The library's refusals in the engine's terms.
pub(crate) fn reject(error: ImageError) -> Reject {
    Reject::malformed(ImageFormat::Jxl, error)
}
