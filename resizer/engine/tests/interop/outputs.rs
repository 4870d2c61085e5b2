//! Pillow opens every output of a suite in every format, and agrees on size, mode and pixels with
//! what our own tests take for granted: `image`, and the engine itself where that reads AVIF.

use image::{DynamicImage, RgbaImage};
use resizer_engine::spec::{Effort, Fit, FormatSpec, OutputFormat, PngColors, Rgba, VariantSpec};
use resizer_engine::{Limits, Variant, render};

use crate::opened::{Opened, open};
use crate::tools::Tools;

/// One of each kind: color, gray, alpha, palette, 16 bits, inks, turned, tiny, other formats.
const SUITE: [&str; 18] = [
    "gif-animated.gif",
    "gif-transparent.gif",
    "jpeg-420.jpg",
    "jpeg-cmyk.jpg",
    "jpeg-exif-gps.jpg",
    "jpeg-gray.jpg",
    "jpeg-icc-p3.jpg",
    "jpeg-size-1x37.jpg",
    "orientation-6.jpg",
    "orientation-7.png",
    "png-gray-16.png",
    "png-gray-alpha-8.png",
    "png-palette-8-trns.png",
    "png-rgb-16.png",
    "png-rgba-8.png",
    "png-size-1x1.png",
    "webp-alpha.webp",
    "webp-lossless.webp",
];

fn specs() -> Vec<VariantSpec> {
    let formats =
        |formats: &[OutputFormat]| formats.iter().copied().map(FormatSpec::Fixed).collect();
    let usual = [OutputFormat::Jpeg, OutputFormat::Png, OutputFormat::Webp, OutputFormat::Gif];
    let spec = |name: &str, width: u32, formats: Vec<FormatSpec>| VariantSpec {
        name: name.to_owned(),
        width: Some(width),
        formats,
        effort: Effort::Fast,
        ..VariantSpec::default()
    };
    vec![
        spec("as-it-is", 4000, formats(&usual)),
        spec("small", 33, formats(&usual)),
        VariantSpec {
            height: Some(40),
            fit: Fit::Pad,
            background: Rgba([10, 200, 30, 128]),
            ..spec("padded", 40, formats(&usual))
        },
        spec("avif", 24, formats(&[OutputFormat::Avif])),
    ]
}

/// The pixels of a variant, and which mode Pillow should find.
fn expected(variant: &Variant) -> (RgbaImage, Vec<&'static str>) {
    if variant.format == OutputFormat::Avif {
        let formats = vec![FormatSpec::Fixed(OutputFormat::Png)];
        let spec = VariantSpec { formats, png_colors: PngColors::All, ..VariantSpec::default() };
        let again = render(&variant.bytes, &vec![spec].into(), &Limits::default());
        let again = &again.expect("our own AVIF").variants[0].bytes;
        let picture = image::load_from_memory(again).expect("a PNG");
        return (picture.to_rgba8(), vec!["L", "RGB", "RGBA"]);
    }
    let picture = image::load_from_memory(&variant.bytes).expect("a file of ours");
    let modes = match (variant.format, &picture) {
        // A palette is another form of the same pixels; what GIF cannot say Pillow does not.
        (OutputFormat::Png, DynamicImage::ImageRgb8(_) | DynamicImage::ImageRgba8(_)) => {
            vec!["P", "RGB", "RGBA"]
        }
        (OutputFormat::Gif, _) => vec!["P", "L", "RGB", "RGBA"],
        (_, DynamicImage::ImageLuma8(_)) => vec!["L"],
        (_, DynamicImage::ImageLumaA8(_)) => vec!["LA"],
        (_, DynamicImage::ImageRgba8(_)) => vec!["RGBA"],
        _ => vec!["RGB"],
    };
    (picture.to_rgba8(), modes)
}

fn largest_difference(one: &RgbaImage, other: &RgbaImage) -> u8 {
    let seen = one.pixels().zip(other.pixels()).filter(|(one, other)| one.0[3] | other.0[3] > 0);
    let levels = seen.flat_map(|(one, other)| std::iter::zip(one.0, other.0));
    levels.map(|(one, other)| one.abs_diff(other)).max().unwrap_or(0)
}

#[test]
#[ignore = "needs Pillow and libvips: cargo interop"]
fn pillow_agrees_on_size_mode_and_pixels_of_every_output() {
    let tools = Tools::get();
    let good = fixtures::good::all();
    let mut files = Vec::new();
    let mut variants = Vec::new();
    for name in SUITE {
        let fixture = good.iter().find(|fixture| fixture.name == name).expect(name);
        let rendered = render(&fixture.bytes, &specs().into(), &Limits::default());
        for variant in rendered.expect("a good file").variants {
            let end = variant.format.extension();
            files.push((format!("{name}-{}.{end}", variant.name), variant.bytes.clone()));
            variants.push(variant);
        }
    }
    let opened = open(tools, &files);
    assert_eq!(opened.len(), SUITE.len() * 13, "every output is opened");
    for ((name, _), (variant, opened)) in files.iter().zip(variants.iter().zip(&opened)) {
        let Opened { format, mode, size, frames, .. } = opened;
        let expected_format = variant.format.media_type().strip_prefix("image/").unwrap_or("");
        assert_eq!(*format, expected_format.to_uppercase(), "{name}");
        assert_eq!(*size, (variant.size.width(), variant.size.height()), "{name}");
        assert_eq!(frames.len(), 1, "{name}");
        let (picture, modes) = expected(variant);
        assert!(modes.contains(&&mode[..]), "{name}: {mode}, not of {modes:?}");
        let allowed = match variant.format {
            OutputFormat::Png | OutputFormat::Gif | OutputFormat::Webp => 0,
            OutputFormat::Jpeg => 4,
            OutputFormat::Avif => 2,
        };
        let found = largest_difference(&picture, &frames[0]);
        assert!(found <= allowed, "{name}: {found} levels");
    }
}
