//! Rows of 16-bit gray or RGB under a profile: to sRGB before they are rounded to bytes.

use crate::color::{ColorDescription, DeepToSrgb};
use crate::plan::Plan;
use crate::source::{Tiff, TiffColor};

/// What such rows become.
#[derive(Debug)]
pub(super) struct Deep {
    to_srgb: DeepToSrgb,
    /// Whether the largest number is black.
    is_inverted: bool,
    /// Whether colors are already multiplied with alpha; `None` without alpha.
    alpha: Option<bool>,
}

impl Deep {
    /// `None` for pictures of another kind, and for plans that keep the profile.
    pub(super) fn new(picture: &Tiff<'_>, plan: &Plan) -> Option<Self> {
        let is_inverted = match picture.color {
            TiffColor::Gray { white_is_zero } => white_is_zero,
            TiffColor::Rgb => false,
            _ => return None,
        };
        if picture.samples.bits != 16 || !plan.converts_deep_samples {
            return None;
        }
        let profile = [ColorDescription::Icc(picture.icc?.to_vec())];
        let to_srgb = DeepToSrgb::new(&profile, picture.layout())?;
        let alpha = picture.alpha.map(|alpha| alpha.is_premultiplied);
        Some(Self { to_srgb, is_inverted, alpha })
    }

    /// Writes one row, a channel behind the other; `samples` are colors, and alpha behind them.
    pub(super) fn write(&self, samples: &[Vec<u16>], out: &mut [u8]) {
        let width = samples.first().map_or(0, Vec::len);
        let colors = samples.len() - usize::from(self.alpha.is_some());
        let mut row = Vec::with_capacity(width * samples.len());
        for x in 0..width {
            let alpha = samples.get(colors).map_or(u16::MAX, |alpha| alpha[x]);
            let straight = |color: &Vec<u16>| self.straight(color[x], alpha);
            row.extend(samples[..colors].iter().map(straight));
            row.extend(self.alpha.map(|_| alpha));
        }
        let bytes = self.to_srgb.apply(&row);
        for (channel, out) in out.chunks_exact_mut(width).enumerate() {
            for (out, pixel) in out.iter_mut().zip(bytes.chunks_exact(samples.len())) {
                *out = pixel[channel];
            }
        }
    }

    /// A color as it would be without alpha, the largest number being white.
    fn straight(&self, color: u16, alpha: u16) -> u16 {
        let color = match self.alpha {
            Some(true) => {
                let [color, alpha] = [color.min(alpha), alpha].map(u32::from);
                let part = (color * 65_535 + alpha / 2).checked_div(alpha);
                part.unwrap_or(0) as u16
            }
            _ => color,
        };
        if self.is_inverted { u16::MAX - color } else { color }
    }
}
