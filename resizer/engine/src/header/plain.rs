//! TIFF and JPEG XL: what `image` and libraries in its manner read before pixels.

use image::codecs::tiff::TiffDecoder;
use image::{ColorType, ImageDecoder, ImageError};

use super::{Detail, Header, colour_bytes, nonzero_size};
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::orientation::Orientation;
use crate::raster::Layout;
use crate::stop::{Stop, StopReader};

pub(super) fn read(format: ImageFormat, source: &[u8]) -> Result<Header, Reject> {
    let mut decoder = open(format, StopReader::new(source, &Stop::default()))?;
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
    source: StopReader<'a>,
) -> Result<Box<dyn ImageDecoder + 'a>, Reject> {
    if format == ImageFormat::Tiff && !has_only_whole_fields(source.bytes()) {
        return Err(Reject::malformed(format, "a field that is longer than the file"));
    }
    let refuse = |error| reject(format, error);
    Ok(match format {
        #[cfg(feature = "jxl")]
        ImageFormat::Jxl => {
            Box::new(jxl_oxide::integration::JxlDecoder::new(source).map_err(refuse)?)
        }
        _ => Box::new(TiffDecoder::new(source).map_err(refuse)?),
    })
}

/// Whether no field of the first directory claims more values than there are bytes, as many as the
/// library would make room for. What cannot be read it will refuse itself.
/// Source: TIFF 6.0, section 2.
fn has_only_whole_fields(source: &[u8]) -> bool {
    const VALUE_BYTES: [u64; 13] = [1, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8];
    let is_big_endian = source.starts_with(b"MM");
    let number = |bytes: &[u8]| {
        let sum = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
        if is_big_endian { bytes.iter().fold(0, sum) } else { bytes.iter().rev().fold(0, sum) }
    };
    let start = source.get(4..8).map_or(0, number);
    let directory = usize::try_from(start).ok().and_then(|start| source.get(start..));
    let Some((count, fields)) = directory.and_then(|bytes| bytes.split_first_chunk::<2>()) else {
        return true;
    };
    let fields = fields.chunks_exact(12).take(number(count) as usize);
    fields.into_iter().all(|field| {
        let kind = number(&field[2..4]) as usize;
        let bytes = number(&field[4..8]) * VALUE_BYTES.get(kind).copied().unwrap_or(1);
        bytes <= source.len() as u64
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
        (ImageError::Unsupported(_), ImageFormat::Tiff) => {
            Reject::Unsupported { what: "this kind of TIFF" }
        }
        (error, _) => Reject::malformed(format, error),
    }
}
