//! Resampling against other ways to the same picture: fast_image_resize, amounts of light in
//! floating point, pixels instead of planes, one thread instead of several.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use fixtures::exif::ExifSpec;
use fixtures::jpeg::{JpegOptions, Subsampling, jpeg};
use fixtures::png::{PngOptions, Samples, png};
use image::{DynamicImage, RgbImage};
use resizer_engine::internals::{Band, Decoder, Picture, Plan, Resampler};
use resizer_engine::spec::{Fit, FormatSpec, Gravity, Light, OutputFormat, Request, VariantSpec};
use resizer_engine::{Control, Job, Limits, Orientation, RenderError, Rendered, Source, Stop};

use crate::support::{as_format, largest_difference, opened, single};

fn wide(width: u32, light: Light) -> VariantSpec {
    VariantSpec { width: Some(width), light, ..as_format(OutputFormat::Png) }
}

/// `crop` is left, top, width, height.
fn by_fast_image_resize(source: &RgbImage, crop: [f64; 4], to: (u32, u32)) -> DynamicImage {
    let (width, height) = to;
    let (from, kind) = (source.dimensions(), PixelType::U8x3);
    let input = ImageRef::new(from.0, from.1, source.as_raw(), kind).expect("whole rows");
    let mut output = Image::new(width, height, kind);
    let lanczos3 = ResizeAlg::Convolution(FilterType::Lanczos3);
    let [x, y, crop_width, crop_height] = crop;
    let options = ResizeOptions::new().resize_alg(lanczos3).crop(x, y, crop_width, crop_height);
    Resizer::new().resize(&input, &mut output, &options).expect("one kind of pixels");
    let pixels = RgbImage::from_raw(width, height, output.into_vec()).expect("whole rows");
    DynamicImage::ImageRgb8(pixels)
}

#[test]
fn coded_values_are_averaged_as_by_fast_image_resize() {
    // It cuts what is beyond black and white between its passes, we only behind them: here nothing
    // comes near.
    let mut scene = fixtures::scene::photograph(403, 301, 5);
    scene.iter_mut().for_each(|sample| *sample = 64 + *sample / 2);
    let source = png(&Samples::rgb(&scene), &PngOptions::default());
    for width in (1..68).step_by(3).chain([134, 200, 201, 333, 402]) {
        let ours = opened(&single(&source, wide(width, Light::Gamma)));
        let size = (ours.width(), ours.height());
        let other = by_fast_image_resize(&scene, [0.0, 0.0, 403.0, 301.0], size);
        assert!(largest_difference(&ours, &other) <= 1, "{width} wide");
    }
    for (side, gravity, left) in [
        (37, Gravity::West, 0.0),
        (100, Gravity::Center, 51.0),
        (150, Gravity::East, 102.0),
        (301, Gravity::East, 102.0),
    ] {
        let square = VariantSpec {
            height: Some(side),
            fit: Fit::Cover,
            gravity,
            ..wide(side, Light::Gamma)
        };
        let ours = opened(&single(&source, square));
        let other = by_fast_image_resize(&scene, [left, 0.0, 301.0, 301.0], (side, side));
        assert!(largest_difference(&ours, &other) <= 1, "{side} square");
    }
}

/// A JPEG is decoded only where a crop needs it; all pixels of a PNG are.
#[test]
fn crops_of_a_jpeg_are_those_of_its_pixels() {
    let scene = fixtures::scene::photograph(331, 247, 8);
    for (subsampling, progressive) in [
        (Subsampling::S420, false),
        (Subsampling::S420, true),
        (Subsampling::S444, false),
        (Subsampling::S411, false),
    ] {
        let options = JpegOptions { subsampling, progressive, ..JpegOptions::default() };
        let source = jpeg(&scene, &options);
        let pixels = opened(&single(&source, as_format(OutputFormat::Png))).to_rgb8();
        let pixels = png(&Samples::rgb(&pixels), &PngOptions::default());
        for (width, height) in [(40, 120), (61, 244), (150, 60), (14, 80)] {
            for gravity in [Gravity::Northwest, Gravity::Center, Gravity::Southeast] {
                for light in [Light::Gamma, Light::Linear] {
                    let height = Some(height);
                    let spec =
                        VariantSpec { height, fit: Fit::Cover, gravity, ..wide(width, light) };
                    let of_jpeg = single(&source, spec.clone());
                    assert!(of_jpeg == single(&pixels, spec.clone()), "{options:?}, {spec:?}");
                }
            }
        }
    }
}

