//! The whole engine on one page: source bytes and specs in, variants out, stage after stage.

use crate::colour::{ToSrgb, pad};
use crate::decode::decode;
use crate::encode::encode;
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::header::Header;
use crate::limits::Limits;
use crate::plan::Plan;
use crate::raster::Size;
use crate::resize::resize;
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

    let decoded = decode(source, &header)?;
    let profile = decoded.icc.as_deref();
    let to_srgb = profile.and_then(|icc| ToSrgb::new(icc, decoded.raster.layout()));
    ended(Stage::Decode);

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
        let raster = resize(&decoded.raster, &variant.geometry);
        let raster = plan.orientation.apply(raster);
        let raster = match &to_srgb {
            Some(to_srgb) => to_srgb.apply(raster),
            None => raster,
        };
        let raster = pad(raster, &variant.geometry, variant.background);
        ended(Stage::Resize);
        for &format in &variant.formats {
            let bytes = encode(&raster, format, variant);
            ended(Stage::Encode);
            variants.push(Variant {
                name: variant.name.clone(),
                size: raster.size(),
                format,
                bytes,
            });
        }
    }
    Ok(Rendered { header, variants })
}
