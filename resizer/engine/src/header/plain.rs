//! BMP, TIFF and JPEG XL: what `image` and libraries in its manner read before pixels.

use std::io::Cursor;

use image::codecs::bmp::BmpDecoder;
use image::codecs::tiff::TiffDecoder;
use image::{ColorType, ImageDecoder, ImageError};

use super::{Detail, Header, colour_bytes, nonzero_size};
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::orientation::Orientation;
use crate::raster::Layout;

pub(super) fn read(format: ImageFormat, source: &[u8]) -> Result<Header, Reject> {
    let mut decoder = open(format, source)?;
    let (width, height) = decoder.dimensions();
    let size = nonzero_size(format, width, height)?;
    let colours = decoder.color_type();
    let layout = layout(colours)?;
    let orientation = decoder.orientation().map_err(|error| reject(format, error))?;
    // One that cannot be read is none.
    let profile = decoder.icc_profile().ok().flatten();
    let pixel_bytes = u64::from(colours.bytes_per_pixel());
    Ok(Header {
        format,
        size,
        orientation: Orientation::from_exif_value(orientation.to_exif()),
        layout,
        chroma: None,
        scans: 1,
        frames: 1,
        plays: 1,
        // All pixels as stored and as bytes, and of a TIFF one strip or tile besides, at most all.
        decode_bytes: size.pixels().saturating_mul(2 * pixel_bytes + layout.channels() as u64),
        colour_bytes: colour_bytes(profile.map_or(0, |icc| icc.len())),
        detail: Detail::Plain,
    })
}

/// The library's decoder, before its pixels.
///
/// # Errors
/// `Malformed`, and `Unsupported` for kinds that it does not know.
pub(crate) fn open<'a>(
    format: ImageFormat,
    source: &'a [u8],
) -> Result<Box<dyn ImageDecoder + 'a>, Reject> {
    let source = Cursor::new(source);
    let refuse = |error| reject(format, error);
    Ok(match format {
        ImageFormat::Bmp => Box::new(BmpDecoder::new(source).map_err(refuse)?),
        #[cfg(feature = "jxl")]
        ImageFormat::Jxl => {
            Box::new(jxl_oxide::integration::JxlDecoder::new(source).map_err(refuse)?)
        }
        _ => Box::new(TiffDecoder::new(source).map_err(refuse)?),
    })
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
pub(crate) fn reject(format: ImageFormat, error: ImageError) -> Reject {
    match (error, format) {
        (ImageError::Unsupported(_), ImageFormat::Bmp) => {
            Reject::Unsupported { what: "this kind of BMP" }
        }
        (ImageError::Unsupported(_), ImageFormat::Tiff) => {
            Reject::Unsupported { what: "this kind of TIFF" }
        }
        (error, _) => Reject::malformed(format, error),
    }
}
