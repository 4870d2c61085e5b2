//! The seam to our JPEG crate's header: frame, EXIF and scans of a file.

use resizer_jpeg::{ColourModel, Error, Header as JpegHeader, Scale};

use super::{Detail, Header, nonzero_size};
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::orientation::Orientation;
use crate::raster::{Layout, Raster};

pub(super) fn read(source: &[u8]) -> Result<Header, Reject> {
    let file = JpegHeader::read(source).map_err(reject)?;
    let size = nonzero_size(ImageFormat::Jpeg, file.frame.width, file.frame.height)?;
    let gray = file.frame.colour == ColourModel::Gray;
    let layout = if gray { Layout::Gray } else { Layout::Rgb };
    let raster_bytes = Raster::byte_length(size, layout) as u64;
    Ok(Header {
        format: ImageFormat::Jpeg,
        size,
        orientation: file.exif.map_or(Orientation::UPRIGHT, Orientation::from_exif),
        layout,
        scans: file.scans,
        decode_bytes: raster_bytes + file.decoding_bytes(Scale::Full),
        detail: Detail::Jpeg,
    })
}

/// The crate's refusals in the engine's words.
pub(crate) fn reject(error: Error) -> Reject {
    match error {
        Error::Unsupported { what } => Reject::Unsupported { what },
        error => Reject::malformed(ImageFormat::Jpeg, error),
    }
}
