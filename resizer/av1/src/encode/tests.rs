//! Every coded picture is decoded by rav1d. Without the filters of the decoder, its samples must
//! equal those that the encoder predicts from.

use re_rav1d::dav1d::{Decoder, Picture as Decoded, PlanarImageComponent, Settings};
use resizer_cpu::Cpu;

use super::{Encoded, encode_picture, encode_with};
use crate::color;
use crate::options::{Effort, EncodeOptions, PixelFormat, Sampling};
use crate::picture::Picture;
use crate::predict::{FILTERS, Mode, Prediction};
use crate::search::Search;

/// Pixels with gradients, edges, stripes in all directions, and noise.
fn pixels((width, height): (usize, usize), channels: usize, seed: u32) -> Vec<u8> {
    let mut state = seed;
    let mut noise = |range: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((state >> 16) % range) as i32
    };
    let mut out = Vec::with_capacity(width * height * channels);
    for y in 0..height as i32 {
        for x in 0..width as i32 {
            let area = (x / 40 + 3 * (y / 24) + seed as i32) % 7;
            let base = match area {
                0 => x * 2 + y,
                1 => 40 + noise(5),
                2 => {
                    if (x + y) / 5 % 2 == 0 {
                        220
                    } else {
                        30
                    }
                }
                3 => {
                    if (2 * x - y).rem_euclid(17) < 8 {
                        200
                    } else {
                        90
                    }
                }
                4 => noise(256),
                5 => {
                    if (x - 20).pow(2) + (y - 30).pow(2) < 2000 {
                        250
                    } else {
                        10
                    }
                }
                _ => 128 + (x - 2 * y) / 3,
            };
            for channel in 0..channels as i32 {
                let value = base + channel * (area * 9 - x / 4) + noise(4);
                out.push(value.clamp(0, 255) as u8);
            }
        }
    }
    out
}

fn decode(data: &[u8]) -> Decoded {
    let mut settings = Settings::new();
    settings.set_n_threads(1);
    settings.set_max_frame_delay(1);
    let mut decoder = Decoder::with_settings(&settings).expect("a decoder");
    decoder.send_data(data.to_vec(), None, None, None).expect("data that is taken");
    decoder.get_picture().expect("a picture")
}

/// Asserts that a decoder's samples are those of the encoder.
fn assert_equal(encoded: &Encoded, what: &str) {
    let frame = &encoded.coded.frame;
    let decoded = decode(&encoded.coded.data);
    assert_eq!((decoded.width() as usize, decoded.height() as usize), (frame.width, frame.height));
    let grid = frame.tiles();
    for plane in 0..frame.chroma.planes() {
        let component = PlanarImageComponent::from(plane);
        let samples = decoded.plane(component);
        let stride = decoded.stride(component) as usize;
        let shift = frame.chroma.shift(plane);
        for (index, tile) in encoded.tiles.iter().enumerate() {
            let (x, y) = (index % grid.columns * grid.width, index / grid.columns * grid.height);
            let width = (tile.width + shift) >> shift;
            for row in 0..(tile.height + shift) >> shift {
                let found = &samples[((y >> shift) + row) * stride + (x >> shift)..][..width];
                let expected = &tile.planes[plane].at(0, row)[..width];
                if found != expected {
                    let at = found.iter().zip(expected).position(|(a, b)| a != b);
                    panic!("{what}: plane {plane}, row {row}, column {at:?} of tile {index}");
                }
            }
        }
    }
}

fn check(size: (usize, usize), options: &EncodeOptions<'_>, seed: u32) {
    let pixels = pixels(size, options.format.channels(), seed);
    let picture = color::to_planes(Cpu::detect(), &pixels, size, options);
    check_picture(&picture, options);
}

fn check_picture(picture: &Picture, options: &EncodeOptions<'_>) {
    check_search(picture, options, Search::new(options.effort));
}

pub(super) fn check_search(picture: &Picture, options: &EncodeOptions<'_>, search: Search) {
    let options = options.with_filters(false);
    let encoded = encode_with(Cpu::detect(), picture, (&options, search), &|| false);
    let what = format!("{}x{} {options:?} {search:?}", picture.width, picture.height);
    assert_equal(&encoded.expect("a picture"), &what);
}

#[test]
fn decoders_see_what_the_encoder_sees_in_all_modes() {
    let plain = Mode::ALL.map(Prediction::new).into_iter();
    let directional = Mode::ALL.into_iter().filter(|mode| mode.directional_index().is_some());
    let angles =
        directional.flat_map(|mode| (-3..=3).map(move |delta| Prediction::with_delta(mode, delta)));
    let filters = (0..FILTERS).map(Prediction::with_filter);
    for (index, only) in plain.chain(angles).chain(filters).enumerate() {
        let sampling = [Sampling::S420, Sampling::S444][index % 2];
        for quality in [10, 60, 95] {
            let options = EncodeOptions::default().with_quality(quality).with_sampling(sampling);
            let pixels = pixels((140, 75), 3, index as u32);
            let picture = color::to_planes(Cpu::detect(), &pixels, (140, 75), &options);
            let search = Search { only: Some(only), ..Search::new(Effort::Small) };
            check_search(&picture, &options, search);
        }
    }
}

