//! The chunks around a WebP's pixels: a file of the library in, the same with more to tell out.
//! Source: RFC 9649, 2.7.

use crate::encode::Extras;
use crate::raster::Size;

const ICC_FLAG: u8 = 0x20;
const ALPHA_FLAG: u8 = 0x10;
const EXIF_FLAG: u8 = 0x08;
const XMP_FLAG: u8 = 0x04;

/// A still or animated file of this size with these extras.
pub(super) fn with_extras(
    file: Vec<u8>,
    size: Size,
    has_alpha: bool,
    extras: Extras<'_>,
) -> Vec<u8> {
    let Extras { icc, exif, xmp } = extras;
    if icc.is_none() && exif.is_none() && xmp.is_none() {
        return file;
    }
    let chunks = &file[12..];
    // The library writes this chunk itself for animations and for lossy pictures with alpha.
    let (known_flags, pixels) = match chunks.first_chunk::<8>() {
        Some([b'V', b'P', b'8', b'X', ..]) => (chunks[8], &chunks[18..]),
        _ => (if has_alpha { ALPHA_FLAG } else { 0 }, chunks),
    };
    let flag = |part: Option<&[u8]>, flag| if part.is_some() { flag } else { 0 };
    let flags = known_flags | flag(icc, ICC_FLAG) | flag(exif, EXIF_FLAG) | flag(xmp, XMP_FLAG);
    let mut header = vec![flags, 0, 0, 0];
    let sides = [size.width(), size.height()];
    header.extend(sides.iter().flat_map(|side| (side - 1).to_le_bytes().into_iter().take(3)));

    let mut out = b"RIFF\0\0\0\0WEBP".to_vec();
    chunk(&mut out, b"VP8X", &header);
    if let Some(icc) = icc {
        chunk(&mut out, b"ICCP", icc);
    }
    out.extend_from_slice(pixels);
    if let Some(exif) = exif {
        chunk(&mut out, b"EXIF", exif);
    }
    if let Some(xmp) = xmp {
        chunk(&mut out, b"XMP ", xmp);
    }
    let length = (out.len() - 8) as u32;
    out[4..8].copy_from_slice(&length.to_le_bytes());
    out
}

/// Says in the extended header, if a file has one, that its canvas has alpha.
pub(super) fn announce_alpha(file: &mut [u8]) {
    if file.get(12..16) == Some(b"VP8X")
        && let Some(flags) = file.get_mut(20)
    {
        *flags |= ALPHA_FLAG;
    }
}

fn chunk(out: &mut Vec<u8>, name: &[u8; 4], body: &[u8]) {
    out.extend_from_slice(name);
    out.extend((body.len() as u32).to_le_bytes());
    out.extend_from_slice(body);
    out.resize(out.len().next_multiple_of(2), 0);
}
