//! Patches under the profiles that people's files have, in sRGB beside LittleCMS and libvips: no
//! difference that an eye sees, which CIEDE2000 has as 1.

use fixtures::jpeg::{CmykCoding, cmyk};
use fixtures::png::{PngOptions, Samples, png};
use image::{Rgb, RgbImage};
use moxcms::ColorProfile;
use png::{BitDepth, ColorType};
use resizer_engine::spec::{FormatSpec, OutputFormat, PngColors, VariantSpec};
use resizer_engine::{Limits, render};

use crate::difference::of_srgb;
use crate::tools::Tools;

/// Each patch has so many steps of red, green and blue.
const STEPS: u32 = 12;

/// All colors in even steps, one a pixel.
fn patches() -> RgbImage {
    let level = |step: u32| (step * 255 / (STEPS - 1)) as u8;
    RgbImage::from_fn(STEPS * STEPS, STEPS, |x, y| {
        Rgb([level(x % STEPS), level(x / STEPS), level(y)])
    })
}

fn with_profile(icc: Vec<u8>) -> Vec<u8> {
    png(&Samples::rgb(&patches()), &PngOptions { icc: Some(icc), ..PngOptions::default() })
}

fn gray_with_profile(icc: Vec<u8>) -> Vec<u8> {
    let values = (0..256).collect();
    let samples = Samples::single((16, 16), ColorType::Grayscale, BitDepth::Eight, values);
    png(&samples, &PngOptions { icc: Some(icc), ..PngOptions::default() })
}

fn ours(source: &[u8]) -> RgbImage {
    let formats = vec![FormatSpec::Fixed(OutputFormat::Png)];
    let spec = VariantSpec { formats, png_colors: PngColors::All, ..VariantSpec::default() };
    let rendered = render(source, &vec![spec].into(), &Limits::default());
    let bytes = &rendered.expect("a good file").variants[0].bytes;
    image::load_from_memory(bytes).expect("a PNG").to_rgb8()
}

/// How far two engines are from one another.
#[derive(Debug, Default)]
struct Apart {
    /// Of pixels that differ by more than a level, which is what rounding may do.
    largest: f64,
    mean: f64,
    /// The part of the pixels that look different.
    visible: f64,
}

fn apart(ours: &RgbImage, raw: &[u8]) -> Apart {
    // libvips gives gray as one channel.
    let (rgb, _) = raw.as_chunks::<3>();
    let gray: Vec<[u8; 3]> = raw.iter().map(|&value| [value; 3]).collect();
    let pixels = ours.pixels().len();
    let theirs = if raw.len() == pixels { &gray[..] } else { rgb };
    assert_eq!(theirs.len(), pixels, "as many pixels");
    let mut apart = Apart::default();
    for (ours, theirs) in ours.pixels().zip(theirs) {
        let difference = of_srgb(ours.0, *theirs);
        let levels = std::iter::zip(ours.0, theirs).map(|(one, other)| one.abs_diff(*other));
        if levels.max() > Some(1) {
            apart.largest = apart.largest.max(difference);
            apart.visible += if difference > 1.0 { 1.0 / pixels as f64 } else { 0.0 };
        }
        apart.mean += difference / pixels as f64;
    }
    apart
}

#[test]
#[ignore = "needs Pillow and libvips: cargo interop"]
fn patches_under_profiles_are_converted_as_by_littlecms_and_libvips() {
    let tools = Tools::get();
    let encoded = |profile: ColorProfile| profile.encode().expect("a profile");
    let files = [
        ("p3", with_profile(fixtures::icc::display_p3())),
        ("adobe", with_profile(encoded(ColorProfile::new_adobe_rgb()))),
        ("bt2020", with_profile(encoded(ColorProfile::new_bt2020()))),
        ("prophoto", with_profile(encoded(ColorProfile::new_pro_photo_rgb()))),
        ("srgb", with_profile(encoded(ColorProfile::new_srgb()))),
        ("gray", gray_with_profile(encoded(ColorProfile::new_gray_with_gamma(1.8)))),
    ];
    let files = files.map(|(name, bytes)| (format!("{name}.png"), bytes)).to_vec();
    let folder = tools.run("color.py", &files);
    for (name, bytes) in &files {
        let ours = ours(bytes);
        // libpng, through which libvips reads, does not take the profile of BT.2020.
        let engines: &[&str] = if name == "bt2020.png" { &["cms"] } else { &["cms", "vips"] };
        for engine in engines {
            let apart = apart(&ours, &folder.read(name, engine));
            println!("{name} beside {engine}: {apart:.3?}");
            assert!(apart.largest <= 1.0 && apart.mean <= 0.1, "{name}, {engine}: {apart:?}");
        }
    }
}

/// Real files in P3, ProPhoto and inks.
#[test]
#[ignore = "needs Pillow and libvips, and RESIZER_CORPUS: cargo interop"]
fn real_files_are_converted_as_by_littlecms_and_libvips() {
    let tools = Tools::get();
    let corpus = fixtures::outside::corpus();
    let names =
        ["sharp/p3.png", "sharp/prophoto.png", "sharp/Channel_digital_image_CMYK_color.jpg"];
    let file = |name: &str| {
        let bytes = std::fs::read(corpus.join(name)).expect("the set's file can be read");
        (name.replace('/', "-"), bytes)
    };
    let files = names.map(file).to_vec();
    let folder = tools.run("color.py", &files);
    for (name, bytes) in &files {
        let ours = ours(bytes);
        for engine in ["cms", "vips"] {
            let apart = apart(&ours, &folder.read(name, engine));
            println!("{name} beside {engine}: {apart:.3?}");
            // Tables of inks are coarse: LittleCMS differs from itself by 13 levels, and by a
            // quarter of one on average, where it is told not to make a table of its own of them.
            let [visible, mean] = if name.ends_with(".jpg") { [0.05, 0.7] } else { [0.0, 0.1] };
            let is_near = apart.visible <= visible && apart.mean <= mean;
            assert!(is_near, "{name}, {engine}: {apart:?}");
        }
    }
}

#[test]
#[ignore = "needs Pillow and libvips: cargo interop"]
fn inks_without_a_profile_become_what_pillow_makes_of_them() {
    let tools = Tools::get();
    let scene = fixtures::scene::photograph(96, 64, 8);
    let files = [
        ("cmyk.jpg".to_owned(), cmyk(&scene, CmykCoding::Cmyk)),
        ("ycck.jpg".to_owned(), cmyk(&scene, CmykCoding::Ycck)),
    ];
    check_without_profile(tools, &files);
}

#[test]
#[ignore = "needs Pillow and libvips, and RESIZER_CORPUS: cargo interop"]
fn real_inks_without_a_profile_become_what_pillow_makes_of_them() {
    let name = "Channel_digital_image_CMYK_color_no_profile.jpg";
    let bytes = std::fs::read(fixtures::outside::corpus().join("sharp").join(name));
    check_without_profile(Tools::get(), &[(name.to_owned(), bytes.expect("the set's file"))]);
}

fn check_without_profile(tools: &Tools, files: &[(String, Vec<u8>)]) {
    let folder = tools.run("color.py", files);
    for (name, bytes) in files {
        let apart = apart(&ours(bytes), &folder.read(name, "cms"));
        println!("{name}: {apart:.3?}");
        assert!(apart.visible <= 0.01 && apart.mean <= 0.2, "{name}: {apart:?}");
    }
}
