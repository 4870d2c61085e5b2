//! PNGs that are small: forms that hold exactly the picture in fewer bytes, and palettes of fewer
//! colors where nobody sees the difference.

use fixtures::png::{PngOptions, Samples, png};
use fixtures::scene::photograph;
use image::imageops::crop_imm;
use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use png::{BitDepth, ColorType, Decoder};
use resizer_engine::spec::{Effort, OutputFormat, PngColors, Quality, VariantSpec};

use crate::support::{mean_difference, opened, spec, variant, written};

const EFFORTS: [Effort; 3] = [Effort::Fast, Effort::Balanced, Effort::Small];

/// A PNG as by default.
fn auto() -> VariantSpec {
    VariantSpec { png_colors: PngColors::Auto, ..spec(OutputFormat::Png) }
}

/// What a file says of its pixels: color type, bits, colors, and alphas of them.
fn form(file: &[u8]) -> (ColorType, BitDepth, usize, usize) {
    let reader = Decoder::new(std::io::Cursor::new(file)).read_info().expect("a PNG");
    let info = reader.info();
    let length =
        |bytes: &Option<std::borrow::Cow<'_, [u8]>>| bytes.as_ref().map_or(0, |bytes| bytes.len());
    (info.color_type, info.bit_depth, length(&info.palette) / 3, length(&info.trns))
}

fn png_of(picture: RgbaImage) -> Vec<u8> {
    written(&DynamicImage::ImageRgba8(picture), ImageFormat::Png)
}

/// A drawing in 252 colors: lines and disks of some colors with hard edges, on a plain background,
/// below a sweep through all colors.
fn drawing(width: u32, height: u32) -> (RgbaImage, Vec<u8>) {
    let index = |x: u32, y: u32| -> u16 {
        let (cell_x, cell_y) = (x / 40, y / 40);
        let (dx, dy) = ((x % 40) as i32 - 20, (y % 40) as i32 - 20);
        let number = (cell_x * 7 + cell_y * 3) % 12 * 21;
        match dx * dx + dy * dy {
            _ if y < 40 => ((x * 252 / width) % 252) as u16,
            0..=99 => number as u16,
            100..=150 => (251 - number) as u16,
            _ if (dx + dy) % 13 == 0 => 43,
            _ => 251,
        }
    };
    let level = |number: u16, steps: u16| (number * 255 / (steps - 1)) as u8;
    let color = |index: u16| [level(index % 7, 7), level(index / 7 % 6, 6), level(index / 42, 6)];
    let values: Vec<u16> = (0..height).flat_map(|y| (0..width).map(move |x| index(x, y))).collect();
    let picture = RgbaImage::from_fn(width, height, |x, y| {
        let [red, green, blue] = color(index(x, y));
        Rgba([red, green, blue, 255])
    });
    let samples = Samples::single((width, height), ColorType::Indexed, BitDepth::Eight, values);
    let palette = Some((0..252).flat_map(color).collect());
    (picture, png(&samples, &PngOptions { palette, ..PngOptions::default() }))
}

#[test]
fn thumbnails_of_a_palette_go_back_to_one_and_are_not_larger_than_their_source() {
    let (_, source) = drawing(800, 600);
    for width in [160, 320] {
        let all = variant(&source, VariantSpec { width: Some(width), ..spec(OutputFormat::Png) });
        if width == 320 {
            assert!(all.bytes.len() > source.len(), "all colors take {}", all.bytes.len());
        }
        for effort in [Effort::Balanced, Effort::Small] {
            let small = variant(&source, VariantSpec { width: Some(width), effort, ..auto() });
            assert_eq!(form(&small.bytes).0, ColorType::Indexed, "{width}, {effort:?}");
            assert!(small.bytes.len() <= source.len(), "{width}, {effort:?}");
            assert!(small.bytes.len() * 2 < all.bytes.len(), "{width}, {effort:?}");
            let difference = mean_difference(&opened(&small), &opened(&all));
            assert!(difference < 3.0, "{width}, {effort:?}: {difference} levels");
        }
    }
}

