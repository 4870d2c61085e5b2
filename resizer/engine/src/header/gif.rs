//! The GIF logical screen (GIF89a, section 18): canvas size only.

use super::{Detail, Header, nonzero_size};
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::orientation::Orientation;
use crate::raster::Layout;

pub(super) fn read(source: &[u8]) -> Result<Header, Reject> {
    let Some(&[width_low, width_high, height_low, height_high]) = source.get(6..10) else {
        return Err(Reject::malformed(ImageFormat::Gif, "cut within the screen descriptor"));
    };
    let width = u16::from_le_bytes([width_low, width_high]);
    let height = u16::from_le_bytes([height_low, height_high]);
    let size = nonzero_size(ImageFormat::Gif, width.into(), height.into())?;
    Ok(Header {
        format: ImageFormat::Gif,
        size,
        orientation: Orientation::UPRIGHT,
        layout: Layout::Rgba,
        scans: 1,
        // The canvas, and a frame that may cover all of it.
        decode_bytes: size.pixels() * 8,
        detail: Detail::None,
    })
}
