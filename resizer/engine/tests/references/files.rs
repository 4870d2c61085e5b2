//! What the tests share: a set's files, how a file is rendered as it is, how two pictures differ.

use std::path::PathBuf;

use image::{DynamicImage, ImageFormat, RgbaImage};
use resizer_engine::spec::{FormatSpec, OutputFormat, PngColors, Request, VariantSpec};
use resizer_engine::{Limits, RenderError, render};

/// A set of the corpus.
pub(crate) struct Set {
    folder: PathBuf,
}

impl Set {
    /// The set of that name in the corpus.
    ///
    /// # Panics
    /// Where the corpus is not at hand or lacks it.
    pub(crate) fn find(name: &str) -> Self {
        let folder = fixtures::outside::corpus().join(name);
        assert!(folder.is_dir(), "the corpus lacks the set {name}");
        Self { folder }
    }

    /// Names of all files that end so, sorted.
    pub(crate) fn names(&self, end: &str) -> Vec<String> {
        let entries = std::fs::read_dir(&self.folder).expect("the set's folder can be listed");
        let names = entries.map(|entry| entry.expect("an entry can be read").file_name());
        let mut names: Vec<String> =
            names.map(|name| name.to_string_lossy().into_owned()).collect();
        names.retain(|name| name.ends_with(end));
        names.sort();
        names
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.folder.join(name).is_file()
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// A reference picture, as `image` decodes it.
    pub(crate) fn picture(&self, name: &str) -> DynamicImage {
        image::load_from_memory(&self.read(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }
}

/// The only variant of a file in its own size, in a format that loses nothing.
///
/// # Errors
/// The engine's.
pub(crate) fn as_it_is(source: &[u8], request: Request) -> Result<RgbaImage, RenderError> {
    let formats = vec![FormatSpec::Fixed(OutputFormat::Png)];
    let spec = VariantSpec { formats, png_colors: PngColors::All, ..VariantSpec::default() };
    let request = Request { variants: vec![spec], ..request };
    let rendered = render(source, &request, &Limits::default())?;
    let bytes = &rendered.variants[0].bytes;
    let picture = image::load_from_memory_with_format(bytes, ImageFormat::Png);
    Ok(picture.expect("a PNG").to_rgba8())
}

/// How two pictures differ, in levels, and in how much of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Difference {
    pub(crate) largest: u8,
    pub(crate) mean: f64,
}

/// What is wholly transparent in both has no color.
pub(crate) fn difference(one: &RgbaImage, other: &RgbaImage) -> Difference {
    assert_eq!(one.dimensions(), other.dimensions(), "sizes");
    let (mut largest, mut sum) = (0, 0.0);
    for (one, other) in one.pixels().zip(other.pixels()) {
        if one.0[3] == 0 && other.0[3] == 0 {
            continue;
        }
        for (one, other) in std::iter::zip(one.0, other.0) {
            largest = largest.max(one.abs_diff(other));
            sum += f64::from(one.abs_diff(other));
        }
    }
    let samples = one.as_raw().len().max(1) as f64;
    Difference { largest, mean: sum / samples }
}

/// A picture of any depth with 8 bits a channel, rounded to the nearest.
pub(crate) fn in_bytes(picture: &DynamicImage) -> RgbaImage {
    let deep = picture.to_rgba16();
    let round = |sample: u16| ((u32::from(sample) * 255 + 32_767) / 65_535) as u8;
    let samples = deep.as_raw().iter().map(|&sample| round(sample)).collect();
    RgbaImage::from_raw(deep.width(), deep.height(), samples).expect("as many samples")
}
