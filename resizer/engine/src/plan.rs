//! `Header` and `Request` in, `Plan` out: every choice is made here, as numbers.
//! Arithmetic only; it cannot fail.

mod geometry;
mod overview;
mod picture;

use std::ops::Range;

pub use self::geometry::Geometry;
pub use self::picture::{Domain, Grid, PicturePlan, Stream};
pub(crate) use self::picture::{has_full_chroma, source_grids};
use crate::header::Header;
use crate::orientation::Orientation;
use crate::raster::Rect;
use crate::spec::{
    Animation, Effort, Metadata, OutputColor, OutputFormat, Quality, Request, Rgba, Truncated,
    VariantSpec,
};

/// All that will be made of one source.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// How every variant is turned upright.
    pub orientation: Orientation,
    /// A JPEG is decoded at so many eighths of each side, 1 to 8.
    pub eighths: u32,
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
    pub moves: bool,
    /// In the order of the specs.
    pub variants: Vec<VariantPlan>,
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
    /// The quality of each lossy format.
    pub quality: Quality,
    /// For padding and for formats without alpha.
    pub background: Rgba,
    /// What encoding may cost.
    pub effort: Effort,
    /// What its numbers are.
    pub color: OutputColor,
    /// What it tells beside its pixels.
    pub metadata: Metadata,
    /// In per cent.
    pub sharpen: u8,
}

/// One file to be encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilePlan {
    /// Index in [`Plan::variants`].
    pub variant: usize,
    /// One of its formats.
    pub format: OutputFormat,
}

impl Plan {
    /// Plans all that is asked of a source with this header.
    pub fn new(header: &Header, request: &Request) -> Self {
        Self::of_part(header, Rect::whole(header.size), request)
    }

    /// Plans all that is asked of a part of a source, as stored.
    pub fn of_part(header: &Header, part: Rect, request: &Request) -> Self {
        let specs = &request.variants;
        let mut pictures: Vec<PicturePlan> = Vec::new();
        let mut variants = Vec::with_capacity(specs.len());
        for spec in specs {
            let (formats, geometry) = formats_and_geometry(header, part, spec, request.animation);
            let picture = PicturePlan::new(header, spec, &formats, &geometry);
            let known = pictures.iter().position(|known| *known == picture);
            let index = known.unwrap_or(pictures.len());
            if known.is_none() {
                pictures.push(picture);
            }
            variants.push(VariantPlan {
                name: spec.name.clone(),
                picture: index,
                geometry,
                formats,
                quality: spec.quality,
                background: spec.background,
                effort: spec.effort,
                color: spec.color,
                metadata: spec.metadata,
                sharpen: spec.sharpen,
            });
        }
        let fast = specs.iter().all(|spec| spec.effort == Effort::Fast);
        let eighths = picture::eighths(header, &pictures, fast);
        picture::find_parents(&mut pictures);
        let overview = overview::is_needed(request)
            .then(|| overview::place(header, part, eighths, &mut pictures));
        let needed = picture::needed(header, eighths, &pictures);
        let moves = request.animation == Animation::Animate && header.frames > 1;
        Self {
            orientation: header.orientation,
            eighths,
            needed,
            pictures,
            overview,
            truncated: request.truncated,
            moves,
            variants,
        }
    }

    /// The first variant that differs from this one in nothing but its name; itself, mostly.
    pub fn original(&self, variant: usize) -> usize {
        let same = |one: &VariantPlan| one.makes_the_same_files(&self.variants[variant]);
        self.variants.iter().position(same).unwrap_or(variant)
    }

    /// Every file once. The largest picture comes first, so that no thread is left alone with it.
    pub fn files(&self) -> Vec<FilePlan> {
        let mut originals: Vec<usize> =
            (0..self.variants.len()).filter(|&variant| self.original(variant) == variant).collect();
        let pixels = |variant: usize| self.variants[variant].geometry.output.pixels();
        originals.sort_by_key(|&variant| std::cmp::Reverse(pixels(variant)));
        let files = |variant: usize| {
            let formats = self.variants[variant].formats.iter();
            formats.map(move |&format| FilePlan { variant, format })
        };
        originals.into_iter().flat_map(files).collect()
    }

    /// Whether something is cut by what is seen.
    pub fn looks_for_attention(&self) -> bool {
        self.variants.iter().any(|variant| variant.geometry.window.is_some())
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

impl VariantPlan {
    /// Whether the two differ in nothing but their names.
    pub fn makes_the_same_files(&self, other: &Self) -> bool {
        Self { name: self.name.clone(), ..other.clone() } == *self
    }
}

/// The formats without repeats, and a geometry whose sides all of them can hold.
fn formats_and_geometry(
    header: &Header,
    part: Rect,
    spec: &VariantSpec,
    animation: Animation,
) -> (Vec<OutputFormat>, Geometry) {
    let mut formats = Vec::with_capacity(spec.formats.len());
    for format in spec.formats.iter().map(|format| format.resolve(header, animation)) {
        if !formats.contains(&format) {
            formats.push(format);
        }
    }
    let max_side = formats.iter().map(|format| format.max_side()).min().unwrap_or(u32::MAX);
    let geometry = Geometry::new(header, part, spec, max_side);
    (formats, geometry)
}
