//! The pictures that variants are measured against: the full-size decode under a plain separable
//! Lanczos3 in f32, once on sRGB values as they are (gamma) and once on linear light. Both come
//! out as linear light, which is what the score takes.

use image::RgbaImage;
use ssimulacra2::LinearRgb;

use crate::Outcome;

/// In which values a reference is resampled and its alpha put on white.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Light {
    Gamma,
    Linear,
}

impl Light {
    /// Of the 256 values that a channel may have.
    fn values(self) -> [f32; 256] {
        std::array::from_fn(|value| {
            let value = value as f32 / 255.0;
            match self {
                Self::Gamma => value,
                Self::Linear => linear(value),
            }
        })
    }
}

/// Rows of red, green and blue, 0 to 1.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) pixels: Vec<[f32; 3]>,
    pub(crate) width: usize,
    pub(crate) height: usize,
    light: Light,
}

impl Field {
    /// A picture on white, in its own size.
    pub(crate) fn new(picture: &RgbaImage, light: Light) -> Self {
        let values = light.values();
        let pixels = picture.pixels().map(|pixel| on_white(pixel.0, &values)).collect();
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        Self { pixels, width, height, light }
    }

    /// A picture on white under Lanczos3.
    pub(crate) fn resampled(picture: &RgbaImage, size: [u32; 2], light: Light) -> Self {
        let [width, height] = size.map(|side| side as usize);
        let values = light.values();
        let across = Kernel::new(picture.width() as usize, width);
        let down = Kernel::new(picture.height() as usize, height);
        let mut row = Vec::new();
        let mut narrow = Vec::with_capacity(width * picture.height() as usize);
        for pixels in picture.as_raw().chunks_exact(picture.width() as usize * 4) {
            row.clear();
            row.extend(pixels.as_chunks::<4>().0.iter().map(|pixel| on_white(*pixel, &values)));
            narrow.extend(across.taps.iter().map(|taps| taps.sum(|at| row[at])));
        }
        let at = |x: usize, y: usize| narrow[y * width + x];
        let mut pixels = Vec::with_capacity(width * height);
        for taps in &down.taps {
            pixels.extend((0..width).map(|x| taps.sum(|y| at(x, y)).map(|v| v.clamp(0.0, 1.0))));
        }
        Self { pixels, width, height, light }
    }

    /// For the score.
    ///
    /// # Errors
    /// If a side is zero.
    pub(crate) fn to_linear(&self) -> Outcome<LinearRgb> {
        let pixels = match self.light {
            Light::Linear => self.pixels.clone(),
            Light::Gamma => self.pixels.iter().map(|pixel| pixel.map(linear)).collect(),
        };
        let picture = LinearRgb::new(pixels, self.width, self.height);
        picture.map_err(|error| format!("{error:?}"))
    }

    /// Rounded to eight bits, in the values that it was made in.
    pub(crate) fn to_bytes(&self) -> Vec<[u8; 3]> {
        self.pixels.iter().map(|pixel| pixel.map(|v| (v * 255.0).round() as u8)).collect()
    }
}

fn on_white([red, green, blue, alpha]: [u8; 4], values: &[f32; 256]) -> [f32; 3] {
    let opaque = f32::from(alpha) / 255.0;
    [red, green, blue].map(|value| values[usize::from(value)] * opaque + 1.0 - opaque)
}

/// IEC 61966-2-1.
fn linear(value: f32) -> f32 {
    if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

/// What each target sample is made of.
struct Kernel {
    taps: Vec<Taps>,
}

/// Weights of the source samples from `first` on; their sum is 1.
struct Taps {
    first: usize,
    weights: Vec<f32>,
}

impl Taps {
    fn sum(&self, sample: impl Fn(usize) -> [f32; 3]) -> [f32; 3] {
        let mut sum = [0.0; 3];
        for (at, weight) in (self.first..).zip(&self.weights) {
            for (sum, value) in sum.iter_mut().zip(sample(at)) {
                *sum += weight * value;
            }
        }
        sum
    }
}

impl Kernel {
    /// Lanczos3 as wide as the reduction asks for; what lies outside of the picture is left out
    /// and the rest made to sum to 1 again.
    fn new(from: usize, to: usize) -> Self {
        let scale = from as f64 / to as f64;
        let stretch = scale.max(1.0);
        let reach = 3.0 * stretch;
        let taps = (0..to).map(|place| {
            let center = (place as f64 + 0.5) * scale;
            let first = (center - reach).floor().max(0.0) as usize;
            let end = ((center + reach).ceil() as usize).min(from);
            let weight = |at: usize| lanczos3((at as f64 + 0.5 - center) / stretch);
            let weights: Vec<f64> = (first..end).map(weight).collect();
            let sum: f64 = weights.iter().sum();
            let weights = weights.iter().map(|weight| (weight / sum) as f32).collect();
            Taps { first, weights }
        });
        Self { taps: taps.collect() }
    }
}

/// Zero from the third lobe on.
pub(crate) fn lanczos3(x: f64) -> f64 {
    let sinc = |x: f64| {
        let x = x * std::f64::consts::PI;
        if x.abs() < 1e-9 { 1.0 } else { x.sin() / x }
    };
    if x.abs() < 3.0 { sinc(x) * sinc(x / 3.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use image::{Rgba, RgbaImage};

    use super::{Field, Kernel, Light};

    #[test]
    fn one_color_stays_that_color_up_to_the_edges() {
        let picture = RgbaImage::from_pixel(37, 23, Rgba([200, 100, 50, 255]));
        for light in [Light::Gamma, Light::Linear] {
            let small = Field::resampled(&picture, [11, 7], light);
            let own = Field::new(&picture, light).pixels[0];
            for pixel in &small.pixels {
                assert!(pixel.iter().zip(own).all(|(a, b)| (a - b).abs() < 1e-5), "{pixel:?}");
            }
        }
    }

    #[test]
    fn black_and_white_lines_mix_to_half_of_the_values_or_half_of_the_light() {
        let lines = RgbaImage::from_fn(64, 64, |x, _| Rgba([(x % 2) as u8 * 255, 0, 0, 255]));
        let middle = |light| {
            let small = Field::resampled(&lines, [16, 16], light);
            let linear = small.to_linear().unwrap();
            linear.data()[8 * 16 + 8][0]
        };
        assert!((middle(Light::Linear) - 0.5).abs() < 0.01, "{}", middle(Light::Linear));
        assert!((middle(Light::Gamma) - 0.214).abs() < 0.01, "{}", middle(Light::Gamma));
    }

    #[test]
    fn the_same_size_is_the_same_picture_and_weights_sum_to_one() {
        for (place, taps) in Kernel::new(9, 9).taps.iter().enumerate() {
            let own = taps.weights[place - taps.first];
            assert!((own - 1.0).abs() < 1e-6, "{own}");
        }
        for taps in Kernel::new(1000, 137).taps {
            assert!((taps.weights.iter().sum::<f32>() - 1.0).abs() < 1e-4);
        }
    }

    #[test]
    fn nothing_under_alpha_is_white() {
        let clear = RgbaImage::from_pixel(4, 4, Rgba([0, 0, 0, 0]));
        let small = Field::resampled(&clear, [2, 2], Light::Linear);
        assert!(small.pixels.iter().all(|pixel| pixel.iter().all(|v| (v - 1.0).abs() < 1e-5)));
    }
}
