//! What Lanczos3 makes of pixels, in double precision from end to end, and how far samples are from
//! it. Every sample of the source within three lobes has a weight, and lobes are as wide as a pixel
//! of the result; beyond the edges there are no samples, and the weights left sum to 1. Colors are
//! premultiplied with alpha. In linear light (IEC 61966-2-1) weights apply to light.

use super::protocol::Pixels;
use crate::reference::lanczos3;

/// The samples of a result before they are rounded.
#[derive(Debug)]
pub(super) struct Model {
    channels: usize,
    /// Levels of white: 255 or 65535.
    most: f64,
    levels: Vec<f64>,
}

/// How far samples are from the model, in levels. Where there is alpha, an error of a color counts
/// as much as the pixel is opaque.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Errors {
    pub(super) largest: f64,
    sum: f64,
    count: usize,
}

impl Model {
    /// `bytes` are those of the file of `pixels`.
    pub(super) fn new(pixels: &Pixels, bytes: &[u8], [width, height]: [u32; 2]) -> Self {
        let &Pixels { channels, bits, linear, .. } = pixels;
        let across = windows(pixels.size[0], width);
        let down = windows(pixels.size[1], height);
        let values = Values::new(bits, linear);
        let row_bytes = pixels.size[0] as usize * channels * bits as usize / 8;
        let narrow: Vec<Vec<f64>> = bytes
            .chunks_exact(row_bytes)
            .map(|row| horizontal(&premultiplied(row, channels, &values), channels, &across))
            .collect();
        let rows = down.iter().map(|window| vertical(&narrow, window));
        let levels = rows.flat_map(|row| levels(&row, channels, &values)).collect();
        Self { channels, most: values.most, levels }
    }

    /// Samples of a result.
    pub(super) fn len(&self) -> usize {
        self.levels.len()
    }

    /// `samples` are those of the result that the model stands for.
    pub(super) fn errors(&self, samples: impl Iterator<Item = u16>) -> Errors {
        let mut errors = Errors::default();
        let (mut samples, has_alpha) = (samples, self.channels == 4);
        for pixel in self.levels.chunks_exact(self.channels) {
            let opaque = if has_alpha { pixel[3] / self.most } else { 1.0 };
            for ((at, level), sample) in pixel.iter().enumerate().zip(samples.by_ref()) {
                let weight = if at == 3 { 1.0 } else { opaque };
                errors.add((f64::from(sample) - level).abs() * weight);
            }
        }
        errors
    }
}

impl Errors {
    fn add(&mut self, error: f64) {
        self.largest = self.largest.max(error);
        self.sum += error;
        self.count += 1;
    }

    pub(super) fn and(self, other: Self) -> Self {
        let (sum, count) = (self.sum + other.sum, self.count + other.count);
        Self { largest: self.largest.max(other.largest), sum, count }
    }

    pub(super) fn mean(self) -> f64 {
        self.sum / self.count as f64
    }
}

/// What samples stand for, from 0 to 1.
struct Values {
    of_levels: Vec<f64>,
    linear: bool,
    most: f64,
}

impl Values {
    fn new(bits: u32, linear: bool) -> Self {
        let most = f64::from((1_u32 << bits) - 1);
        let levels = (0..1_u32 << bits).map(|level| f64::from(level) / most);
        let of_levels = levels.map(|value| if linear { to_light(value) } else { value }).collect();
        Self { of_levels, linear, most }
    }

    /// The level that a color would have if levels were not whole.
    fn level(&self, value: f64) -> f64 {
        let value = value.clamp(0.0, 1.0);
        self.most * if self.linear { from_light(value) } else { value }
    }
}

fn to_light(value: f64) -> f64 {
    if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

fn from_light(light: f64) -> f64 {
    if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 }
}

/// Samples as in a file of `Pixels`.
pub(super) fn samples(bytes: &[u8], bits: u32) -> impl Iterator<Item = u16> {
    let wide = bits == 16;
    bytes.chunks_exact(if wide { 2 } else { 1 }).map(move |sample| match sample {
        &[low, high] => u16::from_le_bytes([low, high]),
        sample => u16::from(sample[0]),
    })
}

fn premultiplied(row: &[u8], channels: usize, values: &Values) -> Vec<f64> {
    let bits = if values.most > 255.0 { 16 } else { 8 };
    let mut out: Vec<f64> =
        samples(row, bits).map(|sample| values.of_levels[usize::from(sample)]).collect();
    if channels == 4 {
        for (pixel, stored) in out.chunks_exact_mut(4).zip(row.chunks_exact(4)) {
            pixel[3] = f64::from(stored[3]) / values.most;
            (0..3).for_each(|color| pixel[color] *= pixel[3]);
        }
    }
    out
}

/// The samples of the source that one of the result is made of.
struct Window {
    first: usize,
    weights: Vec<f64>,
}

