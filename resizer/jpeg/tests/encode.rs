//! Files of the encoder, read by other decoders.

use std::io::{self, Write};

use resizer_jpeg::options::Density;
use resizer_jpeg::planes::Plane;
use resizer_jpeg::{Effort, EncodeError, EncodeOptions, Encoder, PixelFormat, Sampling};
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

const SAMPLINGS: [Sampling; 3] = [Sampling::S444, Sampling::S422, Sampling::S420];
const EFFORTS: [Effort; 3] = [Effort::Fast, Effort::Balanced, Effort::Small];
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

/// Slow waves of color with a little texture.
fn picture(width: u32, height: u32) -> Vec<u8> {
    let pixel = |x: u32, y: u32| {
        let (fx, fy) = (x as f32 / 23.0, y as f32 / 17.0);
        let texture = ((x * 7 + y * 13) % 5) as f32 * 2.0;
        let [r, g, b] = [fx.sin(), (fx + fy).cos(), (fy - fx).sin()];
        [r, g, b].map(|wave| (128.0 + 80.0 * wave + texture) as u8)
    };
    (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x, y))).collect()
}

fn luma(rgb: &[u8]) -> Vec<u8> {
    let gray =
        |p: &[u8]| (u32::from(p[0]) * 77 + u32::from(p[1]) * 150 + u32::from(p[2]) * 29) >> 8;
    rgb.chunks_exact(3).map(|pixel| gray(pixel) as u8).collect()
}

/// Encodes RGB in the format of the options.
fn encode(size: (u32, u32), options: &EncodeOptions<'_>, rgb: &[u8]) -> Vec<u8> {
    let pixels = match options.format {
        PixelFormat::Gray => luma(rgb),
        PixelFormat::Rgba => {
            rgb.as_chunks::<3>().0.iter().flat_map(|&[r, g, b]| [r, g, b, r ^ g]).collect()
        }
        _ => rgb.to_vec(),
    };
    resizer_jpeg::encode(&pixels, size.0, size.1, options).expect("a legal size and all rows")
}

/// The pixels that three decoders return, three bytes each or one.
fn decode(file: &[u8], channels: usize) -> [Vec<u8>; 3] {
    let space = if channels == 1 { ColorSpace::Luma } else { ColorSpace::RGB };
    let options = DecoderOptions::default().jpeg_set_out_colorspace(space).set_strict_mode(true);
    let mut zune = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(file), options);
    let zune = zune.decode().expect("zune-jpeg reads the file");
    let other = jpeg_decoder::Decoder::new(file).decode().expect("jpeg-decoder reads the file");
    [zune, other, decode_ourselves(file, channels)]
}

fn decode_ourselves(file: &[u8], channels: usize) -> Vec<u8> {
    let image = resizer_jpeg::decode(file).expect("our decoder reads the file");
    assert_eq!(image.format.channels(), channels);
    image.pixels
}

fn mean_difference(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    let sum: u64 = a.iter().zip(b).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.len() as f64
}

fn check(size: (u32, u32), options: &EncodeOptions<'_>, bound: f64) {
    let rgb = picture(size.0, size.1);
    let file = encode(size, options, &rgb);
    let (channels, expected) = match options.format {
        PixelFormat::Gray => (1, luma(&rgb)),
        _ => (3, rgb),
    };
    for decoded in decode(&file, channels) {
        let difference = mean_difference(&decoded, &expected);
        assert!(difference <= bound, "{difference} for {size:?} {options:?}");
    }
}

#[test]
fn all_samplings_profiles_and_sizes_decode() {
    for effort in EFFORTS {
        for size in SIZES {
            for sampling in SAMPLINGS {
                let options = EncodeOptions::default()
                    .with_quality(90)
                    .with_sampling(sampling)
                    .with_effort(effort);
                check(size, &options, 5.0);
            }
            let options = EncodeOptions::default().with_quality(90).with_effort(effort);
            check(size, &options.with_format(PixelFormat::Gray), 2.5);
        }
    }
}

