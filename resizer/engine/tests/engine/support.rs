//! What the tests share: rendering with one spec, and reading results with another decoder.

use std::path::Path;

use image::DynamicImage;
use resizer_engine::spec::{FormatSpec, OutputFormat, PngColors, VariantSpec};
use resizer_engine::{Limits, RenderError, Rendered, Variant, render};

/// The committed pictures: name and bytes of every file in a folder of `fixtures/`.
pub(crate) fn committed(folder: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(folder);
    let entries = std::fs::read_dir(folder).expect("the fixtures are committed");
    let paths = entries.map(|entry| entry.expect("an entry can be read").path());
    let read = |path: std::path::PathBuf| {
        let name = path.file_name().expect("a file").to_string_lossy().into_owned();
        (name, std::fs::read(&path).expect("a listed file can be read"))
    };
    let mut files: Vec<_> = paths.map(read).collect();
    files.sort();
    files
}

/// One good picture by name.
pub(crate) fn good(name: &str) -> Vec<u8> {
    let file = committed("images").into_iter().find(|file| file.0 == name);
    file.unwrap_or_else(|| panic!("no fixture {name}")).1
}

/// Renders with the default limits.
pub(crate) fn rendered(source: &[u8], specs: &[VariantSpec]) -> Result<Rendered, RenderError> {
    render(source, &specs.to_vec().into(), &Limits::default())
}

/// The only variant of a good source.
pub(crate) fn single(source: &[u8], spec: VariantSpec) -> Variant {
    let rendered = rendered(source, &[spec]).expect("a good source");
    assert_eq!(rendered.variants.len(), 1);
    rendered.variants.into_iter().next().expect("one variant")
}

/// A spec of one fixed format, whose PNG has all colors, otherwise as the default.
pub(crate) fn as_format(format: OutputFormat) -> VariantSpec {
    VariantSpec {
        name: "variant".to_owned(),
        formats: vec![FormatSpec::Fixed(format)],
        png_colors: PngColors::All,
        ..VariantSpec::default()
    }
}

/// The file as `image` decodes it, which also checks that the bytes are of the format named.
pub(crate) fn opened(variant: &Variant) -> DynamicImage {
    let format = match variant.format {
        OutputFormat::Jpeg => image::ImageFormat::Jpeg,
        OutputFormat::Png => image::ImageFormat::Png,
        OutputFormat::Webp => image::ImageFormat::WebP,
        OutputFormat::Avif => image::ImageFormat::Avif,
        OutputFormat::Gif => image::ImageFormat::Gif,
    };
    let picture = image::load_from_memory_with_format(&variant.bytes, format);
    let picture = picture.expect("another decoder opens what was encoded");
    let size = (variant.size.width(), variant.size.height());
    assert_eq!(
        (picture.width(), picture.height()),
        size,
        "the file has the size it is said to have"
    );
    picture
}

/// The largest difference of two images' samples.
pub(crate) fn largest_difference(one: &DynamicImage, other: &DynamicImage) -> u8 {
    let (one, other) = (one.to_rgba8(), other.to_rgba8());
    assert_eq!(one.dimensions(), other.dimensions());
    let pairs = std::iter::zip(one.as_raw(), other.as_raw());
    pairs.map(|(one, other)| one.abs_diff(*other)).max().unwrap_or(0)
}

/// The mean difference of two images' samples.
pub(crate) fn mean_difference(one: &DynamicImage, other: &DynamicImage) -> f64 {
    let (one, other) = (one.to_rgba8(), other.to_rgba8());
    assert_eq!(one.dimensions(), other.dimensions());
    let pairs = std::iter::zip(one.as_raw(), other.as_raw());
    let sum: u64 = pairs.map(|(one, other)| u64::from(one.abs_diff(*other))).sum();
    sum as f64 / one.as_raw().len() as f64
}
