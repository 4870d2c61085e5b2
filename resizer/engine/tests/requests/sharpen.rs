//! Sharpening hardens edges, and nothing else.

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use resizer_engine::spec::{OutputFormat, VariantSpec};

use crate::support::{opened, spec, variant, written};

fn sharpened(source: &[u8], per_cent: u8) -> RgbaImage {
    let spec = VariantSpec { width: Some(100), sharpen: per_cent, ..spec(OutputFormat::Png) };
    opened(&variant(source, spec))
}

#[test]
fn both_sides_of_an_edge_move_apart_the_more_is_asked() {
    let edge =
        RgbImage::from_fn(200, 40, |x, _| if x < 101 { Rgb([80; 3]) } else { Rgb([160; 3]) });
    let source = written(&DynamicImage::ImageRgb8(edge), ImageFormat::Png);
    let range = |per_cent: u8| {
        let picture = sharpened(&source, per_cent);
        let levels = picture.pixels().map(|pixel| pixel.0[0]);
        (levels.clone().min().expect("pixels"), levels.max().expect("pixels"))
    };
    let ranges = [0, 25, 50, 100].map(range);
    for pair in ranges.windows(2) {
        assert!(pair[1].0 < pair[0].0 && pair[1].1 > pair[0].1, "{ranges:?}");
    }
    let far = sharpened(&source, 100);
    assert_eq!((far.get_pixel(5, 5).0[0], far.get_pixel(95, 5).0[0]), (80, 160), "far from it");
}

#[test]
fn flat_colors_and_alpha_stay() {
    let picture =
        RgbaImage::from_fn(200, 40, |x, _| Rgba([90, 140, 30, if x < 100 { 255 } else { 90 }]));
    let source = written(&DynamicImage::ImageRgba8(picture), ImageFormat::Png);
    let [plain, sharp] = [0, 100].map(|per_cent| sharpened(&source, per_cent));
    for (plain, sharp) in plain.pixels().zip(sharp.pixels()) {
        assert_eq!(plain.0[3], sharp.0[3], "alpha");
        assert!(std::iter::zip(plain.0, sharp.0).all(|(one, other)| one.abs_diff(other) <= 1));
    }
}
