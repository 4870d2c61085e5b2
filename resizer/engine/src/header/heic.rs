//! HEIC through libheif: the primary picture, which the library turns upright itself.

use libheif_rs::{HeifContext, HeifError, ImageHandle};

use super::{Detail, Header, colour_bytes, nonzero_size};
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::orientation::Orientation;
use crate::raster::Layout;

pub(super) fn read(source: &[u8]) -> Result<Header, Reject> {
    let context = HeifContext::read_from_bytes(source).map_err(reject)?;
    let handle = context.primary_image_handle().map_err(reject)?;
    let size = nonzero_size(ImageFormat::Heic, handle.width(), handle.height())?;
    let layout = layout(&handle);
    Ok(Header {
        format: ImageFormat::Heic,
        size,
        orientation: Orientation::UPRIGHT,
        layout,
        chroma: None,
        scans: 1,
        frames: 1,
        plays: 1,
        // The planes, the pixels that the library makes of them, and ours.
        decode_bytes: size.pixels().saturating_mul(6 + 2 * layout.channels() as u64),
        colour_bytes: colour_bytes(handle.color_profile_raw().map_or(0, |icc| icc.data.len())),
        detail: Detail::Heic,
    })
}

/// What the pixels become.
pub(crate) fn layout(handle: &ImageHandle) -> Layout {
    if handle.has_alpha_channel() { Layout::Rgba } else { Layout::Rgb }
}

/// The library's refusals in the engine's words.
pub(crate) fn reject(error: HeifError) -> Reject {
    Reject::malformed(ImageFormat::Heic, error)
}
