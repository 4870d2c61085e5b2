//! Why the encoder refuses: pixels that do not fit the size, or a caller who asks to end.

use std::fmt;

/// Why the encoder returned no file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodeError {
    /// A side is 0 or above 65,535 pixels.
    Size {
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
    },
    /// The pixels have another length than the size and the format demand.
    Length {
        /// In bytes.
        given: usize,
        /// In bytes.
        expected: usize,
    },
    /// The caller asked to end.
    Stopped,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Size { width, height } => {
                write!(out, "an AVIF file of this encoder cannot have {width} x {height} pixels")
            }
            Self::Length { given, expected } => {
                write!(out, "{given} bytes of pixels were given instead of {expected}")
            }
            Self::Stopped => out.write_str("the caller asked to end"),
        }
    }
}

impl std::error::Error for EncodeError {}
