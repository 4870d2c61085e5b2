//! What pictures take of memory: against the prediction that the limits refuse by, and against what
//! the README says. A process of its own, because the peak is the whole process's. What libwebp takes
//! by itself is not seen.

use std::path::Path;
use std::sync::Mutex;

use fixtures::jpeg::{JpegOptions, Subsampling, jpeg};
use fixtures::png::{PngOptions, Samples, png};
use fixtures::scene::photograph;
use peak_alloc::PeakAlloc;
use resizer_engine::format::ImageFormat;
use resizer_engine::header::Header;
use resizer_engine::limits::{Limits, peak_memory_bytes};
use resizer_engine::pipeline::render;
use resizer_engine::plan::Plan;
use resizer_engine::spec::{Effort, Fit, FormatSpec, Light, OutputFormat, Request, VariantSpec};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Tables, weights and codec state, whatever the picture's size.
const FIXED_BYTES: usize = 1 << 20;

const MEBIBYTE: usize = 1 << 20;

/// Held by the test that measures.
static MEASURING: Mutex<()> = Mutex::new(());

/// The most bytes that rendering takes at once, beside the source.
fn peak_bytes(source: &[u8], request: &Request, limits: &Limits) -> usize {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let rendered = render(source, request, limits, &mut |_| {});
    let peak = ALLOCATOR.peak_usage() - before;
    drop(rendered.expect("a good file"));
    peak
}

fn five_jpegs(effort: Effort, light: Light) -> Request {
    let spec = |width| VariantSpec {
        name: format!("w{width}"),
        width: Some(width),
        formats: vec![FormatSpec::Fixed(OutputFormat::Jpeg)],
        effort,
        light,
        ..VariantSpec::default()
    };
    [160, 320, 640, 1080, 1920].map(spec).to_vec().into()
}

#[test]
fn twelve_megapixels_take_less_than_32_mebibytes() {
    let _alone = MEASURING.lock().expect("no test fails while it measures");
    let source = jpeg(&photograph(4000, 3000, 1), &JpegOptions::default());
    for effort in [Effort::Fast, Effort::Balanced, Effort::Small] {
        for light in [Light::Gamma, Light::Linear] {
            let peak = peak_bytes(&source, &five_jpegs(effort, light), &Limits::default());
            println!("{effort:?}, {light:?}: {:.1} MiB", peak as f64 / MEBIBYTE as f64);
            assert!(peak + source.len() < 32 * MEBIBYTE, "{effort:?}, {light:?}: {peak} bytes");
        }
    }
}

#[test]
fn a_real_picture_of_280_megapixels_takes_less_than_128_mebibytes() {
    let _alone = MEASURING.lock().expect("no test fails while it measures");
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/sharp/giant-image.jpg");
    let Ok(source) = std::fs::read(&path) else {
        println!("skipped: {} is not there", path.display());
        return;
    };
    let limits = Limits { max_pixels: 1 << 32, ..Limits::default() };
    for (effort, light) in [(Effort::Fast, Light::Gamma), (Effort::Balanced, Light::Linear)] {
        let peak = peak_bytes(&source, &five_jpegs(effort, light), &limits);
        println!("{effort:?}, {light:?}: {:.1} MiB", peak as f64 / MEBIBYTE as f64);
        assert!(peak + source.len() < 128 * MEBIBYTE, "{effort:?}, {light:?}: {peak} bytes");
    }
}

#[test]
fn no_picture_takes_more_memory_than_was_predicted() {
    let _alone = MEASURING.lock().expect("no test fails while it measures");
    let mut sources: Vec<(String, Vec<u8>)> =
        fixtures::good::all().into_iter().map(|fixture| (fixture.name, fixture.bytes)).collect();
    sources.extend(large());
    for (name, source) in &sources {
        for (shape, request) in shapes() {
            let format = ImageFormat::sniff(source).expect("a good file");
            let header = Header::read(format, source).expect("a good file");
            let plan = Plan::new(&header, &request);
            let predicted = peak_memory_bytes(source.len(), &header, &plan) as usize;
            // The source is the caller's and already there.
            let peak = peak_bytes(source, &request, &Limits::default()) + source.len();
            let allowed = predicted + predicted * 15 / 100 + FIXED_BYTES;
            assert!(peak <= allowed, "{name} {shape}: {peak} bytes, {predicted} predicted");
        }
    }
    println!("{} pictures in {} shapes each", sources.len(), shapes().len());
}

/// Pictures large enough that no fixed cost hides a wrong term.
fn large() -> Vec<(String, Vec<u8>)> {
    let scene = photograph(1200, 900, 1);
    let options = || JpegOptions { subsampling: Subsampling::S444, ..JpegOptions::default() };
    let baseline = jpeg(&scene, &options());
    let endless = baseline[..baseline.len() - 2].to_vec();
    let progressive = jpeg(&scene, &JpegOptions { progressive: true, ..options() });
    let alpha = image::DynamicImage::ImageRgb8(scene.clone()).to_rgba8();
    let plain = PngOptions::default;
    let interlaced = PngOptions { interlaced: true, ..plain() };
    vec![
        ("baseline".to_owned(), baseline),
        ("without its end".to_owned(), endless),
        ("progressive".to_owned(), progressive),
        ("alpha".to_owned(), png(&Samples::rgba(&alpha), &plain())),
        ("interlaced".to_owned(), png(&Samples::rgb(&scene), &interlaced)),
    ]
}

fn shapes() -> Vec<(&'static str, Request)> {
    let spec = |name: &str, width, height, fit| VariantSpec {
        name: name.to_owned(),
        width: Some(width),
        height,
        fit,
        formats: vec![FormatSpec::Fixed(OutputFormat::Jpeg), FormatSpec::Fixed(OutputFormat::Png)],
        ..VariantSpec::default()
    };
    vec![
        (
            "five widths",
            [160, 320, 640, 1080, 1920].map(|w| spec("w", w, None, Fit::Inside)).to_vec().into(),
        ),
        ("narrow and high", vec![spec("n", 60, Some(900), Fit::Exact)].into()),
        ("wide and low", vec![spec("l", 1200, Some(30), Fit::Exact)].into()),
        ("padded", vec![spec("p", 1000, Some(1000), Fit::Pad)].into()),
        (
            "one small with placeholders",
            Request { placeholders: true, ..vec![spec("s", 40, None, Fit::Inside)].into() },
        ),
    ]
}
