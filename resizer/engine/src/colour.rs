//! Small rasters in, small rasters out: profile to sRGB, layouts, padding, flattening.

use std::borrow::Cow;
use std::sync::Arc;

use moxcms::{ColorProfile, DataColorSpace, Transform8BitExecutor, TransformOptions};

use crate::plan::Geometry;
use crate::raster::{Layout, Raster};
use crate::spec::Rgba;

/// From the colours of one ICC profile to sRGB, for rasters of one layout.
pub struct ToSrgb {
    transform: Arc<Transform8BitExecutor>,
    /// Channels that the transform delivers: gray becomes RGB.
    channels: usize,
}

impl ToSrgb {
    /// Reads a profile. `None` when it cannot be read or is for another colour model than the
    /// layout's: it is then ignored, as browsers do.
    pub fn new(icc: &[u8], layout: Layout) -> Option<Self> {
        let profile = ColorProfile::new_from_slice(icc).ok()?;
        let (model, from, to) = match layout {
            Layout::Gray => (DataColorSpace::Gray, moxcms::Layout::Gray, moxcms::Layout::Rgb),
            Layout::GrayAlpha => {
                (DataColorSpace::Gray, moxcms::Layout::GrayAlpha, moxcms::Layout::Rgba)
            }
            Layout::Rgb => (DataColorSpace::Rgb, moxcms::Layout::Rgb, moxcms::Layout::Rgb),
            Layout::Rgba => (DataColorSpace::Rgb, moxcms::Layout::Rgba, moxcms::Layout::Rgba),
        };
        if profile.color_space != model {
            return None;
        }
        let (srgb, options) = (ColorProfile::new_srgb(), TransformOptions::default());
        let transform = profile.create_transform_8bit(from, &srgb, to, options).ok()?;
        Some(Self { transform, channels: to.channels() })
    }

    /// The raster in sRGB, in its own layout.
    pub fn apply(&self, raster: Raster) -> Raster {
        let own_channels = raster.layout().channels();
        let pixels = raster.pixels().len() / own_channels;
        let mut converted = vec![0; pixels * self.channels];
        if self.transform.transform(raster.pixels(), &mut converted).is_err() {
            return raster;
        }
        if self.channels != own_channels {
            // Gray stays gray: the three sRGB channels of a neutral colour are equal.
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

/// The raster in another layout. Gray spreads over three channels, missing alpha is opaque; alpha
/// is dropped only by [`flatten`] and colour never, so `to` has at least what the raster has.
pub fn widen(raster: &Raster, to: Layout) -> Cow<'_, Raster> {
    let from = raster.layout();
    if from == to {
        return Cow::Borrowed(raster);
    }
    let rgba = |pixel: &[u8]| match from {
        Layout::Gray => [pixel[0], pixel[0], pixel[0], 255],
        Layout::GrayAlpha => [pixel[0], pixel[0], pixel[0], pixel[1]],
        Layout::Rgb => [pixel[0], pixel[1], pixel[2], 255],
        Layout::Rgba => [pixel[0], pixel[1], pixel[2], pixel[3]],
    };
    let pixels = raster.pixels().chunks_exact(from.channels()).flat_map(|pixel| {
        let [r, g, b, a] = rgba(pixel);
        let ordered = if to == Layout::GrayAlpha { [r, a, 0, 0] } else { [r, g, b, a] };
        ordered.into_iter().take(to.channels())
    });
    Cow::Owned(Raster::new(raster.size(), to, pixels.collect()))
}

/// The upright raster on the geometry's canvas, surrounded by the background.
pub fn pad(raster: Raster, geometry: &Geometry, background: Rgba) -> Raster {
    let Some((left, top)) = geometry.offset else { return raster };
    let raster = widen(&raster, background_layout(&raster, background));
    let (layout, channels) = (raster.layout(), raster.layout().channels());
    let Rgba([r, g, b, a]) = background;
    let fill: &[u8] = match layout {
        Layout::Gray => &[r],
        Layout::GrayAlpha => &[r, a],
        Layout::Rgb => &[r, g, b],
        Layout::Rgba => &[r, g, b, a],
    };
    let canvas = geometry.output;
    let mut pixels = fill.repeat(Raster::byte_length(canvas, Layout::Gray));
    let row_bytes = raster.size().width() as usize * channels;
    let canvas_row_bytes = canvas.width() as usize * channels;
    for (y, row) in raster.pixels().chunks_exact(row_bytes).enumerate() {
        let start = (top as usize + y) * canvas_row_bytes + left as usize * channels;
        pixels[start..start + row_bytes].copy_from_slice(row);
    }
    Raster::new(canvas, layout, pixels)
}

/// The raster without alpha, composed over the background's opaque colour.
pub fn flatten(raster: &Raster, background: Rgba) -> Cow<'_, Raster> {
    let Rgba([r, g, b, _]) = background;
    let raster = match raster.layout() {
        Layout::Gray | Layout::Rgb => return Cow::Borrowed(raster),
        Layout::GrayAlpha if r == g && g == b => Cow::Borrowed(raster),
        Layout::GrayAlpha | Layout::Rgba => widen(raster, Layout::Rgba),
    };
    let channels = raster.layout().channels();
    let (colours, under) = (channels - 1, [r, g, b]);
    let pixels = raster.pixels().chunks_exact(channels).flat_map(|pixel| {
        let alpha = u32::from(pixel[colours]);
        let over = move |top: u8, bottom: u8| {
            ((u32::from(top) * alpha + u32::from(bottom) * (255 - alpha) + 127) / 255) as u8
        };
        (0..colours).map(move |channel| over(pixel[channel], under[channel]))
    });
    let layout = if colours == 1 { Layout::Gray } else { Layout::Rgb };
    Cow::Owned(Raster::new(raster.size(), layout, pixels.collect()))
}

/// The smallest layout that holds both the raster and the background.
fn background_layout(raster: &Raster, Rgba([r, g, b, a]): Rgba) -> Layout {
    let alpha = raster.layout().has_alpha() || a < 255;
    let gray = matches!(raster.layout(), Layout::Gray | Layout::GrayAlpha) && r == g && g == b;
    match (gray, alpha) {
        (true, false) => Layout::Gray,
        (true, true) => Layout::GrayAlpha,
        (false, false) => Layout::Rgb,
        (false, true) => Layout::Rgba,
    }
}
