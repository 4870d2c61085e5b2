//! Files of an ordinary encoder, from painted landscapes: all kinds and odd sizes.

use fixtures::jpeg::{CmykCoding, JpegOptions, Subsampling, adobe_rgb_components, cmyk, jpeg};
use fixtures::scene::photograph;
use resizer_jpeg::frame::{ColorModel, Process};
use resizer_jpeg::planes::{PlaneDecoder, Region};
use resizer_jpeg::{DecodeOptions, Header, Scale};

use crate::support::{assert_same, decode, decode_region};

const SUBSAMPLINGS: [Subsampling; 5] =
    [Subsampling::S444, Subsampling::S422, Subsampling::S420, Subsampling::S440, Subsampling::S411];
const SIZES: [(u32, u32); 8] =
    [(1, 1), (8, 8), (16, 16), (17, 23), (33, 15), (1, 70), (70, 1), (150, 101)];

/// A baseline file and its progressive twin hold the same coefficients, so they decode to the same
/// samples; so do both with restart markers.
#[test]
fn twins_are_equal() {
    for (width, height) in SIZES {
        let picture = photograph(width, height, 7);
        for subsampling in SUBSAMPLINGS {
            for quality in [if width > 100 { 60 } else { 95 }] {
                let plain = JpegOptions { quality, subsampling, ..JpegOptions::default() };
                let expected = jpeg(&picture, &plain);
                for progressive in [false, true] {
                    for restart_interval in [0, 1, 8] {
                        let twin = JpegOptions { progressive, restart_interval, ..plain.clone() };
                        let what = format!("{width} x {height}, {twin:?}");
                        assert_same(&jpeg(&picture, &twin), &expected, &what);
                    }
                }
            }
        }
    }
}

/// Reduced scales are close to a careful reduction of the picture.
#[test]
fn smaller_scales_show_the_same_picture() {
    let picture = photograph(256, 192, 3);
    for progressive in [false, true] {
        for subsampling in SUBSAMPLINGS {
            let options = JpegOptions { progressive, subsampling, ..JpegOptions::default() };
            let file = jpeg(&picture, &options);
            let full = decode(&file, Scale::Full).unwrap();
            for scale in Scale::ALL {
                let side = 8.0 / f64::from(scale.eighths());
                // The samples of a row or column under a reduced one, and how much of each.
                let under = |at: usize| {
                    let (from, to) = (at as f64 * side, (at + 1) as f64 * side);
                    let covered = move |at: usize| to.min(at as f64 + 1.0) - from.max(at as f64);
                    (from as usize..to.ceil() as usize).map(move |at| (at, covered(at) / side))
                };
                for (small, full) in decode(&file, scale).unwrap().iter().zip(&full) {
                    let mean = |x: usize, y: usize| {
                        let row = |y: usize| &full.bytes[y * full.width..][..full.width];
                        let samples = under(y).flat_map(|(y, down)| {
                            under(x).map(move |(x, across)| f64::from(row(y)[x]) * across * down)
                        });
                        samples.sum::<f64>()
                    };
                    let mut error = 0.0;
                    for (index, &sample) in small.bytes.iter().enumerate() {
                        let expected = mean(index % small.width, index / small.width);
                        error += (f64::from(sample) - expected).abs();
                    }
                    error /= small.bytes.len() as f64;
                    assert!(error < 4.0, "{scale:?} of {subsampling:?} is {error} off");
                }
            }
        }
    }
}

/// A region holds the samples of the whole picture, and damage outside of it is an error all the
/// same.
#[test]
fn regions_are_regions_of_the_whole() {
    let picture = photograph(150, 101, 7);
    let regions =
        [(0, 0, 150, 101), (37, 50, 1, 1), (64, 0, 40, 16), (100, 90, 500, 500), (0, 3, 9, 0)];
    for progressive in [false, true] {
        for subsampling in SUBSAMPLINGS {
            let options = JpegOptions { progressive, subsampling, ..JpegOptions::default() };
            let file = jpeg(&picture, &options);
            for scale in Scale::ALL {
                let whole = decode(&file, scale).unwrap();
                for (x, y, width, height) in regions {
                    let region = Region { x, y, width, height };
                    let found = decode_region(&file, scale, region).expect("a good file");
                    for (found, whole) in found.iter().zip(&whole) {
                        let side = scale.eighths() as usize;
                        let first_pixel = |at: usize, pixels: usize, samples: usize| {
                            let sampling = (pixels * side).div_ceil(8).div_ceil(samples);
                            (at * sampling * 8 / side) as u32
                        };
                        for at in 0..whole.bytes.len() {
                            // The first pixel of a sample is inside.
                            let column = first_pixel(at % whole.width, 150, whole.width);
                            let row = first_pixel(at / whole.width, 101, whole.height);
                            let is_inside = (x..x.saturating_add(width)).contains(&column)
                                && (y..y.saturating_add(height)).contains(&row);
                            let same = found.bytes[at] == whole.bytes[at];
                            assert!(same || !is_inside, "{scale:?} {region:?} at {at}");
                        }
                    }
                    let cut = &file[..file.len() - 30];
                    let refused = decode_region(cut, scale, region).is_err();
                    assert_eq!(refused, decode(cut, scale).is_err(), "{scale:?} {region:?}, cut");
                }
            }
        }
    }
}

#[test]
fn headers_tell_process_and_colors() {
    let picture = photograph(40, 30, 5);
    let options = JpegOptions::default();
    let cases = [
        (jpeg(&picture, &options), ColorModel::YCbCr, false),
        (jpeg(&picture, &JpegOptions { gray: true, ..options.clone() }), ColorModel::Gray, false),
        (adobe_rgb_components(&picture), ColorModel::Rgb, true),
        (cmyk(&picture, CmykCoding::Cmyk), ColorModel::Cmyk, true),
        (cmyk(&picture, CmykCoding::Ycck), ColorModel::Ycck, true),
    ];
    for (file, color, adobe) in cases {
        let header = Header::read(&file).unwrap();
        assert_eq!((header.frame.color, header.frame.adobe), (color, adobe));
        assert_eq!((header.frame.width, header.frame.height), (40, 30));
        assert!(header.complete);
        let decoder =
            PlaneDecoder::new(file.as_slice(), &DecodeOptions::default()).expect("a good file");
        assert_eq!(*decoder.frame(), header.frame);
    }
    let progressive = jpeg(&picture, &JpegOptions { progressive: true, ..options });
    assert_eq!(Header::read(&progressive).unwrap().frame.process, Process::Progressive);
}
