//! What is resampled: from which grid to which, in what form, and from which larger picture.

use std::ops::Range;

use super::{Geometry, SourceRows};
use crate::filter::Filter;
use crate::raster::{Layout, Size};
use crate::source::Source;
use crate::spec::{Light, OutputFormat, VariantSpec};

/// A picture is made of another one when that has at least this many times its samples on each
/// side. SSIMULACRA2 of JPEGs of quality 80, mean of three photographs: 1080 of 1920 wide 76.11, of
/// the source 76.09; a chain of 1.5 and 1.5 and 1.5 74.54, of the source 74.45; of steps of 1.2
/// 74.27.
const CHAIN_MARGIN: f64 = 1.5;

/// A JPEG is decoded at a reduced size when that still has at least this many times the samples of
/// each picture on each side. SSIMULACRA2 of JPEGs of quality 80 in gamma, mean of three
/// photographs: 77.80 for 320 wide of a quarter (3.2 times), 77.90 of the full size; 68.04 for 160
/// wide of an eighth, 68.17 of the full size.
const SHRINK_MARGIN: f64 = 3.0;

/// The decoder averages what is coded, not light. Against a reference in linear light that costs
/// 0.4 points at a half (1.5 times), 1.0 at three eighths, 2.9 at a quarter and 8.1 at an eighth,
/// mean of four photographs; so no less is decoded where light is averaged.
const LEAST_IN_LINEAR_LIGHT: u32 = 4;

/// The margin where time counts more. What it costs in gamma, mean of four photographs: 1.2 points
/// at an eighth, still above what libvips makes of one, and 0.3 at a quarter.
const SHRINK_MARGIN_FAST: f64 = 1.5;

/// The same from three eighths on, where steps are finer: 0.3 points there and 0.1 from a half on;
/// in linear light 0.6 at a half and 0.4 at five eighths.
const SHRINK_MARGIN_FINE: f64 = 1.3;
const FINE_EIGHTHS: u32 = 3;

/// Eighths of a side that is not reduced.
pub(super) const FULL_SCALE: u32 = 8;

/// In pixels of the source. Crops are fractions of pixels, whose last bits depend on the way they
/// were computed.
const SLACK: f64 = 1e-6;

/// From this quality on the chroma planes of a JPEG keep their full size, as libvips does it.
const FULL_CHROMA_QUALITY: u8 = 90;

/// Below this side in pixels they do so too: there a line of one pixel is a part of the picture. A
/// red one at the edge of 640x32 keeps 59 of its 166 levels above blue in libjpeg's 4:2:0, at
/// quality 95 no more than 67.
const FULL_CHROMA_SIDE: u32 = 64;

/// Samples along one direction, in units of the source's pixels: sample `i` covers `pitch` of them
/// from `origin + i * pitch` on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    /// Where the first sample begins.
    pub origin: f64,
    /// From one sample to the next.
    pub pitch: f64,
    /// Samples, at least one.
    pub count: usize,
}

/// The form in which samples are resampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Domain {
    /// The YCbCr planes of a JPEG, as they are coded, to those of another.
    Planes,
    /// Pixels of the source that are neither made fewer nor more, bit by bit.
    Copied,
    /// Gamma-encoded pixels with premultiplied alpha.
    Gamma,
    /// Pixels in linear light with premultiplied alpha.
    Linear,
}

/// Rows of a source, or of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// All channels of the pixels.
    Pixels,
    /// The luma plane.
    Luma,
    /// Both chroma planes.
    Chroma,
}

/// One picture to be resampled, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct PicturePlan {
    /// How.
    pub domain: Domain,
    /// By which weights; the default where samples are copied.
    pub filter: Filter,
    /// In pixels, not yet upright.
    pub size: Size,
    /// Of pixels and luma: across, down.
    pub grids: [Grid; 2],
    /// Of the chroma planes of [`Domain::Planes`]: across, down.
    pub chroma_grids: [Grid; 2],
    /// The picture that it is made of; `None` where that is the source.
    pub parent: Option<usize>,
}

impl Domain {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Planes, Self::Copied, Self::Gamma, Self::Linear];

    /// The rows that it needs.
    pub fn streams(self) -> &'static [Stream] {
        match self {
            Self::Planes => &[Stream::Luma, Stream::Chroma],
            Self::Copied | Self::Gamma | Self::Linear => &[Stream::Pixels],
        }
    }
}

