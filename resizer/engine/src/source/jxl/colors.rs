//! What a file says of its colors, as far as its pixels will follow it: the library converts those
//! that are coded in its own color space.

use jxl::api::{
    JxlColorEncoding, JxlColorProfile, JxlPrimaries, JxlTransferFunction, JxlWhitePoint,
};

use crate::color::ColorDescription;

/// Of the profile that the library's pixels follow.
pub(super) fn descriptions(profile: &JxlColorProfile) -> Vec<ColorDescription> {
    let known = match profile {
        JxlColorProfile::Icc(icc) => return vec![ColorDescription::Icc(icc.clone())],
        JxlColorProfile::Simple(encoding) => by_code_points(encoding),
    };
    let icc = || profile.try_as_icc().map(|icc| ColorDescription::Icc(icc.into_owned()));
    known.or_else(icc).into_iter().collect()
}

/// Whether bytes would be too coarse for such numbers.
pub(super) fn need_more_bits(colors: &[ColorDescription]) -> bool {
    matches!(colors.first(), Some(ColorDescription::Icc(_) | ColorDescription::Power { .. }))
}

/// sRGB, and the curves of HDR, which no ICC profile of the library has.
fn by_code_points(encoding: &JxlColorEncoding) -> Option<ColorDescription> {
    let (white, primaries, curve) = match encoding {
        JxlColorEncoding::RgbColorSpace { white_point, primaries, transfer_function, .. } => {
            (white_point, Some(primaries), transfer_function)
        }
        JxlColorEncoding::GrayscaleColorSpace { white_point, transfer_function, .. } => {
            (white_point, None, transfer_function)
        }
        JxlColorEncoding::XYB { .. } => return None,
    };
    let transfer = match curve {
        JxlTransferFunction::PQ => 16,
        JxlTransferFunction::HLG => 18,
        JxlTransferFunction::SRGB if *white == JxlWhitePoint::D65 => {
            let is_srgb = matches!(primaries, None | Some(JxlPrimaries::SRGB));
            return is_srgb.then_some(ColorDescription::Srgb);
        }
        _ => return None,
    };
    let primaries = match primaries {
        Some(JxlPrimaries::BT2100) => 9,
        Some(JxlPrimaries::P3) => 12,
        _ => 1,
    };
    Some(ColorDescription::CodePoints { primaries, transfer })
}
