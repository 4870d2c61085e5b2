//! What a plan will cost: memory at its peak, and the least time. Arithmetic only.

use std::time::Duration;

use crate::format::ImageFormat;
use crate::plan::{Geometry, Plan, VariantPlan};
use crate::resize::resampling_bytes;
use crate::source::Source;

/// For each pixel of an animation's canvas: what its decoder composes frames of, and the frame.
const FRAME_BYTES: u64 = 20;

/// Rows of a band, and of those that wait to be resampled.
const BAND_ROWS: u64 = 64;

/// Scaling and encoding, per pixel of a variant.
const NANOSECONDS_PER_MADE: u64 = 2;

/// Predicted peak in bytes: the source, its profile, then the larger of decoding beside the rows
/// and pictures in the making, and of encoding beside the finished pictures; and what finished
/// files may hold.
pub(super) fn peak_bytes(source: &Source<'_>, plan: &Plan) -> u64 {
    let (memory, rows) = (source.memory(), &plan.rows);
    let costliest_bytes = plan.variants.iter().map(|variant| encoder_bytes(plan, variant)).max();
    // Encoded at half of raw RGB: above any JPEG or WebP, near the worst PNG.
    let file_bytes = |variant: &VariantPlan| {
        let frames = variant.formats.iter().map(|format| {
            let is_animated = plan.is_animated && format.holds_animation();
            if is_animated { u64::from(source.frame_count()) } else { 1 }
        });
        variant.geometry.output.pixels() * 3 / 2 * frames.sum::<u64>()
    };
    let finished_bytes: u64 = plan.variants.iter().map(file_bytes).sum();
    let band_bytes = u64::from(rows.size.width()) * rows.layout.channels() as u64 * BAND_ROWS;
    let animation_bytes = if plan.is_animated { animation_bytes(source) } else { 0 };
    let encoding_bytes =
        animation_bytes.saturating_add(costliest_bytes.unwrap_or(0) + finished_bytes);
    let working_bytes = memory.decoder_bytes.saturating_add(band_bytes).max(encoding_bytes);
    let lasting_bytes = source.bytes().len() as u64 + memory.lasting_bytes;
    working_bytes.saturating_add(lasting_bytes + resampling_bytes(plan))
}

/// What the costliest encoder of a variant takes.
fn encoder_bytes(plan: &Plan, variant: &VariantPlan) -> u64 {
    let &Geometry { resampled, output, .. } = &variant.geometry;
    let pads_with_alpha = variant.geometry.offset.is_some() && variant.background.0[3] < 255;
    let has_alpha = plan.rows.layout.has_alpha() || plan.is_animated || pads_with_alpha;
    let pixels = resampled.pixels().max(output.pixels());
    let bytes =
        variant.formats.iter().map(|format| format.working_bytes(pixels, output, has_alpha));
    bytes.max().unwrap_or(0)
}

/// The canvases of an animation; of a GIF the indices and colors of a frame as well, and of JPEG XL
/// the library's own frames.
fn animation_bytes(source: &Source<'_>) -> u64 {
    let canvas_bytes = source.picture().size.pixels() * FRAME_BYTES;
    let frame_bytes = source.beyond_canvas_pixels().saturating_mul(5);
    canvas_bytes.saturating_add(frame_bytes).saturating_add(source.animation_bytes())
}

/// On one whole processor.
pub(super) fn least_time(source: &Source<'_>, plan: &Plan) -> Duration {
    let made: u64 = plan.variants.iter().map(|variant| variant.geometry.output.pixels()).sum();
    let decoding = source.picture().size.pixels() * tenths_per_pixel(source.format()) / 10;
    Duration::from_nanos(decoding + made * NANOSECONDS_PER_MADE)
}

/// Tenths of a nanosecond of decoding, per pixel of the source. A progressive JPEG that is read for
/// a thumbnail takes 0.36 ns.
fn tenths_per_pixel(format: ImageFormat) -> u64 {
    match format {
        ImageFormat::Jpeg => 2,
        ImageFormat::Png => 10,
        ImageFormat::Webp => 20,
        ImageFormat::Gif => 10,
        // A lower bound, because four threads may decode tiles. On one thread, photographs take 31
        // to 43 ns, and pictures of one color about 20 ns.
        #[cfg(feature = "heic")]
        ImageFormat::Heic => 20,
        // The others are not known well enough to refuse any.
        _ => 0,
    }
}
