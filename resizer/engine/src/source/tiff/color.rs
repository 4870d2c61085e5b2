//! What the samples of a pixel mean: the color model, and which of them is alpha.

use super::coding::Compression;
use super::directory::Values;
use super::kinds;
use super::picture::{Samples, malformed, unsupported};
use super::tags::{
    COLOR_MAP, EXTRA_SAMPLES, INK_SET, PHOTOMETRIC, REFERENCE_BLACK_WHITE, Tags,
    YCBCR_COEFFICIENTS, YCBCR_SUBSAMPLING,
};
use crate::error::Reject;

/// What the first samples of a pixel mean.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Color<'a> {
    Gray {
        white_is_zero: bool,
    },
    Rgb,
    /// An index of a table: all red values, all green ones, all blue ones.
    Palette(Values<'a>),
    /// How much ink, the largest number being all of it.
    Cmyk,
    YCbCr(YCbCr),
}

/// Luma and chroma.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct YCbCr {
    /// Pixels that share their chroma, across and down.
    pub(crate) subsampling: [usize; 2],
    /// How much of red, green and blue is in the luma.
    pub(crate) coefficients: [f64; 3],
    /// Black and white of each sample; for chroma, no color and the most of it.
    pub(crate) reference: [f64; 6],
}

/// The sample that says how opaque a pixel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Alpha {
    /// Among those of the pixel.
    pub(crate) sample: usize,
    pub(crate) is_premultiplied: bool,
}

impl Color<'_> {
    /// Samples of a pixel that are colors.
    pub(crate) fn samples(&self) -> usize {
        match self {
            Self::Gray { .. } | Self::Palette(_) => 1,
            Self::Rgb | Self::YCbCr(_) => 3,
            Self::Cmyk => 4,
        }
    }

    /// Rows of pixels that are stored together as one line.
    pub(crate) fn rows_per_line(&self) -> usize {
        match self {
            Self::YCbCr(YCbCr { subsampling: [_, down], .. }) => *down,
            _ => 1,
        }
    }
}

/// What the samples mean, and the compression again: the JPEG decoder makes colors of YCbCr.
pub(super) fn color<'a>(
    tags: &Tags<'a>,
    samples: Samples,
    compression: Compression<'a>,
) -> Result<(Color<'a>, Compression<'a>), Reject> {
    let model = tags.number(PHOTOMETRIC).unwrap_or(match (samples.per_pixel, compression) {
        (3.., _) => 2,
        (_, Compression::Fax(_)) => 0,
        _ => 1,
    });
    let color = match model {
        0 | 1 => Color::Gray { white_is_zero: model == 0 },
        2 => Color::Rgb,
        3 if samples.bits <= 8 => {
            let table = tags.values(COLOR_MAP);
            Color::Palette(table.ok_or_else(|| malformed("a palette is missing"))?)
        }
        3 => return Err(unsupported("a TIFF with a palette of more than 256 colors")),
        5 if samples.per_pixel < 4 || !matches!(tags.number(INK_SET), None | Some(1)) => {
            return Err(unsupported("a TIFF of inks other than CMYK"));
        }
        5 => Color::Cmyk,
        6 => match compression {
            _ if samples.is_planar => return Err(unsupported("a planar TIFF in YCbCr")),
            _ if samples.per_pixel != 3 => {
                return Err(unsupported("a TIFF in YCbCr of other than three samples"));
            }
            Compression::Jpeg { tables, .. } => {
                return Ok((Color::Rgb, Compression::Jpeg { tables, is_ycbcr: true }));
            }
            _ if samples.bits != 8 => {
                return Err(unsupported("a TIFF in YCbCr of other than 8 bits"));
            }
            _ => Color::YCbCr(ycbcr(tags)?),
        },
        model => return Err(unsupported(kinds::color_model(model))),
    };
    if samples.per_pixel < color.samples() {
        return Err(malformed("fewer samples than its colors have"));
    }
    Ok((color, compression))
}

fn ycbcr(tags: &Tags<'_>) -> Result<YCbCr, Reject> {
    let factor = |index: u64| {
        let factors = tags.values(YCBCR_SUBSAMPLING);
        let factor = factors.map_or(Some(2), |factors| factors.get(index));
        factor.filter(|factor| [1, 2, 4].contains(factor)).map(|factor| factor as usize)
    };
    let subsampling = factor(0).zip(factor(1));
    let (across, down) = subsampling.ok_or_else(|| malformed("a chroma subsampling unheard of"))?;
    let of_601 = [0.299, 0.587, 0.114];
    let full_range = [0.0, 255.0, 128.0, 255.0, 128.0, 255.0];
    let coefficients = reals(tags, YCBCR_COEFFICIENTS, of_601);
    let reference = reals(tags, REFERENCE_BLACK_WHITE, full_range);
    let has_sense = coefficients.iter().all(|part| *part > 0.0 && *part < 1.0)
        && reference.chunks_exact(2).all(|pair| (pair[1] - pair[0]).abs() >= 1.0);
    let subsampling = [across, down];
    Ok(if has_sense {
        YCbCr { subsampling, coefficients, reference }
    } else {
        YCbCr { subsampling, coefficients: of_601, reference: full_range }
    })
}

/// The numbers of a field; the defaults in place of those that are missing.
fn reals<const COUNT: usize>(tags: &Tags<'_>, tag: u16, defaults: [f64; COUNT]) -> [f64; COUNT] {
    std::array::from_fn(|index| {
        let value = tags.values(tag).and_then(|values| values.real(index as u64));
        value.filter(|value| value.is_finite()).unwrap_or(defaults[index])
    })
}

/// The first of the further samples that is alpha; without a word about them, the fourth of a
/// color that has four.
pub(super) fn alpha(tags: &Tags<'_>, samples: Samples, color: &Color<'_>) -> Option<Alpha> {
    let (first, all) = (color.samples(), samples.per_pixel);
    let Some(kinds) = tags.values(EXTRA_SAMPLES) else {
        let is_rgba = matches!(color, Color::Rgb) && all == 4;
        return is_rgba.then_some(Alpha { sample: first, is_premultiplied: false });
    };
    let further = (0..).map_while(|index| kinds.get(index)).zip(first..all);
    let mut alphas = further.filter(|(kind, _)| matches!(kind, 1 | 2));
    let alpha = alphas.next();
    alpha.map(|(kind, sample)| Alpha { sample, is_premultiplied: kind == 1 })
}
