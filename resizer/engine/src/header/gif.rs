//! GIF blocks up to the first picture: the canvas, and a frame that may be larger than it.
//! Source: GIF89a specification, sections 15 to 20.

use super::{Detail, Header, nonzero_size};
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::orientation::Orientation;
use crate::raster::Layout;

const EXTENSION: u8 = 0x21;
const IMAGE: u8 = 0x2c;

pub(super) fn read(source: &[u8]) -> Result<Header, Reject> {
    let short = || Reject::malformed(ImageFormat::Gif, "cut within the screen descriptor");
    let (width, height) = sides(source, 6).ok_or_else(short)?;
    let packed = *source.get(10).ok_or_else(short)?;
    let size = nonzero_size(ImageFormat::Gif, width.into(), height.into())?;
    let frame_pixels = first_frame(source, 13 + colour_table_bytes(packed)).unwrap_or(0);
    Ok(Header {
        format: ImageFormat::Gif,
        size,
        orientation: Orientation::UPRIGHT,
        layout: Layout::Rgba,
        chroma: None,
        scans: 1,
        // The canvas; of the frame its indices and its colours.
        decode_bytes: size.pixels() * 4 + frame_pixels * 5,
        detail: Detail::Gif,
    })
}

/// The pixels of the first picture; `None` where there is none, which the decoder will say.
fn first_frame(source: &[u8], mut position: usize) -> Option<u64> {
    loop {
        match *source.get(position)? {
            IMAGE => {
                let (width, height) = sides(source, position + 5)?;
                return Some(u64::from(width) * u64::from(height));
            }
            EXTENSION => {
                position += 2;
                while let length @ 1.. = *source.get(position)? {
                    position += 1 + usize::from(length);
                }
                position += 1;
            }
            _ => return None,
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
