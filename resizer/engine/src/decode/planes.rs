//! The planes of a picture of 8 to 12 bits, AV1 or HEVC, to rows of 8-bit gray or RGB.
//! Source: ITU-T H.273, 8.3; AV1 specification, 6.4.2.

use re_rav1d::dav1d::Plane as Av1Plane;

use crate::error::Reject;
use crate::raster::Layout;
use crate::source::HeifMatrix;

/// Bits behind the point.
const FRACTION_BITS: u32 = 14;

/// The samples of a plane, row by row.
pub(super) enum Samples {
    /// Of 8 bits.
    Bytes(Av1Plane),
    /// Of up to 16 bits in two bytes, in the order of this machine.
    Words(Av1Plane),
    #[cfg(feature = "heic")]
    Wide(Vec<i32>),
}

/// One plane.
pub(super) struct Plane {
    pub(super) samples: Samples,
    /// The first sample that is to be seen.
    pub(super) start: usize,
    /// Samples from one row to the next.
    pub(super) stride: usize,
}

/// One picture, ready to be read row by row.
pub(super) struct Planes {
    /// Gray, or luma and two differences.
    planes: Vec<Plane>,
    size: [usize; 2],
    /// Samples of the color differences for each of luma, as shifts: across, down.
    shifts: [usize; 2],
    largest: u16,
    conversion: Conversion,
}

/// What planes are to be read by.
pub(super) struct Shape {
    /// Width and height of what is to be seen, in pixels.
    pub(super) size: [usize; 2],
    /// Samples of the color differences for each of luma, as shifts: across, down.
    pub(super) shifts: [usize; 2],
    /// Of a sample, 8 to 12.
    pub(super) bits: u32,
}

/// How samples become colors.
enum Conversion {
    /// Green, blue, red.
    Identity { levels: Vec<i32> },
    /// Luma, and what each sample of a difference adds: blue's to green and blue, red's to red
    /// and green.
    Weighted { luma: Vec<i32>, blue: Vec<[i32; 2]>, red: Vec<[i32; 2]> },
    /// Luma, green's difference, orange's.
    Lifted { luma: Vec<i32>, difference: Vec<i32> },
}

/// Rows in the making, so that none takes memory of its own.
#[derive(Default)]
pub(super) struct Rows {
    luma: Vec<u16>,
    differences: [Vec<u16>; 2],
    own: Vec<u16>,
    near: Vec<u16>,
}

impl Planes {
    /// # Errors
    /// `Unsupported` for matrices that no weights can express.
    pub(super) fn new(
        planes: Vec<Plane>,
        shape: &Shape,
        matrix: HeifMatrix,
    ) -> Result<Self, Reject> {
        let &Shape { size, shifts, bits } = shape;
        let largest = ((1_u32 << bits) - 1) as u16;
        Ok(Self { planes, size, shifts, largest, conversion: Conversion::new(matrix, bits)? })
    }

    /// Luma alone, a byte every `step`.
    pub(super) fn gray_row(&self, y: usize, row: &mut [u8], step: usize, rows: &mut Rows) {
        let levels = self.conversion.levels();
        self.read(0, y, self.size[0], &mut rows.luma);
        for (pixel, &luma) in row.chunks_mut(step).zip(&rows.luma) {
            pixel[0] = to_byte(levels[usize::from(luma)]);
        }
    }

    /// Three colors every `step` bytes; a picture without color is gray.
    pub(super) fn rgb_row(&self, y: usize, row: &mut [u8], step: usize, rows: &mut Rows) {
        self.read(0, y, self.size[0], &mut rows.luma);
        if self.planes.len() < 3 {
            let levels = self.conversion.levels();
            for (pixel, &luma) in row.chunks_mut(step).zip(&rows.luma) {
                pixel[..3].fill(to_byte(levels[usize::from(luma)]));
            }
            return;
        }
        for plane in [1, 2] {
            self.widen(plane, y, rows);
        }
        let [first, second] = &rows.differences;
        let samples = rows.luma.iter().zip(first).zip(second);
        self.conversion.convert(samples.map(|((&luma, &first), &second)| [luma, first, second]), row, step);
    }

