//! What the caller of a decoder chooses.

use crate::error::{DecodeError, Quantity};
use crate::frame::Frame;
use crate::pixels::PixelFormat;
use crate::scale::Scale;

/// What a picture may cost. A file above a limit is refused with
/// [`DecodeError::TooLarge`], for pixels and memory before memory is allocated.
///
/// The work is always limited: all scans together may visit 2^18 blocks and 256 more for each
/// byte of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Width times height; default 2^28.
    pub max_pixels: u64,
    /// Scans; default 100. Encoders write about ten.
    pub max_scans: u32,
    /// Bytes for coefficients, which progressive files and those with several scans need;
    /// default 2^30.
    pub max_memory_bytes: u64,
}

impl Limits {
    /// No limits but that of the work.
    pub const fn unlimited() -> Self {
        Self { max_pixels: u64::MAX, max_scans: u32::MAX, max_memory_bytes: u64::MAX }
    }

    /// Sets `max_pixels`.
    #[must_use]
    pub const fn with_max_pixels(mut self, pixels: u64) -> Self {
        self.max_pixels = pixels;
        self
    }

    /// Sets `max_scans`.
    #[must_use]
    pub const fn with_max_scans(mut self, scans: u32) -> Self {
        self.max_scans = scans;
        self
    }

    /// Sets `max_memory_bytes`.
    #[must_use]
    pub const fn with_max_memory_bytes(mut self, bytes: u64) -> Self {
        self.max_memory_bytes = bytes;
        self
    }

    pub(super) fn admit(&self, frame: &Frame) -> Result<(), DecodeError> {
        let pixels = u64::from(frame.width) * u64::from(frame.height);
        if pixels > self.max_pixels {
            let (quantity, limit) = (Quantity::Pixels, self.max_pixels);
            return Err(DecodeError::TooLarge { quantity, value: pixels, limit });
        }
        Ok(())
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_pixels: 1 << 28, max_scans: 100, max_memory_bytes: 1 << 30 }
    }
}

/// What to do about scan data that are damaged or truncated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Damage {
    /// Return the error, after the rows above the damage.
    #[default]
    Refuse,
    /// Return all rows, and resume at the next restart marker after the damage, if there is one.
    /// Of a file with several scans the other scans fill the gap; of a single scan the last DC
    /// value of each component does.
    Conceal,
}

impl Damage {
    /// Whether this is an error of the data that is to be concealed.
    pub(super) fn passes(self, result: &Result<(), DecodeError>) -> bool {
        let is_damage =
            matches!(result, Err(DecodeError::Malformed { .. } | DecodeError::Truncated { .. }));
        is_damage && self == Self::Conceal
    }
}

/// How to decode. [`Default`] has the defaults below; the `with_` methods change one field each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct DecodeOptions {
    /// The size to decode at; default `Full`.
    pub scale: Scale,
    /// The format of the pixels. By default `Gray` for a gray file and `Rgb` for all others. A
    /// [`PlaneDecoder`](crate::planes::PlaneDecoder) ignores it.
    pub format: Option<PixelFormat>,
    /// What the picture may cost.
    pub limits: Limits,
    /// What to do about damaged scan data; default `Refuse`.
    pub damage: Damage,
    /// The height in pixels of a file that has it only after its first scan, in a DNL segment; at
    /// most 65,535. [`Header::read`](crate::Header::read) finds it. Ignored for all other files.
    pub dnl_height: Option<u32>,
}

impl DecodeOptions {
    /// Sets `scale`.
    #[must_use]
    pub const fn with_scale(mut self, scale: Scale) -> Self {
        self.scale = scale;
        self
    }

    /// Sets `format`.
    #[must_use]
    pub const fn with_format(mut self, format: PixelFormat) -> Self {
        self.format = Some(format);
        self
    }

    /// Sets `limits`.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets `damage`.
    #[must_use]
    pub const fn with_damage(mut self, damage: Damage) -> Self {
        self.damage = damage;
        self
    }

    /// Sets `dnl_height`.
    #[must_use]
    pub const fn with_dnl_height(mut self, pixels: u32) -> Self {
        self.dnl_height = Some(pixels);
        self
    }
}
