//! `Source` and `Request` in, `Plan` out: every choice is made here, as numbers.
//! Arithmetic only; it cannot fail.

mod files;
mod gain_map;
mod geometry;
mod map_weights;
mod overview;
mod picture;

use std::ops::Range;

pub(crate) use self::files::{FilePlan, Files};
pub(crate) use self::gain_map::{GainMapPlan, MapPicture};
pub use self::geometry::Geometry;
pub use self::picture::{Domain, Stream};
pub(crate) use self::picture::{Grid, PicturePlan, source_grids};
use crate::orientation::Orientation;
use crate::raster::{Layout, Rect, Size};
use crate::source::Source;
use crate::spec::{
    Animation, Effort, FormatSpec, Hdr, Metadata, OutputColor, OutputFormat, PngColors, Quality,
    Request, Rgba, Truncated, VariantSpec,
};

/// All that will be made of one source.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The rows that pictures are made of.
    pub rows: SourceRows,
    /// How every variant is turned upright.
    pub orientation: Orientation,
    /// A JPEG is decoded at so many eighths of each side, 1 to 8.
    pub scale_eighths: u32,
    /// The columns and the rows of the source, in pixels, that something is made of.
    pub needed: [Range<u32>; 2],
    /// What is resampled, each picture once.
    pub pictures: Vec<PicturePlan>,
    /// The index of a small picture of the whole source, at most 100 pixels on its longer side,
    /// where something looks at one.
    pub overview: Option<usize>,
    /// What becomes of a source that ends too early.
    pub truncated: Truncated,
    /// Whether files that can hold frames get all of them.
    pub is_animated: bool,
    /// Whether rows of 16-bit samples become sRGB before they are rounded to bytes: where no
    /// variant keeps the source's colors, and in still pictures alone.
    pub converts_deep_samples: bool,
    /// The index of the picture whose light weights the samples of the gain map.
    pub map_weights: Option<usize>,
    /// Whether the overview becomes placeholders.
    pub has_placeholders: bool,
    /// Whether the overview says where something is cropped.
    pub has_attention: bool,
    /// In the order of the specs.
    pub variants: Vec<VariantPlan>,
    /// What is encoded, each file once, and where it is delivered.
    pub files: Files,
}

/// The rows of a source as its decoder delivers them, before they are reduced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceRows {
    /// In pixels, not yet upright.
    pub size: Size,
    /// Of pixels.
    pub layout: Layout,
    /// Where planes can be used: the pixels that one chroma sample covers, across and down.
    pub chroma: Option<[u32; 2]>,
}

/// One variant: a picture, finished and encoded in each of its formats.
#[derive(Debug, Clone, PartialEq)]
pub struct VariantPlan {
    /// The spec's name.
    pub name: String,
    /// Index in [`Plan::pictures`].
    pub picture: usize,
    /// Where its pixels come from and go to.
    pub geometry: Geometry,
    /// Without repeats.
    pub formats: Vec<OutputFormat>,
    /// That one of them whose place lossless WebP may take.
    pub or_lossless: Option<OutputFormat>,
    /// The quality of each lossy format.
    pub quality: Quality,
    /// For padding and for formats without alpha.
    pub background: Rgba,
    /// What encoding may cost.
    pub effort: Effort,
    /// Whether its JPEG keeps all chroma samples.
    pub keeps_chroma: bool,
    /// Which colors its PNG keeps.
    pub png_colors: PngColors,
    /// What its numbers are.
    pub color: OutputColor,
    /// What its files say beside its pixels.
    pub metadata: Metadata,
    /// Whether its JPEG carries the source's gain map.
    pub hdr: Hdr,
    /// In per cent.
    pub sharpen: u8,
}

impl Plan {
    /// Plans all that is asked of a source.
    pub fn new(source: &Source<'_>, request: &Request) -> Self {
        Self::of_region(source, Rect::whole(source.picture().size), request)
    }

