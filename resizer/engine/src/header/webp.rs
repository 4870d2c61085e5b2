//! A walk over the RIFF chunks of a WebP: canvas size, alpha, animation and EXIF.
//! Source: RFC 9649, section 2; RFC 6386, section 9.1; WebP lossless bitstream, section 3.

mod lossless;

use self::lossless::Groups;
use super::{Detail, Header, colour_bytes, nonzero_size, webp_icc};
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::orientation::Orientation;
use crate::raster::Layout;

const ALPHA_FLAG: u8 = 0x10;
const ANIMATION_FLAG: u8 = 0x02;

/// Of a frame, before the chunks of its image.
const FRAME_HEADER_BYTES: usize = 16;

pub(super) fn read(source: &[u8]) -> Result<Header, Reject> {
    let malformed = |detail: &str| Reject::malformed(ImageFormat::Webp, detail);
    let first = chunks(source).next().ok_or_else(|| malformed("cut within the first chunk"))?;
    let canvas = match &first.name {
        b"VP8X" => extended(first.body),
        b"VP8 " => lossy(first.body),
        b"VP8L" => lossless(first.body),
        _ => None,
    };
    let canvas = canvas.ok_or_else(|| malformed("no readable image header in the first chunk"))?;
    let size = nonzero_size(ImageFormat::Webp, canvas.width, canvas.height)?;
    let orientation = chunks(source)
        .find(|chunk| chunk.name == *b"EXIF")
        // Some writers keep the prefix that belongs to JPEG's APP1.
        .map(|chunk| chunk.body.strip_prefix(b"Exif\0\0").unwrap_or(chunk.body))
        .map_or(Orientation::UPRIGHT, Orientation::from_exif);
    let frames = chunks(source).filter(|chunk| chunk.name == *b"ANMF").count() as u32;
    // Behind the colour of the background, which nobody heeds.
    let plays = chunks(source).find(|chunk| chunk.name == *b"ANIM").map_or(1, |chunk| {
        chunk.body.get(4..6).map_or(1, |plays| u16::from_le_bytes([plays[0], plays[1]]).into())
    });
    let layout = if canvas.alpha { Layout::Rgba } else { Layout::Rgb };
    // Beside the raster libwebp holds four bytes a pixel for a lossless image, and two canvases
    // of them for an animation.
    let decoder_bytes = size.pixels() * if canvas.animated { 8 } else { 4 };
    Ok(Header {
        format: ImageFormat::Webp,
        size,
        orientation,
        layout,
        chroma: None,
        scans: 1,
        frames: frames.max(1),
        plays,
        decode_bytes: size.pixels() * layout.channels() as u64
            + decoder_bytes
            + code_bytes(source, [canvas.width, canvas.height]),
        colour_bytes: colour_bytes(webp_icc(source).map_or(0, <[u8]>::len)),
        detail: Detail::Webp { animated: canvas.animated },
    })
}

/// What the prefix codes of the costliest image take: of lossless colors, of an alpha, of a frame.
fn code_bytes(source: &[u8], size: [u32; 2]) -> u64 {
    let of_image = |chunk: Chunk<'_>, [width, height]: [u32; 2]| {
        let stream = match &chunk.name {
            b"VP8L" => chunk.body.get(5..),
            // Behind one byte, if that says that it is compressed.
            b"ALPH" if chunk.body.first().is_some_and(|head| head & 3 == 1) => chunk.body.get(1..),
            _ => None,
        };
        stream.and_then(|stream| Groups::read(stream, width, height)).map_or(0, Groups::bytes)
    };
    let of_chunk = |chunk: Chunk<'_>| match (&chunk.name, chunk.body.get(..FRAME_HEADER_BYTES)) {
        (b"ANMF", Some(frame)) => {
            let side =
                |at: usize| 1 + u32::from_le_bytes([frame[at], frame[at + 1], frame[at + 2], 0]);
            let inside = riff_chunks(&chunk.body[FRAME_HEADER_BYTES..]);
            inside.map(|chunk| of_image(chunk, [side(6), side(9)])).max().unwrap_or(0)
        }
        _ => of_image(chunk, size),
    };
    chunks(source).map(of_chunk).max().unwrap_or(0)
}

struct Canvas {
    width: u32,
    height: u32,
    alpha: bool,
    animated: bool,
}

fn extended(body: &[u8]) -> Option<Canvas> {
    let body = body.first_chunk::<10>()?;
    let side = |at: usize| 1 + u32::from_le_bytes([body[at], body[at + 1], body[at + 2], 0]);
    let animated = body[0] & ANIMATION_FLAG != 0;
    // Frames may leave parts of the canvas bare, whatever the alpha flag says.
    let alpha = animated || body[0] & ALPHA_FLAG != 0;
    Some(Canvas { width: side(4), height: side(7), alpha, animated })
}

fn lossy(body: &[u8]) -> Option<Canvas> {
    let body = body.first_chunk::<10>()?;
    if body[3..6] != [0x9d, 0x01, 0x2a] {
        return None;
    }
    // The two upper bits of each side ask for upscaling at display, which nobody does.
    let side = |at: usize| u32::from(u16::from_le_bytes([body[at], body[at + 1]]) & 0x3fff);
    Some(Canvas { width: side(6), height: side(8), alpha: false, animated: false })
}

fn lossless(body: &[u8]) -> Option<Canvas> {
    let body = body.first_chunk::<5>()?;
    if body[0] != 0x2f {
        return None;
    }
    let bits = u32::from_le_bytes([body[1], body[2], body[3], body[4]]);
    let (width, height) = (1 + (bits & 0x3fff), 1 + (bits >> 14 & 0x3fff));
    Some(Canvas { width, height, alpha: bits >> 28 & 1 == 1, animated: false })
}

pub(crate) struct Chunk<'a> {
    pub(crate) name: [u8; 4],
    pub(crate) body: &'a [u8],
}

/// Chunks in order; the last one may be cut by the end of the file.
pub(crate) fn chunks(source: &[u8]) -> impl Iterator<Item = Chunk<'_>> {
    riff_chunks(source.get(12..).unwrap_or_default())
}

/// The same within a chunk.
fn riff_chunks(mut rest: &[u8]) -> impl Iterator<Item = Chunk<'_>> {
    std::iter::from_fn(move || {
        let (name, after) = rest.split_first_chunk::<4>()?;
        let (length, after) = after.split_first_chunk::<4>()?;
        let length_bytes = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let body = &after[..length_bytes.min(after.len())];
        let padded_bytes = length_bytes.saturating_add(length_bytes % 2);
        rest = after.get(padded_bytes..).unwrap_or_default();
        Some(Chunk { name: *name, body })
    })
}
