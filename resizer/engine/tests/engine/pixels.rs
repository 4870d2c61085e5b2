//! Pixels: upright, right colors, alpha without fringes, rounding, and the reference decoder.

use fixtures::jpeg::{JpegOptions, jpeg};
use fixtures::png::{PngOptions, Samples, png};
use image::{DynamicImage, Rgba, RgbaImage};
use resizer_engine::spec::{Fit, OutputFormat, Rgba as Background, VariantSpec};
use resizer_engine::{Control, Job, Limits, Source, Stage, Stop};

use crate::support::{
    as_format, committed, good, largest_difference, mean_difference, opened, single,
};

fn png_of(picture: &RgbaImage) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, image::ImageFormat::Png).expect("a Vec takes every write");
    bytes.into_inner()
}

#[test]
fn all_orientations_come_out_as_their_upright_twin() {
    for (extension, tolerance) in [("jpg", 3.0), ("png", 0.0), ("webp", 0.0)] {
        for fit in [Fit::Inside, Fit::Cover, Fit::Pad] {
            let spec = || VariantSpec {
                fit,
                width: Some(60),
                height: Some(50),
                ..as_format(OutputFormat::Png)
            };
            let upright = opened(&single(&good(&format!("orientation-1.{extension}")), spec()));
            for value in 2..=8 {
                let turned = good(&format!("orientation-{value}.{extension}"));
                let turned = opened(&single(&turned, spec()));
                let difference = mean_difference(&turned, &upright);
                // The passes of the resampler run in the other order on a picture on its side.
                let allowed = tolerance + 0.3;
                assert!(difference <= allowed, "{extension} {value} {fit:?}: {difference}");
            }
        }
    }
}

#[test]
fn lossless_sources_decode_as_the_reference_does() {
    let mut compared = 0;
    for (name, source) in committed("images") {
        let lossless = name.ends_with(".png") || name.ends_with(".gif");
        // Profiles change the pixels, orientation their place: both have tests of their own. The
        // reference wants an end chunk.
        let special = ["icc", "orientation", "jpeg-named", "without-iend"];
        if !lossless || special.iter().any(|word| name.contains(word)) {
            continue;
        }
        let reference =
            image::load_from_memory(&source).unwrap_or_else(|error| panic!("{name}: {error}"));
        let ours = opened(&single(&source, as_format(OutputFormat::Png)));
        assert_eq!(largest_difference(&ours, &reference), 0, "{name}");
        compared += 1;
    }
    assert!(compared > 40, "only {compared} lossless fixtures");
}

#[test]
fn transparent_pixels_leave_no_fringe() {
    // Opaque red beside transparent green: without premultiplication green would bleed in.
    let picture = RgbaImage::from_fn(96, 96, |x, _| {
        if x < 50 { Rgba([200, 0, 0, 255]) } else { Rgba([0, 255, 0, 0]) }
    });
    let spec = VariantSpec { width: Some(31), ..as_format(OutputFormat::Png) };
    let reduced = opened(&single(&png_of(&picture), spec)).to_rgba8();
    // What an eye sees of a channel is its share of the alpha.
    let seen = |value: u8, alpha: u8| u32::from(value) * u32::from(alpha) / 255;
    for pixel in reduced.pixels() {
        let [red, green, blue, alpha] = pixel.0;
        assert!(seen(green.max(blue), alpha) <= 1, "the hidden color shows: {pixel:?}");
        // Rounded once premultiplied and once more after it.
        assert!(seen(red.abs_diff(200), alpha) <= 2, "the color changed: {pixel:?}");
    }
}

#[test]
fn alpha_is_flattened_on_the_background_for_jpeg() {
    let picture = RgbaImage::from_pixel(32, 32, Rgba([255, 0, 0, 128]));
    for (background, expected) in
        [(Background::WHITE, [255, 127, 127]), (Background([0, 0, 255, 255]), [128, 0, 127])]
    {
        let spec = VariantSpec { background, quality: 100.into(), ..as_format(OutputFormat::Jpeg) };
        let flat = opened(&single(&png_of(&picture), spec)).to_rgb8();
        let pixel = flat.get_pixel(16, 16).0;
        let close = std::iter::zip(pixel, expected).all(|(a, b): (u8, u8)| a.abs_diff(b) <= 2);
        assert!(close, "{pixel:?} instead of {expected:?}");
    }
}

