//! What the tests share: values to store, and pictures of what was read.

use image::RgbaImage;
use resizer_engine::spec::{FormatSpec, OutputFormat, PngColors, Request, VariantSpec};
use resizer_engine::{Limits, RenderError, render};

/// Neither a multiple of a tile's width nor of a byte's bits.
pub(crate) const WIDTH: u32 = 37;
pub(crate) const HEIGHT: u32 = 23;

/// The picture at its own size.
pub(crate) fn picture(file: &[u8]) -> Result<RgbaImage, RenderError> {
    picture_of(file, Request::default())
}

/// The same with what else is asked.
pub(crate) fn picture_of(file: &[u8], request: Request) -> Result<RgbaImage, RenderError> {
    let formats = vec![FormatSpec::Fixed(OutputFormat::Png)];
    let spec = VariantSpec { formats, png_colors: PngColors::All, ..VariantSpec::default() };
    let request = Request { variants: vec![spec], ..request };
    let rendered = render(file, &request, &Limits::default())?;
    let png = &rendered.variants[0].bytes;
    Ok(image::load_from_memory(png).expect("a PNG of ours").to_rgba8())
}

/// Numbers up to `most`: some areas are flat, some change from pixel to pixel.
pub(crate) fn values(count: usize, per_pixel: usize, most: u32) -> Vec<u16> {
    let value = |index: usize| {
        let (pixel, sample) = (index / per_pixel, (index % per_pixel) as u32);
        let (x, y) = (pixel as u32 % WIDTH, pixel as u32 / WIDTH);
        let place = if (x / 8 + y / 4) % 2 == 0 { x / 8 * 31 + y / 4 } else { x * 613 + y * 71 };
        let mixed = (place + 1).wrapping_mul(2_654_435_761).rotate_left(7 * sample + 3);
        (mixed % (most + 1)) as u16
    };
    (0..count * per_pixel).map(value).collect()
}

/// The first pixel that differs by more than `tolerance`, of those that can be seen.
pub(crate) fn difference(found: &RgbaImage, expected: &[[u8; 4]], tolerance: u8) -> Option<String> {
    assert_eq!(found.as_raw().len(), expected.len() * 4, "as many pixels");
    let mut pixels = found.enumerate_pixels().zip(expected);
    pixels.find_map(|((x, y, found), expected)| {
        let far = std::iter::zip(found.0, *expected);
        let far = far.into_iter().any(|(one, other)| one.abs_diff(other) > tolerance);
        let is_seen = found.0[3] > 0 || expected[3] > 0;
        (far && is_seen).then(|| format!("{:?} at {x},{y}, not {expected:?}", found.0))
    })
}
