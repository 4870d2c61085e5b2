//! Encodes screen content. A decoder's samples must equal those of the encoder.

use resizer_cpu::Cpu;

use super::tests::check_search;
use crate::color;
use crate::detect::is_screen_content;
use crate::options::{Effort, EncodeOptions, PixelFormat, Sampling};
use crate::picture::Picture;
use crate::search::Search;
use crate::transform::TransformType;

/// Areas, lines, and glyphs of few colors, some of them smoothed or noisy.
pub(super) fn pixels((width, height): (usize, usize), channels: usize, seed: u32) -> Vec<u8> {
    let mut state = seed.wrapping_mul(7919) + 1;
    let mut random = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) % below
    };
    let colors: Vec<[u8; 4]> =
        (0..2 + random(12)).map(|_| [(); 4].map(|()| random(256) as u8)).collect();
    let mut out = vec![0; width * height * channels];
    let paint = |out: &mut [u8], x: usize, y: usize, color: [u8; 4]| {
        if x < width && y < height {
            out[(y * width + x) * channels..][..channels].copy_from_slice(&color[..channels]);
        }
    };
    for _ in 0..4 + width * height / 120 {
        let (left, top) = (random(width as u32) as usize, random(height as u32) as usize);
        let color = colors[random(colors.len() as u32) as usize];
        let kind = random(5);
        let (columns, rows) = match kind {
            0 => (1 + random(60) as usize, 1 + random(60) as usize),
            1 => (1 + random(90) as usize, 1),
            2 => (1, 1 + random(90) as usize),
            _ => (8, 11),
        };
        let glyph = random(u32::MAX);
        for y in 0..rows {
            for x in 0..columns {
                let bit = glyph.rotate_left((y / 2 * 5 + x / 2) as u32) & 1 == 1;
                match kind {
                    3 if bit => paint(&mut out, left + x, top + y, color),
                    4 => {
                        let noise = random(9) as u8;
                        let noisy = color.map(|value| value.saturating_add(noise));
                        paint(&mut out, left + x, top + y, noisy);
                    }
                    0..=2 => paint(&mut out, left + x, top + y, color),
                    _ => {}
                }
            }
        }
    }
    out
}

fn picture(size: (usize, usize), options: &EncodeOptions<'_>, seed: u32) -> Picture {
    let pixels = pixels(size, options.format.channels(), seed);
    color::to_planes(Cpu::detect(), &pixels, size, options)
}

fn screen_content(effort: Effort) -> Search {
    Search { is_screen_content: Some(true), ..Search::new(effort) }
}

#[test]
fn decoders_see_all_sizes_of_palettes() {
    for colors in 2..=8 {
        for (index, quality) in [5, 40, 80, 97].into_iter().enumerate() {
            let sampling = [Sampling::S420, Sampling::S444][(index + colors) % 2];
            let options = EncodeOptions::default().with_quality(quality).with_sampling(sampling);
            let search = Search { only_colors: Some(colors), ..screen_content(Effort::Balanced) };
            let seed = 10 * colors as u32 + index as u32;
            check_search(&picture((150, 85), &options, seed), &options, search);
        }
    }
}

#[test]
fn decoders_see_all_transforms_of_screen_content() {
    let transforms = TransformType::ALL.into_iter().chain([TransformType::Identity]);
    for (index, transform) in transforms.enumerate() {
        for quality in [3, 30, 70, 95, 100] {
            let options = EncodeOptions::default().with_quality(quality);
            let search = Search { only_transform: Some(transform), ..screen_content(Effort::Fast) };
            check_search(&picture((140, 75), &options, index as u32), &options, search);
            let colors = Search { only_colors: Some(3), ..search };
            check_search(&picture((70, 90), &options, quality.into()), &options, colors);
        }
    }
}

#[test]
fn decoders_see_screen_content_of_all_sizes() {
    let sides = [1, 2, 3, 7, 8, 9, 15, 17, 31, 33, 40, 63, 65, 72, 100, 130, 200, 300];
    for (index, width) in sides.into_iter().enumerate() {
        for height in [sides[(index * 7 + 3) % sides.len()], sides[(index * 5 + 1) % sides.len()]] {
            let format = [PixelFormat::Rgb, PixelFormat::Gray][usize::from(index % 3 == 2)];
            let options = EncodeOptions::default()
                .with_format(format)
                .with_sampling([Sampling::S420, Sampling::S444][index % 2])
                .with_quality([20, 50, 80, 95][index % 4]);
            let picture = picture((width, height), &options, index as u32);
            check_search(&picture, &options, screen_content(Effort::Balanced));
            let search = Search { only_colors: Some(2), ..screen_content(Effort::Fast) };
            check_search(&picture, &options, search);
        }
    }
}

#[test]
fn decoders_see_random_screen_content() {
    for seed in 0..60 {
        let size = (1 + (seed * 37 % 150) as usize, 1 + (seed * 53 % 110) as usize);
        let options = EncodeOptions::default()
            .with_sampling([Sampling::S420, Sampling::S444][seed as usize % 2])
            .with_quality((seed * 29 % 101) as u8);
        let effort = [Effort::Fast, Effort::Balanced, Effort::Small][seed as usize % 3];
        check_search(&picture(size, &options, 100 + seed), &options, screen_content(effort));
    }
}

#[test]
fn decoders_see_screen_content_in_several_tiles_and_in_alpha() {
    let options = EncodeOptions::default().with_format(PixelFormat::Rgba).with_quality(70);
    for (size, sampling, seed) in [((4200, 40), Sampling::S444, 1), ((8300, 12), Sampling::S420, 2)]
    {
        let options = options.with_sampling(sampling);
        let pixels = pixels(size, 4, seed);
        let alpha = color::alpha(&pixels, size, options.format).expect("alpha");
        for picture in [color::to_planes(Cpu::detect(), &pixels, size, &options), alpha] {
            assert!(is_screen_content(&picture), "{size:?}");
            for effort in [Effort::Fast, Effort::Balanced] {
                check_search(&picture, &options, Search::new(effort));
            }
        }
    }
}

#[test]
fn palettes_make_drawings_smaller() {
    let options = EncodeOptions::default().with_format(PixelFormat::Gray);
    let picture = picture((200, 150), &options, 3);
    assert!(is_screen_content(&picture));
    let bytes = |is_screen_content| {
        let search =
            Search { is_screen_content: Some(is_screen_content), ..Search::new(Effort::Balanced) };
        let encoded = super::encode_with(Cpu::detect(), &picture, (&options, search), &|| false);
        encoded.expect("a picture").coded.data.len()
    };
    let (with, without) = (bytes(true), bytes(false));
    assert!(with * 10 < without * 7, "{with} and {without} bytes");
}
