//! Small rasters in, small rasters out: profile to sRGB, layouts, padding, flattening.

mod deep;
mod hdr;
mod icc;

use std::borrow::Cow;
use std::sync::Arc;

use moxcms::{
    Chromaticity, CicpColorPrimaries, CicpProfile, ColorPrimaries, ColorProfile, DataColorSpace,
    MatrixCoefficients, ToneReprCurve, TransferCharacteristics, Transform8BitExecutor,
    TransformOptions,
};

pub use self::deep::DeepToSrgb;

use self::hdr::{ToneMap, Transfer};
use crate::attention::Attention;
use crate::guard::guarded_option;
use crate::plan::Geometry;
use crate::raster::{Layout, Raster, Size};
use crate::spec::Rgba;

/// One way in which a source says what its numbers mean.
#[derive(Debug, Clone, PartialEq)]
pub enum ColorDescription {
    /// sRGB.
    Srgb,
    /// An ICC profile.
    Icc(Vec<u8>),
    /// Code points of ITU-T H.273 for primaries and transfer.
    CodePoints {
        /// Table 2.
        primaries: u8,
        /// Table 3.
        transfer: u8,
    },
    /// A power of light, and what the primaries are.
    Power {
        /// Of light to coded values, below 1 for most files.
        exponent: f64,
        /// White, red, green and blue as x and y of CIE 1931; sRGB's without.
        chromaticities: Option<[[f64; 2]; 4]>,
    },
}

/// What is nearer to the exponent of 1/2.2, which stands for sRGB's curve in old files, than this
/// part of it is taken for that. Source: libpng, which converts no smaller differences.
const EXPONENT_TOLERANCE: f64 = 0.05;

/// Profiles of cameras and screens have some kilobytes; what is larger stays behind.
const MAX_CARRIED_BYTES: usize = 1 << 20;

/// From the colours of a source to sRGB, for rasters of one layout.
pub struct ToSrgb {
    transform: Transform,
    /// Channels that the transform delivers: gray and inks become RGB.
    channels: usize,
}

enum Transform {
    Profile(Arc<Transform8BitExecutor>),
    /// From more light than a page has.
    Tones(ToneMap),
}

impl ToSrgb {
    /// Whether these words are an ICC profile that a file may carry along for such rasters.
    pub fn carried(words: &[ColorDescription], layout: Layout) -> Option<&[u8]> {
        let ColorDescription::Icc(icc) = words.first()? else { return None };
        let usable = layout != Layout::Cmyk && icc.len() <= MAX_CARRIED_BYTES;
        (usable && Self::following(&words[0], layout).is_some()).then_some(icc)
    }

    /// By the first of these words that can be followed; words that cannot be read, or are for
    /// another colour model than the layout's, are passed over, as browsers do it. `None` where the
    /// numbers are sRGB already.
    pub fn new(words: &[ColorDescription], layout: Layout) -> Option<Self> {
        words.iter().find_map(|words| match words {
            ColorDescription::Srgb => Some(None),
            words => Self::following(words, layout).map(Some),
        })?
    }

    fn following(words: &ColorDescription, layout: Layout) -> Option<Self> {
        let (_, from, to) = model(layout);
        if let Some(tones) = tones(words) {
            return Some(Self { transform: Transform::Tones(tones), channels: layout.channels() });
        }
        let transform = guarded_option(|| {
            let profile = profile_for(words, layout)?;
            let (srgb, options) = (ColorProfile::new_srgb(), TransformOptions::default());
            profile.create_transform_8bit(from, &srgb, to, options).ok()
        })?;
        Some(Self { transform: Transform::Profile(transform), channels: to.channels() })
    }

