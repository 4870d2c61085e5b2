//! Kinds of files in: BMP and TIFF as PNG; CMYK; 16 bits rounded to the nearest.

use fixtures::jpeg::{CmykCoding, cmyk, cmyk_without_adobe};
use fixtures::png::{PngOptions, Samples, png};
use fixtures::scene::photograph;
use image::{DynamicImage, ImageBuffer, ImageFormat, Luma};
use png::{BitDepth, ColorType};
use resizer_engine::spec::{OutputFormat, Request};

use crate::support::{good, mean_difference, picture, spec, written};

fn as_it_is() -> Request {
    vec![spec(OutputFormat::Png)].into()
}

#[test]
fn bmp_and_tiff_show_what_their_png_shows() {
    let scene = DynamicImage::ImageRgb8(photograph(61, 43, 3));
    let mut faded = scene.to_rgba8();
    faded.enumerate_pixels_mut().for_each(|(x, _, pixel)| pixel.0[3] = (x * 4) as u8);
    let kinds = [
        scene.clone(),
        scene.to_luma8().into(),
        faded.into(),
        scene.to_rgb16().into(),
        scene.to_luma16().into(),
    ];
    let mut compared = 0;
    for kind in kinds {
        let expected = picture(&written(&kind, ImageFormat::Png), as_it_is());
        for format in [ImageFormat::Bmp, ImageFormat::Tiff] {
            let is_deep = kind.color().bytes_per_pixel() > kind.color().channel_count();
            if format == ImageFormat::Bmp && is_deep {
                continue;
            }
            let found = picture(&written(&kind, format), as_it_is());
            assert!(found == expected, "{:?} as {format:?}", kind.color());
            compared += 1;
        }
    }
    assert_eq!(compared, 8);
}

/// Writers other than Adobe's store CMYK as inverted as Adobe's do.
#[test]
fn cmyk_is_inverted_with_the_marker_or_without() {
    let scene = photograph(61, 43, 3);
    let marked = picture(&cmyk(&scene, CmykCoding::Cmyk), as_it_is());
    assert!(picture(&cmyk_without_adobe(&scene), as_it_is()) == marked);
    let scene = DynamicImage::ImageRgb8(scene).to_rgba8();
    assert!(mean_difference(&marked, &scene) < 3.0, "the picture, not its negative");
}

#[test]
fn an_orientation_of_any_integer_type_turns() {
    let source = good("orientation-6.jpg");
    let expected = picture(&source, as_it_is());
    // Tag, type and count, before the value.
    let is_field =
        |part: &[u8]| part == [0x12, 1, 3, 0, 1, 0, 0, 0] || part == [1, 0x12, 0, 3, 0, 0, 0, 1];
    let at = source.windows(8).position(is_field).expect("a field of the orientation");
    let is_little_endian = source[at] == 0x12;
    // BYTE, LONG, and SHORT twice.
    for (kind, count, value_bytes) in [(1, 1, 1), (4, 1, 4), (3, 2, 2)] {
        let mut field = vec![0; 12];
        let place = |at: usize, bytes: usize| at + if is_little_endian { 0 } else { bytes - 1 };
        field[..2].copy_from_slice(&source[at..at + 2]);
        field[place(2, 2)] = kind;
        field[place(4, 4)] = count;
        field[place(8, value_bytes)] = 6;
        let stored = [&source[..at], &field, &source[at + 12..]].concat();
        assert!(picture(&stored, as_it_is()) == expected, "type {kind}, {count} values");
    }
}

#[test]
fn sixteen_bits_are_rounded_to_the_nearest_of_eight() {
    let ramp = || (0..=u16::MAX).collect::<Vec<u16>>();
    let plain = Samples::single((256, 256), ColorType::Grayscale, BitDepth::Sixteen, ramp());
    let tiff = ImageBuffer::<Luma<u16>, _>::from_raw(256, 256, ramp()).expect("as many samples");
    let sources = [
        png(&plain, &PngOptions::default()),
        png(&plain, &PngOptions { interlaced: true, ..PngOptions::default() }),
        written(&tiff.into(), ImageFormat::Tiff),
    ];
    for source in sources {
        let found = picture(&source, as_it_is());
        for (value, pixel) in (0..=u16::MAX).zip(found.pixels()) {
            let nearest = (f64::from(value) / 257.0).round() as u8;
            assert_eq!(pixel.0, [nearest, nearest, nearest, 255], "{value}");
        }
    }
}
