//! What comes out of a rendering: files under the names that were asked for.

use crate::gain_map::GainMapOutcome;
use crate::placeholder::Placeholders;
use crate::plan::{FilePlan, Files, Plan};
use crate::raster::Size;
use crate::source::Facts;
use crate::spec::OutputFormat;

/// What one source became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// What the source says of itself.
    pub source: Facts,
    /// In the order of the specs and of their formats.
    pub variants: Vec<Variant>,
    /// Where they were asked for.
    pub placeholders: Option<Placeholders>,
}

/// One finished file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// The spec's name.
    pub name: String,
    /// Of the picture as written.
    pub size: Size,
    /// Of the bytes.
    pub format: OutputFormat,
    /// Whether it holds all frames of an animation.
    pub is_animated: bool,
    /// The part of the upright source that it shows, to the nearest pixel: x, y, width, height.
    pub crop: [u32; 4],
    /// What became of the source's gain map, where there is one and it was to be kept.
    pub gain_map: Option<GainMapOutcome>,
    /// The whole file.
    pub bytes: Vec<u8>,
}

/// Every variant in each of its formats. `files` are those of the plan in its order, `outcomes` are
/// what became of gain maps in them, and `crops` are those of its variants. `is_lossless`
/// says that files with `or_lossless` are lossless WebP.
pub(super) fn deliver(
    plan: &Plan,
    mut files: Vec<Vec<u8>>,
    outcomes: &[Option<GainMapOutcome>],
    crops: &[[u32; 4]],
    is_lossless: bool,
) -> Vec<Variant> {
    let Files { encoded, delivered } = &plan.files;
    let deliver = |(at, &(variant, file)): (usize, &(usize, usize))| {
        let is_last = delivered[at + 1..].iter().all(|(_, other)| *other != file);
        let bytes = if is_last { std::mem::take(&mut files[file]) } else { files[file].clone() };
        let FilePlan { format, or_lossless, is_animated, .. } = encoded[file];
        Variant {
            name: plan.variants[variant].name.clone(),
            size: plan.variants[variant].geometry.output,
            format: if is_lossless && or_lossless { OutputFormat::Webp } else { format },
            is_animated,
            crop: crops[variant],
            gain_map: outcomes[file],
            bytes,
        }
    };
    delivered.iter().enumerate().map(deliver).collect()
}
