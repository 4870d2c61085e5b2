//! Formats out: GIF and AVIF show what they were made of; the bytes decide which format that is.

use fixtures::scene::photograph;
use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use resizer_engine::ImageFormat as SourceFormat;
use resizer_engine::spec::{Effort, FormatSpec, OutputFormat, VariantSpec};

use crate::support::{good, mean_difference, opened, picture, spec, variant, written};

#[test]
fn a_gif_has_its_colors_near_and_its_alpha_hard() {
    let scene = DynamicImage::ImageRgb8(photograph(160, 120, 3));
    let source = written(&scene, ImageFormat::Png);
    for effort in [Effort::Fast, Effort::Balanced, Effort::Small] {
        let gif = opened(&variant(&source, VariantSpec { effort, ..spec(OutputFormat::Gif) }));
        let difference = mean_difference(&gif, &scene.to_rgba8());
        assert!(difference < 6.0, "{effort:?}: {difference} levels");
    }
    let faded = RgbaImage::from_fn(256, 4, |x, _| Rgba([200, 10, 10, x as u8]));
    let source = written(&DynamicImage::ImageRgba8(faded), ImageFormat::Png);
    let gif = opened(&variant(&source, spec(OutputFormat::Gif)));
    for (x, _, pixel) in gif.enumerate_pixels() {
        assert_eq!(pixel.0[3], if x < 128 { 0 } else { 255 }, "alpha {x}");
    }
}

#[test]
fn an_avif_of_ours_shows_what_it_was_made_of() {
    let scene = DynamicImage::ImageRgb8(photograph(64, 48, 3));
    let mut faded = scene.to_rgba8();
    faded.enumerate_pixels_mut().for_each(|(x, _, pixel)| pixel.0[3] = (x * 4) as u8);
    for original in [scene, DynamicImage::ImageRgba8(faded)] {
        let source = written(&original, ImageFormat::Png);
        let spec_of =
            |effort| VariantSpec { quality: 90.into(), effort, ..spec(OutputFormat::Avif) };
        for effort in [Effort::Fast, Effort::Balanced] {
            let avif = variant(&source, spec_of(effort));
            assert_eq!(SourceFormat::sniff(&avif.bytes), Ok(SourceFormat::Avif));
            let again = picture(&avif.bytes, vec![spec(OutputFormat::Png)].into());
            let expected = original.to_rgba8();
            // What is hardly seen has hardly a color.
            let seen = |picture: &RgbaImage| {
                let mut seen = picture.clone();
                for pixel in seen.pixels_mut() {
                    let alpha = u32::from(pixel.0[3]);
                    let weigh = |value: &mut u8| *value = (u32::from(*value) * alpha / 255) as u8;
                    pixel.0[..3].iter_mut().for_each(weigh);
                }
                seen
            };
            let difference = mean_difference(&seen(&again), &seen(&expected));
            assert!(difference < 6.0, "{effort:?}: {difference} levels");
        }
    }
}

#[test]
fn flat_colors_of_an_avif_are_right() {
    for color in [[0, 0, 0], [255, 255, 255], [200, 30, 40], [20, 180, 60], [30, 60, 220]] {
        let flat = image::RgbImage::from_pixel(16, 16, image::Rgb(color));
        let source = written(&DynamicImage::ImageRgb8(flat), ImageFormat::Png);
        let avif = VariantSpec { effort: Effort::Fast, ..spec(OutputFormat::Avif) };
        let avif = variant(&source, avif);
        let found = picture(&avif.bytes, vec![spec(OutputFormat::Png)].into());
        let [r, g, b] = color;
        for (found, expected) in std::iter::zip(found.get_pixel(8, 8).0, [r, g, b, 255]) {
            assert!(found.abs_diff(expected) <= 2, "{color:?} became {found}");
        }
    }
}

#[test]
fn the_bytes_win_over_the_name_and_the_type_is_theirs() {
    let magics: [(OutputFormat, &[u8]); 5] = [
        (OutputFormat::Jpeg, b"\xff\xd8\xff"),
        (OutputFormat::Png, b"\x89PNG\r\n\x1a\n"),
        (OutputFormat::Webp, b"RIFF"),
        (OutputFormat::Gif, b"GIF89a"),
        (OutputFormat::Avif, b"\0\0\0"),
    ];
    for (format, magic) in magics {
        let small = VariantSpec { width: Some(16), effort: Effort::Fast, ..spec(format) };
        let variant = variant(&good("jpeg-named.png"), small);
        assert!(variant.bytes.starts_with(magic), "{format:?}");
        assert_eq!(
            format.media_type(),
            format!(
                "image/{}",
                match format.extension() {
                    "jpg" => "jpeg",
                    other => other,
                }
            )
        );
    }
    let own = VariantSpec { formats: vec![FormatSpec::Source], ..VariantSpec::default() };
    assert_eq!(variant(&good("jpeg-named.png"), own).format, OutputFormat::Jpeg);
}
