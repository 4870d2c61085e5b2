//! Rows of 16-bit samples in, the same in sRGB and in bytes out. For sources of linear light the
//! order matters: rounded to bytes before the curve, they keep 15 of the 58 darkest levels.

use std::sync::Arc;

use moxcms::{ColorProfile, Transform16BitExecutor, TransformOptions};

use super::ColorDescription;
use super::profile::{channel_layouts, profile_for};
use crate::raster::{Layout, narrow};

/// The conversion of a source's colors to sRGB, from 16-bit samples to bytes.
pub(crate) struct DeepToSrgb {
    transform: Arc<Transform16BitExecutor>,
    layout: Layout,
    /// Channels that the transform delivers: gray becomes RGB.
    channels: usize,
}

impl DeepToSrgb {
    /// By the first of these descriptions that can be followed, as `ToSrgb` does it. `None` where
    /// the samples are sRGB already, and for PQ and HLG, whose curves are fine enough in bytes.
    pub(crate) fn new(descriptions: &[ColorDescription], layout: Layout) -> Option<Self> {
        let (from, to) = channel_layouts(layout);
        let is_last = |one: &&ColorDescription| {
            let is_curve = matches!(one, ColorDescription::CodePoints { transfer: 16 | 18, .. });
            **one == ColorDescription::Srgb || is_curve || profile_for(one, layout).is_some()
        };
        let first = descriptions.iter().find(is_last)?;
        if matches!(first, ColorDescription::CodePoints { transfer: 16 | 18, .. }) {
            return None;
        }
        let profile = profile_for(first, layout)?;
        let options = TransformOptions { prefer_fixed_point: false, ..TransformOptions::default() };
        let transform =
            profile.create_transform_16bit(from, &ColorProfile::new_srgb(), to, options);
        Some(Self { transform: transform.ok()?, layout, channels: to.channels() })
    }

    /// Bytes of interleaved pixels of the layout.
    pub(crate) fn apply(&self, samples: &[u16]) -> Vec<u8> {
        let own = self.layout.channels();
        let mut converted = vec![0; samples.len() / own * self.channels];
        if self.transform.transform(samples, &mut converted).is_err() {
            return samples.iter().copied().map(narrow).collect();
        }
        if own == self.channels {
            return converted.into_iter().map(narrow).collect();
        }
        // Gray stays gray: the three channels of a neutral color are equal.
        let pixels = converted.chunks_exact(self.channels);
        let gray_and_alpha = |pixel: &[u16]| [pixel[0], pixel[self.channels - 1]].map(narrow);
        pixels.flat_map(|pixel| gray_and_alpha(pixel).into_iter().take(own)).collect()
    }
}

impl std::fmt::Debug for DeepToSrgb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeepToSrgb").field("layout", &self.layout).finish_non_exhaustive()
    }
}