#[test]
fn channels_that_say_nothing_are_left_out_and_few_levels_take_few_bits() {
    let gray =
        |levels: u32| move |x: u32, y: u32| ((x * 7 + y * 13) % levels * 255 / (levels - 1)) as u8;
    let of =
        |pixel: &dyn Fn(u32, u32) -> [u8; 4]| RgbaImage::from_fn(64, 48, |x, y| Rgba(pixel(x, y)));
    let many = |x: u32, y: u32| [(x * 4) as u8, (y * 5) as u8, (x * y) as u8];
    let cases = [
        (of(&|x, y| [gray(2)(x, y), gray(2)(x, y), gray(2)(x, y), 255]), ColorType::Grayscale, 1),
        (of(&|x, y| [gray(4)(x, y), gray(4)(x, y), gray(4)(x, y), 255]), ColorType::Grayscale, 2),
        (
            of(&|x, y| [gray(16)(x, y), gray(16)(x, y), gray(16)(x, y), 255]),
            ColorType::Grayscale,
            4,
        ),
        (
            of(&|x, y| {
                let [l, ..] = many(x, y);
                [l ^ 1, l ^ 1, l ^ 1, 255]
            }),
            ColorType::Grayscale,
            8,
        ),
        (
            of(&|x, y| {
                let [r, g, b] = many(x, y);
                [r, g, b, 255]
            }),
            ColorType::Rgb,
            8,
        ),
        (
            of(&|x, y| {
                let [r, g, b] = many(x, y);
                [r, g, b, b | 1]
            }),
            ColorType::Rgba,
            8,
        ),
        (
            of(&|x, _| {
                let l = (x % 3) as u8;
                [l * 90, l, 7, 255]
            }),
            ColorType::Indexed,
            2,
        ),
        (
            of(&|x, _| {
                let l = (x % 3) as u8;
                [l * 90, l, 7, 255 - l]
            }),
            ColorType::Indexed,
            2,
        ),
        (
            of(&|x, y| {
                let l = (x * y % 9) as u8;
                [l * 20, l, 7, 255]
            }),
            ColorType::Indexed,
            4,
        ),
    ];
    for (number, (picture, color, bits)) in cases.into_iter().enumerate() {
        let source = png_of(picture.clone());
        for effort in EFFORTS {
            let file = variant(&source, VariantSpec { effort, ..spec(OutputFormat::Png) });
            assert_eq!(opened(&file), picture, "{number}, {effort:?}");
            let (found, depth, ..) = form(&file.bytes);
            assert_eq!(found, color, "{number}, {effort:?}");
            // A whole byte may be smaller, for LZ77 finds more in it.
            let is_free = effort != Effort::Fast && color == ColorType::Indexed;
            assert!(depth as u8 == bits || is_free, "{number}, {effort:?}: {depth:?}");
        }
    }
}

#[test]
fn the_alphas_of_a_palette_end_with_the_last_one_that_is_not_opaque() {
    let picture = RgbaImage::from_fn(60, 40, |x, _| {
        let number = (x % 20) as u8;
        Rgba([number * 9, 255 - number, number, if number == 12 { 99 } else { 255 }])
    });
    let file = variant(&png_of(picture.clone()), spec(OutputFormat::Png));
    assert_eq!(opened(&file), picture);
    let (color, _, colors, alphas) = form(&file.bytes);
    assert_eq!((color, colors, alphas), (ColorType::Indexed, 20, 1));
}

#[test]
fn fewer_colors_are_never_larger_than_all_of_them() {
    for fixture in fixtures::good::all() {
        for (effort, quality) in
            [(Effort::Balanced, 80), (Effort::Small, 80), (Effort::Balanced, 1)]
        {
            let spec = |png_colors| VariantSpec {
                width: Some(40),
                effort,
                quality: quality.into(),
                png_colors,
                ..spec(OutputFormat::Png)
            };
            let all = variant(&fixture.bytes, spec(PngColors::All)).bytes.len();
            for png_colors in [PngColors::Auto, PngColors::Palette] {
                let found = variant(&fixture.bytes, spec(png_colors)).bytes.len();
                assert!(found <= all, "{}, {effort:?}: {found} and {all} bytes", fixture.name);
            }
        }
    }
}

