//! The whole engine on one page: source bytes and specs in, variants out, stage after stage.

mod threads;

use std::borrow::Cow;

use crate::colour::{ToSrgb, pad};
use crate::decode::Decoder;
use crate::encode::encode;
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::header::Header;
use crate::limits::Limits;
use crate::orientation::Orientation;
use crate::overview::overview;
use crate::placeholder::Placeholders;
use crate::plan::{FilePlan, Plan, VariantPlan};
use crate::raster::Size;
use crate::resize::{Picture, Resampler};
use crate::spec::{OutputFormat, Request};

/// One finished file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// The spec's name.
    pub name: String,
    /// Of the picture as written.
    pub size: Size,
    /// Of the bytes.
    pub format: OutputFormat,
    /// The whole file.
    pub bytes: Vec<u8>,
}

/// What one source became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// What the source said of itself.
    pub header: Header,
    /// In the order of the specs and of their formats.
    pub variants: Vec<Variant>,
    /// Where they were asked for.
    pub placeholders: Option<Placeholders>,
}

/// The stages that take time, in the order of their first end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Recognising, header, limits and plan.
    Plan,
    /// Some rows of the source; with threads, the waiting for them.
    Decode,
    /// What became of those rows.
    Resize,
    /// Turning, colour, padding and encoding of one file; with threads, of several at once.
    Encode,
}

/// Makes all that is asked of one source. `ended` is told of each stage that just ended, so that a
/// caller with a clock can time them: `Decode` and `Resize` in turns, `Encode` once for each file.
///
/// # Errors
/// Any [`Reject`], before anything was made.
pub fn render(
    source: &[u8],
    request: &Request,
    limits: &Limits,
    ended: &mut dyn FnMut(Stage),
) -> Result<Rendered, Reject> {
    let format = ImageFormat::sniff(source)?;
    let header = Header::read(format, source)?;
    limits.admit(&header)?;
    let plan = Plan::new(&header, request);
    limits.admit_memory(source.len(), &header, &plan)?;
    ended(Stage::Plan);

    let decoder = Decoder::new(source, &header, &plan)?;
    let to_srgb = ToSrgb::new(&decoder.colours, header.layout);
    let mut resampler = Resampler::new(&header, &plan);
    threads::resample(decoder, &mut resampler, limits.threads, ended)?;
    let pictures = resampler.finish();
    let overview =
        plan.overview.map(|index| overview(&pictures[index], plan.orientation, to_srgb.as_ref()));
    let placeholders = overview.filter(|_| request.placeholders).as_ref().map(Placeholders::new);
    ended(Stage::Resize);

    let jobs = plan.files();
    let files = threads::map(&jobs, limits.threads, |file| {
        let variant = &plan.variants[file.variant];
        let picture = finish(&pictures[variant.picture], &plan, variant, to_srgb.as_ref());
        encode(&picture, file.format, variant)
    });
    let mut files: Vec<(FilePlan, Vec<u8>)> = jobs.into_iter().zip(files).collect();
    files.iter().for_each(|_| ended(Stage::Encode));

    let mut variants: Vec<Variant> = Vec::new();
    for (index, variant) in plan.variants.iter().enumerate() {
        let original = &plan.variants[plan.original(index)];
        for &format in &variant.formats {
            let own =
                files.iter().position(|(file, _)| *file == FilePlan { variant: index, format });
            let bytes = match own {
                Some(own) => files.swap_remove(own).1,
                None => {
                    let same =
                        |file: &&Variant| file.name == original.name && file.format == format;
                    variants.iter().find(same).expect("originals come first").bytes.clone()
                }
            };
            let (name, size) = (variant.name.clone(), variant.geometry.output);
            variants.push(Variant { name, size, format, bytes });
        }
    }
    Ok(Rendered { header, variants, placeholders })
}

/// Upright, in sRGB, on its canvas.
fn finish<'a>(
    picture: &'a Picture,
    plan: &Plan,
    variant: &VariantPlan,
    to_srgb: Option<&ToSrgb>,
) -> Cow<'a, Picture> {
    match picture {
        _ if plan.orientation == Orientation::UPRIGHT
            && to_srgb.is_none()
            && variant.geometry.offset.is_none() =>
        {
            Cow::Borrowed(picture)
        }
        Picture::Planes(planes) => Cow::Owned(Picture::Planes(
            planes.each_ref().map(|plane| plan.orientation.apply(plane)),
        )),
        Picture::Pixels(raster) => {
            let upright = plan.orientation.apply(raster);
            let converted = match to_srgb {
                Some(to_srgb) => to_srgb.apply(upright),
                None => upright,
            };
            Cow::Owned(Picture::Pixels(pad(converted, &variant.geometry, variant.background)))
        }
    }
}
