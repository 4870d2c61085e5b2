//! A walk over the blocks of a GIF: canvas, frames and, where they follow, how often they play.

mod blocks;

pub(crate) use self::blocks::{GifBlocks, GifFrame};
use super::{Memory, Parsed, StoredPicture};
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::orientation::Orientation;
use crate::raster::Layout;

/// A GIF whose frames were counted.
#[derive(Debug)]
pub(crate) struct Gif<'a> {
    /// At the first frame. The descriptor of each is read again when its turn comes: a list of
    /// them could be several times as long as the file.
    pub(crate) blocks: GifBlocks<'a>,
    pub(crate) frame_count: u32,
    pub(crate) loop_count: u32,
    /// Pixels of the largest one, which the canvas does not bound.
    pub(crate) largest_frame_pixels: u64,
}

pub(super) fn parse(source: &[u8]) -> Result<Parsed<Gif<'_>>, Reject> {
    let malformed = |detail: &str| Reject::malformed(ImageFormat::Gif, detail);
    let blocks = GifBlocks::new(source);
    let blocks = blocks.ok_or_else(|| malformed("cut within the screen descriptor"))?;
    let mut walk = blocks.clone();
    let first = walk.next_frame();
    let canvas = blocks.canvas(first.as_ref());
    let size = canvas.ok_or_else(|| malformed("neither canvas nor frame has pixels"))?;
    let pixels = |frame: &GifFrame<'_>| {
        let (width, height) = blocks.size_of(frame).unwrap_or((0, 0));
        u64::from(width) * u64::from(height)
    };
    let first_pixels = first.as_ref().map_or(0, pixels);
    let (mut frames, mut largest_pixels) = (u32::from(first.is_some()), first_pixels);
    while let Some(frame) = walk.next_frame() {
        frames += 1;
        largest_pixels = largest_pixels.max(pixels(&frame));
    }
    Ok(Parsed {
        picture: StoredPicture { size, orientation: Orientation::UPRIGHT, layout: Layout::Rgba },
        memory: Memory {
            // The canvas, the indices of the frame and the codes' table.
            decoder_bytes: GIF_BYTES + size.pixels() * 4 + first_pixels,
            lasting_bytes: 0,
        },
        container: Gif {
            frame_count: frames.max(1),
            loop_count: walk.loop_count,
            largest_frame_pixels: largest_pixels,
            blocks,
        },
    })
}

/// What unpacking takes, whatever the picture.
const GIF_BYTES: u64 = 1 << 16;
