//! What the samples of a pixel can be, and the colors that follow by the definitions of TIFF 6.0.

use fixtures::tiff::{TiffSamples, Value};

use crate::support::{HEIGHT, WIDTH, values};

const EXTRA_SAMPLES: u16 = 338;
const COLOR_MAP: u16 = 320;

/// One way of saying what a pixel is.
pub(crate) struct Layout {
    pub(crate) name: &'static str,
    pub(crate) samples: TiffSamples,
    pub(crate) fields: Vec<(u16, Value)>,
    pub(crate) expected: Vec<[u8; 4]>,
    pub(crate) tolerance: u8,
}

/// What a further sample is.
#[derive(Clone, Copy, PartialEq)]
enum Extra {
    Unspecified,
    Premultiplied,
    Alpha,
}

pub(crate) fn all() -> Vec<Layout> {
    use Extra::{Alpha, Premultiplied, Unspecified};
    vec![
        layout("black is zero", 1, 1, &[]),
        layout("white is zero", 0, 1, &[]),
        layout("gray of 2 bits", 1, 2, &[]),
        layout("gray of 4 bits", 1, 4, &[]),
        layout("gray of 8 bits, white is zero", 0, 8, &[]),
        layout("gray of 12 bits", 1, 12, &[]),
        layout("gray of 16 bits", 1, 16, &[]),
        layout("gray and alpha", 1, 8, &[Alpha]),
        layout("gray times alpha of 16 bits", 1, 16, &[Premultiplied]),
        layout("RGB of 4 bits", 2, 4, &[]),
        layout("RGB", 2, 8, &[]),
        layout("RGB of 16 bits", 2, 16, &[]),
        layout("RGBA", 2, 8, &[Alpha]),
        layout("RGB times alpha", 2, 8, &[Premultiplied]),
        layout("RGB times alpha of 16 bits", 2, 16, &[Premultiplied]),
        layout("RGB and something", 2, 8, &[Unspecified]),
        layout("RGB, something and alpha", 2, 8, &[Unspecified, Alpha]),
        layout("palette of 1 bit", 3, 1, &[]),
        layout("palette of 2 bits", 3, 2, &[]),
        layout("palette of 4 bits", 3, 4, &[]),
        layout("palette of 8 bits", 3, 8, &[]),
        layout("palette and alpha", 3, 8, &[Alpha]),
        layout("CMYK", 5, 8, &[]),
        layout("CMYK of 16 bits", 5, 16, &[]),
        layout("CMYK and something", 5, 8, &[Unspecified]),
        layout("YCbCr", 6, 8, &[]),
    ]
}

fn layout(name: &'static str, model: u16, bits: u32, extras: &[Extra]) -> Layout {
    let colors = match model {
        2 | 6 => 3,
        5 => 4,
        _ => 1,
    };
    let per_pixel = colors + extras.len();
    let most = (1_u32 << bits) - 1;
    let mut values = values((WIDTH * HEIGHT) as usize, per_pixel, most);
    for pixel in values.chunks_exact_mut(per_pixel) {
        if let Some(at) = extras.iter().position(|extra| *extra == Extra::Premultiplied) {
            let alpha = pixel[colors + at];
            pixel[..colors].iter_mut().for_each(|color| *color = (*color).min(alpha));
        }
    }
    let mut fields = Vec::new();
    if !extras.is_empty() {
        let kinds = extras.iter().map(|&extra| extra as u16).collect();
        fields.push((EXTRA_SAMPLES, Value::Short(kinds)));
    }
    if model == 3 {
        fields.push((COLOR_MAP, Value::Short(color_map(most))));
    }
    let alpha = extras.iter().position(|extra| *extra != Extra::Unspecified);
    let pixel = |pixel: &[u16]| {
        let alpha = alpha.map(|at| (f64::from(pixel[colors + at]), extras[at]));
        color(model, f64::from(most), &pixel[..colors], alpha)
    };
    let expected = values.chunks_exact(per_pixel).map(pixel).collect();
    let samples = TiffSamples { width: WIDTH, height: HEIGHT, bits, per_pixel, model, values };
    // Tables instead of reals.
    let tolerance = u8::from(model == 6);
    Layout { name, samples, fields, expected, tolerance }
}

/// Of a color map: all red values, all green ones, all blue ones.
fn color_map(most: u32) -> Vec<u16> {
    let entry = |channel: u32| (0..=most).map(move |index| u16::from(mapped(index, channel)) * 257);
    (0..3).flat_map(entry).collect()
}

fn mapped(index: u32, channel: u32) -> u8 {
    (index * [7, 91, 203][channel as usize] + 40 * channel + 11) as u8
}

/// Red, green, blue and alpha of 8 bits.
fn color(model: u16, most: f64, colors: &[u16], alpha: Option<(f64, Extra)>) -> [u8; 4] {
    let part = |value: u16| f64::from(value) / most;
    let byte = |part: f64| (part * 255.0).round() as u8;
    let own = |value: u16| match alpha {
        Some((alpha, Extra::Premultiplied)) => byte(f64::from(value) / alpha),
        _ => byte(part(value)),
    };
    let [red, green, blue] = match (model, colors) {
        (0, &[gray]) => [byte(1.0 - part(gray)); 3],
        (1, &[gray]) => [own(gray); 3],
        (2, &[red, green, blue]) => [red, green, blue].map(own),
        (3, &[index]) => [0, 1, 2].map(|channel| mapped(index.into(), channel)),
        (5, &[cyan, magenta, yellow, black]) => {
            let through = |ink: u16| 255.0 - f64::from(byte(part(ink)));
            [cyan, magenta, yellow].map(|ink| (through(ink) * through(black) / 255.0).round() as u8)
        }
        (6, &[luma, blue, red]) => ycbcr([luma, blue, red].map(f64::from)),
        _ => panic!("no such model: {model} of {}", colors.len()),
    };
    [red, green, blue, alpha.map_or(255, |(alpha, _)| byte(alpha / most))]
}

/// By ITU-R BT.601, all numbers from 0 to 255.
pub(crate) fn ycbcr([luma, blue, red]: [f64; 3]) -> [u8; 3] {
    let (blue, red) = (blue - 128.0, red - 128.0);
    [luma + 1.402 * red, luma - 0.344_136 * blue - 0.714_136 * red, luma + 1.772 * blue]
        .map(|color| color.round().clamp(0.0, 255.0) as u8)
}