#[test]
fn padding_has_the_background_and_its_alpha() {
    let picture = RgbaImage::from_pixel(40, 20, Rgba([10, 20, 30, 255]));
    let spec = VariantSpec {
        fit: Fit::Pad,
        width: Some(40),
        height: Some(40),
        background: Background([0; 4]),
        ..as_format(OutputFormat::Png)
    };
    let padded = opened(&single(&png_of(&picture), spec)).to_rgba8();
    assert_eq!(padded.get_pixel(20, 2).0, [0; 4]);
    assert_eq!(padded.get_pixel(20, 20).0, [10, 20, 30, 255]);
    assert_eq!(padded.get_pixel(20, 38).0, [0; 4]);
}

#[test]
fn gray_stays_gray_and_constant_stays_constant() {
    for name in ["jpeg-gray.jpg", "png-gray-16.png"] {
        for format in [OutputFormat::Jpeg, OutputFormat::Png] {
            let spec = VariantSpec { width: Some(33), ..as_format(format) };
            let reduced = opened(&single(&good(name), spec));
            assert!(
                matches!(reduced, DynamicImage::ImageLuma8(_)),
                "{name}: {:?}",
                reduced.color()
            );
        }
    }
    let constant = RgbaImage::from_pixel(301, 203, Rgba([13, 77, 200, 255]));
    for width in 1..68 {
        let spec = VariantSpec { width: Some(width), ..as_format(OutputFormat::Png) };
        let reduced = opened(&single(&png_of(&constant), spec)).to_rgba8();
        assert!(reduced.pixels().all(|pixel| pixel.0 == [13, 77, 200, 255]), "{width} wide");
    }
}

#[test]
fn display_p3_becomes_srgb() {
    // The same stored values mean other colors under another profile, and a broken one nothing.
    let scene = fixtures::scene::photograph(96, 64, 3);
    let decoded = |icc: Option<Vec<u8>>| {
        let options = JpegOptions { icc, ..JpegOptions::default() };
        opened(&single(&jpeg(&scene, &options), as_format(OutputFormat::Png)))
    };
    let plain = decoded(None);
    assert_eq!(largest_difference(&plain, &decoded(Some(vec![7; 400]))), 0, "a broken profile");

    // What the standards' matrices and curves give, to the level.
    for (p3, srgb) in [
        ([180, 100, 90], [193, 95, 86]),
        ([120, 160, 90], [108, 161, 80]),
        ([60, 90, 150], [50, 91, 155]),
        ([128, 128, 128], [128, 128, 128]),
    ] {
        let flat = image::RgbImage::from_pixel(8, 8, image::Rgb(p3));
        let icc = Some(fixtures::icc::display_p3());
        let options = PngOptions { icc, ..PngOptions::default() };
        let source = png(&Samples::rgb(&flat), &options);
        let converted = opened(&single(&source, as_format(OutputFormat::Png))).to_rgb8();
        let pixel = converted.get_pixel(4, 4).0;
        let close =
            std::iter::zip(pixel, srgb).all(|(is, should): (u8, u8)| is.abs_diff(should) <= 1);
        assert!(close, "{p3:?} in P3 is {srgb:?} in sRGB, not {pixel:?}");
    }
}

/// The pixel of a flat PNG with these chunks, in sRGB.
fn color_with(chunks: Vec<([u8; 4], Vec<u8>)>, icc: Option<Vec<u8>>, color: [u8; 3]) -> [u8; 3] {
    let flat = image::RgbImage::from_pixel(8, 8, image::Rgb(color));
    let options = PngOptions { icc, chunks, ..PngOptions::default() };
    let source = png(&Samples::rgb(&flat), &options);
    opened(&single(&source, as_format(OutputFormat::Png))).to_rgb8().get_pixel(4, 4).0
}

