//! ThumbHash, BlurHash and the dominant color: against what other implementations say of the same
//! pixels, and against what a person sees.

use fixtures::exif::ExifSpec;
use fixtures::jpeg::{JpegOptions, jpeg};
use fixtures::png::{PngOptions, Samples, png};
use fixtures::scene::photograph;
use image::{Rgba, RgbaImage};
use resizer_engine::internals::{Domain, Plan};
use resizer_engine::spec::{Effort, Fit, Light, OutputFormat, Request, VariantSpec};
use resizer_engine::{Limits, Placeholders, Rendered, Source, render};

use crate::support::{as_format, committed, good};

fn request(specs: Vec<VariantSpec>) -> Request {
    Request { placeholders: true, ..specs.into() }
}

fn rendered(source: &[u8], specs: Vec<VariantSpec>) -> Rendered {
    render(source, &request(specs), &Limits::default()).expect("a good source")
}

fn placeholders(source: &[u8]) -> Placeholders {
    let rendered = rendered(source, vec![as_format(OutputFormat::Png)]);
    rendered.placeholders.expect("they were asked for")
}

fn of_pixels(width: u32, height: u32, pixel: impl Fn(u32, u32) -> [u8; 4]) -> Placeholders {
    let pixels = RgbaImage::from_fn(width, height, |x, y| Rgba(pixel(x, y)));
    placeholders(&png(&Samples::rgba(&pixels), &PngOptions::default()))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// ThumbHash by `thumbhash` 0.1.1 and BlurHash by `blurhash` 2.0.5, both for JavaScript, of the
/// pixels as Pillow 10.4 reads and turns them.
#[test]
fn the_hashes_are_those_of_their_reference_implementations() {
    for (name, thumbhash, blurhash) in [
        (
            "png-rgb-8.png",
            "23e80d25828777778f7887868817878499908cf9e9",
            "LhHL@.oat3jc?KoIt6WVr;j?oeoM",
        ),
        (
            "orientation-6.png",
            "23e80d25828777778f7887868817878499908cf9e9",
            "LhHL@.oat3jc?KoIt6WVr;j?oeoM",
        ),
        (
            "png-palette-2.png",
            "63080a15808777778e78878788078784978f77f978",
            "LOIhQsj[xZaz~UoexZayR+j[t6oe",
        ),
        (
            "png-gray-8.png",
            "24080a05808777778e798787880787840000000000",
            "LPHx$$ofxuay~qofxuayRjoft7of",
        ),
        (
            "png-size-17x23.png",
            "63f80d1d0478779f776888078776b8474ab09ff6da",
            "TeHoal%KWG^-%0a_r;t6j]DiWBa#",
        ),
        (
            "gif-still.gif",
            "22e80925828777778f7887868817878499908cf9e9",
            "LhHVVSoat3jc?KoIt6ayr;j@oej]",
        ),
    ] {
        let placeholders = placeholders(&good(name));
        assert_eq!(hexadecimal(&placeholders.thumbhash), thumbhash, "{name}");
        assert_eq!(placeholders.blurhash, blurhash, "{name}");
    }
    // Transparency is in ThumbHash alone.
    for (name, thumbhash) in [
        ("png-palette-8-trns.png", "6508860b801d98678f7985988f85f95886868c878a0767"),
        ("png-palette-4-trns.png", "6508860b801d98678f7985988f85f95887868c88890767"),
    ] {
        assert_eq!(hexadecimal(&placeholders(&good(name)).thumbhash), thumbhash, "{name}");
    }
}

#[test]
fn a_flat_picture_has_its_own_color_and_no_noise() {
    for color in [[200, 30, 40, 255], [0, 0, 0, 255], [255, 255, 255, 255], [17, 130, 255, 255]] {
        let flat = of_pixels(300, 200, |_, _| color);
        assert_eq!(flat.dominant, color[..3], "{color:?}");
        let (head, others) = flat.thumbhash.split_at(5);
        assert_eq!(head[2] >> 2, 0, "no scale of luminance in {head:?}");
        assert!(others.iter().all(|byte| *byte == 0), "{:?}", flat.thumbhash);
    }
}

#[test]
fn the_dominant_color_is_one_that_is_there_and_not_the_mean() {
    let (red, green) = ([220, 20, 20, 255], [20, 160, 40, 255]);
    let two_thirds_red = of_pixels(90, 60, |x, _| if x < 60 { red } else { green });
    assert_eq!(two_thirds_red.dominant, [220, 20, 20]);
    let mostly_invisible = of_pixels(90, 60, |x, _| if x < 60 { [220, 20, 20, 0] } else { green });
    assert_eq!(mostly_invisible.dominant, [20, 160, 40], "what is transparent does not count");
    let faint = of_pixels(90, 60, |x, _| if x < 60 { [220, 20, 20, 60] } else { green });
    assert_eq!(faint.dominant, [20, 160, 40], "and what is nearly so counts little");
}

#[test]
fn nothing_visible_is_white_and_wholly_transparent() {
    let nothing = of_pixels(40, 60, |_, _| [10, 20, 30, 0]);
    assert_eq!(nothing.dominant, [255; 3]);
    assert_eq!(nothing.thumbhash[2] >> 7, 1, "says that it has alpha");
    assert_eq!(nothing.thumbhash[5] & 15, 0, "whose mean is nothing");
    assert_eq!(&nothing.blurhash[2..6], "TSUA", "white, as a mean");
}

#[test]
fn sources_of_every_kind_have_placeholders_of_the_right_length() {
    let files = committed("images");
    for (name, source) in &files {
        let Placeholders { thumbhash, blurhash, .. } = placeholders(source);
        assert!((5..=25).contains(&thumbhash.len()), "{name}: {thumbhash:?}");
        assert_eq!(blurhash.len(), 28, "{name}: {blurhash}");
    }
    assert!(files.len() > 100, "the folder is there");
}

/// In every form that the overview may have: a chain in light, coded values, planes, a source at a
/// reduced size, and a crop that needs no more than a part.
fn shapes() -> Vec<(&'static str, Vec<VariantSpec>)> {
    let wide = |width| VariantSpec {
        name: format!("w{width}"),
        width: Some(width),
        ..as_format(OutputFormat::Jpeg)
    };
    let gamma = |width| VariantSpec { light: Light::Gamma, ..wide(width) };
    let as_png =
        |width| VariantSpec { formats: as_format(OutputFormat::Png).formats, ..gamma(width) };
    let fast = VariantSpec { effort: Effort::Fast, ..gamma(16) };
    let square = VariantSpec { height: Some(64), fit: Fit::Cover, ..wide(64) };
    vec![
        ("linear", vec![wide(320), wide(160)]),
        ("planes", vec![gamma(320), gamma(90)]),
        ("coded pixels", vec![as_png(320), as_png(40)]),
        ("both", vec![wide(320), gamma(160)]),
        ("one very small", vec![fast]),
        ("square", vec![square]),
    ]
}

fn large() -> [(&'static str, Vec<u8>); 3] {
    let scene = photograph(1200, 800, 3);
    let exif = Some(ExifSpec { orientation: 6, ..ExifSpec::default() });
    [
        ("upright", jpeg(&scene, &JpegOptions::default())),
        ("lying", jpeg(&scene, &JpegOptions { exif, ..JpegOptions::default() })),
        ("png", png(&Samples::rgb(&scene), &PngOptions::default())),
    ]
}

#[test]
fn no_variant_changes_with_placeholders() {
    for (name, source) in large() {
        for (shape, specs) in shapes() {
            let with = rendered(&source, specs.clone());
            let without = render(&source, &specs.into(), &Limits::default());
            let without = without.expect("a good source");
            assert!(with.variants == without.variants, "{name} {shape}");
            assert_eq!((with.placeholders.is_some(), without.placeholders), (true, None));
        }
    }
}

#[test]
fn every_form_of_the_overview_says_the_same() {
    for (name, source) in large() {
        let whole = placeholders(&source);
        for (shape, specs) in shapes() {
            let other = rendered(&source, specs).placeholders.expect("they were asked for");
            // Means in six bits each; in coded values they are a little darker than in light.
            let means = |one: &Placeholders| {
                let head = u32::from_le_bytes([one.thumbhash[0], one.thumbhash[1], 0, 0]);
                [head & 63, head >> 6 & 63]
            };
            for (one, other) in means(&whole).into_iter().zip(means(&other)) {
                assert!(one.abs_diff(other) <= 2, "{name} {shape}: {one} and {other}");
            }
            assert_eq!(other.blurhash.as_bytes()[0], whole.blurhash.as_bytes()[0], "{name}");
        }
    }
}

#[test]
fn the_overview_is_small_and_made_of_a_larger_picture() {
    let [(_, source), ..] = large();
    let source = Source::parse(&source).expect("a good source");
    for (shape, specs) in shapes() {
        let variants = specs.len();
        let plan = Plan::new(&source, &request(specs.clone()));
        let index = plan.overview.expect("it was asked for");
        let overview = &plan.pictures[index];
        assert!(overview.size.width() <= 100 && overview.size.width() > 60, "{shape}");
        if variants > 1 {
            assert!(overview.parent.is_some(), "{shape}");
        }
        assert!(plan.pictures.iter().all(|one| one.parent != Some(index)), "{shape}");
        let domains = |plan: &Plan| {
            Domain::ALL.map(|domain| plan.pictures.iter().any(|one| one.domain == domain))
        };
        let without = Plan::new(&source, &specs.into());
        assert_eq!((without.overview, domains(&without)), (None, domains(&plan)), "{shape}");
    }
}
