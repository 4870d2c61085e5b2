//! The seam to our JPEG crate's header: frame, EXIF and scans of a file.

use resizer_jpeg::frame::{ColorModel, Component};
use resizer_jpeg::{DecodeError, Header as JpegHeader, Scale};

use super::{CMYK_TABLE_BYTES, Detail, Header, colour_bytes, nonzero_size};
use crate::error::{Quantity, Reject};
use crate::format::ImageFormat;
use crate::orientation::Orientation;
use crate::raster::Layout;

pub(super) fn read(source: &[u8]) -> Result<Header, Reject> {
    let file = JpegHeader::read(source).map_err(reject)?;
    let size = nonzero_size(ImageFormat::Jpeg, file.frame.width, file.frame.height)?;
    let layout = match file.frame.color {
        ColorModel::Gray => Layout::Gray,
        ColorModel::Cmyk | ColorModel::Ycck if has_ink_profile(&file) => Layout::Cmyk,
        _ => Layout::Rgb,
    };
    Ok(Header {
        format: ImageFormat::Jpeg,
        size,
        orientation: file.exif.map_or(Orientation::UPRIGHT, Orientation::from_exif),
        layout,
        chroma: chroma(&file),
        scans: file.scans,
        frames: 1,
        plays: 1,
        decode_bytes: file.decoding_bytes(Scale::Full),
        colour_bytes: colour_bytes(file.icc_chunks().map(|(_, _, profile)| profile.len()).sum())
            + if layout == Layout::Cmyk { CMYK_TABLE_BYTES } else { 0 },
        detail: Detail::Jpeg,
    })
}

/// Whether a profile says what colours inks are. Source: ICC.1, 7.2.6.
fn has_ink_profile(file: &JpegHeader<'_>) -> bool {
    let first = file.icc_chunks().find(|(number, _, _)| *number == 1);
    first.is_some_and(|(_, _, profile)| profile.get(16..20) == Some(b"CMYK"))
}

/// Pixels that one sample of a colour difference covers, where the planes can be used as they are.
fn chroma(file: &JpegHeader<'_>) -> Option<[u32; 2]> {
    let &[luma, blue, red] = file.frame.components() else { return None };
    let of = |component: Component| [component.horizontal, component.vertical];
    let [most, least] = [of(luma), of(blue)];
    let usable = file.frame.color == ColorModel::YCbCr
        && file.icc_chunks().next().is_none()
        && least == of(red)
        && std::iter::zip(most, least).all(|(most, least)| most.is_multiple_of(least));
    usable.then(|| [0, 1].map(|side| u32::from(most[side] / least[side])))
}

/// The crate's refusals in the engine's words.
pub(crate) fn reject(error: DecodeError) -> Reject {
    match error {
        DecodeError::Unsupported(feature) => Reject::Unsupported { what: feature.name() },
        // All other limits of the crate are open, because the engine has its own.
        DecodeError::TooLarge { value, limit, .. } => {
            Reject::TooLarge { quantity: Quantity::ScanBlocks, value, limit }
        }
        error => Reject::malformed(ImageFormat::Jpeg, error),
    }
}
