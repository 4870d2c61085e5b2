//! What the tests share: files of pictures, and pictures of variants.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, RgbaImage};
use resizer_engine::spec::{FormatSpec, OutputFormat, PngColors, Request, VariantSpec};
use resizer_engine::{Limits, RenderError, Rendered, Variant, render};

/// A committed picture by name.
pub(crate) fn good(name: &str) -> Vec<u8> {
    let file = fixtures::good::all().into_iter().find(|file| file.name == name);
    file.unwrap_or_else(|| panic!("no fixture {name}")).bytes
}

/// A picture as a file of another encoder.
pub(crate) fn written(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).expect("a Vec takes every write");
    bytes.into_inner()
}

/// Renders with the default limits.
pub(crate) fn rendered(source: &[u8], request: &Request) -> Result<Rendered, RenderError> {
    render(source, request, &Limits::default())
}

/// A spec of one format, whose PNG has all colors, otherwise as by default.
pub(crate) fn spec(format: OutputFormat) -> VariantSpec {
    VariantSpec {
        formats: vec![FormatSpec::Fixed(format)],
        png_colors: PngColors::All,
        ..VariantSpec::default()
    }
}

/// The only variant of a good source.
pub(crate) fn variant(source: &[u8], spec: VariantSpec) -> Variant {
    rendered(source, &vec![spec].into()).expect("a good source").variants.remove(0)
}

/// The picture of the only variant, which loses nothing.
pub(crate) fn picture(source: &[u8], request: Request) -> RgbaImage {
    let mut rendered = rendered(source, &request).expect("a good source");
    opened(&rendered.variants.remove(0))
}

/// A variant as another decoder sees it.
pub(crate) fn opened(variant: &Variant) -> RgbaImage {
    image::load_from_memory(&variant.bytes).expect("a file of ours").to_rgba8()
}

/// The mean difference of all samples, in levels.
pub(crate) fn mean_difference(one: &RgbaImage, other: &RgbaImage) -> f64 {
    assert_eq!(one.dimensions(), other.dimensions());
    let pairs = std::iter::zip(one.as_raw(), other.as_raw());
    let sum: u64 = pairs.map(|(one, other)| u64::from(one.abs_diff(*other))).sum();
    sum as f64 / one.as_raw().len() as f64
}
