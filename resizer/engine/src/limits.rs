//! `Limits::admit`: the last gate before memory is taken for pixels. Arithmetic only.

use crate::error::{Quantity, Reject};
use crate::header::{Detail, Header};
use crate::plan::{Geometry, Plan, VariantPlan};
use crate::raster::Size;
use crate::resize::resampling_bytes;
use crate::spec::{Animation, MAX_SIDE, OutputFormat, Request};

/// What a source may cost. Defaults are this project's own, in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Width times height; default 256 * 2^20.
    pub max_pixels: u64,
    /// The longer side in pixels; default 65,500, as libjpeg has it.
    pub max_side: u32,
    /// Width times height times frames of an animation that is to move; default 256 * 2^20.
    pub max_moving_pixels: u64,
    /// Frames of an animation that is to move; default 4,000. Small ones cost a millisecond each.
    pub max_frames: u32,
    /// Scans of a JPEG; default 100. Encoders write about ten.
    pub max_scans: u32,
    /// Predicted peak memory in bytes; default 2 GiB.
    pub max_memory_bytes: u64,
    /// Threads at work on one source, the caller's among them; default 1, with which none is
    /// started.
    pub threads: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_pixels: 256 << 20,
            max_side: MAX_SIDE,
            max_moving_pixels: 256 << 20,
            max_frames: 4000,
            max_scans: 100,
            max_memory_bytes: 2 << 30,
            threads: 1,
        }
    }
}

impl Limits {
    /// Checks what the header says, before anything is planned.
    ///
    /// # Errors
    /// `TooLarge` with the first measure that is over its limit.
    pub fn admit(&self, header: &Header, request: &Request) -> Result<(), Reject> {
        let side = header.size.width().max(header.size.height());
        within(Quantity::SidePixels, side.into(), self.max_side.into())?;
        within(Quantity::Pixels, header.size.pixels(), self.max_pixels)?;
        if request.animation == Animation::Animate && header.frames > 1 {
            within(Quantity::Frames, header.frames.into(), self.max_frames.into())?;
            // What a frame of a GIF has beyond its canvas is decoded as well.
            let frame_pixels = header.size.pixels().max(beyond_canvas_pixels(header));
            let pixels = frame_pixels.saturating_mul(header.frames.into());
            within(Quantity::MovingPixels, pixels, self.max_moving_pixels)?;
        }
        within(Quantity::Scans, header.scans.into(), self.max_scans.into())
    }

    /// Checks the memory that carrying out `plan` would take at its peak.
    ///
    /// # Errors
    /// `TooLarge` with the prediction.
    pub fn admit_memory(
        &self,
        source_bytes: usize,
        header: &Header,
        plan: &Plan,
    ) -> Result<(), Reject> {
        let peak_bytes = peak_memory_bytes(source_bytes, header, plan);
        within(Quantity::MemoryBytes, peak_bytes, self.max_memory_bytes)
    }
}

/// For each pixel of an animation's canvas: what its decoder composes frames of, and the frame.
const MOVING_BYTES: u64 = 20;

/// What rav1e takes for one pixel.
const AVIF_BYTES: u64 = 2 << 20;

/// Predicted peak in bytes: the source, its profile, then the larger of decoding beside the rows
/// and pictures in the making, and of encoding beside the finished pictures; and what finished
/// files may hold.
pub fn peak_memory_bytes(source_bytes: usize, header: &Header, plan: &Plan) -> u64 {
    let resampling_bytes = resampling_bytes(header, plan);
    let encoding_bytes = |variant: &VariantPlan| {
        let Geometry { resampled, output, .. } = &variant.geometry;
        let pixels = resampled.pixels().max(output.pixels());
        let has_alpha = header.layout.has_alpha()
            || plan.moves
            || variant.geometry.offset.is_some() && variant.background.0[3] < 255;
        let bytes = variant.formats.iter().map(|&format| {
            if format == OutputFormat::Avif {
                return AVIF_BYTES + in_blocks(output) * encoder_bytes(format, has_alpha);
            }
            pixels * encoder_bytes(format, has_alpha)
        });
        bytes.max().unwrap_or(0)
    };
    let costliest_bytes = plan.variants.iter().map(encoding_bytes).max().unwrap_or(0);
    // Encoded at half of raw RGB: above any JPEG or WebP, near the worst PNG.
    let file_bytes = |variant: &VariantPlan| {
        let formats = variant.formats.iter().map(|format| {
            if plan.moves && format.can_move() { u64::from(header.frames) } else { 1 }
        });
        variant.geometry.output.pixels() * 3 / 2 * formats.sum::<u64>()
    };
    let finished_bytes: u64 = plan.variants.iter().map(file_bytes).sum();
    let band_bytes = u64::from(header.size.width()) * header.layout.channels() as u64 * 64;
    let moving_bytes = if plan.moves { moving_bytes(header) } else { 0 };
    let encoding_bytes = moving_bytes + costliest_bytes + finished_bytes;
    let working_bytes = (header.decode_bytes + band_bytes).max(encoding_bytes);
    source_bytes as u64 + header.colour_bytes + resampling_bytes + working_bytes
}

/// The pixels of a picture's superblocks, the smallest that AV1 codes.
fn in_blocks(size: &Size) -> u64 {
    let side = |side: u32| u64::from(side).next_multiple_of(64);
    side(size.width()) * side(size.height())
}

/// For each pixel, beside the picture: the upright or padded copy, another for its profile, and
/// what the encoder takes. For alpha libwebp takes 18 bytes if it is smooth, 33 if it is noise.
fn encoder_bytes(format: OutputFormat, has_alpha: bool) -> u64 {
    match format {
        OutputFormat::Webp if has_alpha => 40,
        OutputFormat::Jpeg | OutputFormat::Png | OutputFormat::Webp => 12,
        OutputFormat::Gif => 24,
        OutputFormat::Avif => 80,
    }
}

/// The canvases of an animation; of a GIF the indices and colours of a frame as well.
fn moving_bytes(header: &Header) -> u64 {
    header.size.pixels() * MOVING_BYTES + beyond_canvas_pixels(header) * 5
}

/// Of a GIF the pixels of its largest frame, which the canvas does not bound.
fn beyond_canvas_pixels(header: &Header) -> u64 {
    match header.detail {
        Detail::Gif { largest_frame_pixels } => largest_frame_pixels,
        _ => 0,
    }
}

fn within(quantity: Quantity, value: u64, limit: u64) -> Result<(), Reject> {
    if value > limit { Err(Reject::TooLarge { quantity, value, limit }) } else { Ok(()) }
}
