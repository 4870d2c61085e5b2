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
    U8(Av1Plane),
    /// Of up to 16 bits in two bytes, in the order of this machine.
    U16(Av1Plane),
    #[cfg(feature = "heic")]
    /// Of up to 16 bits.
    I32(Vec<i32>),
}

/// One plane.
pub(super) struct Plane {
    pub(super) samples: Samples,
    /// The first sample that is to be seen.
    pub(super) start: usize,
    /// Samples from one row to the next.
    pub(super) stride: usize,
}

/// How the planes of a picture lie.
pub(super) struct PlaneLayout {
    /// Width and height of what is to be seen, in pixels.
    pub(super) size: [usize; 2],
    /// Base-2 logarithm of the chroma subsampling, horizontal and vertical.
    pub(super) shifts: [usize; 2],
    /// Of a sample, 8 to 12.
    pub(super) bits: u32,
}

/// One picture, ready to be read row by row.
pub(super) struct Planes {
    /// Luma, or luma, Cb, and Cr.
    planes: Vec<Plane>,
    layout: PlaneLayout,
    weights: Weights,
    cpu: Cpu,
}

/// Buffers for one row, reused so that rows do not allocate.
#[derive(Default)]
pub(super) struct Row {
    /// Red, green and blue, or gray alone.
    pub(super) channels: [Vec<u8>; 3],
    luma: Vec<u16>,
    chroma: [Vec<u16>; 2],
    own: Vec<u16>,
    near: Vec<u16>,
}

impl Planes {
    /// # Errors
    /// `Unsupported` for matrices that no weights can express.
    pub(super) fn new(
        planes: Vec<Plane>,
        layout: PlaneLayout,
        matrix: HeifMatrix,
    ) -> Result<Self, Reject> {
        let weights = Weights::new(matrix, layout.bits)?;
        Ok(Self { planes, layout, weights, cpu: Cpu::detect() })
    }

    /// Luma alone.
    pub(super) fn gray(&self, y: usize, row: &mut Row) {
        self.read(0, y, self.layout.size[0], &mut row.luma);
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
        let width = self.layout.size[0];
        self.read(0, y, width, &mut row.luma);
        for plane in [1, 2] {
            self.upsample(plane, y, row);
        }
        let [cb, cr] = &row.chroma;
        let samples = [&row.luma[..], &cb[..width], &cr[..width]];
        row.channels.iter_mut().for_each(|channel| channel.resize(width, 0));
        kernels::colors(self.cpu, &self.weights, samples, &mut row.channels);
    }

    /// Upsamples a row of chroma to the width of luma. The nearest sample counts 3/4 and the next
    /// one 1/4 in each direction, as in libjpeg's fancy upsampling.
    fn upsample(&self, plane: usize, y: usize, row: &mut Row) {
        let [width, height] = self.layout.size;
        let [across, down] = self.layout.shifts;
        let (count, last) = ((width + across) >> across, ((height + down) >> down) - 1);
        let own = y >> down;
        let near = match (down, y % 2) {
            (0, _) => own,
            (_, 0) => own.saturating_sub(1),
            _ => (own + 1).min(last),
        };
        let out = &mut row.chroma[plane - 1];
        if across == 0 && own == near {
            return self.read(plane, own, count, out);
        }
        self.read(plane, own, count, &mut row.own);
        self.read(plane, near, count, &mut row.near);
        out.resize(count << across, 0);
        kernels::upsample(self.cpu, &mut row.own, &row.near, out);
    }

    /// The first samples of a row.
    fn read(&self, plane: usize, y: usize, count: usize, out: &mut Vec<u16>) {
        let Plane { samples, start, stride } = &self.planes[plane];
        let (start, end) = (start + y * stride, start + y * stride + count);
        match samples {
            Samples::U8(bytes) => {
                out.clear();
                out.extend(bytes[start..end].iter().map(|&byte| u16::from(byte)));
            }
            Samples::U16(bytes) => {
                let (words, _) = bytes[2 * start..2 * end].as_chunks::<2>();
                out.clear();
                out.extend(words.iter().map(|&word| u16::from_ne_bytes(word)));
            }
            #[cfg(feature = "heic")]
            Samples::I32(samples) => {
                out.resize(count, 0);
                kernels::narrow(self.cpu, &samples[start..end], out);
            }
        }
    }
}

/// Undoes premultiplied alpha.
pub(super) fn straight(color: u8, alpha: u8) -> u8 {
    let alpha = u32::from(alpha);
    let straight = (u32::from(color) * 255 + alpha / 2).checked_div(alpha).unwrap_or(0);
    straight.min(255) as u8
}
