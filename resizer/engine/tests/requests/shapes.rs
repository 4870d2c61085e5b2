//! Sources of one row, one column, and a thousand to one: no side of an output is ever 0.

use fixtures::png::{PngOptions, Samples, png};
use image::RgbImage;
use resizer_engine::spec::{Effort, Fit, FormatSpec, Gravity, Light, OutputFormat, VariantSpec};

use crate::support::{opened, rendered};

const SIZES: [(u32, u32); 8] =
    [(1, 1), (1, 2), (2, 1), (1, 37), (67, 1), (3, 3000), (3000, 3), (1000, 1)];

#[test]
fn every_shape_has_variants_in_every_fit_and_format() {
    let formats = [OutputFormat::Jpeg, OutputFormat::Png, OutputFormat::Webp, OutputFormat::Gif];
    let mut made = 0;
    for (width, height) in SIZES {
        let source = RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 9]));
        let source = png(&Samples::rgb(&source), &PngOptions::default());
        for fit in [Fit::Inside, Fit::Cover, Fit::Pad, Fit::Exact] {
            for (light, gravity) in
                [(Light::Linear, Gravity::Attention), (Light::Gamma, Gravity::Focal(10_000, 0))]
            {
                let spec = |enlarge, side: [u32; 2]| VariantSpec {
                    name: format!("{side:?}{enlarge}"),
                    width: Some(side[0]),
                    height: Some(side[1]),
                    fit,
                    gravity,
                    light,
                    enlarge,
                    formats: formats.map(FormatSpec::Fixed).to_vec(),
                    effort: Effort::Fast,
                    ..VariantSpec::default()
                };
                let specs = vec![spec(false, [16, 16]), spec(true, [16, 16]), spec(false, [1, 1])];
                let name = format!("{width}x{height}, {fit:?}, {light:?}");
                let rendered = rendered(&source, &specs.into());
                let rendered = rendered.unwrap_or_else(|reject| panic!("{name}: {reject}"));
                for variant in rendered.variants {
                    let (width, height) = opened(&variant).dimensions();
                    let said = (variant.size.width(), variant.size.height());
                    assert_eq!((width, height), said, "{name}");
                    assert!(
                        width >= 1 && height >= 1 && width.max(height) <= 16,
                        "{name}: {said:?}"
                    );
                    made += 1;
                }
            }
        }
    }
    assert_eq!(made, SIZES.len() * 4 * 2 * 3 * 4);
}

#[test]
fn a_strip_in_avif_has_its_sides() {
    let source = RgbImage::from_fn(1000, 1, |x, _| image::Rgb([x as u8, 3, 9]));
    let source = png(&Samples::rgb(&source), &PngOptions::default());
    let spec = VariantSpec {
        width: Some(40),
        formats: vec![FormatSpec::Fixed(OutputFormat::Avif)],
        effort: Effort::Fast,
        ..VariantSpec::default()
    };
    let avif = rendered(&source, &vec![spec].into()).expect("a good source").variants.remove(0);
    assert_eq!((avif.size.width(), avif.size.height()), (40, 1));
    let again = VariantSpec {
        formats: vec![FormatSpec::Fixed(OutputFormat::Png)],
        ..VariantSpec::default()
    };
    let again = rendered(&avif.bytes, &vec![again].into()).expect("our own AVIF");
    assert_eq!(opened(&again.variants[0]).dimensions(), (40, 1));
}
