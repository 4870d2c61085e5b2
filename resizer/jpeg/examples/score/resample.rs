//! A separable resampling of f32 planes, plain and exact: the yardstick, not the engine's.

use std::f32::consts::PI;

/// Rows of samples.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    /// Row after row.
    pub(crate) samples: Vec<f32>,
    /// Samples in a row.
    pub(crate) width: usize,
    /// Rows.
    pub(crate) height: usize,
}

/// A resampling kernel.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kernel {
    /// Linear interpolation.
    Triangle,
    /// A sinc in a sinc's window of three lobes.
    Lanczos3,
}

impl Kernel {
    fn radius(self) -> f32 {
        match self {
            Self::Triangle => 1.0,
            Self::Lanczos3 => 3.0,
        }
    }

    fn weight(self, x: f32) -> f32 {
        let sinc = |x: f32| if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) };
        match self {
            _ if x.abs() >= self.radius() => 0.0,
            Self::Triangle => 1.0 - x.abs(),
            Self::Lanczos3 => sinc(x) * sinc(x / 3.0),
        }
    }
}

/// The first sample under the kernel, and the weights from there on.
struct Taps {
    first: usize,
    weights: Vec<f32>,
}

fn taps(from: usize, to: usize, kernel: Kernel) -> Vec<Taps> {
    let ratio = from as f32 / to as f32;
    let stretch = ratio.max(1.0);
    let radius = kernel.radius() * stretch;
    let tap = |x: usize| {
        let center = (x as f32 + 0.5) * ratio;
        let first = (center - radius).floor().max(0.0) as usize;
        let end = ((center + radius).ceil() as usize).min(from);
        let weight = |i: usize| kernel.weight((i as f32 + 0.5 - center) / stretch);
        let mut weights: Vec<f32> = (first..end).map(weight).collect();
        let sum: f32 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= sum);
        Taps { first, weights }
    };
    (0..to).map(tap).collect()
}

impl Field {
    /// The same picture in another size, both covering the same area.
    pub(crate) fn resampled(&self, width: usize, height: usize, kernel: Kernel) -> Self {
        let mut low = vec![0.0; self.width * height];
        let rows = taps(self.height, height, kernel);
        for (taps, out) in rows.iter().zip(low.chunks_exact_mut(self.width)) {
            let rows = self.samples[taps.first * self.width..].chunks_exact(self.width);
            for (&weight, row) in taps.weights.iter().zip(rows) {
                for (out, &sample) in out.iter_mut().zip(row) {
                    *out += weight * sample;
                }
            }
        }
        let mut samples = Vec::with_capacity(width * height);
        let columns = taps(self.width, width, kernel);
        for row in low.chunks_exact(self.width) {
            samples.extend(columns.iter().map(|taps| {
                let products = taps.weights.iter().zip(&row[taps.first..]);
                products.map(|(weight, sample)| weight * sample).sum::<f32>()
            }));
        }
        Self { samples, width, height }
    }
}
