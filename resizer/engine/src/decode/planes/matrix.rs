//! The numbers that samples are multiplied with to become colors.
//! Source: ITU-T H.273, 8.3.

use crate::error::Reject;
use crate::source::HeifMatrix;

/// Bits of a sum behind the point. Sums of 12-bit samples stay below 2^31.
pub(super) const FRACTION_BITS: u32 = 20;

/// Each of red, green and blue is a weighted sum of the three samples.
pub(super) struct Weights {
    /// By color, of luma, Cb, and Cr.
    pub(super) colors: [[i32; 3]; 3],
    /// Added to each sum, with what rounds it.
    pub(super) biases: [i32; 3],
    /// The same for luma alone.
    pub(super) gray: i32,
    pub(super) gray_bias: i32,
}

impl Weights {
    /// # Errors
    /// `Unsupported` for matrices that no weights can express.
    pub(super) fn new(matrix: HeifMatrix, bits: u32) -> Result<Self, Reject> {
        let step = f64::from(1 << (bits - 8));
        // Of luma: where black is and how far white is from it; of chroma: its reach.
        let (black, white, reach) = if matrix.full_range {
            let largest = f64::from((1 << bits) - 1);
            (0.0, largest, largest)
        } else {
            (16.0 * step, 219.0 * step, 224.0 * step)
        };
        let (colors, is_identity) = colors(matrix.coefficients)?;
        // The samples of an identity are all colors, none is chroma.
        let (zero, reach) = if is_identity { (black, white) } else { (128.0 * step, reach) };
        let one = f64::from(255 << FRACTION_BITS);
        let half = f64::from(1 << (FRACTION_BITS - 1));
        let scales = [one / white, one / reach, one / reach];
        let scaled = colors.map(|weights| [0, 1, 2].map(|at| weights[at] * scales[at]));
        let bias =
            |[luma, cb, cr]: [f64; 3]| (half - luma * black - (cb + cr) * zero).round() as i32;
        Ok(Self {
            colors: scaled.map(|weights| weights.map(|weight| weight.round() as i32)),
            biases: scaled.map(bias),
            gray: scales[0].round() as i32,
            gray_bias: bias([scales[0], 0.0, 0.0]),
        })
    }
}

/// The weights of luma from 0 to 1, and of Cb and Cr from -1/2 to 1/2; and whether the samples are
/// green, blue, and red instead.
fn colors(coefficients: u8) -> Result<([[f64; 3]; 3], bool), Reject> {
    let (red, blue) = match coefficients {
        0 => return Ok(([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], true)),
        // Luma, Cg, and Co.
        8 => return Ok(([[1.0, -1.0, 1.0], [1.0, 1.0, 0.0], [1.0, -1.0, -1.0]], false)),
        1 => (0.2126, 0.0722),
        4 => (0.30, 0.11),
        // 5 and 6 are BT.601; 2 (unspecified) and 3 (reserved) are read as BT.601.
        2 | 3 | 5 | 6 => (0.299, 0.114),
        7 => (0.212, 0.087),
        9 | 12 => (0.2627, 0.0593),
        _ => return Err(Reject::Unsupported { what: "a picture of constant luminance" }),
    };
    let green = 1.0 - red - blue;
    let (of_blue, of_red) = (2.0 * (1.0 - blue), 2.0 * (1.0 - red));
    let in_green = [1.0, -of_blue * blue / green, -of_red * red / green];
    Ok(([[1.0, 0.0, of_red], in_green, [1.0, of_blue, 0.0]], false))
}
