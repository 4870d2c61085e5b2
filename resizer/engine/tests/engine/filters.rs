//! Every resampling filter against other ways to the same picture: fast_image_resize, and sums in
//! floating point.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use fixtures::jpeg::{JpegOptions, Subsampling, jpeg};
use fixtures::png::{PngOptions, Samples, png};
use image::{DynamicImage, RgbImage};
use resizer_engine::spec::{Filter, Fit, Light, OutputFormat, VariantSpec};
use resizer_engine::{Limits, render};

use crate::support::{as_format, largest_difference, opened, single};

/// Nothing comes near black or white: fast_image_resize clamps between its passes, the engine only
/// behind them.
fn scene() -> RgbImage {
    let mut scene = fixtures::scene::photograph(203, 151, 5);
    scene.iter_mut().for_each(|sample| *sample = 64 + *sample / 2);
    scene
}

fn exactly(filter: Filter, light: Light, [width, height]: [u32; 2]) -> VariantSpec {
    VariantSpec {
        width: Some(width),
        height: Some(height),
        fit: Fit::Exact,
        enlarge: true,
        filter,
        light,
        ..as_format(OutputFormat::Png)
    }
}

/// Sizes that reduce, keep and enlarge one side or both.
const SIZES: [[u32; 2]; 9] = [
    [1, 1],
    [13, 9],
    [29, 151],
    [50, 37],
    [101, 75],
    [160, 151],
    [202, 20],
    [203, 200],
    [311, 333],
];

#[test]
fn cubics_are_those_of_fast_image_resize() {
    let scene = scene();
    let source = png(&Samples::rgb(&scene), &PngOptions::default());
    let filters = [
        (Filter::Lanczos3, FilterType::Lanczos3),
        (Filter::Mitchell, FilterType::Mitchell),
        (Filter::CatmullRom, FilterType::CatmullRom),
    ];
    for (filter, other) in filters {
        for [width, height] in SIZES {
            let ours = opened(&single(&source, exactly(filter, Light::Gamma, [width, height])));
            let input = ImageRef::new(203, 151, scene.as_raw(), PixelType::U8x3);
            let mut output = Image::new(width, height, PixelType::U8x3);
            let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(other));
            let resized = Resizer::new().resize(&input.expect("whole rows"), &mut output, &options);
            resized.expect("one kind of pixels");
            let expected = RgbImage::from_raw(width, height, output.into_vec());
            let expected = DynamicImage::ImageRgb8(expected.expect("whole rows"));
            let largest = largest_difference(&ours, &expected);
            assert!(largest <= 1, "{filter:?}, {width}x{height}: {largest}");
        }
    }
}

/// A filter as its source defines it, in units of the wider pitch.
fn weight(filter: Filter, x: f64) -> f64 {
    let sinc = |x: f64| if x == 0.0 { 1.0 } else { x.sin() / x };
    let angle = x * std::f64::consts::PI;
    match filter {
        Filter::Lanczos3 if x < 3.0 => sinc(angle) * sinc(angle / 3.0),
        Filter::Mitchell if x < 1.0 => (7.0 * x.powi(3) - 12.0 * x.powi(2) + 16.0 / 3.0) / 6.0,
        Filter::Mitchell if x < 2.0 => {
            (-7.0 / 3.0 * x.powi(3) + 12.0 * x.powi(2) - 20.0 * x + 32.0 / 3.0) / 6.0
        }
        Filter::CatmullRom if x < 1.0 => 1.5 * x.powi(3) - 2.5 * x.powi(2) + 1.0,
        Filter::CatmullRom if x < 2.0 => -0.5 * x.powi(3) + 2.5 * x.powi(2) - 4.0 * x + 2.0,
        _ => 0.0,
    }
}

