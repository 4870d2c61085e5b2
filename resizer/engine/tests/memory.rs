//! What pictures take of memory: against the prediction that the limits refuse by, and against what
//! the README says. A process of its own, because the peak is the whole process's. What libwebp takes
//! by itself is not seen.

use std::sync::{Mutex, MutexGuard, PoisonError};

use fixtures::jpeg::{JpegOptions, jpeg};
use fixtures::scene::photograph;
use peak_alloc::PeakAlloc;
use resizer_engine::spec::{Effort, FormatSpec, Light, OutputFormat, Request, VariantSpec};
use resizer_engine::{Job, Limits, render};

use crate::shapes::Shape;
use crate::sources::Source;

#[path = "memory/bombs.rs"]
mod bombs;
#[path = "memory/shapes.rs"]
mod shapes;
#[path = "memory/sources.rs"]
mod sources;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// Tables, weights and codec state, whatever the picture's size.
const FIXED_BYTES: usize = 1 << 20;

const MEBIBYTE: usize = 1 << 20;

/// Of so many shapes a small or a real picture gets one.
const SKIPS: usize = 4;

/// Held by the test that measures.
static MEASURING: Mutex<()> = Mutex::new(());

/// Waits until no other test measures; one that failed while it did takes no other along.
fn alone() -> MutexGuard<'static, ()> {
    MEASURING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The most bytes that rendering takes at once, beside the source.
fn peak_bytes(source: &[u8], request: &Request, limits: &Limits) -> usize {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let rendered = render(source, request, limits);
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
    let _alone = alone();
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
#[ignore = "needs RESIZER_CORPUS"]
fn a_real_picture_of_280_megapixels_takes_less_than_128_mebibytes() {
    let _alone = alone();
    let path = fixtures::outside::corpus().join("sharp/giant-image.jpg");
    let source = std::fs::read(path).expect("the set's file can be read");
    let limits = Limits { max_pixels: 1 << 32, ..Limits::default() };
    for (effort, light) in [(Effort::Fast, Light::Gamma), (Effort::Balanced, Light::Linear)] {
        let peak = peak_bytes(&source, &five_jpegs(effort, light), &limits);
        println!("{effort:?}, {light:?}: {:.1} MiB", peak as f64 / MEBIBYTE as f64);
        assert!(peak + source.len() < 128 * MEBIBYTE, "{effort:?}, {light:?}: {peak} bytes");
    }
}

#[test]
fn no_picture_takes_more_memory_than_was_predicted() {
    let _alone = alone();
    let measured = measure(&sources::small(), &sources::large());
    assert!(measured > 550, "{measured} times");
}

#[test]
#[ignore = "needs RESIZER_CORPUS"]
fn no_real_picture_takes_more_memory_than_was_predicted() {
    let _alone = alone();
    let measured = measure(&sources::real(), &[]);
    assert!(measured > 30, "{measured} times");
}

/// Holds each small picture in some of the shapes, and each large one in all of them, against its
/// prediction; how many times. The caller measures alone, from before the pictures are made.
fn measure(small: &[Source], large: &[Source]) -> usize {
    let mut over = Vec::new();
    let mut measured = 0;
    let shapes = shapes::all();
    let some_of = |at: usize| shapes.iter().skip(at % SKIPS).step_by(SKIPS);
    let jobs = small.iter().enumerate();
    let jobs = jobs.flat_map(|(at, one)| some_of(at).map(move |to| (one, to)));
    let of_large = large.iter().flat_map(|one| shapes.iter().map(move |to| (one, to)));
    for (Source { name, bytes }, Shape { name: shape, request }) in jobs.chain(of_large) {
        let source = resizer_engine::Source::parse(bytes).expect("a good file");
        let job = Job::prepare(source, request, &Limits::default()).expect("within limits");
        let predicted = job.peak_bytes() as usize;
        drop(job);
        // The source is the caller's and already there.
        let peak = peak_bytes(bytes, request, &Limits::default()) + bytes.len();
        let allowed = predicted + predicted * 15 / 100 + FIXED_BYTES;
        measured += 1;
        if peak > allowed {
            over.push(format!("{name} {shape}: {peak} bytes, {predicted} predicted"));
        }
    }
    let pictures = small.len() + large.len();
    println!("{measured} times, {pictures} pictures in {} shapes", shapes.len());
    assert!(over.is_empty(), "{} of {measured} take more:\n{}", over.len(), over.join("\n"));
    measured
}

/// The most bytes that a refusal takes at once, beside the source.
fn refused_bytes(name: &str, source: &[u8], request: &Request) -> usize {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let refusal = render(source, request, &Limits::default()).expect_err(name);
    let peak = ALLOCATOR.peak_usage() - before;
    assert_eq!(refusal.code(), "too_large", "{name}: {refusal}");
    peak
}

#[test]
fn bombs_are_refused_within_16_mebibytes() {
    refuse(&bombs::all(), 16);
}

#[test]
#[ignore = "needs RESIZER_CORPUS"]
fn real_bombs_are_refused_within_16_mebibytes() {
    refuse(&bombs::real(), 3);
}

fn refuse(bombs: &[(Source, Request)], count: usize) {
    let _alone = alone();
    for (Source { name, bytes }, request) in bombs {
        let peak = refused_bytes(name, bytes, request);
        assert!(peak <= 16 * MEBIBYTE, "{name}: {peak} bytes");
    }
    assert_eq!(bombs.len(), count, "bombs");
}

#[test]
fn floods_in_metadata_are_passed_over_within_16_mebibytes() {
    let _alone = alone();
    for Source { name, bytes } in bombs::floods() {
        let peak = peak_bytes(&bytes, &five_jpegs(Effort::Fast, Light::Gamma), &Limits::default());
        println!("{name}: {:.1} MiB", peak as f64 / MEBIBYTE as f64);
        assert!(peak <= 16 * MEBIBYTE, "{name}: {peak} bytes");
    }
}
