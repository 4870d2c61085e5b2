//! Each stage of the engine, and the whole job, on one photograph of 12 megapixels and its five
//! default variants. `cargo bench` prints medians; `cargo bench -- --help` the options.

use std::sync::LazyLock;

use divan::{Bencher, black_box};
use fixtures::jpeg::{JpegOptions, jpeg};
use fixtures::scene::photograph;
use resizer_engine::internals::{Band, Decoder, Extras, File, Picture, Plan, Resampler, encode};
use resizer_engine::spec::{Effort, FormatSpec, Light, OutputFormat, Request, VariantSpec};
use resizer_engine::{ImageFormat, Job, Limits, Source, Stop, render};

const WIDTHS: [u32; 5] = [160, 320, 640, 1080, 1920];

static BASELINE: LazyLock<Vec<u8>> =
    LazyLock::new(|| jpeg(&photograph(4000, 3000, 1), &JpegOptions::default()));

static PROGRESSIVE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let options = JpegOptions { progressive: true, ..JpegOptions::default() };
    jpeg(&photograph(4000, 3000, 1), &options)
});

static SMALL: LazyLock<Vec<u8>> =
    LazyLock::new(|| jpeg(&photograph(800, 600, 1), &JpegOptions::default()));

fn main() {
    divan::main();
}

fn request(format: OutputFormat, light: Light, effort: Effort) -> Request {
    let spec = |width| VariantSpec {
        name: format!("w{width}"),
        width: Some(width),
        formats: vec![FormatSpec::Fixed(format)],
        light,
        effort,
        ..VariantSpec::default()
    };
    WIDTHS.map(spec).to_vec().into()
}

fn default_request() -> Request {
    request(OutputFormat::Jpeg, Light::Linear, Effort::Balanced)
}

fn parsed(source: &[u8]) -> Source<'_> {
    Source::parse(source).expect("the bench's pictures are good")
}

/// The rows of the source that a plan needs.
fn decoded(source: &[u8], plan: &Plan) -> Vec<Band> {
    let good = "the bench's pictures are good";
    let source = parsed(source);
    let mut decoder = Decoder::new(&source, plan, &Stop::default()).expect(good);
    let mut bands = Vec::new();
    loop {
        let mut band = Band::default();
        if !decoder.next_band(&mut band).expect(good) {
            return bands;
        }
        bands.push(band);
    }
}

fn resampled(plan: &Plan, bands: &[Band]) -> Vec<Picture> {
    let mut resampler = Resampler::new(plan, plan.rows.layout);
    bands.iter().for_each(|band| resampler.push(band));
    resampler.finish()
}

#[divan::bench]
fn parse_and_prepare(bencher: Bencher<'_, '_>) {
    let request = default_request();
    let limits = Limits::default();
    bencher.bench(|| {
        let job = Job::prepare(parsed(black_box(&BASELINE)), &request, &limits);
        job.map(|job| job.peak_bytes())
    });
}

#[divan::bench(sample_count = 20, args = ["planes", "pixels", "progressive"])]
fn decode(bencher: Bencher<'_, '_>, what: &str) {
    let light = if what == "planes" { Light::Gamma } else { Light::Linear };
    let source: &[u8] = if what == "progressive" { &PROGRESSIVE } else { &BASELINE };
    let plan = Plan::new(&parsed(source), &request(OutputFormat::Jpeg, light, Effort::Balanced));
    let mut band = Band::default();
    bencher.bench_local(|| {
        let source = parsed(black_box(source));
        let mut decoder = Decoder::new(&source, &plan, &Stop::default()).expect("good");
        while decoder.next_band(&mut band).expect("good") {}
    });
}

#[divan::bench(sample_count = 20, args = ["planes", "gamma", "linear"])]
fn resize_to_the_five(bencher: Bencher<'_, '_>, what: &str) {
    let format = if what == "planes" { OutputFormat::Jpeg } else { OutputFormat::Webp };
    let light = if what == "linear" { Light::Linear } else { Light::Gamma };
    let plan = Plan::new(&parsed(&BASELINE), &request(format, light, Effort::Balanced));
    let bands = decoded(&BASELINE, &plan);
    bencher.bench(|| resampled(&plan, black_box(&bands)));
}

const ENCODINGS: [(OutputFormat, Effort); 9] = [
    (OutputFormat::Jpeg, Effort::Fast),
    (OutputFormat::Jpeg, Effort::Balanced),
    (OutputFormat::Jpeg, Effort::Small),
    (OutputFormat::Webp, Effort::Fast),
    (OutputFormat::Webp, Effort::Balanced),
    (OutputFormat::Webp, Effort::Small),
    (OutputFormat::Png, Effort::Fast),
    (OutputFormat::Png, Effort::Balanced),
    (OutputFormat::Png, Effort::Small),
];

#[divan::bench(sample_count = 5, args = ENCODINGS.map(|(format, effort)| format!("{format:?} {effort:?}")))]
fn encode_the_five(bencher: Bencher<'_, '_>, what: &str) {
    let named =
        |(format, effort): &(OutputFormat, Effort)| format!("{format:?} {effort:?}") == what;
    let (format, effort) = ENCODINGS.into_iter().find(named).expect("one of them");
    let plan = Plan::new(&parsed(&BASELINE), &request(format, Light::Linear, effort));
    let pictures = resampled(&plan, &decoded(&BASELINE, &plan));
    let (source, stop) = (ImageFormat::Jpeg, &Stop::default());
    bencher.bench(|| {
        let encoded = plan.variants.iter().map(|variant| {
            let picture = black_box(&pictures[variant.picture]);
            let extras = Extras::default();
            let file = File { source, format, is_lossless: false, variant, extras, stop };
            encode(picture, &file).map(|file| file.len())
        });
        encoded.sum::<Result<usize, _>>()
    });
}

#[divan::bench(sample_count = 20, args = ["gamma fast", "gamma", "linear fast", "linear"])]
fn whole_job(bencher: Bencher<'_, '_>, what: &str) {
    let light = if what.starts_with("gamma") { Light::Gamma } else { Light::Linear };
    let effort = if what.ends_with("fast") { Effort::Fast } else { Effort::Balanced };
    bench_whole_job(bencher, &BASELINE, &request(OutputFormat::Jpeg, light, effort));
}

#[divan::bench(sample_count = 20)]
fn whole_job_progressive(bencher: Bencher<'_, '_>) {
    bench_whole_job(bencher, &PROGRESSIVE, &default_request());
}

#[divan::bench(sample_count = 20)]
fn one_thumbnail_of_320(bencher: Bencher<'_, '_>) {
    bench_whole_job(bencher, &BASELINE, &vec![default_request().variants.remove(1)].into());
}

#[divan::bench]
fn small_photograph(bencher: Bencher<'_, '_>) {
    bench_whole_job(bencher, &SMALL, &default_request());
}

fn bench_whole_job(bencher: Bencher<'_, '_>, source: &[u8], request: &Request) {
    let limits = Limits::default();
    bencher.bench(|| render(black_box(source), request, &limits));
}
