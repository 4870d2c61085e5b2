//! HEIC through libheif: the primary picture, which the library turns upright itself.

use libheif_rs::{HeifContext, HeifError, ImageHandle};

use super::{Memory, Parsed, StoredPicture, nonzero_size, profile_bytes};
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::orientation::Orientation;
use crate::raster::Layout;

pub(super) fn parse(source: &[u8]) -> Result<Parsed<()>, Reject> {
    let context = HeifContext::read_from_bytes(source).map_err(reject)?;
    let handle = context.primary_image_handle().map_err(reject)?;
    let size = nonzero_size(ImageFormat::Heic, handle.width(), handle.height())?;
    let layout = layout(&handle);
    let icc_bytes = handle.color_profile_raw().map_or(0, |icc| icc.data.len());
    Ok(Parsed {
        picture: StoredPicture { size, orientation: Orientation::UPRIGHT, layout },
        memory: Memory {
            // The planes, the pixels that the library makes of them, and ours.
            decoder_bytes: size.pixels().saturating_mul(6 + 2 * layout.channels() as u64),
            lasting_bytes: profile_bytes(icc_bytes),
        },
        container: (),
    })
}

/// What the pixels become.
fn layout(handle: &ImageHandle) -> Layout {
    if handle.has_alpha_channel() { Layout::Rgba } else { Layout::Rgb }
}

/// The library's refusals in the engine's terms.
pub(crate) fn reject(error: HeifError) -> Reject {
    Reject::malformed(ImageFormat::Heic, error)
}
