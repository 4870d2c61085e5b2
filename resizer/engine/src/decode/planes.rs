//! The planes of a picture of 8 to 12 bits, AV1 or HEVC, to rows of 8-bit gray or RGB.
//! Source: ITU-T H.273, 8.3; AV1 specification, 6.4.2.

mod kernels;
mod matrix;

use re_rav1d::dav1d::Plane as Av1Plane;
use resizer_cpu::Cpu;

use self::matrix::Weights;
use crate::error::Reject;
use crate::source::HeifMatrix;

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

/// What planes are to be read by.
pub(super) struct Shape {
    /// Width and height of what is to be seen, in pixels.
    pub(super) size: [usize; 2],
    /// Samples of the color differences for each of luma, as shifts: across, down.
    pub(super) shifts: [usize; 2],
    /// Of a sample, 8 to 12.
    pub(super) bits: u32,
}

/// One picture, ready to be read row by row.
pub(super) struct Planes {
    /// Gray, or luma and two differences.
    planes: Vec<Plane>,
    shape: Shape,
    weights: Weights,
    cpu: Cpu,
}

/// A row in the making, so that none takes memory of its own.
#[derive(Default)]
pub(super) struct Row {
    /// Red, green and blue, or gray alone.
    pub(super) channels: [Vec<u8>; 3],
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
        shape: Shape,
        matrix: HeifMatrix,
    ) -> Result<Self, Reject> {
        let weights = Weights::new(matrix, shape.bits)?;
        Ok(Self { planes, shape, weights, cpu: Cpu::detect() })
    }

    /// Luma alone.
    pub(super) fn gray(&self, y: usize, row: &mut Row) {
        self.read(0, y, self.shape.size[0], &mut row.luma);
        row.channels[0].resize(row.luma.len(), 0);
        kernels::gray(self.cpu, &self.weights, &row.luma, &mut row.channels[0]);
    }

    /// Three colors; a picture without color is gray.
    pub(super) fn rgb(&self, y: usize, row: &mut Row) {
        if self.planes.len() < 3 {
            self.gray(y, row);
            let [red, green, blue] = &mut row.channels;
            green.clone_from(red);
            blue.clone_from(red);
            return;
        }
        let width = self.shape.size[0];
        self.read(0, y, width, &mut row.luma);
        for plane in [1, 2] {
            self.widen(plane, y, row);
        }
        let [first, second] = &row.differences;
        let samples = [&row.luma[..], &first[..width], &second[..width]];
        row.channels.iter_mut().for_each(|channel| channel.resize(width, 0));
        kernels::colors(self.cpu, &self.weights, samples, &mut row.channels);
    }

    /// A row of a difference, at least as wide as luma: between samples each counts by its
    /// nearness.
    fn widen(&self, plane: usize, y: usize, row: &mut Row) {
        let [width, height] = self.shape.size;
        let [across, down] = self.shape.shifts;
        let (count, last) = ((width + across) >> across, ((height + down) >> down) - 1);
        let own = y >> down;
        let near = match (down, y % 2) {
            (0, _) => own,
            (_, 0) => own.saturating_sub(1),
            _ => (own + 1).min(last),
        };
        let out = &mut row.differences[plane - 1];
        if across == 0 && own == near {
            return self.read(plane, own, count, out);
        }
        self.read(plane, own, count, &mut row.own);
        self.read(plane, near, count, &mut row.near);
        out.resize(count << across, 0);
        kernels::widen(self.cpu, &mut row.own, &row.near, out);
    }

    /// The first samples of a row.
    fn read(&self, plane: usize, y: usize, count: usize, out: &mut Vec<u16>) {
        let Plane { samples, start, stride } = &self.planes[plane];
        let (start, end) = (start + y * stride, start + y * stride + count);
        match samples {
            Samples::Bytes(bytes) => {
                out.clear();
                out.extend(bytes[start..end].iter().map(|&byte| u16::from(byte)));
            }
            Samples::Words(bytes) => {
                let (words, _) = bytes[2 * start..2 * end].as_chunks::<2>();
                out.clear();
                out.extend(words.iter().map(|&word| u16::from_ne_bytes(word)));
            }
            #[cfg(feature = "heic")]
            Samples::Wide(samples) => {
                out.resize(count, 0);
                kernels::narrow(self.cpu, &samples[start..end], out);
            }
        }
    }
}

/// Takes out of a color the alpha that it was multiplied with.
pub(super) fn straight(color: u8, alpha: u8) -> u8 {
    let alpha = u32::from(alpha);
    let straight = (u32::from(color) * 255 + alpha / 2).checked_div(alpha).unwrap_or(0);
    straight.min(255) as u8
}
