//! Files of the encoder, read by other decoders.

#[path = "shared/pixels.rs"]
mod pixels;

use pixels::interleaved;
use resizer_jpeg::{
    DecodeOptions, Decoder, Density, EncodeError, EncodeOptions, Encoder, Layout, Plane, Profile,
    Sampling, Segments, ToRgb,
};
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

const SAMPLINGS: [Sampling; 3] = [Sampling::Full, Sampling::Half, Sampling::Quarter];
const PROFILES: [Profile; 3] = [Profile::Fast, Profile::Balanced, Profile::Small];
const SIZES: [(u32, u32); 12] = [
    (1, 1),
    (2, 1),
    (1, 2),
    (7, 9),
    (8, 8),
    (9, 7),
    (15, 17),
    (16, 16),
    (17, 15),
    (33, 17),
    (31, 33),
    (100, 70),
];

/// Slow waves of colour with a little texture.
fn picture(width: u32, height: u32) -> Vec<u8> {
    let pixel = |x: u32, y: u32| {
        let (fx, fy) = (x as f32 / 23.0, y as f32 / 17.0);
        let texture = ((x * 7 + y * 13) % 5) as f32 * 2.0;
        let [r, g, b] = [fx.sin(), (fx + fy).cos(), (fy - fx).sin()];
        [r, g, b].map(|wave| (128.0 + 80.0 * wave + texture) as u8)
    };
    (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x, y))).collect()
}

fn luminance(rgb: &[u8]) -> Vec<u8> {
    let gray =
        |p: &[u8]| (u32::from(p[0]) * 77 + u32::from(p[1]) * 150 + u32::from(p[2]) * 29) >> 8;
    rgb.chunks_exact(3).map(|pixel| gray(pixel) as u8).collect()
}

fn encode(layout: Layout, size: (u32, u32), options: &EncodeOptions, rgb: &[u8]) -> Vec<u8> {
    let mut encoder =
        Encoder::new(size.0, size.1, layout, options, &Segments::default()).expect("a legal size");
    match layout {
        Layout::Gray => encoder.push_gray(&luminance(rgb)).expect("all rows"),
        Layout::YCbCr => encoder.push_rgb(rgb).expect("all rows"),
    }
    encoder.finish().expect("all rows were given")
}

/// The pixels that three decoders see, three bytes or one each.
fn decode(file: &[u8], channels: usize) -> [Vec<u8>; 3] {
    let space = if channels == 1 { ColorSpace::Luma } else { ColorSpace::RGB };
    let options = DecoderOptions::default().jpeg_set_out_colorspace(space).set_strict_mode(true);
    let mut zune = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(file), options);
    let zune = zune.decode().expect("zune-jpeg reads the file");
    let other = jpeg_decoder::Decoder::new(file).decode().expect("jpeg-decoder reads the file");
    [zune, other, decode_ourselves(file, channels)]
}

fn decode_ourselves(file: &[u8], channels: usize) -> Vec<u8> {
    let options = DecodeOptions::default();
    let mut decoder = Decoder::new(file, &options).expect("a header");
    let mut to_rgb = ToRgb::new(decoder.frame(), options.scale);
    let mut pixels = vec![0; to_rgb.height() * to_rgb.row_bytes()];
    let mut rows = 0;
    while let Some(band) = decoder.next_band().expect("our decoder reads the file") {
        rows += to_rgb.push(&band, &mut pixels[rows * to_rgb.row_bytes()..]);
    }
    assert_eq!(rows, to_rgb.height());
    assert_eq!(to_rgb.row_bytes(), to_rgb.width() * channels);
    interleaved(&pixels, to_rgb.width(), channels)
}

fn mean_difference(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    let sum: u64 = a.iter().zip(b).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.len() as f64
}

fn check(layout: Layout, size: (u32, u32), options: &EncodeOptions, bound: f64) {
    let rgb = picture(size.0, size.1);
    let file = encode(layout, size, options, &rgb);
    let (channels, expected) = match layout {
        Layout::Gray => (1, luminance(&rgb)),
        Layout::YCbCr => (3, rgb),
    };
    for decoded in decode(&file, channels) {
        let difference = mean_difference(&decoded, &expected);
        assert!(difference <= bound, "{difference} for {layout:?} {size:?} {options:?}");
    }
}

#[test]
fn all_samplings_profiles_and_sizes_decode() {
    for profile in PROFILES {
        for size in SIZES {
            for sampling in SAMPLINGS {
                let options =
                    EncodeOptions { quality: 90, sampling, profile, ..EncodeOptions::default() };
                check(Layout::YCbCr, size, &options, 5.0);
            }
            let options = EncodeOptions { quality: 90, profile, ..EncodeOptions::default() };
            check(Layout::Gray, size, &options, 2.5);
        }
    }
}

