//! `Limits`: what a source may cost before memory is taken for its pixels.

use crate::error::{Quantity, Reject};
use crate::source::Source;
use crate::spec::{Animation, MAX_SIDE, Request};

/// What a source may cost. Defaults are this project's own, in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Width times height; default 256 * 2^20.
    pub max_pixels: u64,
    /// The longer side in pixels; default 65,500, as libjpeg has it.
    pub max_side: u32,
    /// Width times height times frames of an animation that stays one; default 256 * 2^20.
    pub max_animation_pixels: u64,
    /// Frames of an animation that stays one; default 4,000. Small ones cost a millisecond each.
    pub max_frames: u32,
    /// Scans of a JPEG; default 100. Encoders write about ten.
    pub max_scans: u32,
    /// Predicted peak memory in bytes; default 2 GiB.
    pub max_memory_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_pixels: 256 << 20,
            max_side: MAX_SIDE,
            max_animation_pixels: 256 << 20,
            max_frames: 4000,
            max_scans: 100,
            max_memory_bytes: 2 << 30,
        }
    }
}

impl Limits {
    /// Checks what a container says, before anything is planned.
    ///
    /// # Errors
    /// `TooLarge` with the first measure that is over its limit.
    pub(crate) fn admit(&self, source: &Source<'_>, request: &Request) -> Result<(), Reject> {
        let size = source.picture().size;
        let side = size.width().max(size.height());
        within(Quantity::SidePixels, side.into(), self.max_side.into())?;
        within(Quantity::Pixels, size.pixels(), self.max_pixels)?;
        if request.animation == Animation::Animate && source.is_animated() {
            let frames = u64::from(source.frame_count());
            within(Quantity::Frames, frames, self.max_frames.into())?;
            // What a frame of a GIF has beyond its canvas is decoded as well.
            let frame_pixels = size.pixels().max(source.beyond_canvas_pixels());
            let pixels = frame_pixels.saturating_mul(frames);
            within(Quantity::AnimationPixels, pixels, self.max_animation_pixels)?;
        }
        within(Quantity::Scans, source.scan_count().into(), self.max_scans.into())
    }

    /// Checks the memory that a plan would take at its peak.
    ///
    /// # Errors
    /// `TooLarge` with the prediction.
    pub(crate) fn admit_peak(&self, peak_bytes: u64) -> Result<(), Reject> {
        within(Quantity::MemoryBytes, peak_bytes, self.max_memory_bytes)
    }
}

fn within(quantity: Quantity, value: u64, limit: u64) -> Result<(), Reject> {
    if value > limit { Err(Reject::TooLarge { quantity, value, limit }) } else { Ok(()) }
}
