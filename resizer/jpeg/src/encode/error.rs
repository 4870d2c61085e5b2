//! Why the encoder refuses: a call that does not fit the picture, or a sink that fails.

use std::fmt;
use std::io;

use crate::pixels::PixelFormat;

/// Why the encoder refused a call.
#[derive(Debug)]
#[non_exhaustive]
pub enum EncodeError {
    /// A side is 0 or above 65,535 pixels.
    Size {
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
    },
    /// Pixels of this format are not encoded.
    Unsupported(PixelFormat),
    /// A metadata segment is longer than the format can hold.
    Segment {
        /// Which segment.
        what: &'static str,
        /// Its length.
        size_bytes: usize,
        /// The longest that fits.
        limit_bytes: usize,
    },
    /// Pixels or planes do not have the layout that the options announced.
    Layout {
        /// What is wrong.
        what: &'static str,
    },
    /// More or fewer rows than the picture has.
    Rows {
        /// Which component, counted from 0.
        component: usize,
        /// How many rows it was given.
        given: usize,
        /// How many it has.
        expected: usize,
    },
    /// The sink could not be written to.
    Io(io::Error),
}

impl fmt::Display for EncodeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Size { width, height } => {
                write!(out, "a JPEG file cannot have {width} x {height} pixels")
            }
            Self::Unsupported(format) => write!(out, "{format:?} pixels are not encoded"),
            Self::Segment { what, size_bytes, limit_bytes } => {
                write!(out, "{size_bytes} bytes of {what} are more than the {limit_bytes} that fit")
            }
            Self::Layout { what } => out.write_str(what),
            Self::Rows { component, given, expected } => {
                write!(out, "component {component} was given {given} rows instead of {expected}")
            }
            Self::Io(error) => write!(out, "the sink could not be written to: {error}"),
        }
    }
}

impl std::error::Error for EncodeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for EncodeError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
