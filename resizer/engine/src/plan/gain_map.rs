//! A gain map and the plan of its picture in, the plan of the map out: each variant's map shows
//! what the variant shows.

use super::picture::PicturePlan;
use super::{Files, Geometry, Grid, Plan, SourceRows, Stream, VariantPlan, picture, source_grids};
use crate::gain_map::GainMap;
use crate::orientation::Orientation;
use crate::raster::{Rect, Size};
use crate::source::Source;
use crate::spec::{Hdr, OutputFormat, Truncated};

/// Maps that span more stops are not decoded reduced, because this would average stops, not light.
const MAX_REDUCED_STOPS: f64 = 3.0;

/// How the maps of all variants are made.
#[derive(Debug)]
pub(crate) struct GainMapPlan {
    /// As if the map were a source: its rows, and what is resampled.
    pub(crate) plan: Plan,
    /// In the order of the variants; `None` where one has no map.
    pub(crate) of_variants: Vec<Option<MapPicture>>,
}

/// The map of one variant.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MapPicture {
    /// Index in the plan's pictures.
    pub(crate) picture: usize,
    /// Of the finished map, upright.
    pub(crate) size: Size,
    /// Where the map lies on a padded canvas, upright.
    pub(crate) offset: Option<[u32; 2]>,
}

impl GainMapPlan {
    /// `shown` is the part of the upright picture that a variant shows, in pixels of the picture:
    /// x, y, width, height.
    pub(crate) fn new(
        map: &GainMap<'_>,
        picture: &Source<'_>,
        plan: &Plan,
        shown: impl Fn(&Geometry) -> [f64; 4],
    ) -> Self {
        let mut pictures: Vec<PicturePlan> = Vec::new();
        let pads = map.neutral().is_some();
        let of_variants = plan.variants.iter().map(|variant| {
            let geometry = &variant.geometry;
            if !variant.carries_map() || geometry.offset.is_some() && !pads {
                return None;
            }
            let filter = plan.pictures[variant.picture].filter;
            let part = Part::new(map, picture.size(), shown(geometry));
            let upright = geometry.upright_size(plan.orientation);
            let size = part.size(upright, geometry.offset.is_some());
            let stored = map.source.orientation().upright_size(size);
            let one = PicturePlan::of_gain_map(filter, part.stored(map), stored);
            let known = pictures.iter().position(|known| *known == one);
            let index = known.unwrap_or(pictures.len());
            if known.is_none() {
                pictures.push(one);
            }
            let offset = geometry.offset.map(|(left, top)| [left, top]);
            let size = if offset.is_some() { geometry.output } else { size };
            Some(MapPicture { picture: index, size, offset })
        });
        let of_variants = of_variants.collect();
        Self { plan: Plan::of_pictures(map, pictures), of_variants }
    }

    /// The grids of the map as decoded: across, and then down. They are in pixels of its picture as
    /// stored.
    pub(crate) fn grids_in(&self, picture: Size) -> [Grid; 2] {
        let (rows, map) = (&self.plan.rows, self.plan.rows.size);
        let [across, down] = source_grids(rows, self.plan.scale_eighths, Stream::Pixels);
        let scaled = |grid: Grid, side: u32, map_side: u32| {
            let pixels = f64::from(side) / f64::from(map_side);
            Grid { origin: grid.origin * pixels, pitch: grid.pitch * pixels, ..grid }
        };
        [scaled(across, picture.width(), map.width()), scaled(down, picture.height(), map.height())]
    }
}

impl VariantPlan {
    /// Whether the variant has a file that can and should carry a gain map.
    pub(super) fn carries_map(&self) -> bool {
        self.hdr == Hdr::Keep && self.formats.contains(&OutputFormat::Jpeg)
    }
}

impl Geometry {
    /// Of the upright picture, before it is padded.
    fn upright_size(&self, orientation: Orientation) -> Size {
        self.window.unwrap_or_else(|| orientation.upright_size(self.resampled))
    }

    /// The part of the upright source that a variant shows: x, y, width, height. `stored` is the
    /// source's size as stored, and `window` what is cropped of the resampled picture.
    pub(crate) fn shown(
        &self,
        orientation: Orientation,
        stored: Size,
        window: Option<Rect>,
    ) -> [f64; 4] {
        let [x, y, width, height] = orientation.upright_rect(self.crop, stored);
        let Some(window) = window else { return [x, y, width, height] };
        let resampled = orientation.upright_size(self.resampled);
        let across = width / f64::from(resampled.width());
        let down = height / f64::from(resampled.height());
        [
            x + f64::from(window.x) * across,
            y + f64::from(window.y) * down,
            f64::from(window.size.width()) * across,
            f64::from(window.size.height()) * down,
        ]
    }
}

/// What a variant shows, in samples of the upright map.
struct Part {
    rect: [f64; 4],
}

impl Part {
    fn new(map: &GainMap<'_>, picture: Size, [x, y, width, height]: [f64; 4]) -> Self {
        let size = map.source.size();
        let across = f64::from(size.width()) / f64::from(picture.width());
        let down = f64::from(size.height()) / f64::from(picture.height());
        let rect = [x * across, y * down, width * across, height * down];
        Self { rect }
    }

    /// Of the map of a picture of this size: as many samples, as far as the source's map has them.
    /// With half as many on each side, the light of a photograph at 300 pixels differs by 0.61 % in
    /// place of 0.33 %, and by 3.0 % in place of 1.3 % where the map spans 6.6 stops. Padding needs
    /// a sample for each pixel, so that its border lies where the picture's does.
    fn size(&self, picture: Size, is_padded: bool) -> Size {
        if is_padded {
            return picture;
        }
        let [_, _, width, height] = self.rect;
        let sides = [f64::from(picture.width()), f64::from(picture.height())];
        let most = (width / sides[0]).min(height / sides[1]);
        let part = most.min(1.0);
        let [width, height] = sides.map(|side| (side * part).round().clamp(1.0, side) as u32);
        Size::new(width, height).expect("sides are at least 1")
    }

    /// In samples of the map as stored.
    fn stored(&self, map: &GainMap<'_>) -> [f64; 4] {
        map.source.orientation().stored_rect(self.rect, map.source.picture().size)
    }
}

impl Plan {
    /// Of these pictures and nothing else.
    fn of_pictures(map: &GainMap<'_>, pictures: Vec<PicturePlan>) -> Self {
        let source = &map.source;
        let rows = SourceRows::of(source);
        let scale_eighths =
            match source.is_reducible() && map.parameters.span() <= MAX_REDUCED_STOPS {
                true => picture::scale_eighths(&pictures, false),
                false => picture::FULL_SCALE,
            };
        Self {
            rows,
            orientation: source.orientation(),
            scale_eighths,
            needed: picture::needed(&rows, scale_eighths, &pictures),
            pictures,
            overview: None,
            truncated: Truncated::Refuse,
            is_animated: false,
            converts_deep_samples: false,
            map_weights: None,
            has_placeholders: false,
            has_attention: false,
            variants: Vec::new(),
            files: Files::default(),
        }
    }
}
