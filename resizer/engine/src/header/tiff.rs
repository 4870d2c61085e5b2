//! TIFF and BigTIFF: the first picture of a file, described by the fields of its directory. One
//! walk, in which nothing is allocated.
//! Source: TIFF 6.0; Adobe's technical notes of 1995 and 2002 (JPEG in TIFF, Deflate).

mod chunks;
mod coding;
mod color;
mod directory;
mod kinds;
mod picture;
mod tags;

pub(crate) use self::coding::{Compression as TiffCompression, Fax as TiffFax};
pub(crate) use self::color::{Color as TiffColor, YCbCr as TiffYCbCr};
pub(crate) use self::directory::Values as TiffValues;
pub(crate) use self::picture::{Picture as TiffPicture, Samples as TiffSamples};
use super::{CMYK_TABLE_BYTES, DEEP_TABLE_BYTES, Detail, Header, colour_bytes};
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::raster::Layout;

/// Tables of fax codes, small buffers and the like.
const FIXED_BYTES: u64 = 1 << 17;

pub(super) fn read(source: &[u8]) -> Result<Header, Reject> {
    let picture = TiffPicture::read(source)?;
    Ok(Header {
        format: ImageFormat::Tiff,
        size: picture.size,
        orientation: picture.orientation,
        layout: picture.layout(),
        chroma: None,
        scans: 1,
        frames: 1,
        plays: 1,
        decode_bytes: decode_bytes(&picture),
        colour_bytes: colour_bytes(picture.icc.map_or(0, <[u8]>::len))
            + if picture.samples.bits == 16 { DEEP_TABLE_BYTES } else { 0 }
            + if picture.layout() == Layout::Cmyk { CMYK_TABLE_BYTES } else { 0 },
        detail: Detail::Tiff,
    })
}

/// Strips are decoded line by line, tiles beside each other as a row of them; each line becomes
/// samples of 16 bits.
fn decode_bytes(picture: &TiffPicture<'_>) -> u64 {
    let chunks = &picture.chunks;
    let needed = picture.needed_samples().count() as u64;
    let planes = if picture.samples.is_planar { needed } else { 1 };
    let line_bytes = picture.line_bytes();
    let (decoders, lines) = if chunks.across == 1 {
        (planes, planes)
    } else {
        let height = chunks.height.min(picture.size.height());
        let lines = u64::from(height).div_ceil(picture.color.rows_per_line() as u64);
        (1, planes.saturating_mul(chunks.across.into()).saturating_mul(lines))
    };
    // Of 16 bits also as they are converted by a profile, and what becomes of them.
    let row_samples = if picture.samples.bits == 16 { needed * 4 } else { needed };
    let sample_bytes = u64::from(picture.size.width()) * (row_samples + 4) * 2;
    FIXED_BYTES
        .saturating_add(decoders.saturating_mul(decoder_bytes(picture)))
        .saturating_add(lines.saturating_add(1).saturating_mul(line_bytes))
        .saturating_add(sample_bytes)
}

/// What decompressing one chunk takes beside its bytes.
fn decoder_bytes(picture: &TiffPicture<'_>) -> u64 {
    let width = u64::from(picture.chunks.width);
    match picture.compression {
        TiffCompression::None | TiffCompression::PackBits => 0,
        TiffCompression::Lzw => 1 << 15,
        TiffCompression::Deflate => 1 << 16,
        // Where the color changes, in this row and in the one above; vectors grow by doubling.
        TiffCompression::Fax(_) => width * 16,
        // Blocks of four samples a side, of four components, and rows made of them.
        TiffCompression::Jpeg { .. } => (1 << 20) + width.saturating_mul(384),
    }
}
