//! What an AV1 picture says of its own colors. Source: ITU-T H.273, 8.

use re_rav1d::dav1d::{Picture, pixel};

use crate::color::ColorDescription;
use crate::source::HeifMatrix;

/// How its planes become colors, and whose these are where they are not sRGB.
///
/// # Panics
/// In the library, for code points that stand for nothing.
pub(super) fn said_of(picture: &Picture) -> (HeifMatrix, Option<ColorDescription>) {
    use pixel::MatrixCoefficients as Matrix;
    let coefficients = match picture.matrix_coefficients() {
        Matrix::Identity => 0,
        Matrix::BT709 => 1,
        Matrix::BT470M => 4,
        Matrix::ST240M => 7,
        Matrix::YCgCo => 8,
        Matrix::BT2020NonConstantLuminance => 9,
        _ => 6,
    };
    let full_range = picture.color_range() == pixel::YUVRange::Full;
    let primaries = match picture.color_primaries() {
        pixel::ColorPrimaries::BT2020 => 9,
        pixel::ColorPrimaries::P3Display => 12,
        _ => 1,
    };
    let transfer = match picture.transfer_characteristic() {
        pixel::TransferCharacteristic::PerceptualQuantizer => 16,
        pixel::TransferCharacteristic::HybridLogGamma => 18,
        _ => 13,
    };
    let is_srgb = (primaries, transfer) == (1, 13);
    let colors = (!is_srgb).then_some(ColorDescription::CodePoints { primaries, transfer });
    (HeifMatrix { coefficients, full_range }, colors)
}