fn windows(from: u32, to: u32) -> Vec<Window> {
    let scale = f64::from(from) / f64::from(to);
    let lobe = scale.max(1.0);
    let window = |at: u32| {
        let center = (f64::from(at) + 0.5) * scale;
        let first = (center - 3.0 * lobe).floor().max(0.0) as usize;
        let end = ((center + 3.0 * lobe).ceil() as usize).min(from as usize);
        let weight = |at: usize| lanczos3((at as f64 + 0.5 - center) / lobe);
        let weights: Vec<f64> = (first..end).map(weight).collect();
        let sum: f64 = weights.iter().sum();
        Window { first, weights: weights.iter().map(|weight| weight / sum).collect() }
    };
    (0..to).map(window).collect()
}

fn horizontal(row: &[f64], channels: usize, windows: &[Window]) -> Vec<f64> {
    let mut out = vec![0.0; windows.len() * channels];
    for (sums, Window { first, weights }) in out.chunks_exact_mut(channels).zip(windows) {
        for (pixel, weight) in row[first * channels..].chunks_exact(channels).zip(weights) {
            sums.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += weight * value);
        }
    }
    out
}

fn vertical(rows: &[Vec<f64>], Window { first, weights }: &Window) -> Vec<f64> {
    let mut out = vec![0.0; rows[0].len()];
    for (row, weight) in rows[*first..].iter().zip(weights) {
        out.iter_mut().zip(row).for_each(|(sum, value)| *sum += weight * value);
    }
    out
}

fn levels(row: &[f64], channels: usize, values: &Values) -> Vec<f64> {
    if channels < 4 {
        return row.iter().map(|value| values.level(*value)).collect();
    }
    let pixels = row.as_chunks::<4>().0.iter();
    let straight = pixels.flat_map(|&[red, green, blue, alpha]| {
        let alpha = alpha.clamp(0.0, 1.0);
        let color = |value: f64| if alpha > 0.0 { values.level(value / alpha) } else { 0.0 };
        [color(red), color(green), color(blue), alpha * values.most]
    });
    straight.collect()
}

#[cfg(test)]
mod tests {
    use super::{Errors, Model, Pixels, samples};

    fn pixels(size: [u32; 2], channels: usize, bits: u32, linear: bool) -> Pixels {
        Pixels { path: "unused".into(), size, channels, bits, linear }
    }

    #[test]
    fn one_color_stays_that_color() {
        for (channels, bits, linear) in [(1, 8, true), (3, 8, false), (4, 8, true), (3, 16, true)] {
            let pixel = &[200, 100, 50, 150, 7, 9][..channels * bits as usize / 8];
            let picture = pixels([37, 23], channels, bits, linear);
            let model = Model::new(&picture, &pixel.repeat(37 * 23), [11, 7]);
            let same = pixel.repeat(11 * 7);
            let errors = model.errors(samples(&same, bits));
            assert!(errors.largest < 1e-8, "{channels} {bits} {linear}: {errors:?}");
            assert_eq!(errors.count, model.len());
        }
    }

    #[test]
    fn black_and_white_mix_to_half_of_the_values_or_half_of_the_light() {
        let lines: Vec<u8> = (0..64 * 64).map(|at| (at % 2) * 255).map(|v: u32| v as u8).collect();
        let middle = |linear| {
            let model = Model::new(&pixels([64, 64], 1, 8, linear), &lines, [16, 16]);
            model.levels[8 * 16 + 8]
        };
        assert!((middle(false) - 127.5).abs() < 1.0, "{}", middle(false));
        assert!((middle(true) - 187.5).abs() < 1.0, "{}", middle(true));
    }

    #[test]
    fn errors_of_colors_count_as_much_as_the_pixel_is_opaque() {
        let half = Model { channels: 4, most: 255.0, levels: vec![10.0, 20.0, 30.0, 127.5] };
        let errors = half.errors([14, 20, 30, 128].into_iter());
        assert_eq!((errors.largest, errors.mean()), (2.0, 0.625));
        let both = errors.and(Errors { largest: 3.0, sum: 3.0, count: 1 });
        assert_eq!((both.largest, both.mean()), (3.0, 1.1));
    }

    #[test]
    fn halving_has_the_weights_of_the_filter() {
        // A single white sample: sinc(x) * sinc(x / 3) at 0.25, beside the sum of all weights.
        let mut row = vec![0; 64];
        row[32] = 255;
        let model = Model::new(&pixels([64, 1], 1, 8, false), &row, [32, 1]);
        let sum: f64 = [0.25, 0.75, 1.25, 1.75, 2.25, 2.75].map(super::lanczos3).iter().sum();
        let expected = super::lanczos3(0.25) / (2.0 * sum) * 255.0;
        assert!((model.levels[16] - expected).abs() < 1e-9, "{}", model.levels[16]);
    }
}
