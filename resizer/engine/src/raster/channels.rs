//! Rasters from one layout to another: channels added, or alpha composed over a background.

use std::borrow::Cow;

use super::{Layout, Raster, Rgba};

/// The raster in a layout that has at least its channels. Gray spreads over three channels, missing
/// alpha is opaque, and CMYK becomes RGB by what inks let through. Alpha is dropped only by
/// [`flatten`].
pub(crate) fn widen(raster: &Raster, to: Layout) -> Cow<'_, Raster> {
    let from = raster.layout();
    if from == to {
        return Cow::Borrowed(raster);
    }
    let rgba = |pixel: &[u8]| match from {
        Layout::Gray => [pixel[0], pixel[0], pixel[0], 255],
        Layout::GrayAlpha => [pixel[0], pixel[0], pixel[0], pixel[1]],
        Layout::Rgb => [pixel[0], pixel[1], pixel[2], 255],
        Layout::Rgba => [pixel[0], pixel[1], pixel[2], pixel[3]],
        Layout::Cmyk => {
            let under = |ink: u8| ((u32::from(ink) * u32::from(pixel[3]) + 127) / 255) as u8;
            [under(pixel[0]), under(pixel[1]), under(pixel[2]), 255]
        }
    };
    let pixels = raster.pixels().chunks_exact(from.channels()).flat_map(|pixel| {
        let [r, g, b, a] = rgba(pixel);
        let ordered = if to == Layout::GrayAlpha { [r, a, 0, 0] } else { [r, g, b, a] };
        ordered.into_iter().take(to.channels())
    });
    Cow::Owned(Raster::new(raster.size(), to, pixels.collect()))
}

/// The raster without alpha, composed over the background's opaque color.
pub(crate) fn flatten(raster: &Raster, background: Rgba) -> Cow<'_, Raster> {
    let Rgba([r, g, b, _]) = background;
    let raster = match raster.layout() {
        Layout::Gray | Layout::Rgb | Layout::Cmyk => return Cow::Borrowed(raster),
        Layout::GrayAlpha if r == g && g == b => Cow::Borrowed(raster),
        Layout::GrayAlpha | Layout::Rgba => widen(raster, Layout::Rgba),
    };
    let channels = raster.layout().channels();
    let (colors, under) = (channels - 1, [r, g, b]);
    let pixels = raster.pixels().chunks_exact(channels).flat_map(|pixel| {
        let alpha = u32::from(pixel[colors]);
        let over = move |top: u8, bottom: u8| {
            ((u32::from(top) * alpha + u32::from(bottom) * (255 - alpha) + 127) / 255) as u8
        };
        (0..colors).map(move |channel| over(pixel[channel], under[channel]))
    });
    let layout = if colors == 1 { Layout::Gray } else { Layout::Rgb };
    Cow::Owned(Raster::new(raster.size(), layout, pixels.collect()))
}
