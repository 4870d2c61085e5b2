//! What the caller of the decoder chooses.

use crate::error::Error;
use crate::frame::{Frame, Part, Scale};

/// What a picture may cost. A file above a limit is refused with `TooLarge`, for pixels and memory
/// before memory is taken. Scans may besides go over 2^18 blocks and 256 more for each byte read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Width times height; default 2^28.
    pub max_pixels: u64,
    /// Scans; default 100. Encoders write about ten.
    pub max_scans: u32,
    /// Bytes for coefficients, which progressive files and those with several scans need;
    /// default 2^30.
    pub max_memory_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_pixels: 1 << 28, max_scans: 100, max_memory_bytes: 1 << 30 }
    }
}

/// What to do about scan data that are broken or end too early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Damage {
    /// Give the error, after the bands that are right.
    #[default]
    Refuse,
    /// Give all bands, going on at the next restart marker behind the damage, if there is one. Of
    /// several scans what the others say stands in for what is lost; of a single one each
    /// component's last mean.
    Conceal,
}

/// How to decode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DecodeOptions {
    /// How much smaller the planes are to be; default `Full`.
    pub scale: Scale,
    /// The part of the picture whose samples are wanted, if not all. Bands are as large as ever,
    /// and hold anything elsewhere; the data are read and checked to their end.
    pub part: Option<Part>,
    /// What the picture may cost.
    pub limits: Limits,
    /// What to do about broken scan data; default `Refuse`.
    pub damage: Damage,
    /// The height in pixels for a file that tells it behind its first scan (DNL), where
    /// `Header::read` finds it; at most 65,535. Other files tell their own.
    pub late_height: Option<u32>,
}

impl Damage {
    /// Whether this is an error of the data that is to be concealed.
    pub(super) fn passes(self, result: &Result<(), Error>) -> bool {
        let is_damage = matches!(result, Err(Error::Malformed { .. } | Error::Truncated { .. }));
        is_damage && self == Self::Conceal
    }
}

impl Limits {
    pub(super) fn admit(&self, frame: &Frame) -> Result<(), Error> {
        let pixels = u64::from(frame.width) * u64::from(frame.height);
        if pixels > self.max_pixels {
            let limit = self.max_pixels;
            return Err(Error::TooLarge { what: "pixels", value: pixels, limit });
        }
        Ok(())
    }
}
