//! The overview: one small picture of the whole source, for what looks at a picture instead of
//! writing it. It is made of a larger picture where there is one, and no other picture of it, so
//! that no variant changes with it.

use super::Geometry;
use super::picture::{Domain, PicturePlan, parent};
use crate::raster::Rect;
use crate::source::Source;
use crate::spec::{Fit, Gravity, Light, OutputFormat, Request, VariantSpec};

/// Its longer side in pixels, at most. ThumbHash is defined up to this side.
const LONGER_SIDE: u32 = 100;

/// Whether something that is asked for looks at an overview.
pub(super) fn is_needed(request: &Request) -> bool {
    let looks = |spec: &VariantSpec| spec.fit == Fit::Cover && spec.gravity == Gravity::Attention;
    request.placeholders || request.variants.iter().any(looks)
}

/// Its index among the pictures, whose parents are known; it may be one of them.
pub(super) fn place(
    source: &Source<'_>,
    region: Rect,
    scale_eighths: u32,
    pictures: &mut Vec<PicturePlan>,
) -> usize {
    let overview = plan(source, region, scale_eighths, pictures);
    let same = |one: &PicturePlan| (one.domain, one.grids) == (overview.domain, overview.grids);
    if let Some(known) = pictures.iter().position(same) {
        return known;
    }
    let parent = parent(&overview, pictures);
    pictures.push(PicturePlan { parent, ..overview });
    pictures.len() - 1
}

/// In a form and by a filter that the others have, so that their rows serve it too.
fn plan(
    source: &Source<'_>,
    region: Rect,
    scale_eighths: u32,
    pictures: &[PicturePlan],
) -> PicturePlan {
    let has = |domain| pictures.iter().any(|one| one.domain == domain);
    let in_coded_values = has(Domain::Gamma) || has(Domain::Planes);
    let is_linear = has(Domain::Linear) || !in_coded_values;
    let longer_side = region.size.width().max(region.size.height());
    // What was decoded at a reduced size is not enlarged.
    let decoded_side = (u64::from(longer_side) * u64::from(scale_eighths)).div_ceil(8);
    let side = u32::try_from(decoded_side).map_or(LONGER_SIDE, |side| side.min(LONGER_SIDE));
    let filtered = pictures.iter().filter(|one| one.domain != Domain::Copied);
    let spec = VariantSpec {
        width: Some(side),
        height: Some(side),
        light: if is_linear { Light::Linear } else { Light::Gamma },
        filter: filtered
            .max_by_key(|one| one.size.pixels())
            .map(|one| one.filter)
            .unwrap_or_default(),
        ..VariantSpec::default()
    };
    let geometry = Geometry::new(source.orientation(), region, &spec, side);
    let pixels = PicturePlan::new(source, &spec, &[OutputFormat::Png], &geometry);
    let planes_alone =
        has(Domain::Planes) && pictures.iter().all(|one| one.domain == Domain::Planes);
    if planes_alone {
        PicturePlan { domain: Domain::Planes, chroma_grids: pixels.grids, ..pixels }
    } else {
        pixels
    }
}
