//! Which part of a picture stays where it is cut: a point that is named, or what people look at.

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use resizer_engine::spec::{Fit, Gravity, OutputFormat, VariantSpec};

use crate::support::{opened, spec, variant, written};

/// Columns of a hundred levels: each pixel says where it was.
fn columns(width: u32, height: u32) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| {
        Rgb([(x * 255 / (width - 1)) as u8, (y * 255 / (height - 1)) as u8, 0])
    });
    written(&DynamicImage::ImageRgb8(picture), ImageFormat::Png)
}

fn square(side: u32, gravity: Gravity) -> VariantSpec {
    VariantSpec {
        width: Some(side),
        height: Some(side),
        fit: Fit::Cover,
        gravity,
        ..spec(OutputFormat::Png)
    }
}

#[test]
fn the_focal_point_is_in_the_middle_as_far_as_the_edge_lets_it() {
    let source = columns(400, 100);
    for (x, expected_left) in [
        (0, 0.0),
        (1000, 0.0),
        (1250, 0.0),
        (5000, 150.0),
        (6000, 190.0),
        (8750, 300.0),
        (10_000, 300.0),
    ] {
        let picture = opened(&variant(&source, square(100, Gravity::Focal(x, 5000))));
        let left = f64::from(picture.get_pixel(0, 50).0[0]) * 399.0 / 255.0;
        assert!((left - expected_left).abs() <= 2.0, "{x}: {left}, not {expected_left}");
    }
    let upright = columns(100, 400);
    let picture = opened(&variant(&upright, square(100, Gravity::Focal(0, 7000))));
    let top = f64::from(picture.get_pixel(50, 0).0[1]) * 399.0 / 255.0;
    assert!((top - 230.0).abs() <= 2.0, "{top}");
}

/// A face of skin with eyes on a wall; and where it is, across.
fn portrait(width: u32, height: u32, at: u32) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, height, |x, y| {
        let (dx, dy) = (x as i32 - at as i32, y as i32 - height as i32 / 2);
        let is_eye = (dy + 8).abs() < 3 && (dx.abs() - 10).abs() < 4;
        match dx * dx + dy * dy {
            ..900 if is_eye => Rgb([20, 20, 30]),
            ..900 => Rgb([224, 172, 140]),
            _ => Rgb([120, 120, 122]),
        }
    });
    written(&DynamicImage::ImageRgb8(picture), ImageFormat::Png)
}

fn skin(picture: &image::RgbaImage) -> usize {
    picture.pixels().filter(|pixel| pixel.0[0] > pixel.0[2] + 50).count()
}

#[test]
fn attention_keeps_a_face_wherever_it_is() {
    for at in [50, 130, 300, 470, 550] {
        let source = portrait(600, 150, at);
        let kept = skin(&opened(&variant(&source, square(75, Gravity::Attention))));
        let all = skin(&opened(&variant(
            &source,
            VariantSpec { width: Some(300), ..spec(OutputFormat::Png) },
        )));
        assert!(kept * 10 >= all * 9, "a face at {at}: {kept} of {all} pixels");
    }
}

#[test]
fn attention_sees_nothing_in_an_empty_picture_and_cuts_its_middle() {
    let flat = RgbImage::from_pixel(300, 100, Rgb([90, 91, 92]));
    let flat = written(&DynamicImage::ImageRgb8(flat), ImageFormat::Png);
    let by = |gravity| variant(&flat, square(50, gravity)).bytes;
    assert!(by(Gravity::Attention) == by(Gravity::Center));
}

#[test]
fn a_strip_is_cut_in_its_middle_without_a_look() {
    // At the scale of the box it would have a hundred million pixels.
    let strip = columns(10, 4000);
    let by = |gravity| variant(&strip, VariantSpec { enlarge: true, ..square(300, gravity) });
    let [looked, middle] = [Gravity::Attention, Gravity::Center].map(by);
    assert_eq!((looked.size.width(), looked.size.height()), (300, 300));
    assert!(looked.bytes == middle.bytes);
}
