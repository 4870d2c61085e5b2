//! The format that the picture decides: AVIF for photographs, lossless WebP for drawings.

use fixtures::jpeg::{JpegOptions, jpeg};
use fixtures::png::{PngOptions, Samples, png};
use fixtures::scene::photograph;
use image::{Rgb, RgbImage};
use resizer_engine::spec::{Animation, FormatSpec, OutputFormat, Request, VariantSpec};

use crate::support::{opened, picture, rendered, spec};

/// Bars and frames in five colors, as in a diagram.
fn diagram(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| match (x / 40 % 4, y / 30) {
        _ if x % 40 < 2 || y % 30 < 2 => Rgb([20, 20, 30]),
        (0, row) if row % 2 == 0 => Rgb([220, 60, 50]),
        (1, row) if row % 3 == 0 => Rgb([40, 120, 220]),
        (2, _) => Rgb([250, 240, 210]),
        _ => Rgb([255, 255, 255]),
    })
}

fn automatic(widths: &[u32]) -> Request {
    let variant = |&width: &u32| VariantSpec {
        name: format!("w{width}"),
        width: Some(width),
        formats: vec![FormatSpec::Auto],
        ..VariantSpec::default()
    };
    widths.iter().map(variant).collect::<Vec<_>>().into()
}

fn formats(file: &[u8], request: &Request) -> Vec<OutputFormat> {
    let rendered = rendered(file, request).expect("a good file");
    rendered.variants.iter().map(|variant| variant.format).collect()
}

#[test]
fn a_drawing_is_lossless_and_a_photograph_is_not_whatever_their_file() {
    let drawing = png(&Samples::rgb(&diagram(320, 240)), &PngOptions::default());
    let scene = png(&Samples::rgb(&photograph(320, 240, 1)), &PngOptions::default());
    let widths = [80, 160, 320];
    assert_eq!(formats(&drawing, &automatic(&widths)), [OutputFormat::Webp; 3]);
    assert_eq!(formats(&scene, &automatic(&widths)), [OutputFormat::Avif; 3]);
    let lossy = jpeg(&diagram(320, 240), &JpegOptions::default());
    assert_eq!(formats(&lossy, &automatic(&widths)), [OutputFormat::Avif; 3], "a JPEG stays lossy");
}

#[test]
fn a_lossless_variant_has_the_pixels_of_the_resampled_picture() {
    let drawing = png(&Samples::rgb(&diagram(320, 240)), &PngOptions::default());
    let found = rendered(&drawing, &automatic(&[80, 320])).expect("a good file");
    for (variant, width) in found.variants.iter().zip([80, 320]) {
        let exact = VariantSpec { width: Some(width), ..spec(OutputFormat::Png) };
        assert!(opened(variant) == picture(&drawing, vec![exact].into()), "{width}");
    }
}

#[test]
fn the_largest_variant_decides_for_all() {
    // Its thumbnail is not flat any more.
    let drawing = png(&Samples::rgb(&diagram(1600, 1200)), &PngOptions::default());
    assert_eq!(formats(&drawing, &automatic(&[24, 1600])), [OutputFormat::Webp; 2]);
}

#[test]
fn an_animation_is_a_webp_where_it_moves() {
    let gif = fixtures::gif::balloon(64, 48, 3, 1);
    let request = Request { animation: Animation::Animate, ..automatic(&[48]) };
    let moving = rendered(&gif, &request).expect("a good file");
    assert_eq!(
        (moving.variants[0].format, moving.variants[0].is_animated),
        (OutputFormat::Webp, true)
    );
}
