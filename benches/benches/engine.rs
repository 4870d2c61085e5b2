//! Each stage of the engine, and the whole job, on one photograph of 12 megapixels and its five
//! default variants. `cargo bench` prints medians; `cargo bench -- --help` the options.

use std::sync::LazyLock;

use divan::{Bencher, black_box};
use fixtures::jpeg::{JpegOptions, jpeg};
use fixtures::scene::photograph;
use resizer_engine::decode::{Source, decode};
use resizer_engine::encode::encode;
use resizer_engine::format::ImageFormat;
use resizer_engine::header::Header;
use resizer_engine::limits::Limits;
use resizer_engine::pipeline::render;
use resizer_engine::plan::{Plan, VariantPlan};
use resizer_engine::raster::Raster;
use resizer_engine::resize::resize;
use resizer_engine::spec::{FormatSpec, OutputFormat, VariantSpec};

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

fn specs(format: OutputFormat) -> Vec<VariantSpec> {
    let spec = |width| VariantSpec {
        name: format!("w{width}"),
        width: Some(width),
        formats: vec![FormatSpec::Fixed(format)],
        ..VariantSpec::default()
    };
    WIDTHS.into_iter().map(spec).collect()
}

fn header(source: &[u8]) -> Header {
    Header::read(ImageFormat::Jpeg, source).expect("the bench's pictures are good")
}

fn decoded(source: &[u8]) -> Source {
    decode(source, &header(source)).expect("the bench's pictures are good")
}

fn variants() -> Vec<VariantPlan> {
    Plan::new(&header(&BASELINE), &specs(OutputFormat::Jpeg)).variants
}

#[divan::bench]
fn header_and_plan(bencher: Bencher<'_, '_>) {
    let specs = specs(OutputFormat::Jpeg);
    bencher.bench(|| Plan::new(&header(black_box(&BASELINE)), &specs));
}

#[divan::bench(sample_count = 20)]
fn decode_baseline(bencher: Bencher<'_, '_>) {
    LazyLock::force(&BASELINE);
    bencher.bench(|| decoded(black_box(&BASELINE)));
}

#[divan::bench(sample_count = 20)]
fn decode_progressive(bencher: Bencher<'_, '_>) {
    LazyLock::force(&PROGRESSIVE);
    bencher.bench(|| decoded(black_box(&PROGRESSIVE)));
}

#[divan::bench(sample_count = 20, args = WIDTHS)]
fn resize_to(bencher: Bencher<'_, '_>, width: u32) {
    let source = decoded(&BASELINE);
    let name = format!("w{width}");
    let variant = variants().into_iter().find(|variant| variant.name == name);
    let geometry = variant.expect("a width of the plan").geometry;
    bencher.bench(|| resize(black_box(&source.raster), &geometry));
}

#[divan::bench(sample_count = 20, args = OutputFormat::ALL)]
fn encode_the_five(bencher: Bencher<'_, '_>, format: OutputFormat) {
    let source = decoded(&BASELINE);
    let resized = |variant: VariantPlan| (resize(&source.raster, &variant.geometry), variant);
    let finished: Vec<(Raster, VariantPlan)> = variants().into_iter().map(resized).collect();
    bencher.bench(|| {
        let files = finished.iter().map(|(raster, variant)| encode(raster, format, variant));
        files.map(|file| file.len()).sum::<usize>()
    });
}

#[divan::bench(sample_count = 20)]
fn whole_job_baseline(bencher: Bencher<'_, '_>) {
    bench_whole_job(bencher, &BASELINE, &specs(OutputFormat::Jpeg));
}

#[divan::bench(sample_count = 20)]
fn whole_job_progressive(bencher: Bencher<'_, '_>) {
    bench_whole_job(bencher, &PROGRESSIVE, &specs(OutputFormat::Jpeg));
}

#[divan::bench(sample_count = 20)]
fn one_thumbnail_of_320(bencher: Bencher<'_, '_>) {
    bench_whole_job(bencher, &BASELINE, &specs(OutputFormat::Jpeg)[1..2]);
}

#[divan::bench]
fn small_photograph(bencher: Bencher<'_, '_>) {
    bench_whole_job(bencher, &SMALL, &specs(OutputFormat::Jpeg));
}

fn bench_whole_job(bencher: Bencher<'_, '_>, source: &[u8], specs: &[VariantSpec]) {
    let limits = Limits::default();
    bencher.bench(|| render(black_box(source), specs, &limits, &mut |_| {}));
}
