//! The color boxes of a picture, and what they say together with the coded picture itself.
//! Source: ISO/IEC 14496-12, 12.1.5; ITU-T H.273.

use super::Cicp;
use super::boxes::BmffBox;
use crate::color::ColorDescription;

/// How three planes become colors; code points of ITU-T H.273.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Matrix {
    pub(crate) coefficients: u8,
    pub(crate) full_range: bool,
}

#[cfg(feature = "heic")]
impl Matrix {
    /// What counts where nothing is said.
    pub(crate) const UNSPECIFIED: Self = Self { coefficients: 2, full_range: false };
}

/// What the color boxes of a picture say.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct ColorBoxes<'a> {
    pub(super) matrix: Option<Matrix>,
    pub(super) icc: Option<&'a [u8]>,
    pub(super) cicp: Option<Cicp>,
}

impl<'a> ColorBoxes<'a> {
    /// Of several boxes of a kind the last counts.
    pub(super) fn of(properties: impl Iterator<Item = BmffBox<'a>>) -> Self {
        let mut boxes = Self::default();
        for colr in properties.filter(|one| one.name == *b"colr") {
            match colr.body.split_first_chunk::<4>() {
                Some((b"nclx", &[_, primaries, _, transfer, _, coefficients, range, ..])) => {
                    boxes.matrix = Some(Matrix { coefficients, full_range: range & 0x80 != 0 });
                    boxes.cicp = Some(Cicp { primaries, transfer });
                }
                Some((b"prof" | b"rICC", icc)) => boxes.icc = Some(icc),
                _ => {}
            }
        }
        boxes
    }

    /// These, and of the others what these do not say.
    pub(super) fn or(self, others: Self) -> Self {
        Self {
            matrix: self.matrix.or(others.matrix),
            icc: self.icc.or(others.icc),
            cicp: self.cicp.or(others.cicp),
        }
    }
}

/// What an AVIF's code points say; `None` leaves it to the coded picture.
pub(super) fn of_av1(cicp: Cicp) -> Option<ColorDescription> {
    match (cicp.primaries, cicp.transfer) {
        (1 | 2, 2 | 13) => Some(ColorDescription::Srgb),
        (2, transfer @ (16 | 18)) => Some(ColorDescription::CodePoints { primaries: 9, transfer }),
        (2, _) => None,
        (primaries, 2) => Some(ColorDescription::CodePoints { primaries, transfer: 13 }),
        (primaries, transfer) => Some(ColorDescription::CodePoints { primaries, transfer }),
    }
}

/// What the code points of a HEIC say. Phones write those of their video encoder, BT.601 or BT.709,
/// for pictures in sRGB.
pub(super) fn of_hevc(cicp: Cicp) -> Option<ColorDescription> {
    match (cicp.primaries, cicp.transfer) {
        (1 | 2 | 5 | 6, 1 | 2 | 6 | 13 | 14 | 15) => Some(ColorDescription::Srgb),
        (primaries, 1 | 6 | 14 | 15) => {
            Some(ColorDescription::CodePoints { primaries, transfer: 13 })
        }
        _ => of_av1(cicp),
    }
}
