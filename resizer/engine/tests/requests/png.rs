//! PNGs with chunks that are broken, late or odd, and animations of every depth.

use std::io::Cursor;

use fixtures::png::animated::{Frame, animated};
use fixtures::png::chunks::{chunk, find, with_bad_crc, with_before, without};
use fixtures::png::{PngOptions, Samples, png};
use image::codecs::png::PngDecoder;
use image::{AnimationDecoder, RgbaImage};
use png::{BitDepth, ColorType};
use resizer_engine::spec::{Animation, OutputFormat, Request};

use crate::support::{picture, rendered, spec};

fn as_it_is() -> Request {
    vec![spec(OutputFormat::Png)].into()
}

/// Every pixel of one color.
fn plain(size: (u32, u32), color: ColorType, depth: BitDepth, pixel: &[u16]) -> Samples {
    let values = pixel.repeat(size.0 as usize * size.1 as usize);
    Samples { width: size.0, height: size.1, color, depth, values }
}

fn frames_of(source: &[u8]) -> Vec<RgbaImage> {
    let request = Request { animation: Animation::Animate, ..as_it_is() };
    let rendered = rendered(source, &request).expect("a good file");
    let decoder = PngDecoder::new(Cursor::new(&rendered.variants[0].bytes[..])).expect("a PNG");
    let frames = decoder.apng().expect("an animation").into_frames().collect_frames();
    frames.expect("whole frames").into_iter().map(image::Frame::into_buffer).collect()
}

#[test]
fn where_one_frame_is_asked_for_no_chunk_of_the_others_matters() {
    let red = plain((12, 9), ColorType::Rgb, BitDepth::Eight, &[220, 30, 30]);
    let blue = plain((12, 9), ColorType::Rgb, BitDepth::Eight, &[30, 60, 220]);
    let good = animated(&[Frame::new(red.clone()), Frame::new(blue)], &PngOptions::default());
    let expected = picture(&png(&red, &PngOptions::default()), as_it_is());
    let second = find(&good, b"fdAT");
    let late = {
        let control = good[find(&good, b"fcTL")].to_vec();
        with_before(&without(&good, b"fcTL"), b"IEND", &control)
    };
    let cases = [
        ("good", good.clone()),
        ("data without control", without(&without(&good, b"fcTL"), b"fcTL")),
        ("control without data", without(&good, b"fdAT")),
        ("no count", without(&good, b"acTL")),
        ("late control", late),
        ("data before the picture", with_before(&good, b"IDAT", &good[second.clone()])),
        ("wrong checksum", with_bad_crc(&good, b"fdAT")),
        ("cut in the second frame", good[..second.start + 15].to_vec()),
    ];
    for (what, source) in cases {
        assert!(picture(&source, as_it_is()) == expected, "{what}");
    }
}

#[test]
fn frames_of_16_bits_move_and_what_is_opaque_stays_so() {
    let deep = |pixel: &[u16]| plain((6, 4), ColorType::Rgba, BitDepth::Sixteen, pixel);
    let mut over =
        Frame::new(plain((3, 2), ColorType::Rgba, BitDepth::Sixteen, &[65_535, 0, 0, 32_639]));
    (over.place, over.blend) = ((2, 1), 1);
    let under = Frame::new(deep(&[0, 25_700, 65_535, 65_535]));
    let frames = frames_of(&animated(&[under, over], &PngOptions::default()));
    assert_eq!(frames.len(), 2);
    assert_eq!(frames[0].get_pixel(3, 2).0, [0, 100, 255, 255]);
    for (x, y, pixel) in frames[1].enumerate_pixels() {
        let is_over = (2..5).contains(&x) && (1..3).contains(&y);
        let expected = if is_over { [127, 50, 128, 255] } else { [0, 100, 255, 255] };
        assert_eq!(pixel.0, expected, "{x},{y}");
    }
}

