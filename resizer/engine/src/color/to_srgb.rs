//! Small rasters in, the same in sRGB out: by an ICC profile, by code points, or by tone mapping.

use std::sync::Arc;

use moxcms::{ColorProfile, Transform8BitExecutor, TransformOptions};

use super::ColorDescription;
use super::profile::{channel_layouts, profile_for};
use super::tone_map::{ToneMap, Transfer};
use crate::guard::guarded_option;
use crate::raster::{Layout, Raster};

/// Profiles of cameras and screens have some kilobytes; larger ones are not copied into variants.
const MAX_COPIED_BYTES: usize = 1 << 20;

/// The conversion of a source's colors to sRGB, for rasters of one layout.
pub(crate) struct ToSrgb {
    transform: Transform,
    /// Channels that the transform delivers: gray and CMYK become RGB.
    channels: usize,
}

enum Transform {
    Profile(Arc<Transform8BitExecutor>),
    /// PQ and HLG.
    ToneMap(ToneMap),
}

impl ToSrgb {
    /// The first description, if it is an ICC profile that a file of such a raster may carry.
    pub(crate) fn carried(descriptions: &[ColorDescription], layout: Layout) -> Option<&[u8]> {
        let first = descriptions.first()?;
        let ColorDescription::Icc(icc) = first else { return None };
        let usable = layout != Layout::Cmyk && icc.len() <= MAX_COPIED_BYTES;
        (usable && Self::following(first, layout).is_some()).then_some(icc)
    }

    /// By the first description that can be followed. One that cannot be read, or is for another
    /// color model than the layout's, is passed over, as browsers do it. `None` where the numbers
    /// are sRGB already.
    pub(crate) fn new(descriptions: &[ColorDescription], layout: Layout) -> Option<Self> {
        descriptions.iter().find_map(|description| match description {
            ColorDescription::Srgb => Some(None),
            description => Self::following(description, layout).map(Some),
        })?
    }

    fn following(description: &ColorDescription, layout: Layout) -> Option<Self> {
        let (from, to) = channel_layouts(layout);
        if let Some(map) = tone_map(description) {
            return Some(Self { transform: Transform::ToneMap(map), channels: layout.channels() });
        }
        let transform = guarded_option(|| {
            let profile = profile_for(description, layout)?;
            let (srgb, options) = (ColorProfile::new_srgb(), TransformOptions::default());
            profile.create_transform_8bit(from, &srgb, to, options).ok()
        })?;
        Some(Self { transform: Transform::Profile(transform), channels: to.channels() })
    }

    /// Whether it maps HDR to SDR.
    pub(crate) fn maps_tones(&self) -> bool {
        matches!(self.transform, Transform::ToneMap(_))
    }

    /// The raster in sRGB, in its own layout; CMYK as RGB.
    pub(crate) fn apply(&self, raster: Raster) -> Raster {
        let transform = match &self.transform {
            Transform::ToneMap(map) => return map.apply(&raster),
            Transform::Profile(transform) => transform,
        };
        let own_channels = raster.layout().channels();
        let pixels = raster.pixels().len() / own_channels;
        let mut converted = vec![0; pixels * self.channels];
        // Profiles count ink, rasters what it lets through.
        let inks: Option<Vec<u8>> = (raster.layout() == Layout::Cmyk)
            .then(|| raster.pixels().iter().map(|through| 255 - through).collect());
        let source = inks.as_deref().unwrap_or(raster.pixels());
        // A profile that cannot be followed is none.
        if guarded_option(|| transform.transform(source, &mut converted).ok()).is_none() {
            return raster;
        }
        if inks.is_some() {
            return Raster::new(raster.size(), Layout::Rgb, converted);
        }
        if self.channels != own_channels {
            // Gray stays gray: the three sRGB channels of a neutral color are equal.
            let gray_and_alpha = |pixel: &[u8]| [pixel[0], pixel[self.channels - 1]];
            converted = converted
                .chunks_exact(self.channels)
                .flat_map(|pixel| gray_and_alpha(pixel).into_iter().take(own_channels))
                .collect();
        }
        Raster::new(raster.size(), raster.layout(), converted)
    }
}

impl std::fmt::Debug for ToSrgb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ToSrgb").field("channels", &self.channels).finish_non_exhaustive()
    }
}

/// For PQ and HLG, by their code points of H.273.
fn tone_map(description: &ColorDescription) -> Option<ToneMap> {
    let &ColorDescription::CodePoints { primaries, transfer } = description else { return None };
    match transfer {
        16 => Some(ToneMap::new(primaries, Transfer::Pq)),
        18 => Some(ToneMap::new(primaries, Transfer::Hlg)),
        _ => None,
    }
}
