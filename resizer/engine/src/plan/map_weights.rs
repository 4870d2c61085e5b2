//! The picture whose light says how much each sample of a gain map counts: what the variants show
//! of the source, in about as many samples as its map. Nothing else is made of it, so that no
//! variant changes with it.

use super::picture::{self, Domain, FULL_SCALE, Grid, PicturePlan, parent};
use super::{Plan, VariantPlan};
use crate::filter::Filter;
use crate::gain_map::GainMap;
use crate::raster::{Layout, Size};
use crate::source::Source;

/// More samples on each side than this multiple of the largest variant's change nothing: the light
/// of a map of 7.6 stops then differs by 0.3 % from the true mean, and by 2.0 % with two thirds of
/// the samples.
const SAMPLES_PER_PIXEL: f64 = 3.0;

/// A map with fewer samples than one for so many pixels on each side changes little within what
/// becomes one sample: weights change the light of a map of 6.6 stops by 0.2 %.
const MAX_PIXELS_PER_SAMPLE: f64 = 3.0;

/// In samples: quotients of equal lengths are not quite equal.
const SLACK: f64 = 1e-6;

/// 12 MB of pixels.
const MAX_SAMPLES: f64 = (1 << 22) as f64;

impl Plan {
    /// Adds it, where a variant with a map averages light, and the map lies as the picture does and
    /// is not much coarser.
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

/// What the variants show along one direction, in pixels of the source.
#[derive(Clone, Copy)]
struct Span {
    start: f64,
    end: f64,
    /// From one sample to the next.
    pitch: f64,
}

impl Span {
    /// Samples that begin at a multiple of their pitch, as those of the map do, and end within the
    /// source.
    fn grid(self, side: f64) -> Grid {
        let first = (self.start / self.pitch + SLACK).floor();
        let within = (side / self.pitch + SLACK).floor();
        let end = (self.end / self.pitch - SLACK).ceil().min(within).max(first + 1.0);
        Grid { origin: first * self.pitch, pitch: self.pitch, count: (end - first) as usize }
    }
}
