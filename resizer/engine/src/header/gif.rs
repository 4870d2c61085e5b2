//! A walk over the blocks of a GIF: canvas, frames and, where they follow, how often.

mod blocks;

pub(crate) use self::blocks::{GifBlocks, GifFrame};
use super::{Detail, Header};
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::orientation::Orientation;
use crate::raster::Layout;

pub(super) fn read(source: &[u8]) -> Result<Header, Reject> {
    let malformed = |detail: &str| Reject::malformed(ImageFormat::Gif, detail);
    let blocks = GifBlocks::new(source);
    let mut blocks = blocks.ok_or_else(|| malformed("cut within the screen descriptor"))?;
    let first = blocks.next_frame();
    let canvas = blocks.canvas(first.as_ref());
    let size = canvas.ok_or_else(|| malformed("neither canvas nor frame has pixels"))?;
    let pixels = |frame: &GifFrame<'_>| {
        let (width, height) = blocks.size_of(frame).unwrap_or((0, 0));
        u64::from(width) * u64::from(height)
    };
    let first_pixels = first.as_ref().map_or(0, pixels);
    let mut walk = blocks.clone();
    let (mut frames, mut largest_pixels) = (u32::from(first.is_some()), first_pixels);
    while let Some(frame) = walk.next_frame() {
        frames += 1;
        largest_pixels = largest_pixels.max(pixels(&frame));
    }
    Ok(Header {
        format: ImageFormat::Gif,
        size,
        orientation: Orientation::UPRIGHT,
        layout: Layout::Rgba,
        chroma: None,
        scans: 1,
        frames: frames.max(1),
        plays: walk.plays,
        // The canvas, the indices of the frame and the codes' table.
        decode_bytes: GIF_BYTES + size.pixels() * 4 + first_pixels,
        colour_bytes: 0,
        detail: Detail::Gif { largest_frame_pixels: largest_pixels },
    })
}

/// What unpacking takes, whatever the picture.
const GIF_BYTES: u64 = 1 << 16;