#[test]
fn the_chunks_of_a_png_say_what_its_numbers_mean() {
    let big_endian = |numbers: &[u32]| numbers.iter().flat_map(|n| n.to_be_bytes()).collect();
    let code_points = |primaries, transfer| (*b"cICP", vec![primaries, transfer, 0, 1]);
    let gamma = |exponent: u32| (*b"gAMA", big_endian(&[exponent]));
    let srgb = (*b"sRGB", vec![0]);
    let p3_primaries: Vec<u8> =
        big_endian(&[31_270, 32_900, 68_000, 32_000, 26_500, 69_000, 15_000, 6_000]);
    let p3_primaries = (*b"cHRM", p3_primaries);
    let p3_profile = || Some(fixtures::icc::display_p3());
    let (own, in_srgb) = ([180, 100, 90], [193, 95, 86]);
    // Amounts of light: 0.5, 0.2 and 0.1 of white.
    let (light, of_light) = ([128, 51, 26], [188, 124, 89]);

    let cases = [
        ("nothing", vec![], None, own, own),
        ("P3 by cICP", vec![code_points(12, 13)], None, own, in_srgb),
        ("P3 by iCCP", vec![], p3_profile(), own, in_srgb),
        ("P3 by cHRM", vec![gamma(45_455), p3_primaries.clone()], None, own, in_srgb),
        ("cHRM alone", vec![p3_primaries], None, own, own),
        ("light by gAMA", vec![gamma(100_000)], None, light, of_light),
        ("light by cICP", vec![code_points(1, 8)], None, light, of_light),
        ("the usual gAMA", vec![gamma(45_455)], None, own, own),
        ("gAMA of nothing", vec![gamma(0)], None, own, own),
        ("sRGB before gAMA", vec![srgb, gamma(100_000)], None, own, own),
        ("iCCP before gAMA", vec![gamma(100_000)], p3_profile(), own, in_srgb),
        ("cICP before iCCP", vec![code_points(1, 13)], p3_profile(), own, own),
        ("white by PQ", vec![code_points(9, 16)], p3_profile(), [148; 3], [231; 3]),
    ];
    for (what, chunks, icc, stored, expected) in cases {
        let found = color_with(chunks, icc, stored);
        let is_close = std::iter::zip(found, expected)
            .all(|(found, expected): (u8, u8)| found.abs_diff(expected) <= 1);
        assert!(is_close, "{what}: {stored:?} became {found:?}, not {expected:?}");
    }

    let gray =
        Samples::single((8, 8), png::ColorType::Grayscale, png::BitDepth::Eight, vec![128; 64]);
    let source = png(&gray, &PngOptions { chunks: vec![gamma(100_000)], ..Default::default() });
    let pixel = opened(&single(&source, as_format(OutputFormat::Png))).to_luma8();
    assert!(pixel.get_pixel(4, 4).0[0].abs_diff(188) <= 1, "gray light: {pixel:?}");
}

#[test]
fn a_photograph_survives_each_lossy_format() {
    let scene = fixtures::scene::photograph(480, 320, 7);
    let source = png_of(&DynamicImage::ImageRgb8(scene.clone()).to_rgba8());
    for format in [OutputFormat::Jpeg, OutputFormat::Webp] {
        let spec = VariantSpec { quality: 95.into(), ..as_format(format) };
        let copy = opened(&single(&source, spec));
        let difference = mean_difference(&copy, &DynamicImage::ImageRgb8(scene.clone()));
        assert!(difference < 2.5, "{format:?}: mean difference {difference}");
    }
}

#[test]
fn variants_that_would_be_the_same_file_are_made_once() {
    let source = good("jpeg-baseline.jpg");
    let spec = |name: &str, width, quality: u8| VariantSpec {
        name: name.to_owned(),
        width: Some(width),
        quality: quality.into(),
        ..as_format(OutputFormat::Jpeg)
    };
    let specs = [spec("a", 4000, 80), spec("b", 5000, 80), spec("c", 5000, 70), spec("d", 50, 80)];
    let mut encoded = 0;
    let mut ended = |stage| encoded += usize::from(stage == Stage::Encode);
    let source = Source::parse(&source).expect("a good source");
    let job = Job::prepare(source, &specs.to_vec().into(), &Limits::default());
    let control = Control { stop: Stop::default(), threads: 1, stage_ended: &mut ended };
    let rendered = job.expect("within limits").render(control);
    let variants = rendered.expect("a good source").variants;
    let names: Vec<&str> = variants.iter().map(|variant| variant.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c", "d"]);
    assert_eq!(variants[0].bytes, variants[1].bytes);
    assert_ne!(variants[1].bytes, variants[2].bytes);
    assert_eq!(encoded, 3);
}

#[test]
fn few_colors_become_a_palette_and_stay_as_they_are() {
    let color = |number: u32, alpha: u8| {
        let [low, high, ..] = (number * 40_503).to_le_bytes();
        Rgba([low, high, number as u8, alpha])
    };
    for (colors, alpha, expected) in
        [(256, 255, Some(256)), (256, 7, Some(256)), (257, 255, None), (2, 0, Some(2))]
    {
        let picture = RgbaImage::from_fn(64, 40, |x, y| color((x + 64 * y) % colors, alpha));
        let file = single(&png_of(&picture), as_format(OutputFormat::Png));
        assert_eq!(opened(&file).to_rgba8(), picture, "{colors} colors");
        let palette = file.bytes.windows(4).position(|name| name == b"PLTE");
        let length = palette.map(|at| {
            u32::from_be_bytes(file.bytes[at - 4..at].try_into().expect("four bytes")) / 3
        });
        assert_eq!(length, expected, "{colors} colors, alpha {alpha}");
    }
}
