//! What can be wrong with a file: one type for the reader of headers, the decoder and the encoder.

use std::fmt;
use std::io;

/// Why a file was refused. Offsets count bytes from the start of the file.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The first bytes are not those of a JPEG file.
    NotJpeg,
    /// A legal file of a kind that this crate does not decode.
    Unsupported {
        /// The process or feature, as the specification names it.
        what: &'static str,
    },
    /// The file breaks the specification.
    Malformed {
        /// What is wrong.
        what: &'static str,
        /// Where it was seen.
        offset: u64,
    },
    /// The file ends before its last pixels.
    Truncated {
        /// The length of what there is.
        offset: u64,
    },
    /// A measure of the file is above the caller's limit.
    TooLarge {
        /// Which measure, with its unit.
        what: &'static str,
        /// What the file has.
        value: u64,
        /// What the limit is.
        limit: u64,
    },
    /// The input could not be read; no fault of the file.
    Io(io::Error),
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJpeg => out.write_str("not a JPEG file"),
            Self::Unsupported { what } => write!(out, "{what} is not supported"),
            Self::Malformed { what, offset } => write!(out, "{what} at byte {offset}"),
            Self::Truncated { offset } => {
                write!(out, "the file ends at byte {offset}, before its last pixels")
            }
            Self::TooLarge { what, value, limit } => {
                write!(out, "{value} {what} are more than the limit of {limit}")
            }
            Self::Io(error) => write!(out, "the input could not be read: {error}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
