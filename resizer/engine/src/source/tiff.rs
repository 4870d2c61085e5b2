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
pub(super) use self::directory::{Directory as TiffDirectory, File as TiffFile};
pub(crate) use self::picture::{Samples as TiffSamples, Tiff};
use super::{CMYK_TABLE_BYTES, DEEP_TABLE_BYTES, Memory, Parsed, StoredPicture, profile_bytes};
use crate::error::Reject;
use crate::raster::Layout;

/// Tables of fax codes, small buffers and the like.
const FIXED_BYTES: u64 = 1 << 17;

pub(super) fn parse(source: &[u8]) -> Result<Parsed<Tiff<'_>>, Reject> {
    let tiff = Tiff::read(source)?;
    let &Tiff { size, orientation, .. } = &tiff;
    let layout = tiff.layout();
    let deep_bytes = if tiff.samples.bits == 16 { DEEP_TABLE_BYTES } else { 0 };
    let cmyk_bytes = if layout == Layout::Cmyk { CMYK_TABLE_BYTES } else { 0 };
    let icc_bytes = profile_bytes(tiff.icc.map_or(0, <[u8]>::len));
    Ok(Parsed {
        picture: StoredPicture { size, orientation, layout },
        memory: Memory {
            decoder_bytes: decoder_bytes(&tiff),
            lasting_bytes: icc_bytes + deep_bytes + cmyk_bytes,
        },
        container: tiff,
    })
}

/// Strips are decoded line by line, tiles beside each other as a row of them; each line becomes
/// samples of 16 bits.
fn decoder_bytes(picture: &Tiff<'_>) -> u64 {
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
        .saturating_add(decoders.saturating_mul(coder_bytes(picture)))
        .saturating_add(lines.saturating_add(1).saturating_mul(line_bytes))
        .saturating_add(sample_bytes)
}

/// What decompressing one chunk takes beside its bytes.
fn coder_bytes(picture: &Tiff<'_>) -> u64 {
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
