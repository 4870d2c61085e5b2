//! Animations beside Pillow: what it sees of a source frame by frame is what our lossless animation
//! shows; times and the number of plays are the source's in every format.

use std::io::Cursor;

use image::codecs::png::PngDecoder;
use image::{AnimationDecoder, RgbaImage};
use resizer_engine::spec::{Animation, Effort, FormatSpec, OutputFormat, Request, VariantSpec};
use resizer_engine::{Limits, Rendered, render};

use crate::opened::{Opened, open};
use crate::tools::Tools;

const FIXTURES: [&str; 3] = ["gif-animated.gif", "gif-disposal.gif", "gif-offset-first-frame.gif"];

const REAL: [&str; 9] = [
    "image-gif/samples__anim-gr.gif",
    "image-rs-image/tests__images__gif__anim__large-gif-anim-combine.gif",
    "image-rs-image/tests__images__png__apng__wpt__dispose-background-blend-source.png",
    "image-rs-image/tests__images__png__apng__wpt__fcTL-dispose-in-region-background.png",
    "image-webp/images__animated__random_lossless.webp",
    "sharp/animated-loop-3.gif",
    "sharp/animated-loop-3.webp",
    "sharp/rotating-squares.gif",
    "sharp/rotating-squares.webp",
];

/// Animations of ours; name and bytes.
fn own() -> Vec<(String, Vec<u8>)> {
    let good = fixtures::good::all().into_iter();
    let own = good.filter(|fixture| FIXTURES.contains(&&fixture.name[..]));
    let sources: Vec<_> = own.map(|fixture| (fixture.name, fixture.bytes)).collect();
    assert_eq!(sources.len(), FIXTURES.len());
    sources
}

/// Animations of others, of the corpus.
fn real() -> Vec<(String, Vec<u8>)> {
    let corpus = fixtures::outside::corpus();
    let file = |name: &str| {
        let bytes = std::fs::read(corpus.join(name)).expect("the set's file can be read");
        (name.replace('/', "-"), bytes)
    };
    REAL.map(file).to_vec()
}

fn rendered(source: &[u8], formats: &[OutputFormat]) -> Rendered {
    let formats = formats.iter().copied().map(FormatSpec::Fixed).collect();
    let spec = VariantSpec { formats, effort: Effort::Fast, ..VariantSpec::default() };
    let request = Request { animation: Animation::Animate, ..vec![spec].into() };
    render(source, &request, &Limits::default()).expect("a good file")
}

fn apng_frames(file: &[u8]) -> Vec<RgbaImage> {
    let decoder = PngDecoder::new(Cursor::new(file)).expect("a PNG");
    let frames = decoder.apng().expect("an animation").into_frames().collect_frames();
    frames.expect("whole frames").into_iter().map(image::Frame::into_buffer).collect()
}

fn largest_difference(one: &RgbaImage, other: &RgbaImage) -> u8 {
    let seen = one.pixels().zip(other.pixels()).filter(|(one, other)| one.0[3] | other.0[3] > 0);
    let levels = seen.flat_map(|(one, other)| std::iter::zip(one.0, other.0));
    levels.map(|(one, other)| one.abs_diff(other)).max().unwrap_or(0)
}

#[test]
#[ignore = "needs Pillow and libvips: cargo interop"]
fn frames_are_those_that_pillow_sees() {
    check_frames(&own());
}

#[test]
#[ignore = "needs Pillow and libvips, and RESIZER_CORPUS: cargo interop"]
fn frames_of_real_files_are_those_that_pillow_sees() {
    check_frames(&real());
}

fn check_frames(sources: &[(String, Vec<u8>)]) {
    let mut far = Vec::new();
    for ((name, bytes), theirs) in sources.iter().zip(open(Tools::get(), sources)) {
        let rendered = rendered(bytes, &[OutputFormat::Png]);
        if theirs.frames.len() == 1 {
            assert_eq!(rendered.source.frame_count, 1, "{name} is still");
            continue;
        }
        let ours = apng_frames(&rendered.variants[0].bytes);
        assert_eq!(ours.len(), theirs.frames.len(), "{name}");
        for (number, (ours, theirs)) in (1..).zip(ours.iter().zip(&theirs.frames)) {
            // Pillow fills with a color what is cleared behind an opaque first frame; browsers, and
            // tests of our own, have nothing there.
            let mut theirs = theirs.clone();
            let is_cleared = name == "gif-disposal.gif" && number >= 4;
            for (own, other) in ours.pixels().zip(theirs.pixels_mut()) {
                if is_cleared && own.0[3] == 0 {
                    *other = *own;
                }
            }
            let found = largest_difference(ours, &theirs);
            // Frames that are blended are rounded once more.
            if found > 1 {
                far.push(format!("{name}, frame {number}: {found} levels"));
            }
        }
    }
    assert!(far.is_empty(), "{far:#?}");
}

#[test]
#[ignore = "needs Pillow and libvips: cargo interop"]
fn times_and_plays_are_kept_in_every_format() {
    check_times(own());
}

#[test]
#[ignore = "needs Pillow and libvips, and RESIZER_CORPUS: cargo interop"]
fn times_and_plays_of_real_files_are_kept_in_every_format() {
    check_times(real());
}

fn check_times(mut sources: Vec<(String, Vec<u8>)>) {
    const FORMATS: [OutputFormat; 3] = [OutputFormat::Webp, OutputFormat::Gif, OutputFormat::Png];
    let tools = Tools::get();
    sources.retain(|(_, bytes)| rendered(bytes, &[OutputFormat::Jpeg]).source.frame_count > 1);
    let mut files = Vec::new();
    for (name, bytes) in &sources {
        let variants = rendered(bytes, &FORMATS).variants;
        let named = |format: OutputFormat| format!("{name}.{}", format.extension());
        files.extend(variants.into_iter().map(|variant| (named(variant.format), variant.bytes)));
    }
    let theirs = open(tools, &sources);
    let ours = open(tools, &files);
    for ((source, theirs), ours) in sources.iter().zip(&theirs).zip(ours.chunks(FORMATS.len())) {
        for (opened, format) in ours.iter().zip(FORMATS) {
            let name = format!("{} as {format:?}", source.0);
            let Opened { durations, plays, .. } = opened;
            let total = |durations: &[u32]| durations.iter().sum::<u32>();
            // GIF counts in hundredths; a WebP joins frames that are the same.
            let [found, expected] = [total(durations), total(&theirs.durations)];
            assert!(found.abs_diff(expected) <= 10, "{name}: {found} ms, not {expected}");
            assert_eq!(played(*plays, format), played(theirs.plays, of(theirs)), "{name}");
        }
    }
    assert!(files.len() >= 2 * FORMATS.len(), "{} files", files.len());
}

fn of(opened: &Opened) -> OutputFormat {
    match &opened.format[..] {
        "GIF" => OutputFormat::Gif,
        "WEBP" => OutputFormat::Webp,
        _ => OutputFormat::Png,
    }
}

/// How often a file is played, 0 being for ever: a GIF says how often again, or nothing for once.
fn played(said: Option<u32>, format: OutputFormat) -> u32 {
    match (said, format) {
        (None, _) => 1,
        (Some(again @ 1..), OutputFormat::Gif) => again + 1,
        (Some(plays), _) => plays,
    }
}