impl Grid {
    /// The grid of a source's rows that were reduced to so many eighths, where one sample of the
    /// stream covers `pixels` pixels when they are not.
    fn of_source(side: u32, pixels: u32, eighths: u32) -> Self {
        let pitch = f64::from(8 * pixels) / f64::from(eighths);
        let count = (u64::from(side) * u64::from(eighths)).div_ceil(u64::from(8 * pixels));
        Self { origin: 0.0, pitch, count: count as usize }
    }

    /// Whether its samples are pixels of the source.
    fn is_of_pixels(self) -> bool {
        self.pitch == 1.0 && self.origin.fract() == 0.0
    }

    /// Where the last sample ends.
    pub(super) fn end(self) -> f64 {
        self.origin + self.pitch * self.count as f64
    }

    /// Whether `finer` has enough samples for those of this grid.
    fn is_coarser_than(self, finer: Self) -> bool {
        finer.pitch * CHAIN_MARGIN <= self.pitch + SLACK
    }

    /// Whether `wider` goes as far on both ends.
    fn is_within(self, wider: Self) -> bool {
        wider.origin <= self.origin + SLACK && wider.end() + SLACK >= self.end()
    }
}

impl PicturePlan {
    /// What a variant of these formats and this geometry needs, made of the source.
    pub(super) fn new(
        source: &Source<'_>,
        spec: &VariantSpec,
        formats: &[OutputFormat],
        geometry: &Geometry,
    ) -> Self {
        let size = geometry.resampled;
        let [x, y, width, height] = geometry.crop;
        let across = grid(x, width, size.width());
        let down = grid(y, height, size.height());
        let planar = source.chroma().is_some()
            && spec.light == Light::Gamma
            && formats == [OutputFormat::Jpeg]
            && geometry.offset.is_none()
            && geometry.window.is_none()
            && spec.sharpen == 0;
        let domain = match spec.light {
            _ if planar => Domain::Planes,
            _ if across.is_of_pixels() && down.is_of_pixels() => Domain::Copied,
            // CMYK is no amount of light.
            _ if source.layout() == Layout::Cmyk => Domain::Gamma,
            Light::Gamma => Domain::Gamma,
            Light::Linear => Domain::Linear,
        };
        let mirrors = source.orientation().mirrors();
        let halves_chroma = planar && !keeps_chroma(spec.quality.jpeg, size);
        let pixels = if halves_chroma { 2 } else { 1 };
        let chroma = |grid: Grid, mirrored: bool| chroma_grid(grid, pixels, mirrored);
        let chroma_grids = [chroma(across, mirrors[0]), chroma(down, mirrors[1])];
        let filter = if domain == Domain::Copied { Filter::default() } else { spec.filter };
        Self { domain, filter, size, grids: [across, down], chroma_grids, parent: None }
    }

    /// What a gain map needs of its own samples: those of a part of it, x, y, width and height, as
    /// so many.
    pub(super) fn of_gain_map(filter: Filter, part: [f64; 4], size: Size) -> Self {
        let [x, y, width, height] = part;
        let grids = [grid(x, width, size.width()), grid(y, height, size.height())];
        let is_copied = grids.iter().all(|grid| grid.is_of_pixels());
        let domain = if is_copied { Domain::Copied } else { Domain::Linear };
        let filter = if is_copied { Filter::default() } else { filter };
        Self { domain, filter, size, grids, chroma_grids: grids, parent: None }
    }

    /// The grids of one of its streams: across, down.
    pub fn grids_of(&self, stream: Stream) -> [Grid; 2] {
        match stream {
            Stream::Pixels | Stream::Luma => self.grids,
            Stream::Chroma => self.chroma_grids,
        }
    }

    /// Whether it can be made of another picture as well as of the source.
    fn can_come_from(&self, larger: &Self) -> bool {
        let pairs = |stream| std::iter::zip(self.grids_of(stream), larger.grids_of(stream));
        let is_coarser =
            |stream: &Stream| pairs(*stream).all(|(own, finer)| own.is_coarser_than(finer));
        // A last chroma sample may stand for pixels beyond the picture.
        (self.domain, self.filter) == (larger.domain, larger.filter)
            && pairs(Stream::Pixels).all(|(own, wider)| own.is_within(wider))
            && self.domain.streams().iter().all(is_coarser)
    }
}

