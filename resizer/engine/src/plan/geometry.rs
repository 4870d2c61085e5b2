//! A source's size and one spec in, the variant's geometry out: what is cut, its size, its place.

use crate::orientation::Orientation;
use crate::raster::{Rect, Size};
use crate::spec::{Fit, Gravity, VariantSpec};

/// The path of a variant's pixels, in pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct Geometry {
    /// Taken from the stored raster: `[x, y, width, height]`, inside it.
    pub crop: [f64; 4],
    /// What the crop is resampled to, before it is turned upright.
    pub resampled: Size,
    /// What is cut of the upright picture, at the place where most is to be seen; `None` where
    /// all of it stays.
    pub window: Option<Size>,
    /// Where the upright picture lies on its canvas; `None` where they are the same.
    pub offset: Option<(u32, u32)>,
    /// Of the finished variant, upright.
    pub output: Size,
}

impl Geometry {
    /// Of the `region` of the source, as stored.
    pub(super) fn new(
        orientation: Orientation,
        region: Rect,
        spec: &VariantSpec,
        max_side: u32,
    ) -> Self {
        let source = orientation.upright_size(region.size);
        let free_side = |asked: Option<u32>| asked.unwrap_or(max_side).clamp(1, max_side);
        let bounds = Bounds { width: free_side(spec.width), height: free_side(spec.height) };
        let (picture, crop, window) = match spec.fit {
            Fit::Inside | Fit::Pad => (bounds.inside(source, spec.enlarge), whole(source), None),
            Fit::Exact => (bounds.exact(source, spec.enlarge), whole(source), None),
            Fit::Cover => bounds.cover(source, spec),
        };
        let canvas = match (spec.fit, Size::new(bounds.width, bounds.height)) {
            (Fit::Pad, Some(canvas)) => canvas,
            _ => window.unwrap_or(picture),
        };
        let (left, top) = spec.gravity.shares([1.0, 1.0]);
        let share = |free: u32, share: f64| (f64::from(free) * share) as u32;
        let offset = (window.is_none() && canvas != picture).then(|| {
            let free_width = canvas.width() - picture.width();
            (share(free_width, left), share(canvas.height() - picture.height(), top))
        });
        let [x, y, width, height] = orientation.stored_rect(crop, region.size);
        Self {
            crop: [x + f64::from(region.x), y + f64::from(region.y), width, height],
            resampled: orientation.upright_size(picture),
            window,
            offset,
            output: canvas,
        }
    }
}

/// Of a picture so many times the box, a strip mostly, the middle is cut without a look: all of it
/// at the scale of the box would be more than the source.
const MOST_TO_LOOK_AT: u64 = 64;

struct Bounds {
    width: u32,
    height: u32,
}

impl Bounds {
    /// The largest size of the source's aspect inside the box. The side that binds is exact, the
    /// other is rounded to the nearest pixel, halves up, and at least 1.
    fn inside(&self, source: Size, enlarge: bool) -> Size {
        let (width, height) = (u64::from(source.width()), u64::from(source.height()));
        let (box_width, box_height) = (u64::from(self.width), u64::from(self.height));
        if !enlarge && width <= box_width && height <= box_height {
            return source;
        }
        let rounded = |side: u64, numerator: u64, denominator: u64| {
            let scaled = (side * numerator * 2 + denominator) / (denominator * 2);
            u32::try_from(scaled.max(1)).unwrap_or(u32::MAX)
        };
        let width_binds = box_width * height <= box_height * width;
        let (width, height) = if width_binds {
            (self.width, rounded(height, box_width, width).min(self.height))
        } else {
            (rounded(width, box_height, height).min(self.width), self.height)
        };
        Size::new(width, height).expect("boxes and rounded sides are at least 1")
    }

    /// The box itself; without enlarging, no side longer than the source's.
    fn exact(&self, source: Size, enlarge: bool) -> Size {
        let side = |box_side: u32, side: u32| if enlarge { box_side } else { box_side.min(side) };
        let (width, height) =
            (side(self.width, source.width()), side(self.height, source.height()));
        Size::new(width, height).expect("boxes and sources have sides of at least 1")
    }

    /// The box filled by a part of the source, that part, and what is cut of the picture once it is
    /// there to be looked at. Where filling would enlarge and must
    /// not, the source keeps its scale and only what sticks out of the box is cut.
    fn cover(&self, source: Size, spec: &VariantSpec) -> (Size, [f64; 4], Option<Size>) {
        let (width, height) = (f64::from(source.width()), f64::from(source.height()));
        let (box_width, box_height) = (f64::from(self.width), f64::from(self.height));
        let mut scale = (box_width / width).max(box_height / height);
        let mut output =
            Size::new(self.width, self.height).expect("boxes have sides of at least 1");
        if scale > 1.0 && !spec.enlarge {
            scale = 1.0;
            output = self.exact(source, false);
        }
        // Where to cut is not known yet: all of the source at the scale of the box.
        let side = |side: f64, least: u32| ((side * scale).round() as u32).max(least);
        let covering = Size::new(side(width, output.width()), side(height, output.height()));
        let covering = covering.expect("at least as large as the box");
        let is_far_larger = covering.pixels() / output.pixels() > MOST_TO_LOOK_AT;
        if spec.gravity == Gravity::Attention && !is_far_larger {
            return (covering, whole(source), (covering != output).then_some(output));
        }
        let crop_width = (f64::from(output.width()) / scale).min(width);
        let crop_height = (f64::from(output.height()) / scale).min(height);
        let (left, top) = spec.gravity.shares([crop_width / width, crop_height / height]);
        let mut x = (width - crop_width) * left;
        let mut y = (height - crop_height) * top;
        if scale == 1.0 {
            // Whole pixels are copied, half ones would be blurred.
            (x, y) = (x.floor(), y.floor());
        }
        (output, [x, y, crop_width, crop_height], None)
    }
}

fn whole(source: Size) -> [f64; 4] {
    [0.0, 0.0, f64::from(source.width()), f64::from(source.height())]
}
