//! `Reject`: why an input will never become variants. The input's fault, the same tomorrow.
//! `RenderError`: that, the caller's own wish to end, or a mistake of ours.

use crate::format::ImageFormat;

/// A refusal that no retry can change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reject {
    /// The bytes begin like no image format.
    #[error("not an image: the file {}", describe_start(first_bytes))]
    NotAnImage {
        /// Up to the first eight bytes of the file.
        first_bytes: Vec<u8>,
    },
    /// A format or coding process that is recognized but not decoded here.
    #[error("{what} is not supported; upload a JPEG, PNG, WebP, AVIF or GIF instead")]
    Unsupported {
        /// The format or process, as a person would name it.
        what: &'static str,
    },
    /// The file breaks its own format, is cut short or contradicts itself.
    #[error("malformed {format}: {detail}")]
    Malformed {
        /// What the magic bytes said it is.
        format: ImageFormat,
        /// Where and how, in the decoder's words.
        detail: String,
    },
    /// A measure of the input is over its limit; nothing was allocated for it.
    #[error("too large: {value} {quantity}, at most {limit} are accepted")]
    TooLarge {
        /// What was measured.
        quantity: Quantity,
        /// What the input has or would need.
        value: u64,
        /// What is allowed.
        limit: u64,
    },
}

/// Why a rendering ended without variants.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// The input's fault.
    #[error(transparent)]
    Rejected(#[from] Reject),
    /// The caller asked it to end before it was done; nothing is said of the input.
    #[error("stopped before it was done")]
    Stopped,
    /// An encoder failed on pixels that it should have taken: a mistake of this project, or of the
    /// library behind it.
    #[error("the encoder of {media_type} failed: {detail}")]
    Encoder {
        /// Of what was to be written.
        media_type: &'static str,
        /// In the encoder's words.
        detail: String,
    },
}

impl RenderError {
    /// The stable name used in logs and metrics; of a refusal its own.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Rejected(reject) => reject.code(),
            Self::Stopped => "stopped",
            Self::Encoder { .. } => "encoder",
        }
    }
}

/// What a limit counts; its `Display` is the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Width times height.
    Pixels,
    /// The longer side, in pixels.
    SidePixels,
    /// Width times height times frames of an animation.
    AnimationPixels,
    /// Scans of a JPEG.
    Scans,
    /// Blocks of all scans of a JPEG, for which its length sets the limit.
    ScanBlocks,
    /// Frames of an animation, or of what is to be a still picture.
    Frames,
    /// Pixels of all frames that are coded in a still picture, for which its length sets the limit.
    CodedPixels,
    /// Tiles of a picture that is made of several.
    Tiles,
    /// Bytes that the tiles of a picture take together, each counted as often as it is used.
    TileBytes,
    /// Entries of a table in a header.
    Entries,
    /// Bytes of a color profile.
    ProfileBytes,
    /// Predicted peak memory, in bytes.
    MemoryBytes,
}

impl Reject {
    /// The stable name used in logs, failure records and metrics.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAnImage { .. } => "not_an_image",
            Self::Unsupported { .. } => "unsupported",
            Self::Malformed { .. } => "malformed",
            Self::TooLarge { .. } => "too_large",
        }
    }

    pub(crate) fn malformed(format: ImageFormat, detail: impl ToString) -> Self {
        Self::Malformed { format, detail: detail.to_string() }
    }
}

impl std::fmt::Display for Quantity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Pixels => "pixels",
            Self::SidePixels => "pixels on a side",
            Self::AnimationPixels => "pixels of all frames",
            Self::Scans => "scans",
            Self::ScanBlocks => "blocks in all scans of so short a file",
            Self::Frames => "frames",
            Self::CodedPixels => "pixels in the coded frames of so short a file",
            Self::Tiles => "tiles",
            Self::TileBytes => "bytes in tiles",
            Self::Entries => "entries in a table of the header",
            Self::ProfileBytes => "bytes in the color profile",
            Self::MemoryBytes => "bytes of memory",
        })
    }
}

fn describe_start(first_bytes: &[u8]) -> String {
    if first_bytes.is_empty() {
        return "is empty".to_owned();
    }
    format!("starts with \"{}\"", first_bytes.escape_ascii())
}
