//! Plans the picture whose light weights the samples of a gain map. It shows the part of the source
//! that the variants show, and has about as many samples as the map. No variant is resampled from
//! it, so variants do not change with it.

use super::picture::{self, Domain, FULL_SCALE, Grid, PicturePlan, parent};
use super::{Plan, VariantPlan};
use crate::filter::Filter;
use crate::gain_map::GainMap;
use crate::raster::{Layout, Size};
use crate::source::Source;

/// The most samples on each side, as a multiple of those of the largest variant. More samples do
/// not improve the result: with this many, the light of a map of 7.6 stops differs by 0.3 % from
/// the true mean, and with two thirds of them, by 2.0 %.
const SAMPLES_PER_PIXEL: f64 = 3.0;

/// The most pixels of the picture on each side for a sample of the map. The gains of a coarser map
/// vary little within a sample of a variant: weights change the light of a map of 6.6 stops by
/// 0.2 %.
const MAX_PIXELS_PER_SAMPLE: f64 = 3.0;

/// A tolerance for rounding errors of quotients, in samples.
const SLACK: f64 = 1e-6;

/// The most samples. Their pixels take 12 MB.
const MAX_SAMPLES: f64 = (1 << 22) as f64;

impl Plan {
    /// Adds the picture if a variant with a map is averaged in linear light, and the map has the
    /// orientation of the source and is not much coarser.
    pub(crate) fn add_map_weights(&mut self, source: &Source<'_>, map: &GainMap<'_>) {
        let (size, map_size) = (source.picture().size, map.source.picture().size);
        let is_oriented_alike = map.source.orientation() == self.orientation;
        let is_coarse =
            f64::from(size.width()) > MAX_PIXELS_PER_SAMPLE * f64::from(map_size.width());
        if !is_oriented_alike || is_coarse || self.rows.layout == Layout::Cmyk {
            return;
        }
        let of_variant = |variant: &VariantPlan| &self.pictures[variant.picture];
        let carriers = self.variants.iter().filter(|variant| variant.carries_map());
        let averaged: Vec<&PicturePlan> =
            carriers.map(of_variant).filter(|one| one.domain == Domain::Linear).collect();
        let Some(first) = averaged.first() else { return };
        let filter = first.filter;
        let sides = [(size.width(), map_size.width()), (size.height(), map_size.height())];
        let spans = [0, 1].map(|at| {
            let (side, map_side) = sides[at];
            let start = averaged.iter().map(|one| one.grids[at].origin).fold(f64::MAX, f64::min);
            let end = averaged.iter().map(|one| one.grids[at].end()).fold(0.0, f64::max);
            let finest = averaged.iter().map(|one| one.grids[at].pitch).fold(f64::MAX, f64::min);
            // In pixels of the source for each sample.
            let of_map = f64::from(side) / f64::from(map_side);
            let decoded = f64::from(FULL_SCALE) / f64::from(self.scale_eighths);
            Span { start, end, pitch: of_map.max(decoded).max(finest / SAMPLES_PER_PIXEL) }
        });
        let samples: f64 = spans.iter().map(|span| (span.end - span.start) / span.pitch).product();
        let excess = (samples / MAX_SAMPLES).sqrt().max(1.0);
        let grids = [0, 1].map(|at| {
            let span = Span { pitch: spans[at].pitch * excess, ..spans[at] };
            span.grid(f64::from(sides[at].0))
        });
        self.place_map_weights(filter, grids);
    }

    fn place_map_weights(&mut self, filter: Filter, grids: [Grid; 2]) {
        let side = |grid: Grid| u32::try_from(grid.count).unwrap_or(1);
        let size = Size::new(side(grids[0]), side(grids[1])).expect("grids have samples");
        let domain = Domain::Linear;
        let own = PicturePlan { domain, filter, size, grids, chroma_grids: grids, parent: None };
        let same = |one: &PicturePlan| (one.domain, one.grids) == (own.domain, own.grids);
        let known = self.pictures.iter().position(same);
        self.map_weights = Some(known.unwrap_or(self.pictures.len()));
        if known.is_none() {
            let parent = parent(&own, &self.pictures);
            self.pictures.push(PicturePlan { parent, ..own });
            self.needed = picture::needed(&self.rows, self.scale_eighths, &self.pictures);
        }
    }
}

/// The part that the variants show along one axis, in pixels of the source.
#[derive(Clone, Copy)]
struct Span {
    start: f64,
    end: f64,
    /// The distance from one sample to the next.
    pitch: f64,
}

impl Span {
    /// The grid of this span. It begins at a multiple of the pitch, as the samples of the map do,
    /// and ends within the source.
    fn grid(self, side: f64) -> Grid {
        let first = (self.start / self.pitch + SLACK).floor();
        let within = (side / self.pitch + SLACK).floor();
        let end = (self.end / self.pitch - SLACK).ceil().min(within).max(first + 1.0);
        Grid { origin: first * self.pitch, pitch: self.pitch, count: (end - first) as usize }
    }
}