#[test]
fn the_quality_decides_how_many_colors_are_enough() {
    let source = written(&DynamicImage::ImageRgb8(photograph(240, 180, 5)), ImageFormat::Png);
    let exact = opened(&variant(&source, spec(OutputFormat::Png)));
    let mut last = (0, f64::MAX);
    for quality in [10, 30, 50, 70] {
        let quality = Quality { png: quality, ..Quality::uniform(1) };
        let palette = VariantSpec { quality, png_colors: PngColors::Palette, ..auto() };
        let file = variant(&source, palette);
        let found = (file.bytes.len(), mean_difference(&opened(&file), &exact));
        assert!(found.0 > last.0 && found.1 < last.1, "{quality:?}: {found:?} after {last:?}");
        last = found;
    }
    let best = VariantSpec { quality: Quality { png: 100, ..Quality::uniform(1) }, ..auto() };
    assert_eq!(opened(&variant(&source, best)), exact);
    let fast = VariantSpec { effort: Effort::Fast, ..auto() };
    assert_eq!(opened(&variant(&source, fast)), exact);
}

#[test]
fn a_picture_that_256_colors_cannot_show_is_off_by_a_level_or_keeps_all() {
    let sweep = RgbaImage::from_fn(256, 192, |x, y| {
        // With noise in each channel, so that a file with all colors is large.
        let state = (x + 256 * y).wrapping_mul(0x9e37_79b1);
        let random = (state ^ (state >> 15)).wrapping_mul(0x85eb_ca6b);
        let noise = |bits: u32| (random >> bits) % 6;
        let levels = [x + noise(29), y * 4 / 3 + noise(20), 255 - x / 2 - y / 2 + noise(11)];
        let [red, green, blue] = levels.map(|level| level.min(255) as u8);
        Rgba([red, green, blue, 255])
    });
    for effort in [Effort::Balanced, Effort::Small] {
        let source = png_of(sweep.clone());
        let all = variant(&source, VariantSpec { effort, ..spec(OutputFormat::Png) });
        let near = variant(&source, VariantSpec { effort, ..auto() });
        assert!(near.bytes.len() * 10 <= all.bytes.len() * 9, "{effort:?}");
        let near = opened(&near);
        let pairs = std::iter::zip(near.as_raw(), sweep.as_raw());
        let most = pairs.map(|(near, exact)| near.abs_diff(*exact)).max();
        assert_eq!(most, Some(1), "{effort:?}");
        let better = VariantSpec { effort, quality: 90.into(), ..auto() };
        assert_eq!(opened(&variant(&source, better)), sweep, "{effort:?}");
        let forced = VariantSpec { effort, png_colors: PngColors::Palette, ..auto() };
        let file = variant(&png_of(sweep.clone()), forced);
        assert_eq!(form(&file.bytes).0, ColorType::Indexed, "{effort:?}");
    }
}

#[test]
fn a_large_regular_pattern_is_not_larger_than_with_all_colors() {
    // Repetitions compress better than values that are off by a level, which do not repeat.
    let noise = |x: u32, y: u32, channel: u32| {
        let state = (x % 16 + 16 * (y % 16) + 256 * channel).wrapping_mul(0x9e37_79b1);
        90 + ((state ^ (state >> 15)).wrapping_mul(0x85eb_ca6b) >> 29)
    };
    let pattern = RgbaImage::from_fn(1300, 1100, |x, y| {
        let levels = [noise(x, y, 0) + x / 8, noise(x, y, 1) + y / 8, noise(x, y, 2)];
        let [red, green, blue] = levels.map(|level| level as u8);
        Rgba([red, green, blue, 255])
    });
    let source = png_of(pattern);
    let all = variant(&source, spec(OutputFormat::Png));
    let near = variant(&source, auto());
    assert!(near.bytes.len() <= all.bytes.len(), "{} {}", near.bytes.len(), all.bytes.len());
}

