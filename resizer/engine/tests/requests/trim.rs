//! Borders of one color are cut, as far as they are of one color, before anything else is done.

use fixtures::exif::ExifSpec;
use fixtures::jpeg::{JpegOptions, jpeg};
use fixtures::png::{PngOptions, Samples, png};
use fixtures::scene::photograph;
use image::imageops::replace;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use resizer_engine::spec::{Fit, OutputFormat, Request, VariantSpec};

use crate::support::{picture, rendered, spec, written};

fn trimmed(tolerance: u8, spec: VariantSpec) -> Request {
    Request { trim: Some(tolerance), ..vec![spec].into() }
}

/// A picture of 90 x 60 in a border: 11 on the left, 7 above, 5 on the right, 3 below.
fn bordered() -> (RgbImage, RgbImage) {
    let inner = photograph(90, 60, 4);
    let mut whole = RgbImage::from_pixel(106, 70, Rgb([250, 250, 250]));
    replace(&mut whole, &inner, 11, 7);
    (whole, inner)
}

#[test]
fn a_border_of_one_color_is_cut_to_the_pixel() {
    let (whole, inner) = bordered();
    let source = written(&DynamicImage::ImageRgb8(whole), ImageFormat::Png);
    let found = picture(&source, trimmed(0, spec(OutputFormat::Png)));
    assert!(found == DynamicImage::ImageRgb8(inner).to_rgba8(), "{:?}", found.dimensions());
}

#[test]
fn sizes_follow_from_what_is_left() {
    let (whole, _) = bordered();
    let source = written(&DynamicImage::ImageRgb8(whole), ImageFormat::Png);
    let small = VariantSpec { width: Some(45), ..spec(OutputFormat::Png) };
    assert_eq!(picture(&source, trimmed(0, small)).dimensions(), (45, 30));
    let square = VariantSpec {
        width: Some(30),
        height: Some(30),
        fit: Fit::Cover,
        ..spec(OutputFormat::Png)
    };
    assert_eq!(picture(&source, trimmed(0, square)).dimensions(), (30, 30));
}

#[test]
fn the_noise_of_a_jpeg_is_within_the_tolerance() {
    let (whole, inner) = bordered();
    let source = jpeg(&whole, &JpegOptions { quality: 95, ..JpegOptions::default() });
    let (width, height) = picture(&source, trimmed(12, spec(OutputFormat::Png))).dimensions();
    // Blocks at the edge carry some of the picture into the border.
    assert!((inner.width()..inner.width() + 9).contains(&width), "{width} wide");
    assert!((inner.height()..inner.height() + 9).contains(&height), "{height} high");
}

#[test]
fn what_differs_by_no_more_than_the_tolerance_is_border() {
    let picture_of = |level: u8| {
        let mut whole = RgbImage::from_pixel(40, 30, Rgb([100, 100, 100]));
        replace(&mut whole, &RgbImage::from_pixel(10, 8, Rgb([100, level, 100])), 5, 6);
        written(&DynamicImage::ImageRgb8(whole), ImageFormat::Png)
    };
    let size =
        |level| picture(&picture_of(level), trimmed(10, spec(OutputFormat::Png))).dimensions();
    assert_eq!(size(110), (40, 30), "all of it is border, so that all of it stays");
    assert_eq!(size(111), (10, 8));
    assert_eq!(size(89), (10, 8));
}

#[test]
fn what_nobody_sees_is_border_whatever_its_color() {
    let clear = |x: u32| Rgba([(x * 5) as u8, 200, 0, 0]);
    let mut whole = RgbaImage::from_fn(50, 40, |x, _| clear(x));
    replace(&mut whole, &RgbaImage::from_pixel(20, 10, Rgba([1, 2, 3, 255])), 9, 8);
    let source = written(&DynamicImage::ImageRgba8(whole), ImageFormat::Png);
    assert_eq!(picture(&source, trimmed(0, spec(OutputFormat::Png))).dimensions(), (20, 10));
}

#[test]
fn the_border_of_a_turned_picture_is_cut_where_it_is_stored() {
    let (whole, inner) = bordered();
    for number in 1..=8 {
        let stored = fixtures::orientation::stored(&whole, number);
        let exif = Some(ExifSpec::turned(number.into()));
        let source = png(&Samples::rgb(&stored), &PngOptions { exif, ..PngOptions::default() });
        let found = picture(&source, trimmed(0, spec(OutputFormat::Png)));
        let expected = DynamicImage::ImageRgb8(inner.clone()).to_rgba8();
        assert!(found == expected, "orientation {number}: {:?}", found.dimensions());
    }
}

#[test]
fn every_committed_picture_can_be_trimmed() {
    let small = || VariantSpec { width: Some(20), ..spec(OutputFormat::Jpeg) };
    for fixture in fixtures::good::all() {
        let found = rendered(&fixture.bytes, &trimmed(5, small()));
        let size =
            found.unwrap_or_else(|reject| panic!("{}: {reject}", fixture.name)).variants[0].size;
        let upright = fixture.size.map(|(width, height)| width.max(height));
        assert!(Some(size.width()) <= upright, "{}: {size}", fixture.name);
    }
}