#[test]
fn the_error_falls_with_the_quality() {
    for profile in PROFILES {
        for (quality, bound) in [(1, 30.0), (30, 6.0), (60, 4.5), (85, 3.0), (95, 1.8), (100, 1.2)]
        {
            let options = EncodeOptions {
                quality,
                sampling: Sampling::Full,
                profile,
                ..EncodeOptions::default()
            };
            check(Layout::YCbCr, (150, 90), &options, bound);
        }
    }
}

#[test]
fn every_coding_and_restart_interval_holds_the_same_picture() {
    let rgb = picture(83, 61);
    for sampling in SAMPLINGS {
        for layout in [Layout::Gray, Layout::YCbCr] {
            let fast =
                EncodeOptions { sampling, profile: Profile::Fast, ..EncodeOptions::default() };
            let channels = if layout == Layout::Gray { 1 } else { 3 };
            let expected = decode(&encode(layout, (83, 61), &fast, &rgb), channels);
            for restart_interval in [0, 1, 2, 5, 7, 1000] {
                for (progressive, optimized) in [(false, false), (false, true), (true, true)] {
                    let options = EncodeOptions {
                        restart_interval,
                        progressive: Some(progressive),
                        optimized_tables: Some(optimized),
                        ..fast
                    };
                    let file = encode(layout, (83, 61), &options, &rgb);
                    assert!(decode(&file, channels) == expected, "{layout:?} {options:?}");
                }
            }
        }
    }
}

#[test]
fn noise_of_every_quality_decodes() {
    let mut state = 7u32;
    let noise: Vec<u8> = (0..70 * 50 * 3)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect();
    let extremes: Vec<u8> = noise.iter().map(|byte| if *byte < 128 { 0 } else { 255 }).collect();
    for rgb in [&noise, &extremes] {
        for profile in PROFILES {
            for quality in [0, 1, 25, 50, 75, 92, 100, 255] {
                let options = EncodeOptions {
                    quality,
                    profile,
                    sampling: Sampling::Full,
                    ..EncodeOptions::default()
                };
                let file = encode(Layout::YCbCr, (70, 50), &options, rgb);
                let bound = if quality >= 100 { 1.5 } else { 128.0 };
                for decoded in decode(&file, 3) {
                    assert!(mean_difference(&decoded, rgb) < bound, "{options:?}");
                }
            }
        }
    }
}

/// All ways to hand over the same rows.
#[test]
fn the_height_of_bands_does_not_matter() {
    let (width, height) = (37u32, 43u32);
    let rgb = picture(width, height);
    for profile in PROFILES {
        for sampling in SAMPLINGS {
            let options = EncodeOptions { sampling, profile, ..EncodeOptions::default() };
            let expected = encode(Layout::YCbCr, (width, height), &options, &rgb);
            for rows in [1, 2, 3, 8, 15, 16, 17, 42] {
                let mut encoder =
                    Encoder::new(width, height, Layout::YCbCr, &options, &Segments::default())
                        .expect("a legal size");
                for band in rgb.chunks(rows * width as usize * 3) {
                    encoder.push_rgb(band).expect("rows that fit");
                }
                assert!(encoder.finish().expect("all rows") == expected, "{rows} {options:?}");
            }
        }
    }
}

fn planes(samples: &[u8], sizes: [(usize, usize); 3], rows: [(usize, usize); 3]) -> Vec<Plane<'_>> {
    let plane = |((width, _), (from, to)): ((usize, usize), (usize, usize))| {
        let stride = width + 3;
        let pixels = &samples[from * stride..to * stride];
        Plane { pixels, width, height: to - from, stride }
    };
    sizes.into_iter().zip(rows).map(plane).collect()
}

#[test]
fn planes_of_any_heights_give_the_same_file() {
    let samples: Vec<u8> = picture(60, 60);
    for (sampling, colour) in
        [(Sampling::Full, (37, 43)), (Sampling::Half, (19, 43)), (Sampling::Quarter, (19, 22))]
    {
        let options = EncodeOptions { sampling, ..EncodeOptions::default() };
        let sizes = [(37, 43), colour, colour];
        let new = || {
            let encoder = Encoder::new(37, 43, Layout::YCbCr, &options, &Segments::default());
            encoder.expect("a legal size")
        };
        let mut whole = new();
        whole.push_planes(&planes(&samples, sizes, sizes.map(|s| (0, s.1)))).expect("all rows");
        let expected = whole.finish().expect("all rows");
        for steps in [[1, 1, 1], [16, 8, 8], [43, 1, 2], [5, 43, 3], [16, 16, 16]] {
            let mut encoder = new();
            let mut done = [0; 3];
            while (0..3).any(|at| done[at] < sizes[at].1) {
                let to = [0, 1, 2].map(|at| sizes[at].1.min(done[at] + steps[at]));
                let rows = [0, 1, 2].map(|at| (done[at], to[at]));
                encoder.push_planes(&planes(&samples, sizes, rows)).expect("rows that fit");
                done = to;
            }
            assert!(encoder.finish().expect("all rows") == expected, "{steps:?} {sampling:?}");
        }
    }
}

