//! Animations frame by frame: APNG beside what browsers must show, WebP beside libwebp's frames.

use std::collections::BTreeMap;
use std::io::Cursor;

use image::codecs::png::PngDecoder;
use image::{AnimationDecoder, RgbaImage};
use resizer_engine::spec::{Animation, FormatSpec, OutputFormat, Request, VariantSpec};
use resizer_engine::{Limits, render};

use crate::files::{Set, difference, in_bytes};

/// All frames as they are seen, from an animated PNG of the engine's.
fn frames(source: &[u8], name: &str) -> Vec<RgbaImage> {
    let formats = vec![FormatSpec::Fixed(OutputFormat::Png)];
    let spec = VariantSpec { formats, ..VariantSpec::default() };
    let request = Request { animation: Animation::Animate, ..vec![spec].into() };
    let rendered = render(source, &request, &Limits::default());
    let rendered = rendered.unwrap_or_else(|reject| panic!("{name} is good, not {reject}"));
    let decoder = PngDecoder::new(Cursor::new(&rendered.variants[0].bytes[..])).expect("a PNG");
    let frames = decoder.apng().expect("an animation").into_frames().collect_frames();
    frames.expect("whole frames").into_iter().map(image::Frame::into_buffer).collect()
}

/// References by the name of their file: number and name of each.
fn references(
    set: &Set,
    split: impl Fn(&str) -> Option<(String, usize)>,
) -> BTreeMap<String, Vec<(usize, String)>> {
    let mut found: BTreeMap<String, Vec<(usize, String)>> = BTreeMap::new();
    for reference in set.names(".png") {
        if let Some((name, number)) = split(&reference).filter(|(name, _)| set.has(name)) {
            found.entry(name).or_default().push((number, reference));
        }
    }
    found
}

#[test]
#[ignore = "needs RESIZER_CORPUS"]
fn frames_of_animated_pngs_are_those_of_their_references() {
    let set = Set::find("image-rs-image");
    let split = |reference: &str| {
        let (name, number) = reference.strip_suffix(".png")?.split_once(".anim_")?;
        Some((name.replace("tests__reference__", "tests__images__"), number.parse().ok()?))
    };
    let (mut files, mut compared) = (0, 0);
    for (name, references) in references(&set, split) {
        let frames = frames(&set.read(&name), &name);
        for (number, reference) in references {
            let found = difference(&frames[number - 1], &in_bytes(&set.picture(&reference)));
            assert_eq!(found.largest, 0, "{name}, frame {number}: {found:?}");
            compared += 1;
        }
        files += 1;
    }
    assert_eq!((files, compared), (5, 10), "files, and frames beside their reference");
}

#[test]
#[ignore = "needs RESIZER_CORPUS"]
fn frames_of_animated_webps_are_those_of_their_references() {
    let set = Set::find("image-webp");
    let split = |reference: &str| {
        let rest = reference.strip_prefix("reference__animated__")?.strip_suffix(".png")?;
        let (name, number) = rest.rsplit_once('-')?;
        Some((format!("images__animated__{name}.webp"), number.parse().ok()?))
    };
    let mut compared = 0;
    for (name, references) in references(&set, split) {
        let frames = frames(&set.read(&name), &name);
        assert!(frames.len() >= references.len(), "{name}: {} frames", frames.len());
        for (number, reference) in references {
            let found = difference(&frames[number - 1], &in_bytes(&set.picture(&reference)));
            // Frames that are blended are rounded once more.
            assert!(found.largest <= 1, "{name}, frame {number}: {found:?}");
            compared += 1;
        }
    }
    assert_eq!(compared, 7, "frames beside their reference");
}
