//! What the samples of a row are: gamma-encoded values, linear light, or the light that the bytes
//! of a gain map stand for.

use std::sync::Arc;

use resizer_cpu::Cpu;

use super::kernels::WHITE;
use super::samples;
use crate::plan::{Domain, Plan};
use crate::spec::Light;

#[derive(Debug, Clone)]
pub(super) enum Values {
    Of(Light),
    /// By a curve for each channel.
    Curves(Arc<[Curve]>),
}

/// Bytes to samples and back.
#[derive(Debug)]
pub(super) struct Curve {
    samples: [i16; 256],
    /// The nearest byte of each sample from 0 to [`WHITE`].
    bytes: Vec<u8>,
}

impl Values {
    pub(super) fn new(plan: &Plan, domain: Domain) -> Self {
        match (&plan.curves, domain) {
            (Some(curves), Domain::Linear) => Self::Curves(curves.iter().map(Curve::new).collect()),
            (None, Domain::Linear) => Self::Of(Light::Linear),
            _ => Self::Of(Light::Gamma),
        }
    }

    /// One sample for each byte of a channel.
    pub(super) fn to_samples(&self, cpu: Cpu, channel: usize, bytes: &[u8], samples: &mut [i16]) {
        match self {
            Self::Of(light) => samples::to_samples(cpu, *light, bytes, samples),
            Self::Curves(curves) => curves[channel].to_samples(bytes, samples),
        }
    }

    /// One byte for each sample of a row, which has `width` of each channel.
    pub(super) fn to_bytes(&self, cpu: Cpu, width: usize, samples: &[i16], bytes: &mut [u8]) {
        match self {
            Self::Of(light) => samples::to_bytes(cpu, *light, samples, bytes),
            Self::Curves(curves) => {
                let channels = samples.chunks_exact(width).zip(bytes.chunks_exact_mut(width));
                for (curve, (samples, bytes)) in curves.iter().zip(channels) {
                    curve.to_bytes(samples, bytes);
                }
            }
        }
    }
}

impl Curve {
    /// Of the light of each byte, which grows, as a part of the last one's.
    fn new(light: &[f64; 256]) -> Self {
        let samples = light.map(|light| (light * f64::from(WHITE)).round() as i16);
        let mut bytes = Vec::with_capacity(usize::from(WHITE.unsigned_abs()) + 1);
        let mut byte = 0;
        for sample in 0..=WHITE {
            // Halves go up, so that of equal samples the last byte counts.
            let is_past = |next: usize| {
                samples.get(next).is_some_and(|&above| sample - samples[next - 1] >= above - sample)
            };
            while is_past(byte + 1) {
                byte += 1;
            }
            bytes.push(byte as u8);
        }
        Self { samples, bytes }
    }

    fn to_samples(&self, bytes: &[u8], samples: &mut [i16]) {
        for (sample, &byte) in samples.iter_mut().zip(bytes) {
            *sample = self.samples[usize::from(byte)];
        }
    }

    fn to_bytes(&self, samples: &[i16], bytes: &mut [u8]) {
        for (byte, &sample) in bytes.iter_mut().zip(samples) {
            *byte = self.bytes[usize::from(sample.clamp(0, WHITE).unsigned_abs())];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Curve, WHITE};

    #[test]
    fn every_byte_of_eight_stops_comes_back() {
        for stops in [0.5, 2.2, 6.6, 8.0] {
            let mut light = [0.0; 256];
            for (byte, light) in light.iter_mut().enumerate() {
                *light = ((byte as f64 / 255.0 - 1.0) * stops).exp2();
            }
            let curve = Curve::new(&light);
            let bytes: Vec<u8> = (0..=255).collect();
            let (mut samples, mut back) = (vec![0; 256], vec![0; 256]);
            curve.to_samples(&bytes, &mut samples);
            curve.to_bytes(&samples, &mut back);
            assert_eq!(back, bytes, "{stops} stops");
            let mut beyond = [7; 2];
            curve.to_bytes(&[-3000, WHITE + 3000], &mut beyond);
            assert_eq!(beyond, [0, 255]);
        }
    }
}
