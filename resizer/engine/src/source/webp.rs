//! A walk over the RIFF chunks of a WebP: canvas size, alpha, animation and EXIF.
//! Source: RFC 9649, section 2; RFC 6386, section 9.1; WebP lossless bitstream, section 3.

mod lossless;

use self::lossless::Groups;
use super::{Memory, Parsed, StoredPicture, nonzero_size, profile_bytes};
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::orientation::Orientation;
use crate::raster::Layout;

const ALPHA_FLAG: u8 = 0x10;
const ANIMATION_FLAG: u8 = 0x02;

/// Of a frame, before the chunks of its image.
const FRAME_HEADER_BYTES: usize = 16;

/// The chunks of a WebP.
#[derive(Debug)]
pub(crate) struct Webp<'a> {
    /// Whether the first frame must be composed on the canvas.
    pub(crate) has_animation_flag: bool,
    /// 1 for a still picture.
    pub(crate) frame_count: u32,
    /// 0 for endless.
    pub(crate) loop_count: u32,
    pub(crate) icc: Option<&'a [u8]>,
    pub(crate) exif: Option<&'a [u8]>,
    pub(crate) xmp: Option<&'a [u8]>,
}

pub(super) fn parse(source: &[u8]) -> Result<Parsed<Webp<'_>>, Reject> {
    let malformed = |detail: &str| Reject::malformed(ImageFormat::Webp, detail);
    let mut chunks = chunks(source).peekable();
    let first = chunks.peek().ok_or_else(|| malformed("cut within the first chunk"))?;
    let canvas = match &first.name {
        b"VP8X" => extended(first.body),
        b"VP8 " => lossy(first.body),
        b"VP8L" => lossless(first.body),
        _ => None,
    };
    let canvas = canvas.ok_or_else(|| malformed("no readable image header in the first chunk"))?;
    let size = nonzero_size(ImageFormat::Webp, canvas.width, canvas.height)?;
    let (mut frames, mut code_bytes, mut loops) = (0, 0, None);
    let [mut icc, mut exif, mut xmp] = [None; 3];
    for chunk in chunks {
        match &chunk.name {
            b"ICCP" => _ = icc.get_or_insert(chunk.body),
            b"EXIF" => _ = exif.get_or_insert(chunk.body),
            b"XMP " => _ = xmp.get_or_insert(chunk.body),
            b"ANIM" => _ = loops.get_or_insert(loop_count(chunk.body)),
            b"ANMF" => frames += 1,
            _ => {}
        }
        code_bytes = code_bytes.max(code_bytes_of(&chunk, [canvas.width, canvas.height]));
    }
    // Some writers keep the prefix that belongs to JPEG's APP1.
    let exif = exif.map(|body| body.strip_prefix(b"Exif\0\0").unwrap_or(body));
    let layout = if canvas.alpha { Layout::Rgba } else { Layout::Rgb };
    // Beside the raster libwebp holds four bytes a pixel for a lossless image, and two canvases
    // of them for an animation.
    let library_bytes = size.pixels() * if canvas.animated { 8 } else { 4 };
    let orientation = exif.map_or(Orientation::UPRIGHT, Orientation::from_exif);
    Ok(Parsed {
        picture: StoredPicture { size, orientation, layout },
        memory: Memory {
            decoder_bytes: size.pixels() * layout.channels() as u64 + library_bytes + code_bytes,
            lasting_bytes: profile_bytes(icc.map_or(0, <[u8]>::len)),
        },
        container: Webp {
            has_animation_flag: canvas.animated,
            frame_count: u32::max(frames, 1),
            loop_count: loops.unwrap_or(1),
            icc,
            exif,
            xmp,
        },
    })
}

/// Behind the color of the background, which nobody heeds.
fn loop_count(body: &[u8]) -> u32 {
    body.get(4..6).map_or(1, |loops| u16::from_le_bytes([loops[0], loops[1]]).into())
}

/// What the prefix codes of a chunk's image take: of lossless colors, of an alpha, of a frame.
fn code_bytes_of(chunk: &Chunk<'_>, size: [u32; 2]) -> u64 {
    let of_image = |chunk: &Chunk<'_>, [width, height]: [u32; 2]| {
        let stream = match &chunk.name {
            b"VP8L" => chunk.body.get(5..),
            // Behind one byte, if that says that it is compressed.
            b"ALPH" if chunk.body.first().is_some_and(|head| head & 3 == 1) => chunk.body.get(1..),
            _ => None,
        };
        stream.and_then(|stream| Groups::read(stream, width, height)).map_or(0, Groups::bytes)
    };
    match (&chunk.name, chunk.body.get(..FRAME_HEADER_BYTES)) {
        (b"ANMF", Some(frame)) => {
            let side =
                |at: usize| 1 + u32::from_le_bytes([frame[at], frame[at + 1], frame[at + 2], 0]);
            let inside = riff_chunks(&chunk.body[FRAME_HEADER_BYTES..]);
            inside.map(|chunk| of_image(&chunk, [side(6), side(9)])).max().unwrap_or(0)
        }
        _ => of_image(chunk, size),
    }
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

struct Chunk<'a> {
    name: [u8; 4],
    body: &'a [u8],
}

/// Chunks in order; the last one may be cut by the end of the file.
fn chunks(source: &[u8]) -> impl Iterator<Item = Chunk<'_>> {
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
