//! What can be wrong with a file: one error for the reader of headers and both decoders.

use std::fmt;
use std::io;

/// Why a file was refused. Offsets count bytes from the start of the file.
#[derive(Debug)]
#[non_exhaustive]
pub enum DecodeError {
    /// The first bytes are not those of a JPEG file.
    NotJpeg,
    /// A legal file of a kind that this crate does not decode, or not to the format asked for.
    Unsupported(Unsupported),
    /// The file breaks the specification.
    Malformed {
        /// What is wrong.
        what: &'static str,
        /// Where it was seen.
        offset: u64,
    },
    /// The file ends before its last pixels.
    Truncated {
        /// The length of the file.
        offset: u64,
    },
    /// The file exceeds one of the caller's [`Limits`](crate::options::Limits).
    TooLarge {
        /// What is limited.
        quantity: Quantity,
        /// How much of it the file has.
        value: u64,
        /// How much is allowed.
        limit: u64,
    },
    /// The source could not be read, which is no fault of the file.
    Io(io::Error),
}

/// A feature that this crate does not decode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unsupported {
    /// Lossless JPEG, SOF3.
    Lossless,
    /// Hierarchical JPEG: SOF5 to SOF7, DHP, EXP.
    Hierarchical,
    /// Arithmetic coding, SOF9 and SOF10.
    Arithmetic,
    /// Lossless JPEG with arithmetic coding, SOF11.
    LosslessArithmetic,
    /// Hierarchical JPEG with arithmetic coding, SOF13 to SOF15.
    HierarchicalArithmetic,
    /// Samples of 12 bits.
    TwelveBit,
    /// Two components, or more than four.
    ComponentCount,
    /// CMYK pixels were asked for, and the file has no CMYK.
    CmykPixels,
}

impl Unsupported {
    /// The feature in words, as in "12-bit JPEG".
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lossless => "lossless JPEG",
            Self::Hierarchical => "hierarchical JPEG",
            Self::Arithmetic => "arithmetic-coded JPEG",
            Self::LosslessArithmetic => "lossless arithmetic-coded JPEG",
            Self::HierarchicalArithmetic => "hierarchical arithmetic-coded JPEG",
            Self::TwelveBit => "12-bit JPEG",
            Self::ComponentCount => "JPEG with other than 1, 3 or 4 components",
            Self::CmykPixels => "conversion to CMYK",
        }
    }
}

impl fmt::Display for Unsupported {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// A quantity that a limit bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Quantity {
    /// Width times height.
    Pixels,
    /// Scans of the file.
    Scans,
    /// Bytes for the coefficients of all blocks.
    CoefficientBytes,
    /// Blocks that all scans together visit. The limit follows from the length of the file, so
    /// that a short file cannot ask for hours of work.
    ScanBlocks,
}

impl fmt::Display for Quantity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Pixels => "pixels",
            Self::Scans => "scans",
            Self::CoefficientBytes => "bytes for coefficients",
            Self::ScanBlocks => "blocks in the scans of so short a file",
        })
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJpeg => out.write_str("not a JPEG file"),
            Self::Unsupported(feature) => write!(out, "{feature} is not supported"),
            Self::Malformed { what, offset } => write!(out, "{what} at byte {offset}"),
            Self::Truncated { offset } => {
                write!(out, "the file ends at byte {offset}, before its last pixels")
            }
            Self::TooLarge { quantity, value, limit } => {
                write!(out, "{value} {quantity} are more than the limit of {limit}")
            }
            Self::Io(error) => write!(out, "the source could not be read: {error}"),
        }
    }
}

impl std::error::Error for DecodeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for DecodeError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
