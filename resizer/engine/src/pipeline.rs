//! The whole engine on one page: source bytes and specs in, variants out, stage after stage.

use crate::colour::{ToSrgb, pad};
use crate::decode::{Band, Decoder};
use crate::encode::encode;
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::header::Header;
use crate::limits::Limits;
use crate::plan::{Plan, VariantPlan};
use crate::raster::Size;
use crate::resize::{Picture, Resampler};
use crate::spec::{OutputFormat, VariantSpec};

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
}

/// The stages that take time, in the order of their first end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Recognising, header, limits and plan.
    Plan,
    /// All pixels of the source.
    Decode,
    /// Resampling, turning, colour and padding of one variant.
    Resize,
    /// One file.
    Encode,
}

/// Makes all variants of one source. `ended` is told of each stage that just ended, so that a
/// caller with a clock can time them; `Resize` and `Encode` end once per variant and file.
///
/// # Errors
/// Any [`Reject`], before anything was made.
pub fn render(
    source: &[u8],
    specs: &[VariantSpec],
    limits: &Limits,
    ended: &mut dyn FnMut(Stage),
) -> Result<Rendered, Reject> {
    let format = ImageFormat::sniff(source)?;
    let header = Header::read(format, source)?;
    limits.admit(&header)?;
    let plan = Plan::new(&header, specs);
    limits.admit_memory(source.len(), &header, &plan)?;
    ended(Stage::Plan);

    let mut decoder = Decoder::new(source, &header, &plan)?;
    let profile = decoder.icc.as_deref();
    let to_srgb = profile.and_then(|icc| ToSrgb::new(icc, header.layout));
    let mut resampler = Resampler::new(&header, &plan);
    let mut band = Band::default();
    while decoder.next_band(&mut band)? {
        ended(Stage::Decode);
        resampler.push(&band);
        ended(Stage::Resize);
    }
    let pictures = resampler.finish();
    ended(Stage::Resize);

    let mut variants: Vec<Variant> = Vec::new();
    for (index, variant) in plan.variants.iter().enumerate() {
        // Below a source's own size several variants are the same file; it is made once.
        let twin = plan.variants[..index].iter().find(|twin| twin.makes_the_same_files(variant));
        if let Some(twin) = twin {
            let files = variants.iter().filter(|file| file.name == twin.name).cloned();
            let renamed: Vec<Variant> =
                files.map(|file| Variant { name: variant.name.clone(), ..file }).collect();
            variants.extend(renamed);
            continue;
        }
        let picture = finish(&pictures[variant.picture], &plan, variant, to_srgb.as_ref());
        ended(Stage::Resize);
        for &format in &variant.formats {
            let bytes = encode(&picture, format, variant);
            ended(Stage::Encode);
            variants.push(Variant {
                name: variant.name.clone(),
                size: variant.geometry.output,
                format,
                bytes,
            });
        }
    }
    Ok(Rendered { header, variants })
}

/// Upright, in sRGB, on its canvas.
fn finish(
    picture: &Picture,
    plan: &Plan,
    variant: &VariantPlan,
    to_srgb: Option<&ToSrgb>,
) -> Picture {
    match picture {
        Picture::Planes(planes) => {
            Picture::Planes(planes.each_ref().map(|plane| plan.orientation.apply(plane.clone())))
        }
        Picture::Pixels(raster) => {
            let raster = plan.orientation.apply(raster.clone());
            let raster = match to_srgb {
                Some(to_srgb) => to_srgb.apply(raster),
                None => raster,
            };
            Picture::Pixels(pad(raster, &variant.geometry, variant.background))
        }
    }
}