#[test]
fn decoders_see_what_the_encoder_sees_of_extremes() {
    let mut state = 1u32;
    for quality in [1, 10, 40, 70, 100] {
        for blocks in [1, 4, 16] {
            let size = (130, 100);
            let mut pixels = vec![0; size.0 * size.1 * 3];
            for y in (0..size.1).step_by(blocks) {
                for x in (0..size.0).step_by(blocks) {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    let color = [8, 9, 10].map(|bit| if state >> bit & 1 == 0 { 0 } else { 255 });
                    for row in y..size.1.min(y + blocks) {
                        for column in x..size.0.min(x + blocks) {
                            let at = (row * size.0 + column) * 3;
                            pixels[at..at + 3].copy_from_slice(&color);
                        }
                    }
                }
            }
            let options = EncodeOptions::default().with_quality(quality);
            let picture = color::to_planes(Cpu::detect(), &pixels, size, &options);
            check_picture(&picture, &options);
        }
    }
}

#[test]
fn decoders_see_what_the_encoder_sees_at_all_sizes() {
    let sides = [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 72, 100, 127, 130, 200, 300];
    for (index, width) in sides.into_iter().enumerate() {
        for height in [sides[(index * 7 + 3) % sides.len()], sides[(index * 3 + 1) % sides.len()]] {
            let quality = [20, 50, 80, 95][index % 4];
            let options = EncodeOptions::default().with_quality(quality);
            check((width, height), &options, index as u32);
        }
    }
}

#[test]
fn decoders_see_what_the_encoder_sees_at_all_qualities() {
    for quality in [1, 5, 15, 30, 45, 60, 75, 85, 93, 97, 99, 100] {
        for effort in [Effort::Fast, Effort::Balanced, Effort::Small] {
            let options = EncodeOptions::default().with_quality(quality).with_effort(effort);
            check((150, 90), &options, u32::from(quality));
        }
    }
}

#[test]
fn decoders_see_what_the_encoder_sees_in_all_formats() {
    let formats = [
        (PixelFormat::Gray, Sampling::S420),
        (PixelFormat::Rgb, Sampling::S420),
        (PixelFormat::Rgb, Sampling::S444),
    ];
    for (format, sampling) in formats {
        for (size, quality) in [((1, 1), 50), ((70, 130), 70), ((129, 67), 90), ((65, 9), 30)] {
            let options = EncodeOptions::default()
                .with_format(format)
                .with_sampling(sampling)
                .with_effort(Effort::Small)
                .with_quality(quality);
            check(size, &options, 5);
        }
    }
}

#[test]
fn errors_shrink_with_the_quality() {
    let size = (200, 130);
    let pixels = pixels(size, 1, 9);
    let options = EncodeOptions::default().with_format(PixelFormat::Gray).with_filters(false);
    let picture = color::to_planes(Cpu::detect(), &pixels, size, &options);
    let error = |quality| {
        let options = options.with_quality(quality);
        let encoded = encode_picture(Cpu::detect(), &picture, &options, &|| false);
        let decoded = &encoded.expect("a picture").tiles[0].planes[0];
        let rows = (0..size.1).map(|y| (decoded.at(0, y), picture.planes[0].at(0, y)));
        let squares = rows.flat_map(|(found, expected)| {
            let samples = found.iter().zip(expected).take(size.0);
            samples.map(|(a, b)| u32::from(a.abs_diff(*b)).pow(2)).collect::<Vec<_>>()
        });
        squares.sum::<u32>() as f32 / (size.0 * size.1) as f32
    };
    let errors = [20, 50, 80, 100].map(error);
    assert!(errors.is_sorted_by(|a, b| *a > 1.5 * *b), "{errors:?}");
    assert!(errors[3] < 4.0, "{errors:?}");
}

#[test]
fn every_instruction_set_writes_the_same_file() {
    for effort in [Effort::Fast, Effort::Balanced, Effort::Small] {
        let options = EncodeOptions::default().with_effort(effort);
        let pixels = pixels((133, 71), 3, 2);
        let encode = |cpu| {
            let picture = color::to_planes(cpu, &pixels, (133, 71), &options);
            let encoded = encode_picture(cpu, &picture, &options, &|| false);
            encoded.expect("a picture").coded.data
        };
        let expected = encode(Cpu::Portable);
        for cpu in Cpu::available() {
            assert!(encode(cpu) == expected, "{cpu:?} {effort:?}");
        }
    }
}

#[test]
fn a_stopped_encoder_ends() {
    let pixels = pixels((64, 200), 3, 1);
    let asked = std::cell::Cell::new(0);
    let is_stopped = || {
        asked.set(asked.get() + 1);
        asked.get() == 3
    };
    let options = EncodeOptions::default();
    let result = super::encode_until(&pixels, (64, 200), &options, &is_stopped);
    assert_eq!((result, asked.get()), (Err(crate::EncodeError::Stopped), 3));
}