/// Lanczos3 in floating point, one direction at a time.
fn model(samples: &[f64], size: (usize, usize), to: (usize, usize)) -> Vec<f64> {
    let sinc = |x: f64| if x == 0.0 { 1.0 } else { x.sin() / x };
    let lanczos = |x: f64| {
        let angle = x * std::f64::consts::PI;
        if x.abs() < 3.0 { sinc(angle) * sinc(angle / 3.0) } else { 0.0 }
    };
    let across = |samples: &[f64], width: usize, to: usize| -> Vec<f64> {
        let scale = (width as f64 / to as f64).max(1.0);
        let average = |row: &[f64], x: usize| {
            let centre = (x as f64 + 0.5) * width as f64 / to as f64;
            let weight = |at: usize| lanczos((at as f64 + 0.5 - centre) / scale);
            let sum: f64 = (0..width).map(weight).sum();
            row.iter().enumerate().map(|(at, value)| value * weight(at) / sum).sum::<f64>()
        };
        let rows = samples.chunks_exact(width);
        rows.flat_map(|row| (0..to).map(move |x| average(row, x))).collect()
    };
    let turned = |samples: &[f64], width: usize| -> Vec<f64> {
        (0..width).flat_map(|x| samples.iter().skip(x).step_by(width).copied()).collect()
    };
    let narrow = across(samples, size.0, to.0);
    turned(&across(&turned(&narrow, to.0), size.1, to.1), to.1)
}

#[test]
fn light_is_averaged_as_in_floating_point() {
    let scene = fixtures::scene::photograph(160, 120, 9);
    let source = png(&Samples::rgb(&scene), &PngOptions::default());
    let light = |byte: u8| {
        let coded = f64::from(byte) / 255.0;
        if coded <= 0.04045 { coded / 12.92 } else { ((coded + 0.055) / 1.055).powf(2.4) }
    };
    let coded = |light: f64| {
        let light = light.clamp(0.0, 1.0);
        let coded = if light <= 0.003_130_8 {
            light * 12.92
        } else {
            1.055 * light.powf(1.0 / 2.4) - 0.055
        };
        (coded * 255.0).round() as u8
    };
    for width in [7, 31, 64, 101, 159] {
        let ours = opened(&single(&source, wide(width, Light::Linear)));
        let to = (ours.width() as usize, ours.height() as usize);
        let mut expected = vec![0; to.0 * to.1 * 3];
        for channel in 0..3 {
            let samples: Vec<f64> =
                scene.as_raw().iter().skip(channel).step_by(3).map(|&byte| light(byte)).collect();
            let averaged = model(&samples, (160, 120), to);
            for (pixel, value) in expected.chunks_exact_mut(3).zip(averaged) {
                pixel[channel] = coded(value);
            }
        }
        let expected = RgbImage::from_raw(ours.width(), ours.height(), expected);
        let expected = DynamicImage::ImageRgb8(expected.expect("whole rows"));
        assert!(largest_difference(&ours, &expected) <= 1, "{width} wide");
    }
}

/// What the resampler makes of a JPEG.
fn resampled(source: &[u8], spec: VariantSpec) -> (Orientation, Picture) {
    let source = Source::parse(source).expect("a good source");
    let plan = Plan::new(&source, &vec![spec].into());
    let decoder = Decoder::new(&source, &plan, &Stop::default());
    let mut decoder = decoder.expect("a good source");
    let (mut resampler, mut band) = (Resampler::new(&plan, source.layout()), Band::default());
    while decoder.next_band(&mut band).expect("a good source") {
        resampler.push(&band);
    }
    (source.orientation(), resampler.finish().remove(0))
}

