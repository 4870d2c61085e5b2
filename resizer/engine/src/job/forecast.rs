//! What a plan will cost: memory at its peak, and the least time. Arithmetic only.

use std::time::Duration;

use crate::format::ImageFormat;
use crate::gain_map::GainMap;
use crate::plan::{GainMapPlan, Geometry, MapPicture, Plan, VariantPlan};
use crate::raster::Rect;
use crate::resize::{gain_resampling_bytes, resampling_bytes};
use crate::source::Source;
use crate::spec::OutputFormat;

/// For each pixel of an animation's canvas: what its decoder composes frames of, and the frame.
const FRAME_BYTES: u64 = 20;

/// What libwebp takes for each pixel of a lossless picture, and the file.
const LOSSLESS_BYTES: u64 = 64;

/// Rows of a band, and of those that wait to be resampled.
const BAND_ROWS: u64 = 64;

/// Scaling and encoding, per pixel of a variant.
const NANOSECONDS_PER_MADE: u64 = 2;

/// Predicted peak in bytes: the source, its profile, then the larger of decoding beside the rows
/// and pictures in the making, and of encoding beside the finished pictures; and what finished
/// files may hold.
pub(super) fn peak_bytes(source: &Source<'_>, plan: &Plan, map: Option<&GainMap<'_>>) -> u64 {
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
    let [map_bytes, map_working_bytes] =
        map.map_or([0; 2], |map| gain_map_bytes(source, plan, map));
    let decoding_bytes = memory.decoder_bytes.saturating_add(band_bytes).max(map_working_bytes);
    let working_bytes = decoding_bytes.max(encoding_bytes);
    let lasting_bytes = source.length_bytes() + memory.lasting_bytes + map_bytes;
    working_bytes.saturating_add(lasting_bytes + resampling_bytes(plan))
}

/// What lasts of the gain map, with its files, and what its decoder takes. A map and its picture
/// are encoded one after the other.
fn gain_map_bytes(source: &Source<'_>, plan: &Plan, map: &GainMap<'_>) -> [u64; 2] {
    let centered = |geometry: &Geometry| {
        let resampled = plan.orientation.upright_size(geometry.resampled);
        let window = geometry.window.map(|window| Rect::placed(window, resampled, [0.5; 2]));
        geometry.shown(plan.orientation, source.picture().size, window)
    };
    let maps = GainMapPlan::new(map, source, plan, centered);
    let channels = map.source.layout().channels() as u64;
    // A byte for each sample is more than any map has, whose quality is high; twice, for it is
    // joined with its picture.
    let file_bytes = |map: &MapPicture| map.size.pixels() * channels * 2;
    let finished_bytes: u64 = maps.of_variants.iter().flatten().map(file_bytes).sum();
    let memory = map.source.memory();
    let row_bytes = u64::from(map.source.picture().size.width()) * channels;
    let lasting_bytes = memory.lasting_bytes + gain_resampling_bytes(&maps.plan) + finished_bytes;
    [lasting_bytes, memory.decoder_bytes + row_bytes * BAND_ROWS]
}

/// What the costliest encoder of a variant takes.
fn encoder_bytes(plan: &Plan, variant: &VariantPlan) -> u64 {
    let &Geometry { resampled, output, .. } = &variant.geometry;
    let pads_with_alpha = variant.geometry.offset.is_some() && variant.background.0[3] < 255;
    let has_alpha = plan.rows.layout.has_alpha() || plan.is_animated || pads_with_alpha;
    let pixels = resampled.pixels().max(output.pixels());
    let working_bytes = |format: OutputFormat| format.working_bytes(pixels, output, has_alpha);
    let costliest_bytes = variant.formats.iter().map(|&format| working_bytes(format)).max();
    let lossless_bytes = variant.or_lossless.map(|_| pixels * LOSSLESS_BYTES);
    costliest_bytes.max(lossless_bytes).unwrap_or(0)
}

/// The canvases of an animation; of a GIF the indices and colors of a frame as well, of AVIF and
/// JPEG XL what their decoders take.
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