    /// A row of a difference, as wide as luma: between samples each counts by its nearness.
    fn widen(&self, plane: usize, y: usize, rows: &mut Rows) {
        let [across, down] = self.shifts;
        let [width, height] = self.size;
        let most = (width + across) >> across;
        let own = y >> down;
        let last = ((height + down) >> down) - 1;
        let near = match (down, y % 2) {
            (0, _) => own,
            (_, 0) => own.saturating_sub(1),
            _ => (own + 1).min(last),
        };
        self.read(plane, own, most, &mut rows.own);
        self.read(plane, near, most, &mut rows.near);
        for (own, &near) in rows.own.iter_mut().zip(&rows.near) {
            *own = 3 * *own + near;
        }
        let (sums, out) = (&rows.own, &mut rows.differences[plane - 1]);
        out.clear();
        let between = |own: u16, near: u16| ((3 * u32::from(own) + u32::from(near) + 8) / 16) as u16;
        if across == 0 {
            out.extend(sums.iter().map(|&own| between(own, own)));
            return;
        }
        for (x, &own) in sums.iter().enumerate() {
            let before = sums[x.saturating_sub(1)];
            let after = sums.get(x + 1).copied().unwrap_or(own);
            out.extend([between(own, before), between(own, after)]);
        }
    }

    /// The first samples of a row.
    fn read(&self, plane: usize, y: usize, count: usize, out: &mut Vec<u16>) {
        let Plane { samples, start, stride } = &self.planes[plane];
        let (start, end) = (start + y * stride, start + y * stride + count);
        out.clear();
        match samples {
            Samples::Bytes(bytes) => out.extend(bytes[start..end].iter().map(|&byte| u16::from(byte))),
            Samples::Words(bytes) => {
                let (words, _) = bytes[2 * start..2 * end].as_chunks::<2>();
                out.extend(words.iter().map(|&word| u16::from_ne_bytes(word).min(self.largest)));
            }
            #[cfg(feature = "heic")]
            Samples::Wide(samples) => {
                let largest = i32::from(self.largest);
                let row = samples[start..end].iter();
                out.extend(row.map(|&sample| sample.clamp(0, largest) as u16));
            }
        }
    }
}

impl Conversion {
    fn new(matrix: HeifMatrix, bits: u32) -> Result<Self, Reject> {
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
            _ => return Err(Reject::Unsupported { what: "a picture of constant luminance" }),
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

    /// Pixels of luma and two differences to three colors every `step` bytes.
    fn convert(&self, pixels: impl Iterator<Item = [u16; 3]>, row: &mut [u8], step: usize) {
        let out = row.chunks_mut(step).zip(pixels.map(|pixel| pixel.map(usize::from)));
        match self {
            Self::Identity { levels } => {
                for (out, [green, blue, red]) in out {
                    let colors = [levels[red], levels[green], levels[blue]];
                    out[..3].copy_from_slice(&colors.map(to_byte));
                }
            }
            Self::Weighted { luma: lumas, blue, red } => {
                for (out, [luma, first, second]) in out {
                    let (luma, blue, red) = (lumas[luma], blue[first], red[second]);
                    let colors = [luma + red[0], luma + red[1] + blue[1], luma + blue[0]];
                    out[..3].copy_from_slice(&colors.map(to_byte));
                }
            }
            Self::Lifted { luma: lumas, difference } => {
                for (out, [luma, first, second]) in out {
                    let (luma, green) = (lumas[luma], difference[first]);
                    let orange = difference[second];
                    let colors = [luma - green + orange, luma + green, luma - green - orange];
                    out[..3].copy_from_slice(&colors.map(to_byte));
                }
            }
        }
    }
}

/// Rounded, cut to what a byte holds.
fn to_byte(value: i32) -> u8 {
    ((value + (1 << (FRACTION_BITS - 1))) >> FRACTION_BITS).clamp(0, 255) as u8
}

/// Takes the alpha out of colors that were multiplied with it.
pub(super) fn divide_by_alpha(pixels: &mut [u8], layout: Layout) {
    let channels = layout.channels();
    for pixel in pixels.chunks_exact_mut(channels) {
        let (alpha, colors) = pixel.split_last_mut().expect("pixels have channels");
        let alpha = u32::from(*alpha);
        for color in colors {
            let straight = (u32::from(*color) * 255 + alpha / 2).checked_div(alpha).unwrap_or(0);
            *color = straight.min(255) as u8;
        }
    }
}
