//! A stored variant against the function's log: another decoder opens it, where there is one.

use image::ImageFormat;
use resizer::manifest::ManifestVariant;
use resizer_engine::spec::{FormatSpec, OutputFormat, VariantSpec};
use resizer_engine::{Limits, render};

/// How the stored file differs from what the log says of it.
pub(super) fn difference(
    variant: &ManifestVariant,
    content_type: &str,
    body: &[u8],
) -> Option<String> {
    let name = &variant.name;
    if content_type != variant.media_type {
        let logged = &variant.media_type;
        return Some(format!("{name}: Content-Type is {content_type:?}, the log has {logged:?}"));
    }
    match size(content_type, body) {
        Err(error) => Some(format!("{name} cannot be decoded: {error}")),
        Ok((width, height)) => {
            let logged = (variant.width, variant.height, variant.bytes);
            let stored = (width, height, body.len() as u64);
            (logged != stored).then(|| {
                format!("{name}: width, height and bytes are {stored:?}, the log has {logged:?}")
            })
        }
    }
}

/// Decodes a file and returns its width and height.
fn size(content_type: &str, body: &[u8]) -> Result<(u32, u32), String> {
    let format = match content_type {
        "image/jpeg" => ImageFormat::Jpeg,
        "image/png" => ImageFormat::Png,
        "image/webp" => ImageFormat::WebP,
        "image/gif" => ImageFormat::Gif,
        // No other decoder in Rust opens AVIF. The engine's has nothing in common with the encoder.
        _ => return size_by_engine(body),
    };
    let picture = image::load_from_memory_with_format(body, format);
    let picture = picture.map_err(|error| error.to_string())?;
    Ok((picture.width(), picture.height()))
}

fn size_by_engine(body: &[u8]) -> Result<(u32, u32), String> {
    let whole = VariantSpec {
        formats: vec![FormatSpec::Fixed(OutputFormat::Png)],
        ..VariantSpec::default()
    };
    let rendered = render(body, &vec![whole].into(), &Limits::default());
    let rendered = rendered.map_err(|error| error.to_string())?;
    let size = rendered.variants.first().map(|variant| variant.size).ok_or("it is empty")?;
    Ok((size.width(), size.height()))
}
