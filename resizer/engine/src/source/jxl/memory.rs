//! What the library takes, by the headers of the frames. Measured with version 0.8.

use super::frame::{Frame, Kind};
use super::header::Header;
use crate::raster::{Layout, Size};

/// Tables, buffers of a thread's groups, and what frames have of any size.
const FIXED_BYTES: u64 = 12 << 20;

/// The window and tables of Brotli, in which metadata may be compressed, and the metadata.
pub(super) const BROTLI_BYTES: u64 = 40 << 20;

/// Rows of memory begin at multiples of that many bytes.
const ALIGNMENT: u64 = 64;

/// Rows of groups that are kept until their neighbors are there.
const GROUP_ROWS: u64 = 2;

/// Of each group and of each section: where its data are, and how far it is.
const SECTION_BYTES: u64 = 160;

/// Of each patch; there may be one for each pixel, and some more, which take no bytes in the file.
const PATCH_BYTES: u64 = 170;
const MORE_PATCHES: u64 = 4096;

/// Of each pixel that splines cover; they may cover each pixel eight times, and more.
const SPLINE_BYTES: u64 = 32;
const MORE_SPLINE_PIXELS: u64 = 1 << 25;

/// The most that is taken at a time, while frames come and those that are referred to are kept.
#[derive(Debug, Default, Clone)]
pub(super) struct Peak {
    /// Frames for blending, then those of low frequencies.
    slots: [u64; 8],
    most: u64,
}

impl Peak {
    pub(super) fn add(&mut self, frame: &Frame, header: &Header) {
        let kept = kept_bytes(frame, header);
        let slots: u64 = self.slots.iter().fold(0, |sum, bytes| sum.saturating_add(*bytes));
        let now = slots.saturating_add(kept).saturating_add(working_bytes(frame, header));
        self.most = self.most.max(now);
        let low_slot = (frame.kind == Kind::LowFrequencies).then(|| 3 + frame.level as usize);
        if let Some(slot) = frame.slot.or(low_slot) {
            self.slots[slot] = kept;
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.most.saturating_add(FIXED_BYTES)
    }
}

/// All pixels as the library delivers them.
pub(super) fn raster_bytes(size: Size, layout: Layout, is_deep: bool) -> u64 {
    // CMYK with alpha has a fifth sample.
    let samples = layout.channels() as u64 + u64::from(layout == Layout::Rgba);
    size.pixels().saturating_mul(samples * if is_deep { 2 } else { 1 })
}

/// What stays for later frames, in floating point.
fn kept_bytes(frame: &Frame, header: &Header) -> u64 {
    if frame.kind == Kind::LowFrequencies {
        return plane_bytes(frame.size, 4).saturating_mul(3);
    }
    let size = if frame.is_kept_as_coded { frame.size } else { header.size };
    let planes = if frame.slot.is_some() { 3 + header.extra_channels.len() as u64 } else { 0 };
    plane_bytes(size, 4).saturating_mul(planes)
}

/// What is taken for one frame until it is done.
fn working_bytes(frame: &Frame, header: &Header) -> u64 {
    let extra = header.extra_channels.len() as u64;
    let (width, height) = frame.coded_size;
    let side = u64::from(frame.group_side);
    let groups = u64::from(width).div_ceil(side).saturating_mul(u64::from(height).div_ceil(side));
    let rows = u64::from(height).min(GROUP_ROWS * side) as u32;
    let row_bytes = plane_bytes((width, rows), 4).saturating_mul(3 + extra);
    let group_bytes = groups.saturating_mul(u64::from(frame.pass_count) * SECTION_BYTES);
    let sample_bytes = if header.is_narrow { 2 } else { 4 };
    let color_planes = if header.is_gray && !header.is_xyb { 1 } else { 3 };
    let planes = if frame.is_modular { color_planes + extra } else { extra };
    // The samples as coded, and those that a transform makes of them.
    let modular_bytes = plane_bytes(frame.coded_size, sample_bytes).saturating_mul(3 * planes);
    let block_bytes = if frame.is_modular { 0 } else { transform_bytes(frame, groups) };
    let drawn_bytes = drawn_bytes(frame, header);
    let all = [row_bytes, group_bytes, modular_bytes, block_bytes, drawn_bytes];
    all.into_iter().fold(0, u64::saturating_add)
}

/// What is drawn on a frame, as far as the library's limits let it be.
fn drawn_bytes(frame: &Frame, header: &Header) -> u64 {
    let pixels = frame.pixels();
    let blending_bytes = PATCH_BYTES + 24 * header.extra_channels.len() as u64;
    let patches = if frame.has_patches { pixels.saturating_add(MORE_PATCHES) } else { 0 };
    let covered = pixels.saturating_mul(8).saturating_add(MORE_SPLINE_PIXELS);
    let covered = if frame.has_splines { covered } else { 0 };
    patches.saturating_mul(blending_bytes).saturating_add(covered.saturating_mul(SPLINE_BYTES))
}

/// Of a frame in blocks of 8x8: their lowest frequencies before and after smoothing, what else is
/// known of them, and where passes refine them, all coefficients.
fn transform_bytes(frame: &Frame, groups: u64) -> u64 {
    let (width, height) = frame.coded_size;
    let blocks = (width.div_ceil(16) * 2, height.div_ceil(16) * 2);
    let maps = plane_bytes(blocks, 4).saturating_mul(3 + 3 + 2) + 3 * plane_bytes(blocks, 1);
    let coefficients = if frame.pass_count > 1 { groups.saturating_mul((3 * 4) << 16) } else { 0 };
    maps.saturating_add(coefficients)
}

fn plane_bytes((width, height): (u32, u32), sample_bytes: u64) -> u64 {
    let row_bytes = (u64::from(width) * sample_bytes).next_multiple_of(ALIGNMENT);
    row_bytes.saturating_mul(u64::from(height))
}