#[test]
fn planes_have_the_colors_that_pixels_have() {
    use Subsampling::{S411, S420, S422, S440, S444};
    // Nothing comes near black or white, where pixels are cut and planes are not.
    let mut scene = fixtures::scene::photograph(331, 247, 4);
    scene.iter_mut().for_each(|sample| *sample = 64 + *sample / 2);
    for subsampling in [S444, S422, S440, S420, S411] {
        let source = jpeg(&scene, &JpegOptions { subsampling, ..JpegOptions::default() });
        for width in [331, 161, 80] {
            let what = format!("{subsampling:?}, {width} wide");
            let in_format = |format| {
                let formats = vec![FormatSpec::Fixed(format)];
                let spec = VariantSpec { quality: 95.into(), formats, ..wide(width, Light::Gamma) };
                resampled(&source, spec).1
            };
            let (Picture::Planes(planes), Picture::Pixels(pixels)) =
                (in_format(OutputFormat::Jpeg), in_format(OutputFormat::Webp))
            else {
                panic!("{what}: planes are for JPEGs alone")
            };
            // As JFIF has them.
            let components = [
                [0.299, 0.587, 0.114, 0.0],
                [-0.168_736, -0.331_264, 0.5, 128.0],
                [0.5, -0.418_688, -0.081_312, 128.0],
            ];
            for (at, ([red, green, blue, middle], plane)) in
                components.into_iter().zip(planes).enumerate()
            {
                let expected = pixels.pixels().as_chunks::<3>().0.iter().map(|&[r, g, b]| {
                    red * f64::from(r) + green * f64::from(g) + blue * f64::from(b) + middle
                });
                let pairs = expected.zip(plane.pixels());
                let differences: Vec<f64> =
                    pairs.map(|(expected, &found)| (expected - f64::from(found)).abs()).collect();
                let mean = differences.iter().sum::<f64>() / differences.len() as f64;
                let largest = differences.into_iter().fold(0.0, f64::max);
                // Bytes are rounded twice on the way over pixels. Fewer samples of color are
                // first widened there by a triangle, here only by the filter.
                let exact = at == 0 || subsampling == S444;
                let allowed = if exact { (0.5, 2.0) } else { (1.0, 24.0) };
                assert!(mean <= allowed.0, "{what}, component {at}: mean {mean}");
                assert!(largest <= allowed.1, "{what}, component {at}: {largest}");
            }
        }
    }
}

#[test]
fn planes_are_turned_as_pixels_are() {
    // Whole MCUs either way round, so that the twins are coded alike; the results are odd.
    let upright = fixtures::scene::photograph(336, 240, 4);
    let planes = |orientation: u16, width: u32, height: u32| {
        let exif = Some(ExifSpec::turned(orientation));
        let options = JpegOptions { exif, quality: 98, ..JpegOptions::default() };
        let stored = fixtures::orientation::stored(&upright, orientation as u8);
        let spec = VariantSpec {
            height: Some(height),
            fit: Fit::Exact,
            formats: vec![FormatSpec::Fixed(OutputFormat::Jpeg)],
            ..wide(width, Light::Gamma)
        };
        let (orientation, picture) = resampled(&jpeg(&stored, &options), spec);
        let Picture::Planes(planes) = picture else { panic!("not planes") };
        planes.map(|plane| orientation.apply(&plane))
    };
    for (width, height) in [(161, 99), (161, 98), (160, 99)] {
        let expected = planes(1, width, height);
        for orientation in 2..=8 {
            for (found, expected) in planes(orientation, width, height).iter().zip(&expected) {
                assert_eq!(found.size(), expected.size());
                let pairs = found.pixels().iter().zip(expected.pixels());
                let largest = pairs.map(|(one, other)| one.abs_diff(*other)).max();
                assert!(largest <= Some(4), "orientation {orientation}, {width}: {largest:?}");
            }
        }
    }
}

fn rendered(file: &[u8], request: &Request, threads: usize) -> Result<Rendered, RenderError> {
    let job = Job::prepare(Source::parse(file)?, request, &Limits::default())?;
    job.render(Control { stop: Stop::default(), threads, stage_ended: &mut |_| {} })
}

#[test]
fn threads_change_nothing() {
    let scene = fixtures::scene::photograph(700, 500, 6);
    let files = [
        jpeg(&scene, &JpegOptions::default()),
        jpeg(&scene, &JpegOptions { progressive: true, ..JpegOptions::default() }),
        png(&Samples::rgb(&scene), &PngOptions::default()),
    ];
    let jpeg_and_webp = [OutputFormat::Jpeg, OutputFormat::Webp].map(FormatSpec::Fixed);
    let specs: Vec<VariantSpec> = [600, 300, 300, 77, 10]
        .iter()
        .zip(1..)
        .map(|(&width, number)| VariantSpec {
            name: format!("{number}"),
            width: Some(width),
            height: Some(200),
            fit: if number % 2 == 0 { Fit::Cover } else { Fit::Inside },
            formats: jpeg_and_webp.to_vec(),
            ..VariantSpec::default()
        })
        .collect();
    let request = specs.into();
    for file in &files {
        let with = |threads, file: &[u8]| rendered(file, &request, threads);
        let alone = with(1, file).expect("a good source");
        assert_eq!(alone.variants.len(), 10);
        for threads in [2, 3, 16] {
            assert!(with(threads, file).as_ref() == Ok(&alone), "{threads} threads");
            let cut = &file[..file.len() / 2];
            let refusal = with(threads, cut).expect_err("half a file");
            assert_eq!(refusal, with(1, cut).expect_err("half a file"));
        }
    }
}