#[test]
fn frames_are_cleared_or_bring_back_what_was_there() {
    let color = |size, pixel: &[u16]| plain(size, ColorType::Rgb, BitDepth::Eight, pixel);
    let part = |x, dispose, pixel: &[u16]| {
        let samples = color((2, 2), pixel);
        Frame { place: (x, 0), samples, dispose, blend: 0 }
    };
    let frames = [
        Frame::new(color((6, 2), &[9, 9, 9])),
        part(0, 2, &[200, 0, 0]),
        part(2, 1, &[0, 200, 0]),
        part(4, 0, &[0, 0, 200]),
    ];
    let seen: Vec<Vec<[u8; 4]>> = frames_of(&animated(&frames, &PngOptions::default()))
        .iter()
        .map(|frame| [0, 2, 4].map(|x| frame.get_pixel(x, 1).0).to_vec())
        .collect();
    let [gray, red, green] = [[9, 9, 9, 255], [200, 0, 0, 255], [0, 200, 0, 255]];
    let (blue, nothing) = ([0, 0, 200, 255], [0; 4]);
    assert_eq!(seen[1], [red, gray, gray]);
    assert_eq!(seen[2], [gray, green, gray]);
    assert_eq!(seen[3], [gray, nothing, blue]);
}

#[test]
fn of_a_transparent_color_only_the_bits_of_the_depth_count() {
    let cases = [
        (BitDepth::One, [0x00, 0xff], 1),
        (BitDepth::One, [0xff, 0xfe], 0),
        (BitDepth::Two, [0x00, 0xff], 3),
        (BitDepth::Four, [0x12, 0xf5], 5),
        (BitDepth::Eight, [0xff, 0x80], 0x80),
        (BitDepth::Sixteen, [0x12, 0x34], 0x1234),
    ];
    for (depth, transparency, clear) in cases {
        let values = vec![clear, clear ^ 1];
        let samples = Samples::single((2, 1), ColorType::Grayscale, depth, values);
        let transparency = Some(transparency.to_vec());
        let source = png(&samples, &PngOptions { transparency, ..PngOptions::default() });
        let found = picture(&source, as_it_is());
        let alphas: Vec<u8> = found.pixels().map(|pixel| pixel.0[3]).collect();
        assert_eq!(alphas, [0, 255], "{depth:?}");
    }
    let rgb = plain((2, 1), ColorType::Rgb, BitDepth::Eight, &[200, 10, 30]);
    let transparency = Some(vec![1, 200, 2, 10, 3, 30]);
    let source = png(&rgb, &PngOptions { transparency, ..PngOptions::default() });
    assert!(picture(&source, as_it_is()).pixels().all(|pixel| pixel.0[3] == 0));
}

#[test]
fn a_transparency_that_comes_too_early_too_late_or_broken_is_passed_over() {
    let values = vec![0, 1, 1, 0];
    let indexed = Samples::single((4, 1), ColorType::Indexed, BitDepth::Two, values);
    let palette = Some(vec![255, 0, 0, 0, 0, 255]);
    let plain = png(&indexed, &PngOptions { palette, ..PngOptions::default() });
    let expected = picture(&plain, as_it_is());
    let clear = chunk(b"tRNS", &[0]);
    let cases = [
        ("before the palette", with_before(&plain, b"PLTE", &clear)),
        ("behind the pixels", with_before(&plain, b"IEND", &clear)),
        ("a wrong checksum", with_bad_crc(&with_before(&plain, b"IDAT", &clear), b"tRNS")),
        ("of nothing", with_before(&plain, b"IDAT", &chunk(b"tRNS", &[]))),
    ];
    for (what, source) in cases {
        assert!(picture(&source, as_it_is()) == expected, "{what}");
    }
    let shown = picture(&with_before(&plain, b"IDAT", &clear), as_it_is());
    let alphas: Vec<u8> = shown.pixels().map(|pixel| pixel.0[3]).collect();
    assert_eq!(alphas, [0, 255, 255, 0]);
}

