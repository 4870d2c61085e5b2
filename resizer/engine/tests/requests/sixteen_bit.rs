//! Pictures of 16 bits in linear light: converted before they are rounded, they keep every dark level
//! that sRGB tells apart.

use fixtures::png::{PngOptions, Samples, png};
use fixtures::tiff::{TiffOptions, TiffSamples, Value, tiff};
use moxcms::{ColorProfile, ToneReprCurve};
use png::{BitDepth, ColorType};
use resizer_engine::spec::{OutputColor, OutputFormat, Request, VariantSpec};

use crate::support::{picture, rendered, spec};

/// Numbers of the darkest 6 % of light; in 8 bits they are 17.
const LEVELS: u16 = 1024;

fn as_it_is() -> Request {
    vec![spec(OutputFormat::Png)].into()
}

/// sRGB's primaries in linear light.
fn linear() -> Vec<u8> {
    let mut profile = ColorProfile::new_srgb();
    let curve = || Some(ToneReprCurve::Lut(Vec::new()));
    (profile.red_trc, profile.green_trc, profile.blue_trc) = (curve(), curve(), curve());
    profile.cicp = None;
    profile.encode().expect("a profile")
}

fn linear_gray() -> Vec<u8> {
    ColorProfile::new_gray_with_gamma(1.0).encode().expect("a profile")
}

fn ramp(channels: usize) -> Vec<u16> {
    (0..LEVELS).flat_map(|level| vec![level * 4; channels]).collect()
}

/// Every level is the nearest one, give or take one.
fn check(what: &str, source: &[u8]) {
    let found = picture(source, as_it_is());
    let mut levels: Vec<u8> = found.pixels().map(|pixel| pixel.0[0]).collect();
    for (level, &found) in (0_u32..).zip(&levels) {
        let light = f64::from(level * 4) / 65_535.0;
        let coded = match light {
            light if light <= 0.003_130_8 => light * 12.92,
            light => 1.055 * light.powf(1.0 / 2.4) - 0.055,
        };
        let expected = (coded * 255.0).round() as u8;
        assert!(found.abs_diff(expected) <= 1, "{what}: {level} is {found}, not {expected}");
    }
    levels.dedup();
    assert!(levels.len() > 65, "{what}: {} levels", levels.len());
}

#[test]
fn sixteen_linear_bits_of_a_png_keep_their_dark_levels() {
    let gamma = || vec![(*b"gAMA", 100_000_u32.to_be_bytes().to_vec())];
    let options =
        |interlaced, icc, chunks| PngOptions { interlaced, icc, chunks, ..PngOptions::default() };
    let of = |color: ColorType| Samples {
        width: LEVELS.into(),
        height: 1,
        color,
        depth: BitDepth::Sixteen,
        values: ramp(color.samples()),
    };
    let rgb = of(ColorType::Rgb);
    check("a profile", &png(&rgb, &options(false, Some(linear()), vec![])));
    check("interlaced", &png(&rgb, &options(true, Some(linear()), vec![])));
    check("gAMA", &png(&rgb, &options(false, None, gamma())));
    let gray = of(ColorType::Grayscale);
    check("gray", &png(&gray, &options(false, Some(linear_gray()), vec![])));
    check("gray by gAMA", &png(&gray, &options(false, None, gamma())));
}

#[test]
fn sixteen_linear_bits_of_a_tiff_keep_their_dark_levels() {
    const PROFILE: u16 = 34_675;
    const EXTRA_SAMPLES: u16 = 338;
    let of = |model, per_pixel, values| TiffSamples {
        width: LEVELS.into(),
        height: 1,
        bits: 16,
        per_pixel,
        model,
        values,
    };
    let options = |icc: Vec<u8>, others: Vec<(u16, Value)>| TiffOptions {
        fields: [vec![(PROFILE, Value::Bytes(icc))], others].concat(),
        ..TiffOptions::default()
    };
    check("RGB", &tiff(&of(2, 3, ramp(3)), &options(linear(), vec![])));
    check("gray", &tiff(&of(1, 1, ramp(1)), &options(linear_gray(), vec![])));
    let inverted = ramp(1).iter().map(|level| u16::MAX - level).collect();
    check("white is zero", &tiff(&of(0, 1, inverted), &options(linear_gray(), vec![])));
    for (what, code, alpha) in [("straight", 2, 30_000), ("premultiplied", 1, u16::MAX)] {
        let values = (0..LEVELS).flat_map(|level| [level * 4, level * 4, level * 4, alpha]);
        let extra = vec![(EXTRA_SAMPLES, Value::Short(vec![code]))];
        check(what, &tiff(&of(2, 4, values.collect()), &options(linear(), extra)));
    }
}

/// Where a variant keeps the profile, its numbers stay what they are.
#[test]
fn a_profile_that_is_kept_has_its_own_numbers() {
    let samples = Samples {
        width: LEVELS.into(),
        height: 1,
        color: ColorType::Rgb,
        depth: BitDepth::Sixteen,
        values: ramp(3),
    };
    let source = png(&samples, &PngOptions { icc: Some(linear()), ..PngOptions::default() });
    let keeping = VariantSpec { color: OutputColor::Keep, ..spec(OutputFormat::Png) };
    let made = rendered(&source, &vec![keeping].into()).expect("a good file");
    let bytes = &made.variants[0].bytes;
    assert!(bytes.windows(4).any(|name| name == b"iCCP"), "the profile goes along");
    let kept = image::load_from_memory(bytes).expect("a PNG of ours").to_rgb8();
    for (level, pixel) in (0_u32..).zip(kept.pixels()) {
        let expected = ((level * 4 * 255 + 32_767) / 65_535) as u8;
        assert!(pixel.0[0].abs_diff(expected) <= 1, "{level}: {pixel:?}");
    }
}
