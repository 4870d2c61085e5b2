//! GIF blocks: the canvas, a first frame that may be larger than it, how many follow, how often.
//! Source: GIF89a specification, sections 15 to 20.

use super::{Detail, Header, nonzero_size};
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::orientation::Orientation;
use crate::raster::Layout;

const EXTENSION: u8 = 0x21;
const IMAGE: u8 = 0x2c;

/// The extension that every browser knows. Its name is the first of its blocks.
const LOOPING: &[u8] = b"NETSCAPE2.0";

pub(super) fn read(source: &[u8]) -> Result<Header, Reject> {
    let short = || Reject::malformed(ImageFormat::Gif, "cut within the screen descriptor");
    let (width, height) = sides(source, 6).ok_or_else(short)?;
    let packed = *source.get(10).ok_or_else(short)?;
    let size = nonzero_size(ImageFormat::Gif, width.into(), height.into())?;
    let mut blocks = Blocks { frames: 0, plays: 1, first_pixels: 0, largest_pixels: 0 };
    // Where they end too early the decoder will say so.
    let _ = blocks.read(source, 13 + colour_table_bytes(packed));
    Ok(Header {
        format: ImageFormat::Gif,
        size,
        orientation: Orientation::UPRIGHT,
        layout: Layout::Rgba,
        chroma: None,
        scans: 1,
        frames: blocks.frames.max(1),
        plays: blocks.plays,
        // The canvas; of the frame its indices and its colours.
        decode_bytes: size.pixels() * 4 + blocks.first_pixels * 5,
        colour_bytes: 0,
        detail: Detail::Gif { largest_frame_pixels: blocks.largest_pixels },
    })
}

/// What the blocks behind the screen descriptor say.
struct Blocks {
    frames: u32,
    plays: u32,
    /// Of the first frame, which may be larger than the canvas.
    first_pixels: u64,
    /// Of the largest frame.
    largest_pixels: u64,
}

impl Blocks {
    /// Reads them one after the other, until the trailer or the end.
    fn read(&mut self, source: &[u8], mut position: usize) -> Option<()> {
        loop {
            match *source.get(position)? {
                IMAGE => {
                    let (width, height) = sides(source, position + 5)?;
                    let pixels = u64::from(width) * u64::from(height);
                    if self.frames == 0 {
                        self.first_pixels = pixels;
                    }
                    self.largest_pixels = self.largest_pixels.max(pixels);
                    self.frames += 1;
                    // The code size stands before the data.
                    position += 11 + colour_table_bytes(*source.get(position + 9)?);
                }
                EXTENSION => {
                    position += 2;
                    let body = source.get(position + 1..)?;
                    if let Some(data) = body.strip_prefix(LOOPING)
                        && let Some(&[3, 1, low, high]) = data.first_chunk()
                    {
                        // Counted without the first time.
                        self.plays = match u16::from_le_bytes([low, high]) {
                            0 => 0,
                            repeats => u32::from(repeats) + 1,
                        };
                    }
                }
                _ => return None,
            }
            while let length @ 1.. = *source.get(position)? {
                position += 1 + usize::from(length);
            }
            position += 1;
        }
    }
}

fn sides(source: &[u8], offset: usize) -> Option<(u16, u16)> {
    let bytes = source.get(offset..offset + 4)?;
    let side = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
    Some((side(0), side(2)))
}

/// Bit 7 says whether there is a table, bits 0 to 2 how many colours it has.
fn colour_table_bytes(packed: u8) -> usize {
    if packed & 0x80 == 0 { 0 } else { 3 << ((packed & 7) + 1) }
}