#[test]
fn what_is_said_of_colors_behind_the_palette_or_with_a_wrong_checksum_does_not_count() {
    let indexed = Samples::single((2, 1), ColorType::Indexed, BitDepth::Eight, vec![0, 1]);
    let palette = Some(vec![128, 128, 128, 10, 20, 30]);
    let plain = png(&indexed, &PngOptions { palette, ..PngOptions::default() });
    let expected = picture(&plain, as_it_is());
    let gamma = chunk(b"gAMA", &100_000_u32.to_be_bytes());
    let late = with_before(&plain, b"IDAT", &gamma);
    assert!(picture(&late, as_it_is()) == expected, "behind the palette");
    let early = with_before(&plain, b"PLTE", &gamma);
    assert_eq!(picture(&early, as_it_is()).get_pixel(0, 0).0, [188, 188, 188, 255]);
    assert!(picture(&with_bad_crc(&early, b"gAMA"), as_it_is()) == expected, "a wrong checksum");
}

/// A ramp in P3, and the same with its profile changed.
fn with_profile(edit: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let values = (0..=255).flat_map(|level| [level, 255 - level, 90]).collect();
    let (color, depth) = (ColorType::Rgb, BitDepth::Eight);
    let samples = Samples { width: 16, height: 16, color, depth, values };
    let mut icc = fixtures::icc::display_p3();
    edit(&mut icc);
    png(&samples, &PngOptions { icc: Some(icc), ..PngOptions::default() })
}

#[test]
fn profiles_count_as_for_littlecms_whatever_version_and_types_they_name() {
    let good = with_profile(|_| {});
    let expected = picture(&good, as_it_is());
    let renamed = |from: &'static [u8], to: [u8; 4]| {
        with_profile(move |icc| {
            let mut places = (132..icc.len() - 8).filter(|&at| icc[at..].starts_with(from));
            let places: Vec<usize> = places.by_ref().collect();
            assert!(!places.is_empty(), "the profile has such data");
            for at in places {
                icc[at..at + 4].copy_from_slice(&to);
            }
        })
    };
    let cases = [
        ("version 5", with_profile(|icc| icc[8..12].copy_from_slice(&[5, 0, 0, 0]))),
        ("Corbis's coordinates", renamed(b"XYZ \0\0\0\0", [0x17, 0xa5, 0x05, 0xb8])),
    ];
    for (what, source) in cases {
        assert!(picture(&source, as_it_is()) == expected, "{what}");
    }
    let stored = with_profile(|icc| icc[36..40].copy_from_slice(b"nope"));
    let (stored, expected) = (picture(&stored, as_it_is()), &expected);
    assert!(stored != *expected, "without its mark it is no profile");
}

#[test]
fn a_packed_profile_needs_no_checksum_behind_it() {
    let good = with_profile(|_| {});
    let expected = picture(&good, as_it_is());
    let place = find(&good, b"iCCP");
    let body = &good[place.start + 8..place.end - 4];
    let mut wrong = body.to_vec();
    *wrong.last_mut().expect("it has data") ^= 1;
    let cases = [("missing", body[..body.len() - 4].to_vec()), ("wrong", wrong)];
    for (what, body) in cases {
        let source = with_before(&without(&good, b"iCCP"), b"IDAT", &chunk(b"iCCP", &body));
        assert!(picture(&source, as_it_is()) == expected, "{what}");
    }
    let cut = chunk(b"iCCP", &body[..body.len() / 2]);
    let source = with_before(&without(&good, b"iCCP"), b"IDAT", &cut);
    assert!(picture(&source, as_it_is()) != expected, "half a profile is none");
}

#[test]
fn what_ios_makes_of_a_png_is_named() {
    let gray = plain((2, 2), ColorType::Grayscale, BitDepth::Eight, &[9]);
    let source = png(&gray, &PngOptions::default());
    let marked = with_before(&source, b"IHDR", &chunk(b"CgBI", &[0x50, 0, 0x20, 6]));
    let reject = rendered(&marked, &as_it_is()).expect_err("its pixels are stored otherwise");
    assert_eq!(reject.code(), "unsupported");
    assert!(reject.to_string().contains("CgBI"), "{reject}");
}
