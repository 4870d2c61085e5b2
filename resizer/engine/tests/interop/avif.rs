//! dav1d and libaom decode our AVIFs as the engine does: all tools of the encoder, for photographs
//! and for drawings.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use resizer_engine::spec::{Effort, FormatSpec, OutputFormat, PngColors, VariantSpec};
use resizer_engine::{Limits, render};

use crate::tools::Tools;

/// Letters, lines, and areas in few colors.
fn drawing(width: u32, height: u32) -> RgbImage {
    const COLORS: [[u8; 3]; 4] = [[255, 255, 255], [20, 20, 30], [200, 30, 60], [30, 90, 200]];
    RgbImage::from_fn(width, height, |x, y| {
        let letter = (x / 7 * 5 + y / 11 * 3) % 9;
        let is_stroke = (x % 7 == letter % 4 || y % 11 == letter) && x % 7 < 6 && y % 11 < 9;
        let color = match (is_stroke, x / 64 % 2 == y / 48 % 2) {
            (true, true) => 1,
            (true, false) => 2,
            (false, true) => 0,
            (false, false) if (x + y) % 23 == 0 => 3,
            (false, false) => 0,
        };
        Rgb(COLORS[color])
    })
}

fn with_alpha(picture: &RgbImage) -> RgbaImage {
    let (width, height) = picture.dimensions();
    RgbaImage::from_fn(width, height, |x, y| {
        let [red, green, blue] = picture.get_pixel(x, y).0;
        let alpha = ((x * 3 + y * 2) % 300).min(255) as u8;
        Rgba([red, green, blue, alpha])
    })
}

/// One variant of a lossless file.
fn variant(source: &[u8], format: OutputFormat, quality: u8, effort: Effort) -> Vec<u8> {
    let spec = VariantSpec {
        formats: vec![FormatSpec::Fixed(format)],
        quality: quality.into(),
        png_colors: PngColors::All,
        effort,
        ..VariantSpec::default()
    };
    let rendered = render(source, &vec![spec].into(), &Limits::default());
    rendered.expect("a good file").variants.remove(0).bytes
}

#[test]
#[ignore = "needs Pillow and libvips: cargo interop"]
fn three_decoders_agree_on_avifs() {
    let mut sources: Vec<(String, DynamicImage)> = Vec::new();
    for (width, height) in [(1, 1), (33, 65), (200, 131), (321, 240), (4200, 70)] {
        let photograph = fixtures::scene::photograph(width, height, 3);
        for (kind, picture) in [("photograph", photograph), ("drawing", drawing(width, height))] {
            let alpha = DynamicImage::from(with_alpha(&picture));
            let color = DynamicImage::from(picture);
            let gray = DynamicImage::from(color.to_luma8());
            for (colors, picture) in [("color", color), ("gray", gray), ("alpha", alpha)] {
                sources.push((format!("{kind}-{width}x{height}-{colors}"), picture));
            }
        }
    }
    let mut files = Vec::new();
    for (name, picture) in &sources {
        let mut png = Cursor::new(Vec::new());
        picture.write_to(&mut png, ImageFormat::Png).expect("a PNG");
        for (effort, quality) in [
            (Effort::Fast, 90),
            (Effort::Balanced, 40),
            (Effort::Balanced, 92),
            (Effort::Small, 97),
        ] {
            let bytes = variant(png.get_ref(), OutputFormat::Avif, quality, effort);
            files.push((format!("{name}-{effort:?}-{quality}.avif"), bytes));
        }
    }
    let folder = Tools::get().run("avif.py", &files);
    for (name, bytes) in &files {
        let png = variant(bytes, OutputFormat::Png, 80, Effort::Fast);
        let ours = image::load_from_memory(&png).expect("a PNG").to_rgba8();
        // Chroma of half the resolution is interpolated in different ways.
        let is_exact = name.contains("gray");
        let is_full = !name.ends_with("-40.avif");
        for decoder in ["dav1d", "libaom"] {
            let theirs = folder.read(name, decoder);
            assert_eq!(theirs.len(), ours.as_raw().len(), "{name} by {decoder}");
            // A pixel without alpha has no color that counts.
            let pixels = ours.pixels().zip(theirs.chunks_exact(4));
            let seen = pixels.filter(|(pixel, _)| pixel.0[3] > 0);
            let levels = seen.flat_map(|(a, b)| std::iter::zip(a.0, b.to_vec()));
            let differences = levels.map(|(a, b)| a.abs_diff(b));
            let most = differences.max().unwrap_or(0);
            let allowed = if is_exact { 0 } else { 2 };
            assert!(most <= allowed || !is_full, "{name}: {most} levels from {decoder}");
        }
    }
}
