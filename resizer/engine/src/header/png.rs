//! A walk over PNG chunks: size, colour type and EXIF. Chunk bodies are not unpacked.
//! Source: W3C PNG (third edition), sections 5 and 11.

mod chunks;

pub(crate) use self::chunks::{Chunk, checksum, chunks};
use super::{DEEP_TABLE_BYTES, Detail, Header, colour_bytes, nonzero_size};
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::orientation::Orientation;
use crate::raster::Layout;

/// What inflating takes, whatever the image.
const PNG_BYTES: u64 = 1 << 18;

/// Alphas of a full palette.
const MAX_TRANSPARENCY_BYTES: usize = 256;

/// A profile that unpacks to more is a bomb, and is passed over.
pub(crate) const MAX_PROFILE_BYTES: usize = 1 << 20;

pub(super) fn read(source: &[u8]) -> Result<Header, Reject> {
    let malformed = |detail: &str| Reject::malformed(ImageFormat::Png, detail);
    let mut chunks = chunks(source);
    let transparent = transparency(source).is_some();
    let first = chunks.next().ok_or_else(|| malformed("cut within the header chunk"))?;
    if first.name == *b"CgBI" {
        return Err(Reject::Unsupported { what: "a PNG that was optimized for iOS (CgBI)" });
    }
    if first.name != *b"IHDR" || first.body.len() != 13 {
        return Err(malformed("the first chunk is no header"));
    }
    let side = |offset: usize| {
        let bytes = &first.body[offset..offset + 4];
        u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
    };
    let size = nonzero_size(ImageFormat::Png, side(0), side(4))?;
    let (depth_bits, colour_type, interlaced) = (first.body[8], first.body[9], first.body[12] == 1);

    let mut orientation = Orientation::UPRIGHT;
    let (mut frames, mut plays, mut has_data, mut profile_bytes) = (1, 1, false, 0);
    for chunk in chunks {
        match &chunk.name {
            // Half a colour, which the decoder would trust in.
            b"PLTE" if colour_type == 3 && !matches!(chunk.body.len(), 3..=768) => {
                return Err(malformed("a palette of no colour, or of too many"));
            }
            b"PLTE" if colour_type == 3 && !chunk.body.len().is_multiple_of(3) => {
                return Err(malformed("a palette of parts of colours"));
            }
            // Behind the first data it comes too late.
            b"acTL" if !has_data => {
                if let Some(&[f0, f1, f2, f3, p0, p1, p2, p3]) = chunk.body.first_chunk() {
                    frames = u32::from_be_bytes([f0, f1, f2, f3]).max(1);
                    plays = u32::from_be_bytes([p0, p1, p2, p3]);
                }
            }
            b"IDAT" => has_data = true,
            // No deflated byte stands for more than this.
            b"iCCP" => profile_bytes = chunk.body.len().saturating_mul(1032).min(MAX_PROFILE_BYTES),
            b"eXIf" => orientation = Orientation::from_exif(chunk.body),
            _ => {}
        }
    }
    let layout = match (colour_type, transparent) {
        (0, false) => Layout::Gray,
        (0, true) | (4, _) => Layout::GrayAlpha,
        (2 | 3, false) => Layout::Rgb,
        (2 | 3, true) | (6, _) => Layout::Rgba,
        _ => return Err(malformed("unknown colour type")),
    };
    // Saturating, because sides have 32 bits here and only the limits behind this say how many
    // of them are too many.
    let raster_bytes = size.pixels().saturating_mul(layout.channels() as u64);
    let whole_bytes = raster_bytes.saturating_mul(if depth_bits == 16 { 3 } else { 1 });
    let row_bytes = whole_bytes / u64::from(size.height());
    Ok(Header {
        format: ImageFormat::Png,
        size,
        orientation,
        layout,
        chroma: None,
        scans: 1,
        frames,
        plays,
        // Rows are converted one by one, but those of an interlaced image only as a whole, 16 bits
        // beside 8.
        decode_bytes: PNG_BYTES + if interlaced { whole_bytes } else { row_bytes * 24 },
        colour_bytes: colour_bytes(profile_bytes)
            + if depth_bits == 16 { DEEP_TABLE_BYTES } else { 0 },
        detail: Detail::Png { interlaced },
    })
}

/// What the tRNS chunk says, where it counts: an alpha for each color of a palette, else the one
/// transparent color in 16 bits a channel, as samples of the image's depth. One that lies behind
/// the pixels or before its palette, is too short or has a wrong checksum is passed over, as libpng
/// does it. Source: PNG, 11.3.1.1.
pub(crate) fn transparency(source: &[u8]) -> Option<Vec<u8>> {
    let mut chunks = chunks(source);
    let header = chunks.next()?.body;
    let (&depth_bits, &color_type) = (header.get(8)?, header.get(9)?);
    let color_bytes = match color_type {
        0 => 2,
        2 => 6,
        3 => 1,
        _ => return None,
    };
    let mut has_palette = false;
    let mut before_pixels = chunks.take_while(|chunk| chunk.name != *b"IDAT");
    let found = before_pixels.find(|chunk| {
        has_palette |= chunk.name == *b"PLTE";
        chunk.name == *b"tRNS" && (color_type != 3 || has_palette)
    })?;
    if !(color_bytes..=MAX_TRANSPARENCY_BYTES).contains(&found.body.len()) || !found.is_intact() {
        return None;
    }
    let mut body = found.body.to_vec();
    if color_type != 3 && depth_bits < 16 {
        // Only so many bits count, whatever the others are.
        let mask = ((1_u32 << depth_bits) - 1) as u8;
        for sample in body.chunks_exact_mut(2) {
            sample[0] = 0;
            sample[1] &= mask;
        }
    }
    Some(body)
}