    /// Plans all that is asked of a region of a source, as stored.
    pub fn of_region(source: &Source<'_>, region: Rect, request: &Request) -> Self {
        let specs = &request.variants;
        let mut pictures: Vec<PicturePlan> = Vec::new();
        let mut variants = Vec::with_capacity(specs.len());
        for spec in specs {
            let (formats, geometry) = formats_and_geometry(source, region, spec, request.animation);
            let keeps_chroma = picture::keeps_chroma(spec.quality.jpeg, geometry.output);
            let picture = PicturePlan::new(source, spec, &formats, &geometry);
            let known = pictures.iter().position(|known| *known == picture);
            let index = known.unwrap_or(pictures.len());
            if known.is_none() {
                pictures.push(picture);
            }
            variants.push(VariantPlan {
                name: spec.name.clone(),
                picture: index,
                geometry,
                or_lossless: or_lossless(source, spec, &formats),
                formats,
                quality: spec.quality,
                background: spec.background,
                effort: spec.effort,
                keeps_chroma,
                png_colors: spec.png_colors,
                color: spec.color,
                metadata: spec.metadata,
                hdr: spec.hdr,
                sharpen: spec.sharpen,
            });
        }
        let fast = specs.iter().all(|spec| spec.effort == Effort::Fast);
        let rows = SourceRows::of(source);
        let scale_eighths = if source.is_reducible() {
            picture::scale_eighths(&pictures, fast)
        } else {
            picture::FULL_SCALE
        };
        picture::find_parents(&mut pictures);
        let overview = overview::is_needed(request)
            .then(|| overview::place(source, region, scale_eighths, &mut pictures));
        let needed = picture::needed(&rows, scale_eighths, &pictures);
        let is_animated = request.animation == Animation::Animate && source.is_animated();
        let keeps_colors = specs.iter().any(|spec| spec.color == OutputColor::Keep);
        Self {
            rows,
            orientation: source.orientation(),
            scale_eighths,
            needed,
            pictures,
            overview,
            truncated: request.truncated,
            is_animated,
            converts_deep_samples: !is_animated && !keeps_colors,
            map_weights: None,
            has_placeholders: request.placeholders,
            has_attention: variants.iter().any(|variant| variant.geometry.window.is_some()),
            files: Files::of(&variants, is_animated),
            variants,
        }
    }

    /// Whether some picture is made of these rows.
    pub fn needs(&self, stream: Stream) -> bool {
        let planes = |picture: &PicturePlan| picture.domain == Domain::Planes;
        match stream {
            Stream::Pixels => self.pictures.iter().any(|picture| !planes(picture)),
            Stream::Luma | Stream::Chroma => self.pictures.iter().any(planes),
        }
    }
}

impl SourceRows {
    fn of(source: &Source<'_>) -> Self {
        let (size, layout) = (source.picture().size, source.layout());
        Self { size, layout, chroma: source.chroma() }
    }
}

impl VariantPlan {
    /// Whether the two differ in nothing but their names.
    pub fn makes_the_same_files(&self, other: &Self) -> bool {
        // Field by field, so that a new one does not compile until it counts or does not.
        let Self {
            name: _,
            picture,
            geometry,
            formats,
            or_lossless,
            quality,
            background,
            effort,
            keeps_chroma,
            png_colors,
            color,
            metadata,
            hdr,
            sharpen,
        } = other;
        (self.picture, &self.geometry, &self.formats) == (*picture, geometry, formats)
            && (self.quality, self.background, self.effort) == (*quality, *background, *effort)
            && (self.color, self.metadata, self.sharpen) == (*color, *metadata, *sharpen)
            && (self.or_lossless, self.keeps_chroma) == (*or_lossless, *keeps_chroma)
            && (self.hdr, self.png_colors) == (*hdr, *png_colors)
    }
}

/// AVIF, where the picture decides and may be a drawing: what was compressed with losses has no
/// flat colors any more.
fn or_lossless(
    source: &Source<'_>,
    spec: &VariantSpec,
    formats: &[OutputFormat],
) -> Option<OutputFormat> {
    let is_auto = spec.formats.contains(&FormatSpec::Auto) && !source.is_lossy();
    (is_auto && formats.contains(&OutputFormat::Avif)).then_some(OutputFormat::Avif)
}

/// The formats without repeats, and a geometry whose sides all of them can hold.
fn formats_and_geometry(
    source: &Source<'_>,
    region: Rect,
    spec: &VariantSpec,
    animation: Animation,
) -> (Vec<OutputFormat>, Geometry) {
    let mut formats = Vec::with_capacity(spec.formats.len());
    for format in spec.formats.iter().map(|format| format.resolve(source, animation)) {
        if !formats.contains(&format) {
            formats.push(format);
        }
    }
    let max_side = formats.iter().map(|format| format.max_side()).min().unwrap_or(u32::MAX);
    let geometry = Geometry::new(source.orientation(), region, spec, max_side);
    (formats, geometry)
}