#[test]
fn the_error_falls_with_the_quality() {
    for effort in EFFORTS {
        for (quality, bound) in [(1, 30.0), (30, 6.0), (60, 4.5), (85, 3.0), (95, 1.8), (100, 1.2)]
        {
            let options = EncodeOptions::default()
                .with_quality(quality)
                .with_sampling(Sampling::S444)
                .with_effort(effort);
            check((150, 90), &options, bound);
        }
    }
}

#[test]
fn every_coding_and_restart_interval_holds_the_same_picture() {
    let rgb = picture(83, 61);
    for sampling in SAMPLINGS {
        for format in [PixelFormat::Gray, PixelFormat::Rgb] {
            let fast = EncodeOptions::default()
                .with_format(format)
                .with_sampling(sampling)
                .with_effort(Effort::Fast);
            let channels = if format == PixelFormat::Gray { 1 } else { 3 };
            let expected = decode(&encode((83, 61), &fast, &rgb), channels);
            for restart_interval in [0, 1, 2, 5, 7, 1000] {
                for (progressive, optimized) in [(false, false), (false, true), (true, true)] {
                    let options = fast
                        .with_restart_interval(restart_interval)
                        .with_progressive(progressive)
                        .with_optimized_tables(optimized);
                    let file = encode((83, 61), &options, &rgb);
                    assert!(decode(&file, channels) == expected, "{options:?}");
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
        for effort in EFFORTS {
            for quality in [0, 1, 25, 50, 75, 92, 100, 255] {
                let options = EncodeOptions::default()
                    .with_quality(quality)
                    .with_effort(effort)
                    .with_sampling(Sampling::S444);
                let file = encode((70, 50), &options, rgb);
                let bound = if quality >= 100 { 1.5 } else { 128.0 };
                for decoded in decode(&file, 3) {
                    assert!(mean_difference(&decoded, rgb) < bound, "{options:?}");
                }
            }
        }
    }
}

/// Rows may be pushed in any number.
#[test]
fn the_height_of_bands_does_not_matter() {
    let (width, height) = (37u32, 43u32);
    let rgb = picture(width, height);
    for effort in EFFORTS {
        for sampling in SAMPLINGS {
            let options = EncodeOptions::default().with_sampling(sampling).with_effort(effort);
            let expected = encode((width, height), &options, &rgb);
            for rows in [1, 2, 3, 8, 15, 16, 17, 42] {
                let mut encoder =
                    Encoder::new(Vec::new(), width, height, &options).expect("a legal size");
                for band in rgb.chunks(rows * width as usize * 3) {
                    encoder.push_rows(band).expect("rows that fit");
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
    for (sampling, color) in
        [(Sampling::S444, (37, 43)), (Sampling::S422, (19, 43)), (Sampling::S420, (19, 22))]
    {
        let options = EncodeOptions::default().with_sampling(sampling);
        let sizes = [(37, 43), color, color];
        let new = || Encoder::new(Vec::new(), 37, 43, &options).expect("a legal size");
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
fn metadata_is_read_back() {
    let exif: Vec<u8> = b"II*\0".iter().copied().cycle().take(65_527).collect();
    let icc: Vec<u8> = (0..200_000u32).map(|at| (at * 31 % 251) as u8).collect();
    for effort in EFFORTS {
        let options = EncodeOptions::default()
            .with_format(PixelFormat::Gray)
            .with_effort(effort)
            .with_density(Density::PerInch(300, 72))
            .with_exif(&exif)
            .with_xmp(b"<x/>")
            .with_icc_profile(&icc);
        let file = resizer_jpeg::encode(&[90; 81], 9, 9, &options).expect("all rows");
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
    let new = |width, height, options: &EncodeOptions<'_>| {
        Encoder::new(Vec::new(), width, height, options).map(|_| ())
    };
    for size in [(0, 1), (1, 0), (65_536, 1), (1, 65_536)] {
        let refused = new(size.0, size.1, &options);
        assert!(
            matches!(refused, Err(EncodeError::Size { width, height }) if (width, height) == size)
        );
    }
    assert!(new(65_535, 65_535, &options).is_ok());
    let long = vec![0; 255 * 65_519 + 1];
    let exif = options.with_exif(&long[..65_528]);
    let xmp = options.with_xmp(&long[..65_505]);
    let icc = options.with_icc_profile(&long);
    for options in [exif, xmp, icc] {
        assert!(matches!(new(1, 1, &options), Err(EncodeError::Segment { .. })));
    }
    let refused = new(1, 1, &options.with_format(PixelFormat::Cmyk));
    assert!(matches!(refused, Err(EncodeError::Unsupported(PixelFormat::Cmyk))));
}

#[test]
fn wrong_rows_are_refused() {
    let new = |format| {
        let options = EncodeOptions::default().with_format(format);
        Encoder::new(Vec::new(), 5, 5, &options).expect("legal")
    };
    let (gray, rgb) = (|| new(PixelFormat::Gray), || new(PixelFormat::Rgb));
    let layout = |result| assert!(matches!(result, Err(EncodeError::Layout { .. })));
    let rows = |result| assert!(matches!(result, Err(EncodeError::Rows { .. })));
    layout(rgb().push_rows(&[0; 16]));
    layout(new(PixelFormat::Rgba).push_rows(&[0; 15]));
    layout(gray().push_rows(&[0; 6]));
    rows(rgb().push_rows(&[0; 90]));
    rows(gray().push_rows(&[0; 30]));
    let plane = Plane { pixels: &[0; 9], width: 5, height: 2, stride: 5 };
    layout(rgb().push_planes(&[plane]));
    layout(gray().push_planes(&[plane; 3]));
    layout(gray().push_planes(&[plane]));
    layout(gray().push_planes(&[Plane { stride: 4, ..plane }]));
    layout(gray().push_planes(&[Plane { stride: usize::MAX, ..plane }]));
    layout(gray().push_planes(&[Plane { width: 4, ..plane }]));
    let mut half = rgb();
    half.push_rows(&[0; 15]).expect("a row");
    layout(half.push_planes(&[Plane::default(); 3]));
    let refused = half.finish().map(|_| ());
    assert!(matches!(refused, Err(EncodeError::Rows { component: 0, given: 1, expected: 5 })));
    rows(gray().finish().map(|_| ()));
}

#[test]
fn alpha_is_ignored() {
    let rgb = picture(83, 61);
    let options = EncodeOptions::default();
    let expected = encode((83, 61), &options, &rgb);
    assert!(encode((83, 61), &options.with_format(PixelFormat::Rgba), &rgb) == expected);
}

/// Takes so many bytes, and then fails.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        if taken == 0 { Err(io::Error::other("full")) } else { Ok(taken) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn sinks_get_the_file_as_it_is_made_and_may_fail() {
    let rgb = picture(400, 700);
    for effort in EFFORTS {
        let options = EncodeOptions::default().with_effort(effort).with_quality(100);
        let expected = encode((400, 700), &options, &rgb);
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, 400, 700, &options).expect("a legal size");
        encoder.push_rows(&rgb).expect("all rows");
        encoder.finish().expect("all rows");
        assert!(file == expected, "{effort:?}");
        for room in [0, 1, 100, expected.len() / 2, expected.len() - 1] {
            let mut encoder = Encoder::new(Full(room), 400, 700, &options).expect("a legal size");
            let refused = encoder.push_rows(&rgb).and_then(|()| encoder.finish().map(|_| ()));
            assert!(matches!(refused, Err(EncodeError::Io(_))), "{effort:?} {room}");
        }
        let sink = Encoder::new(Full(expected.len()), 400, 700, &options);
        let mut encoder = sink.expect("a legal size");
        encoder.push_rows(&rgb).expect("all rows");
        assert_eq!(encoder.finish().expect("just enough room").0, 0);
    }
}
