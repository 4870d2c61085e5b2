//! The planes of an AV1 picture of 8, 10 or 12 bits to rows of 8-bit gray or RGB.
//! Source: ITU-T H.273, 8.3; AV1 specification, 6.4.2.

use re_rav1d::dav1d::{Picture, PixelLayout, Plane, pixel};

use super::component;
use crate::color::ColorDescription;
use crate::error::Reject;
use crate::source::AvifMatrix;

/// Bits behind the point.
const FRACTION_BITS: u32 = 14;

/// One picture, ready to be read row by row.
pub(super) struct Planes {
    planes: Vec<Plane>,
    strides: Vec<usize>,
    width: usize,
    deep: bool,
    /// Samples of the color differences for each of luminance, as shifts: across, down.
    shifts: [usize; 2],
    heights: [usize; 2],
    conversion: Conversion,
}

/// How samples become colors.
enum Conversion {
    /// Green, blue, red.
    Identity { levels: Vec<i32> },
    /// Luminance, and what each sample of a difference adds: blue's to green and blue, red's to red
    /// and green.
    Weighted { luma: Vec<i32>, blue: Vec<[i32; 2]>, red: Vec<[i32; 2]> },
    /// Luminance, green's difference, orange's.
    Lifted { luma: Vec<i32>, difference: Vec<i32> },
}

impl Planes {
    /// # Errors
    /// `Unsupported` for matrices that no weights can express.
    pub(super) fn new(picture: &Picture, matrix: AvifMatrix) -> Result<Self, Reject> {
        let layout = picture.pixel_layout();
        let shifts = match layout {
            PixelLayout::I420 => [1, 1],
            PixelLayout::I422 => [1, 0],
            PixelLayout::I400 | PixelLayout::I444 => [0, 0],
        };
        let count = if layout == PixelLayout::I400 { 1 } else { 3 };
        let height = picture.height() as usize;
        Ok(Self {
            planes: (0..count).map(|index| picture.plane(component(index))).collect(),
            strides: (0..count).map(|index| picture.stride(component(index)) as usize).collect(),
            width: picture.width() as usize,
            deep: picture.bit_depth() > 8,
            shifts,
            heights: [height, (height + shifts[1]) >> shifts[1]],
            conversion: Conversion::new(matrix, picture.bit_depth() as u32)?,
        })
    }

    /// Luminance alone, a byte every `step`.
    pub(super) fn gray_row(&self, y: usize, row: &mut [u8], step: usize) {
        let levels = self.conversion.levels();
        for (x, pixel) in row.chunks_mut(step).enumerate() {
            pixel[0] = to_byte(levels[self.sample(0, x, y)]);
        }
    }

    /// Three colors every `step` bytes; a picture without color is gray.
    pub(super) fn rgb_row(&self, y: usize, row: &mut [u8], step: usize) {
        let differences = (self.planes.len() == 3).then(|| [1, 2].map(|one| self.widened(one, y)));
        for (x, pixel) in row.chunks_mut(step).enumerate() {
            let luma = self.sample(0, x, y);
            let (first, second) = match &differences {
                Some([first, second]) => (first[x], second[x]),
                None => {
                    pixel[..3].fill(to_byte(self.conversion.levels()[luma]));
                    continue;
                }
            };
            pixel[..3].copy_from_slice(&self.conversion.colors(luma, first, second).map(to_byte));
        }
    }

    /// A row of a difference, as wide as luminance: between samples each counts by its nearness.
    fn widened(&self, plane: usize, y: usize) -> Vec<u16> {
        let [across, down] = self.shifts;
        let most = (self.width + across) >> across;
        let own = y >> down;
        let near = match (down, y % 2) {
            (0, _) => own,
            (_, 0) => own.saturating_sub(1),
            _ => (own + 1).min(self.heights[1] - 1),
        };
        let row: Vec<u32> = (0..most)
            .map(|x| 3 * self.sample(plane, x, own) as u32 + self.sample(plane, x, near) as u32)
            .collect();
        let widen = |x: usize| {
            let own = row[x >> across];
            let near = match (across, x % 2) {
                (0, _) => own,
                (_, 0) => row[(x / 2).saturating_sub(1)],
                _ => row[(x / 2 + 1).min(most - 1)],
            };
            ((3 * own + near + 8) / 16) as u16
        };
        (0..self.width).map(widen).collect()
    }

