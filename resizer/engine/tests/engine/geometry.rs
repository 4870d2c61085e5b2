//! Sizes, crops and places: what the plan makes of a source and a spec.

use fixtures::jpeg::{JpegOptions, Subsampling, jpeg};
use fixtures::png::{PngOptions, Samples, png};
use image::RgbImage;
use resizer_engine::internals::{Geometry, Plan};
use resizer_engine::spec::{
    Effort, Fit, FormatSpec, Gravity, Light, OutputFormat, Request, VariantSpec,
};
use resizer_engine::{Size, Source};

/// The markers of a JPEG of this size, whose pixels are missing. Its chroma cannot be used as
/// planes; with a subsampling it can.
fn file(width: u16, height: u16, subsampling: Option<Subsampling>) -> Vec<u8> {
    let options = JpegOptions {
        subsampling: subsampling.unwrap_or(Subsampling::S420),
        icc: subsampling.is_none().then(fixtures::icc::display_p3),
        ..JpegOptions::default()
    };
    let mut file = jpeg(&RgbImage::new(16, 16), &options);
    let frame = file.windows(2).position(|pair| pair == [0xff, 0xc0]).expect("a frame header");
    file[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    file[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    file
}

fn plan(file: &[u8], request: &Request) -> Plan {
    Plan::new(&Source::parse(file).expect("all markers are there"), request)
}

fn geometry(size: (u16, u16), spec: VariantSpec) -> Geometry {
    plan(&file(size.0, size.1, None), &vec![spec].into()).variants.remove(0).geometry
}

fn boxed(fit: Fit, width: Option<u32>, height: Option<u32>, enlarge: bool) -> VariantSpec {
    VariantSpec { fit, width, height, enlarge, ..VariantSpec::default() }
}

#[test]
fn every_fit_gives_the_documented_size() {
    use Fit::{Cover, Exact, Inside, Pad};
    for (source, fit, width, height, enlarge, expected) in [
        ((4000, 3000), Inside, Some(1920), None, false, (1920, 1440)),
        ((4000, 3000), Inside, None, Some(300), false, (400, 300)),
        ((4000, 3000), Inside, Some(100), Some(100), false, (100, 75)),
        ((3000, 4000), Inside, Some(100), Some(100), false, (75, 100)),
        // Halves round up: 1001 * 500 / 1000 = 500.5.
        ((1000, 1001), Inside, Some(500), None, false, (500, 501)),
        ((999, 1000), Inside, Some(500), None, false, (500, 501)),
        // No side is ever zero.
        ((10_000, 3), Inside, Some(100), None, false, (100, 1)),
        ((1, 1000), Inside, Some(160), Some(10), false, (1, 10)),
        // Never enlarged unless asked.
        ((40, 30), Inside, Some(160), None, false, (40, 30)),
        ((40, 30), Inside, Some(160), None, true, (160, 120)),
        ((40, 30), Cover, Some(160), Some(160), false, (40, 30)),
        ((40, 30), Cover, Some(160), Some(160), true, (160, 160)),
        ((300, 100), Cover, Some(200), Some(200), false, (200, 100)),
        ((40, 30), Exact, Some(160), Some(20), false, (40, 20)),
        ((40, 30), Exact, Some(160), Some(20), true, (160, 20)),
        ((4000, 3000), Cover, Some(160), Some(160), false, (160, 160)),
        ((4000, 3000), Exact, Some(160), Some(160), false, (160, 160)),
        ((4000, 3000), Pad, Some(160), Some(160), false, (160, 160)),
        ((40, 30), Pad, Some(160), Some(160), false, (160, 160)),
        ((50, 50), Inside, None, None, false, (50, 50)),
    ] {
        let geometry = geometry(source, boxed(fit, width, height, enlarge));
        let output = (geometry.output.width(), geometry.output.height());
        assert_eq!(output, expected, "{source:?} {fit:?} {width:?}x{height:?} {enlarge}");
    }
}

#[test]
fn cover_keeps_the_part_that_gravity_names() {
    for (gravity, crop) in [
        (Gravity::West, [0.0, 0.0, 100.0, 100.0]),
        (Gravity::Center, [50.0, 0.0, 100.0, 100.0]),
        (Gravity::Northeast, [100.0, 0.0, 100.0, 100.0]),
    ] {
        let spec = VariantSpec { gravity, ..boxed(Fit::Cover, Some(10), Some(10), false) };
        assert_eq!(geometry((200, 100), spec).crop, crop, "{gravity:?}");
    }
}

#[test]
fn pad_puts_the_picture_where_gravity_names() {
    for (gravity, offset) in
        [(Gravity::North, (0, 0)), (Gravity::Center, (0, 25)), (Gravity::Southeast, (0, 50))]
    {
        let spec = VariantSpec { gravity, ..boxed(Fit::Pad, Some(100), Some(100), false) };
        let geometry = geometry((200, 100), spec);
        assert_eq!(geometry.offset, Some(offset), "{gravity:?}");
        assert_eq!(geometry.resampled, Size::new(100, 50).expect("a size"));
    }
}

#[test]
fn a_picture_too_long_for_its_format_is_reduced_to_what_the_format_holds() {
    let formats = vec![FormatSpec::Fixed(OutputFormat::Webp)];
    let spec = VariantSpec { formats, ..boxed(Fit::Inside, Some(160), None, false) };
    let output = geometry((100, 60_000), spec).output;
    assert_eq!((output.width(), output.height()), (27, 16_383));
}

#[test]
fn repeated_formats_are_encoded_once() {
    let spec = VariantSpec {
        formats: vec![
            FormatSpec::Source,
            FormatSpec::Fixed(OutputFormat::Webp),
            FormatSpec::Fixed(OutputFormat::Jpeg),
        ],
        ..VariantSpec::default()
    };
    let plan = plan(&file(100, 100, None), &vec![spec].into());
    assert_eq!(plan.variants[0].formats, [OutputFormat::Jpeg, OutputFormat::Webp]);
}

#[test]
fn pictures_are_made_of_the_smallest_that_keeps_their_score() {
    let parents = |file: &[u8], light, fit| {
        let spec = |width| VariantSpec {
            width: Some(width),
            height: (fit == Fit::Cover).then_some(width),
            fit,
            light,
            formats: vec![FormatSpec::Fixed(OutputFormat::Jpeg)],
            ..VariantSpec::default()
        };
        let plan = plan(file, &[160, 320, 640, 1080, 1920].map(spec).to_vec().into());
        plan.pictures.iter().map(|picture| picture.parent).collect::<Vec<_>>()
    };
    // Heights of 1446, 813 and 241: the planes of the colors end beyond the picture.
    let planar = file(4080, 3072, Some(Subsampling::S420));
    let chain = vec![Some(1), Some(2), Some(3), Some(4), None];
    for light in [Light::Linear, Light::Gamma] {
        for fit in [Fit::Inside, Fit::Cover] {
            assert_eq!(parents(&planar, light, fit), chain, "{light:?} {fit:?}");
        }
    }
    // 1080 wide is the source's own size, and 1920 as well: there is nothing to average.
    let small = parents(&file(1080, 800, None), Light::Linear, Fit::Inside);
    assert_eq!(small, [Some(1), Some(2), None, None]);
}

#[test]
fn a_source_is_decoded_as_small_as_scores_allow() {
    let scale_eighths = |width, light, effort| {
        let spec = VariantSpec { width: Some(width), light, effort, ..VariantSpec::default() };
        plan(&file(4000, 3000, None), &vec![spec].into()).scale_eighths
    };
    use Effort::{Balanced, Fast};
    use Light::{Gamma, Linear};
    for (width, light, effort, expected) in [
        (2700, Linear, Fast, 8),
        (1920, Linear, Fast, 5),
        (1300, Gamma, Fast, 4),
        (1080, Gamma, Fast, 3),
        (1400, Linear, Balanced, 8),
        (1080, Linear, Balanced, 7),
        (833, Linear, Balanced, 5),
        (666, Linear, Balanced, 4),
        (160, Linear, Balanced, 4),
        (333, Gamma, Balanced, 2),
        (160, Gamma, Balanced, 1),
        (640, Gamma, Fast, 2),
        (320, Gamma, Fast, 1),
        (320, Linear, Fast, 4),
    ] {
        assert_eq!(scale_eighths(width, light, effort), expected, "{width} {light:?} {effort:?}");
    }
}

/// Where limits admit them: what is planned is counted in enough bits.
#[test]
fn sides_of_any_length_are_planned() {
    let request = Request { placeholders: true, ..vec![VariantSpec::default()].into() };
    let mut wide = png(&Samples::rgb(&RgbImage::new(1, 2)), &PngOptions::default());
    wide[16..20].copy_from_slice(&2_000_000_000_u32.to_be_bytes());
    let plan = plan(&wide, &request);
    let overview = plan.overview.expect("placeholders look at one");
    assert!(plan.pictures[overview].size.width() <= 100);
}