/// One row to another length.
fn line(filter: Filter, samples: &[f64], to: usize) -> Vec<f64> {
    let step = samples.len() as f64 / to as f64;
    if step == 1.0 {
        return samples.to_vec();
    }
    let scale = step.max(1.0);
    let value = |x: usize| {
        let center = (x as f64 + 0.5) * step;
        let share = |at: usize| match filter {
            // The part of the sample's interval that lies in the pixel's.
            Filter::Area => {
                let end = (center + scale / 2.0).min(at as f64 + 1.0);
                (end - (center - scale / 2.0).max(at as f64)).max(0.0)
            }
            filter => weight(filter, ((at as f64 + 0.5 - center) / scale).abs()),
        };
        let sum: f64 = (0..samples.len()).map(share).sum();
        samples.iter().enumerate().map(|(at, value)| value * share(at)).sum::<f64>() / sum
    };
    (0..to).map(value).collect()
}

/// One channel to another size.
fn plane(filter: Filter, samples: &[f64], width: usize, to: [usize; 2]) -> Vec<f64> {
    let rows: Vec<Vec<f64>> =
        samples.chunks_exact(width).map(|row| line(filter, row, to[0])).collect();
    let column = |x: usize| rows.iter().map(|row| row[x]).collect::<Vec<f64>>();
    let columns: Vec<Vec<f64>> = (0..to[0]).map(|x| line(filter, &column(x), to[1])).collect();
    (0..to[1]).flat_map(|y| columns.iter().map(move |column| column[y])).collect()
}

#[test]
fn filters_average_as_in_floating_point() {
    let scene = scene();
    let source = png(&Samples::rgb(&scene), &PngOptions::default());
    let to_light = |byte: u8| {
        let coded = f64::from(byte) / 255.0;
        if coded <= 0.04045 { coded / 12.92 } else { ((coded + 0.055) / 1.055).powf(2.4) }
    };
    let from_light = |light: f64| {
        let light = light.clamp(0.0, 1.0);
        let is_dark = light <= 0.003_130_8;
        255.0 * if is_dark { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 }
    };
    for filter in Filter::ALL {
        for (light, size) in
            SIZES.into_iter().flat_map(|size| [(Light::Gamma, size), (Light::Linear, size)])
        {
            let ours = opened(&single(&source, exactly(filter, light, size))).to_rgb8();
            for channel in 0..3 {
                let bytes = scene.as_raw().iter().skip(channel).step_by(3);
                let samples: Vec<f64> = bytes
                    .map(|&byte| if light == Light::Linear { to_light(byte) } else { byte.into() })
                    .collect();
                let to = size.map(|side| side as usize);
                let expected = plane(filter, &samples, 203, to);
                let found = ours.as_raw().iter().skip(channel).step_by(3);
                for (expected, &found) in expected.into_iter().zip(found) {
                    let expected =
                        if light == Light::Linear { from_light(expected) } else { expected };
                    let beside = (expected - f64::from(found)).abs();
                    assert!(beside < 1.1, "{filter:?}, {light:?}, {size:?}: {expected}, {found}");
                }
            }
        }
    }
}

/// The passes over planes have the filter, too, and pictures of one filter are not made of those of
/// another.
#[test]
fn every_variant_has_its_own_filter() {
    let scene = fixtures::scene::photograph(403, 301, 5);
    let options = JpegOptions { subsampling: Subsampling::S420, ..JpegOptions::default() };
    let source = jpeg(&scene, &options);
    for light in [Light::Gamma, Light::Linear] {
        let spec = |filter: Filter, width| VariantSpec {
            name: format!("{}{width}", filter.name()),
            width: Some(width),
            filter,
            light,
            ..as_format(OutputFormat::Jpeg)
        };
        let specs = Filter::ALL.into_iter().flat_map(|one| [spec(one, 200), spec(one, 40)]);
        let specs: Vec<VariantSpec> = specs.collect();
        let together = render(&source, &specs.clone().into(), &Limits::default());
        let together = together.expect("a good source").variants;
        for (at, (found, one)) in together.iter().zip(&specs).enumerate() {
            // Those of one filter, so that the small one is made of the large one.
            let pair = specs[at / 2 * 2..][..2].to_vec();
            let alone = render(&source, &pair.into(), &Limits::default()).expect("a good source");
            assert!(found.bytes == alone.variants[at % 2].bytes, "{}", one.name);
            let same = together.iter().filter(|other| other.bytes == found.bytes).count();
            assert_eq!(same, 1, "{} is like another", one.name);
        }
    }
}
