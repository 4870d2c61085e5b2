//! How the pictures of a HEIF file are coded, by the kinds of their items.

use crate::error::Reject;
use crate::format::ImageFormat;

/// The codings that are decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    Av1,
    Hevc,
}

impl Coding {
    /// Of an item of that kind, or of a track whose samples are of it.
    ///
    /// # Errors
    /// `Unsupported` for kinds that are known and not decoded, `Malformed` for others.
    pub(super) fn of_kind(kind: Option<[u8; 4]>, format: ImageFormat) -> Result<Self, Reject> {
        let what = match kind.as_ref() {
            Some(b"av01") => return Ok(Self::Av1),
            Some(b"hvc1") => return Ok(Self::Hevc),
            Some(b"hev1") => "a HEIF file with HEVC whose parameters are in its data",
            Some(b"lhv1" | b"lhe1") => "a HEIF file with layered HEVC",
            Some(b"avc1" | b"avc3") => "a HEIF file with AVC",
            Some(b"vvc1" | b"vvi1") => "a HEIF file with VVC",
            Some(b"evc1") => "a HEIF file with EVC",
            Some(b"j2k1") => "a HEIF file with JPEG 2000",
            Some(b"jpeg") => "a HEIF file with JPEG",
            Some(b"jxl ") | Some(b"jxlc") => "a HEIF file with JPEG XL",
            Some(b"unci") => "an uncompressed HEIF file",
            Some(b"grid" | b"iovl" | b"iden" | b"tmap") => {
                "a HEIF file that is composed of composed pictures"
            }
            _ => return Err(Reject::malformed(format, "the picture is of no kind that is known")),
        };
        Err(Reject::Unsupported { what })
    }

    /// The property that a decoder is configured with.
    pub(super) fn configuration(self) -> &'static [u8; 4] {
        match self {
            Self::Av1 => b"av1C",
            Self::Hevc => b"hvcC",
        }
    }
}