    fn sample(&self, plane: usize, x: usize, y: usize) -> usize {
        let start = y * self.strides[plane];
        if self.deep {
            let at = start + 2 * x;
            u16::from_ne_bytes([self.planes[plane][at], self.planes[plane][at + 1]]).into()
        } else {
            self.planes[plane][start + x].into()
        }
    }
}

impl Conversion {
    fn new(matrix: AvifMatrix, bits: u32) -> Result<Self, Reject> {
        let samples = 1 << bits;
        let step = f64::from(1 << (bits - 8));
        // Of luminance: where black is and how far white is from it; of differences: their reach.
        let (black, white, reach) = if matrix.full_range {
            let most = f64::from(samples - 1);
            (0.0, most, most)
        } else {
            (16.0 * step, 219.0 * step, 224.0 * step)
        };
        let zero = f64::from(samples / 2);
        let one = f64::from(255 << FRACTION_BITS);
        let table = |value: &dyn Fn(f64) -> f64| -> Vec<i32> {
            (0..samples).map(|sample| (value(f64::from(sample)) * one).round() as i32).collect()
        };
        let luma = table(&|sample| (sample - black) / white);
        let difference = table(&|sample| (sample - zero) / reach);
        let (red, blue) = match matrix.coefficients {
            0 => return Ok(Self::Identity { levels: luma }),
            8 => return Ok(Self::Lifted { luma, difference }),
            1 => (0.2126, 0.0722),
            4 => (0.30, 0.11),
            // Of no meaning: what most encoders mean.
            2 | 3 | 5 | 6 => (0.299, 0.114),
            7 => (0.212, 0.087),
            9 | 12 => (0.2627, 0.0593),
            _ => return Err(Reject::Unsupported { what: "an AVIF of constant luminance" }),
        };
        let green = 1.0 - red - blue;
        let weighted = |own: f64, other: f64| -> Vec<[i32; 2]> {
            let weight = |sample: &i32, weight: f64| (f64::from(*sample) * weight).round() as i32;
            let both = |sample| [weight(sample, own), weight(sample, other)];
            difference.iter().map(both).collect()
        };
        Ok(Self::Weighted {
            luma,
            blue: weighted(2.0 * (1.0 - blue), -2.0 * (1.0 - blue) * blue / green),
            red: weighted(2.0 * (1.0 - red), -2.0 * (1.0 - red) * red / green),
        })
    }

    fn levels(&self) -> &[i32] {
        match self {
            Self::Identity { levels } => levels,
            Self::Weighted { luma, .. } | Self::Lifted { luma, .. } => luma,
        }
    }

    fn colors(&self, luma: usize, first: u16, second: u16) -> [i32; 3] {
        let (first, second) = (usize::from(first), usize::from(second));
        match self {
            Self::Identity { levels } => [levels[second], levels[luma], levels[first]],
            Self::Weighted { luma: lumas, blue, red } => {
                let (luma, blue, red) = (lumas[luma], blue[first], red[second]);
                [luma + red[0], luma + red[1] + blue[1], luma + blue[0]]
            }
            Self::Lifted { luma: lumas, difference } => {
                let (luma, green, orange) = (lumas[luma], difference[first], difference[second]);
                [luma - green + orange, luma + green, luma - green - orange]
            }
        }
    }
}

/// What the coded picture says of itself: how planes become colors, and whose these are where they
/// are not sRGB.
///
/// # Panics
/// In the library, for code points that stand for nothing.
pub(super) fn said_of(picture: &Picture) -> (AvifMatrix, Option<ColorDescription>) {
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
    (AvifMatrix { coefficients, full_range }, colors)
}

/// Rounded, cut to what a byte holds.
fn to_byte(value: i32) -> u8 {
    ((value + (1 << (FRACTION_BITS - 1))) >> FRACTION_BITS).clamp(0, 255) as u8
}
