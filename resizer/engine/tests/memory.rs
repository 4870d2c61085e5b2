//! The prediction that the limits refuse by, against what the allocator really gave. A process of
//! its own, because the peak is the whole process's. What libwebp takes by itself is not seen.

use fixtures::jpeg::{JpegOptions, Subsampling, jpeg};
use fixtures::png::{PngOptions, Samples, png};
use fixtures::scene::photograph;
use peak_alloc::PeakAlloc;
use resizer_engine::format::ImageFormat;
use resizer_engine::header::Header;
use resizer_engine::limits::{Limits, peak_memory_bytes};
use resizer_engine::pipeline::render;
use resizer_engine::plan::Plan;
use resizer_engine::spec::{Fit, FormatSpec, OutputFormat, VariantSpec};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Tables, weights and codec state, whatever the picture's size.
const FIXED_BYTES: usize = 1 << 20;

#[test]
fn no_picture_takes_more_memory_than_was_predicted() {
    let mut sources: Vec<(String, Vec<u8>)> =
        fixtures::good::all().into_iter().map(|fixture| (fixture.name, fixture.bytes)).collect();
    sources.extend(large());
    for (name, source) in &sources {
        for (shape, specs) in shapes() {
            let format = ImageFormat::sniff(source).expect("a good file");
            let header = Header::read(format, source).expect("a good file");
            let plan = Plan::new(&header, &specs);
            let predicted = peak_memory_bytes(source.len(), &header, &plan) as usize;
            // The source is the caller's and already there.
            let before = ALLOCATOR.current_usage() - source.len();
            ALLOCATOR.reset_peak_usage();
            let rendered = render(source, &specs, &Limits::default(), &mut |_| {});
            let peak = ALLOCATOR.peak_usage() - before;
            drop(rendered.expect("a good file"));
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

fn shapes() -> Vec<(&'static str, Vec<VariantSpec>)> {
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
            [160, 320, 640, 1080, 1920].map(|w| spec("w", w, None, Fit::Inside)).into(),
        ),
        ("narrow and high", vec![spec("n", 60, Some(900), Fit::Exact)]),
        ("wide and low", vec![spec("l", 1200, Some(30), Fit::Exact)]),
        ("padded", vec![spec("p", 1000, Some(1000), Fit::Pad)]),
    ]
}