    /// The raster in sRGB, in its own layout; inks as RGB.
    pub fn apply(&self, raster: Raster) -> Raster {
        let transform = match &self.transform {
            Transform::Tones(tones) => return tones.apply(&raster),
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

/// PQ and HLG, by their code points of H.273.
fn tones(words: &ColorDescription) -> Option<ToneMap> {
    let &ColorDescription::CodePoints { primaries, transfer } = words else { return None };
    match transfer {
        16 => Some(ToneMap::new(primaries, Transfer::Pq)),
        18 => Some(ToneMap::new(primaries, Transfer::Hlg)),
        _ => None,
    }
}

/// The color model of a layout's profiles, and what a transform takes and delivers.
fn model(layout: Layout) -> (DataColorSpace, moxcms::Layout, moxcms::Layout) {
    match layout {
        Layout::Gray => (DataColorSpace::Gray, moxcms::Layout::Gray, moxcms::Layout::Rgb),
        Layout::GrayAlpha => {
            (DataColorSpace::Gray, moxcms::Layout::GrayAlpha, moxcms::Layout::Rgba)
        }
        Layout::Rgb => (DataColorSpace::Rgb, moxcms::Layout::Rgb, moxcms::Layout::Rgb),
        Layout::Rgba => (DataColorSpace::Rgb, moxcms::Layout::Rgba, moxcms::Layout::Rgba),
        Layout::Cmyk => (DataColorSpace::Cmyk, moxcms::Layout::Rgba, moxcms::Layout::Rgb),
    }
}

/// A profile for rasters of this layout, if there is one.
fn profile_for(words: &ColorDescription, layout: Layout) -> Option<ColorProfile> {
    let (model, ..) = model(layout);
    let profile = profile(words, model == DataColorSpace::Gray)?;
    (profile.color_space == model).then_some(profile)
}

fn profile(words: &ColorDescription, is_gray: bool) -> Option<ColorProfile> {
    match words {
        ColorDescription::Srgb => None,
        ColorDescription::Icc(icc) => ColorProfile::new_from_slice(&icc::repaired(icc)).ok(),
        &ColorDescription::CodePoints { primaries, transfer } => {
            let transfer_characteristics = TransferCharacteristics::try_from(transfer).ok()?;
            let color_primaries = CicpColorPrimaries::try_from(primaries).ok()?;
            // Those of no meaning would leave a profile that is neither one nor the other.
            ColorPrimaries::try_from(color_primaries).ok()?;
            ToneReprCurve::try_from(transfer_characteristics).ok()?;
            let matrix_coefficients = MatrixCoefficients::Identity;
            Some(ColorProfile::new_from_cicp(CicpProfile {
                color_primaries,
                transfer_characteristics,
                matrix_coefficients,
                full_range: true,
            }))
        }
        ColorDescription::Power { exponent, chromaticities } => {
            let is_srgb_curve = (exponent * 2.2 - 1.0).abs() < EXPONENT_TOLERANCE;
            if !(0.05..=20.0).contains(exponent) || is_srgb_curve && chromaticities.is_none() {
                return None;
            }
            let power = (1.0 / exponent) as f32;
            if is_gray {
                return (!is_srgb_curve).then(|| ColorProfile::new_gray_with_gamma(power));
            }
            let mut profile = ColorProfile::new_srgb();
            if !is_srgb_curve {
                let curve = ToneReprCurve::Parametric(vec![power]);
                for own in [&mut profile.red_trc, &mut profile.green_trc, &mut profile.blue_trc] {
                    *own = Some(curve.clone());
                }
            }
            profile.cicp = None;
            if let Some(chromaticities) = chromaticities {
                let is_inside = |&[x, y]: &[f64; 2]| x >= 0.0 && y > 0.0 && x + y <= 1.0;
                if !chromaticities.iter().all(is_inside) {
                    return None;
                }
                let [white, red, green, blue] =
                    chromaticities.map(|[x, y]| Chromaticity::new(x as f32, y as f32));
                let primaries = ColorPrimaries { red, green, blue };
                profile.update_rgb_colorimetry(white.to_xyyb(), primaries);
            }
            Some(profile)
        }
    }
}

/// The raster in another layout. Gray spreads over three channels, missing alpha is opaque, each
/// colour of light passes its ink and black; alpha
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

/// What is cut of an upright raster, where most is to be seen.
pub fn cut(raster: &Raster, window: Size, attention: Option<&Attention>) -> Raster {
    let size = raster.size();
    let part = |part: u32, whole: u32| f64::from(part) / f64::from(whole);
    let parts = [part(window.width(), size.width()), part(window.height(), size.height())];
    let [left, top] = attention.map_or([0.5, 0.5], |attention| attention.place(parts));
    let start = |free: u32, share: f64| (f64::from(free) * share).round() as usize;
    let x = start(size.width() - window.width(), left);
    let y = start(size.height() - window.height(), top);
    let channels = raster.layout().channels();
    let rows = raster.pixels().chunks_exact(size.width() as usize * channels);
    let rows = rows.skip(y).take(window.height() as usize);
    let part_bytes = window.width() as usize * channels;
    let pixels = rows.flat_map(|row| &row[x * channels..][..part_bytes]).copied().collect();
    Raster::new(window, raster.layout(), pixels)
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
        Layout::Rgba | Layout::Cmyk => &[r, g, b, a],
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
        Layout::Gray | Layout::Rgb | Layout::Cmyk => return Cow::Borrowed(raster),
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