#[test]
fn flat_areas_keep_their_color_and_get_no_noise() {
    let scene = photograph(200, 150, 2);
    let flat = Rgba([250, 247, 243, 255]);
    let picture =
        RgbaImage::from_fn(400, 300, |x, y| match (x.checked_sub(100), y.checked_sub(75)) {
            (Some(x), Some(y)) if x < 200 && y < 150 => {
                let [red, green, blue] = scene.get_pixel(x, y).0;
                Rgba([red, green, blue, 255])
            }
            _ => flat,
        });
    let file = variant(&png_of(picture.clone()), auto());
    assert_eq!(form(&file.bytes).0, ColorType::Indexed);
    let found = opened(&file);
    for (x, y, pixel) in picture.enumerate_pixels().filter(|(_, _, pixel)| **pixel == flat) {
        assert_eq!(found.get_pixel(x, y), pixel, "{x},{y}");
    }
}

#[test]
fn soft_edges_stay_soft_without_halos() {
    let disk = RgbaImage::from_fn(300, 300, |x, y| {
        let (dx, dy) = (x as f32 - 149.5, y as f32 - 149.5);
        let alpha = (140.0 - (dx * dx + dy * dy).sqrt()).clamp(0.0, 12.0) / 12.0;
        let shade = (x / 3) as u8;
        if alpha == 0.0 {
            return Rgba([0; 4]);
        }
        Rgba([200, 40 + shade, shade, (alpha * 255.0) as u8])
    });
    let file = variant(&png_of(disk.clone()), auto());
    assert_eq!(form(&file.bytes).0, ColorType::Indexed);
    let on = |Rgba([red, green, blue, alpha]): Rgba<u8>, ground: u32| {
        let mix = |level: u8| {
            (u32::from(level) * u32::from(alpha) + ground * (255 - u32::from(alpha))) / 255
        };
        [red, green, blue].map(mix)
    };
    for (x, y, found) in opened(&file).enumerate_pixels() {
        let expected = disk.get_pixel(x, y);
        let [clear, opaque] = [0, 255].map(|alpha| expected.0[3] == alpha);
        assert!(!clear || found.0[3] == 0, "{x},{y}: {found:?} instead of nothing");
        assert!(!opaque || found.0[3] >= 250, "{x},{y}: {found:?} instead of {expected:?}");
        for ground in [0, 255] {
            let pairs = std::iter::zip(on(*found, ground), on(*expected, ground));
            for (found, expected) in pairs {
                assert!(found.abs_diff(expected) <= 16, "{x},{y}: {found} instead of {expected}");
            }
        }
    }
}

#[test]
fn a_small_text_on_a_gradient_keeps_its_color() {
    let far = |x: u32, y: u32| {
        let (dx, dy) = (f64::from(x) - 200.0, f64::from(y) - 133.0);
        (dx * dx + dy * dy).sqrt() / 240.0
    };
    let is_text = |x: u32, y: u32| (140..200).contains(&x) && (120..126).contains(&y) && x % 4 < 2;
    let picture = RgbaImage::from_fn(400, 267, |x, y| {
        let far = far(x, y);
        let color = [230.0 - 60.0 * far, 200.0 - 90.0 * far, 180.0 - 100.0 * far];
        let [red, green, blue] = color.map(|level| if is_text(x, y) { 105 } else { level as u8 });
        Rgba([red, green, blue, 255])
    });
    let source = png_of(picture);
    let [all, few] = [PngColors::All, PngColors::Auto].map(|png_colors| {
        opened(&variant(&source, VariantSpec { width: Some(320), png_colors, ..auto() }))
    });
    // Where the text is.
    let text = |picture: &RgbaImage| crop_imm(picture, 110, 95, 52, 8).to_image();
    let difference = mean_difference(&text(&few), &text(&all));
    assert!(difference < 5.0, "{difference} levels");
    // Rings would be areas of one color.
    let steps = |picture: &RgbaImage| {
        let row: Vec<_> = (0..320).map(|x| picture.get_pixel(x, 180).0).collect();
        row.windows(2).filter(|two| two[0] != two[1]).count()
    };
    assert!(steps(&few) * 3 > steps(&all), "{} of {}", steps(&few), steps(&all));
}
