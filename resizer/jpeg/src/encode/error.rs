//! What can be wrong with a call of the encoder. No fault of a file, so no `Error`.

use std::fmt;

/// Why the encoder refused a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncodeError {
    /// A side is 0 or above 65,535 pixels.
    Size {
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
    },
    /// A segment is longer than the format can hold.
    Segment {
        /// Which segment.
        what: &'static str,
        /// Its length.
        size_bytes: usize,
        /// The longest that fits.
        limit_bytes: usize,
    },
    /// Rows came in another layout than was announced.
    Layout {
        /// What is wrong.
        what: &'static str,
    },
    /// More or fewer rows than were announced.
    Rows {
        /// Which component, counted from 0.
        component: usize,
        /// How many it has by now.
        given: usize,
        /// How many it should have.
        expected: usize,
    },
}

impl fmt::Display for EncodeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Size { width, height } => {
                write!(out, "a JPEG file cannot have {width} x {height} pixels")
            }
            Self::Segment { what, size_bytes, limit_bytes } => {
                write!(out, "{size_bytes} bytes of {what} are more than the {limit_bytes} that fit")
            }
            Self::Layout { what } => out.write_str(what),
            Self::Rows { component, given, expected } => {
                write!(out, "component {component} was given {given} rows instead of {expected}")
            }
        }
    }
}

impl std::error::Error for EncodeError {}