/// Whether a JPEG of this quality and size keeps full chroma.
pub(super) fn keeps_chroma(quality: u8, size: Size) -> bool {
    quality >= FULL_CHROMA_QUALITY || size.width().min(size.height()) < FULL_CHROMA_SIDE
}

/// The grids of a source's rows, reduced to so many eighths: across, down.
pub(crate) fn source_grids(rows: &SourceRows, scale_eighths: u32, stream: Stream) -> [Grid; 2] {
    let pixels = match (stream, rows.chroma) {
        (Stream::Chroma, Some(chroma)) => chroma,
        _ => [1, 1],
    };
    [
        Grid::of_source(rows.size.width(), pixels[0], scale_eighths),
        Grid::of_source(rows.size.height(), pixels[1], scale_eighths),
    ]
}

/// At how many eighths of each side a JPEG is decoded; `fast` where all variants are to be.
pub(super) fn scale_eighths(pictures: &[PicturePlan], fast: bool) -> u32 {
    let suffices = |eighths: &u32| {
        pictures.iter().all(|picture| {
            let finest = picture.grids[0].pitch.min(picture.grids[1].pitch);
            let margin = finest * f64::from(*eighths) / 8.0;
            let keeps_light = *eighths >= LEAST_IN_LINEAR_LIGHT || picture.domain != Domain::Linear;
            let is_fine = *eighths >= FINE_EIGHTHS;
            let least = if is_fine { SHRINK_MARGIN_FINE } else { SHRINK_MARGIN_FAST };
            keeps_light && margin >= if fast { least } else { SHRINK_MARGIN }
        })
    };
    (1..FULL_SCALE).find(suffices).unwrap_or(FULL_SCALE)
}

/// The columns and the rows of the source in pixels that these pictures are made of.
pub(super) fn needed(
    rows: &SourceRows,
    scale_eighths: u32,
    pictures: &[PicturePlan],
) -> [Range<u32>; 2] {
    let needed_along = |at: usize, side: u32| {
        let reaches = pictures.iter().filter(|one| one.parent.is_none()).flat_map(|picture| {
            let grids = picture.domain.streams().iter().map(move |&stream| {
                let from = source_grids(rows, scale_eighths, stream)[at];
                (from, picture.grids_of(stream)[at])
            });
            grids.map(|(from, to)| {
                // The filter's, and the neighbors that chroma is upsampled with.
                let reach = picture.filter.reach(from.pitch, to.pitch) + 2.0 * from.pitch;
                (to.origin - reach, to.end() + reach)
            })
        });
        let (first, end) = reaches
            .reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
            .unwrap_or((0.0, side.into()));
        first.floor().max(0.0) as u32..(end.ceil() as u32).min(side)
    };
    [needed_along(0, rows.size.width()), needed_along(1, rows.size.height())]
}

/// Gives each picture the smallest one that it can be made of.
pub(super) fn find_parents(pictures: &mut [PicturePlan]) {
    let parents: Vec<Option<usize>> = pictures.iter().map(|one| parent(one, pictures)).collect();
    for (picture, parent) in pictures.iter_mut().zip(parents) {
        picture.parent = parent;
    }
}

/// The smallest of these that a picture can be made of.
pub(super) fn parent(picture: &PicturePlan, pictures: &[PicturePlan]) -> Option<usize> {
    let larger = pictures.iter().enumerate().filter(|(_, one)| picture.can_come_from(one));
    larger.min_by_key(|(_, one)| one.size.pixels()).map(|(index, _)| index)
}

fn grid(origin: f64, length: f64, count: u32) -> Grid {
    Grid { origin, pitch: length / f64::from(count), count: count as usize }
}

/// One sample for each `pixels` of the grid, also for a last one that stands alone. Where the
/// picture will be mirrored the first one will be last, and is the one that stands alone.
fn chroma_grid(grid: Grid, pixels: usize, mirrored: bool) -> Grid {
    let count = grid.count.div_ceil(pixels);
    let lacking = (count * pixels - grid.count) as f64;
    let origin = if mirrored { grid.origin - lacking * grid.pitch } else { grid.origin };
    Grid { origin, pitch: grid.pitch * pixels as f64, count }
}
