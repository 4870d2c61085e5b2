//! How the bytes of strips and tiles are coded: the compression, and differences before it.

use super::color::{Color, YCbCr};
use super::kinds;
use super::picture::{Samples, malformed, unsupported};
use super::tags::{JPEG_TABLES, PREDICTOR, T4_OPTIONS, Tags};
use crate::error::Reject;

/// How the bytes of a chunk are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compression<'a> {
    None,
    PackBits,
    Lzw,
    Deflate,
    Fax(Fax),
    /// A JPEG in each chunk, whose tables may stand here once for all.
    Jpeg {
        tables: &'a [u8],
        is_ycbcr: bool,
    },
}

/// The codes of facsimile machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fax {
    /// Rows one by one, each from a multiple of so many bits on.
    Rows { aligned_bits: u32 },
    /// T.4: rows with end-of-line codes, in two dimensions each says how it is coded.
    Group3 { two_dimensional: bool },
    /// T.6: every row as differences to the one above.
    Group4,
}

pub(super) fn compression<'a>(
    code: u64,
    tags: &Tags<'a>,
    samples: Samples,
) -> Result<Compression<'a>, Reject> {
    let compression = match code {
        1 => Compression::None,
        2 => Compression::Fax(Fax::Rows { aligned_bits: 8 }),
        3 => {
            let options = tags.number(T4_OPTIONS).unwrap_or(0);
            Compression::Fax(Fax::Group3 { two_dimensional: options & 1 == 1 })
        }
        4 => Compression::Fax(Fax::Group4),
        5 => Compression::Lzw,
        7 => Compression::Jpeg {
            tables: tags.bytes(JPEG_TABLES).unwrap_or_default(),
            is_ycbcr: false,
        },
        8 | 32_946 => Compression::Deflate,
        32_771 => Compression::Fax(Fax::Rows { aligned_bits: 16 }),
        32_773 => Compression::PackBits,
        code => return Err(unsupported(kinds::compression(code))),
    };
    match (compression, samples.bits) {
        (Compression::Fax(_), 1) if samples.per_pixel == 1 || samples.is_planar => {}
        (Compression::Fax(_), _) => {
            return Err(malformed("fax codes for other than black and white"));
        }
        (Compression::Jpeg { .. }, 8) => {}
        (Compression::Jpeg { .. }, 12) => return Err(unsupported("a TIFF of 12-bit JPEG")),
        (Compression::Jpeg { .. }, _) => {
            return Err(malformed("JPEG for samples of other than 8 bits"));
        }
        _ => {}
    }
    Ok(compression)
}

/// Other compressions than these pay no heed to the predictor, as libtiff has it.
pub(super) fn has_differences(
    tags: &Tags<'_>,
    samples: Samples,
    compression: Compression<'_>,
    color: &Color<'_>,
) -> Result<bool, Reject> {
    let predictor = match compression {
        Compression::Lzw | Compression::Deflate => tags.number(PREDICTOR).unwrap_or(1),
        _ => 1,
    };
    match predictor {
        1 => Ok(false),
        2 if matches!(color, Color::YCbCr(YCbCr { subsampling, .. }) if *subsampling != [1, 1]) => {
            Err(unsupported("a TIFF in subsampled YCbCr with a predictor"))
        }
        2 if [8, 16].contains(&samples.bits) => Ok(true),
        2 => Err(unsupported("a TIFF with a predictor for other than 8 or 16 bits")),
        3 => Err(unsupported("a TIFF with the floating-point predictor")),
        _ => Err(malformed("a predictor unheard of")),
    }
}
