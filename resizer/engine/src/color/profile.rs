//! A color description in, the profile that the color management follows out.

use moxcms::{
    Chromaticity, CicpColorPrimaries, CicpProfile, ColorPrimaries, ColorProfile, DataColorSpace,
    MatrixCoefficients, ToneReprCurve, TransferCharacteristics,
};

use super::{ColorDescription, icc};
use crate::raster::Layout;

/// An exponent within this part of 1/2.2, which stands for sRGB's curve in old files, is taken for
/// that curve. Source: libpng, which converts no smaller differences.
const EXPONENT_TOLERANCE: f64 = 0.05;

/// What a transform for rasters of this layout takes and delivers.
pub(super) fn channel_layouts(layout: Layout) -> (moxcms::Layout, moxcms::Layout) {
    match layout {
        Layout::Gray => (moxcms::Layout::Gray, moxcms::Layout::Rgb),
        Layout::GrayAlpha => (moxcms::Layout::GrayAlpha, moxcms::Layout::Rgba),
        Layout::Rgb => (moxcms::Layout::Rgb, moxcms::Layout::Rgb),
        Layout::Rgba => (moxcms::Layout::Rgba, moxcms::Layout::Rgba),
        Layout::Cmyk => (moxcms::Layout::Rgba, moxcms::Layout::Rgb),
    }
}

/// The profile for rasters of this layout; `None` for sRGB, for what cannot be read and for another
/// color model than the layout's.
pub(super) fn profile_for(description: &ColorDescription, layout: Layout) -> Option<ColorProfile> {
    let model = match layout {
        Layout::Gray | Layout::GrayAlpha => DataColorSpace::Gray,
        Layout::Rgb | Layout::Rgba => DataColorSpace::Rgb,
        Layout::Cmyk => DataColorSpace::Cmyk,
    };
    let profile = match description {
        ColorDescription::Srgb => None,
        ColorDescription::Icc(icc) => ColorProfile::new_from_slice(&icc::repaired(icc)).ok(),
        &ColorDescription::CodePoints { primaries, transfer } => {
            of_code_points(primaries, transfer)
        }
        &ColorDescription::Power { exponent, chromaticities } => {
            of_power(exponent, chromaticities, model == DataColorSpace::Gray)
        }
    };
    profile.filter(|profile| profile.color_space == model)
}

fn of_code_points(primaries: u8, transfer: u8) -> Option<ColorProfile> {
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

fn of_power(
    exponent: f64,
    chromaticities: Option<[[f64; 2]; 4]>,
    is_gray: bool,
) -> Option<ColorProfile> {
    let is_srgb_curve = (exponent * 2.2 - 1.0).abs() < EXPONENT_TOLERANCE;
    if !(0.05..=20.0).contains(&exponent) || is_srgb_curve && chromaticities.is_none() {
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