#[test]
fn segments_are_read_back() {
    let exif: Vec<u8> = b"II*\0".iter().copied().cycle().take(65_527).collect();
    let icc: Vec<u8> = (0..200_000u32).map(|at| (at * 31 % 251) as u8).collect();
    let segments = Segments {
        density: Density::PerInch(300, 72),
        exif: Some(&exif),
        xmp: Some(b"<x/>"),
        icc: Some(&icc),
    };
    for profile in PROFILES {
        let options = EncodeOptions { profile, ..EncodeOptions::default() };
        let mut encoder =
            Encoder::new(9, 9, Layout::Gray, &options, &segments).expect("segments that fit");
        encoder.push_gray(&[90; 81]).expect("all rows");
        let file = encoder.finish().expect("all rows");
        let mut decoder = jpeg_decoder::Decoder::new(file.as_slice());
        decoder.decode().expect("jpeg-decoder reads the file");
        assert_eq!(decoder.icc_profile().as_deref(), Some(icc.as_slice()));
        assert_eq!(decoder.exif_data(), Some(exif.as_slice()));
        assert_eq!(file[..20], *b"\xFF\xD8\xFF\xE0\0\x10JFIF\0\x01\x02\x01\x01\x2C\0\x48\0\0");
    }
}

#[test]
fn calls_that_cannot_be_are_refused() {
    let options = EncodeOptions::default();
    let new = |width, height, layout, segments: &Segments<'_>| {
        Encoder::new(width, height, layout, &options, segments).map(|_| ())
    };
    let none = Segments::default();
    for (width, height) in [(0, 1), (1, 0), (65_536, 1), (1, 65_536)] {
        let refused = new(width, height, Layout::Gray, &none);
        assert_eq!(refused, Err(EncodeError::Size { width, height }));
    }
    assert_eq!(new(65_535, 65_535, Layout::YCbCr, &none), Ok(()));
    let long = vec![0; 255 * 65_519 + 1];
    let exif = Segments { exif: Some(&long[..65_528]), ..none };
    let icc = Segments { icc: Some(&long), ..none };
    for segments in [exif, icc] {
        let refused = new(1, 1, Layout::Gray, &segments);
        assert!(matches!(refused, Err(EncodeError::Segment { .. })));
    }
}

#[test]
fn wrong_rows_are_refused() {
    let options = EncodeOptions::default();
    let new = |layout| Encoder::new(5, 5, layout, &options, &Segments::default()).expect("legal");
    let layout = |result| assert!(matches!(result, Err(EncodeError::Layout { .. })));
    let rows = |result| assert!(matches!(result, Err(EncodeError::Rows { .. })));
    layout(new(Layout::Gray).push_rgb(&[0; 15]));
    layout(new(Layout::YCbCr).push_gray(&[0; 5]));
    layout(new(Layout::YCbCr).push_rgb(&[0; 16]));
    layout(new(Layout::Gray).push_gray(&[0; 6]));
    rows(new(Layout::YCbCr).push_rgb(&[0; 90]));
    rows(new(Layout::Gray).push_gray(&[0; 30]));
    let plane = Plane { pixels: &[0; 9], width: 5, height: 2, stride: 5 };
    layout(new(Layout::Gray).push_planes(&[plane]));
    layout(new(Layout::Gray).push_planes(&[Plane { stride: 4, ..plane }]));
    layout(new(Layout::Gray).push_planes(&[Plane { stride: usize::MAX, ..plane }]));
    layout(new(Layout::Gray).push_planes(&[Plane { width: 4, ..plane }]));
    let mut half = new(Layout::YCbCr);
    half.push_rgb(&[0; 15]).expect("a row");
    layout(half.push_planes(&[Plane::default(); 3]));
    let refused = half.finish().map(|_| ());
    assert_eq!(refused, Err(EncodeError::Rows { component: 0, given: 1, expected: 5 }));
    rows(new(Layout::Gray).finish().map(|_| ()));
}
