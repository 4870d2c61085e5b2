//! Pixels to rows of samples: color conversion, downsampling of chroma, and buffers for rows until
//! a row of MCUs is complete.

use super::kernels;
use super::options::Sampling;
use crate::band::Plane;
use crate::pixels::PixelFormat;
use resizer_cpu::Cpu;

/// The rows of one component that do not make a row of MCUs yet.
#[derive(Debug, Default)]
pub(super) struct RowBuffer {
    pub(super) rows: Vec<u8>,
    pub(super) width: usize,
}

impl RowBuffer {
    pub(super) fn new(width: usize) -> Self {
        Self { rows: Vec::new(), width }
    }

    pub(super) fn count(&self) -> usize {
        self.rows.len() / self.width
    }

    pub(super) fn row(&self, y: usize) -> &[u8] {
        &self.rows[y * self.width..][..self.width]
    }

    fn push_row(&mut self) -> &mut [u8] {
        let start = self.rows.len();
        self.rows.resize(start + self.width, 0);
        &mut self.rows[start..]
    }

    pub(super) fn push_rows(&mut self, plane: &Plane<'_>, from: usize) {
        for y in from..plane.height {
            self.rows.extend_from_slice(plane.row(y));
        }
    }

    pub(super) fn drop_rows(&mut self, count: usize) {
        let kept = self.rows.len().min(count * self.width);
        self.rows.drain(..kept);
    }
}

/// Converts pixels to samples.
#[derive(Debug)]
pub(super) struct Downsampler {
    cpu: Cpu,
    sampling: Sampling,
    /// Cb and Cr of the current row at full resolution, and of the row above for 4:2:0.
    color: [Vec<u8>; 2],
    above: [Vec<u8>; 2],
    has_above: bool,
    /// Scratch space for a row without its alpha.
    rgb: Vec<u8>,
}

impl Downsampler {
    pub(super) fn new(cpu: Cpu, sampling: Sampling) -> Self {
        Self {
            cpu,
            sampling,
            color: Default::default(),
            above: Default::default(),
            has_above: false,
            rgb: Vec::new(),
        }
    }

    /// Whether the upper row of a pair waits for the lower one.
    pub(super) fn has_above(&self) -> bool {
        self.has_above
    }

    /// Takes one row of RGB or RGBA. `is_last` marks the last row of the picture.
    pub(super) fn push_row(
        &mut self,
        format: PixelFormat,
        pixels: &[u8],
        is_last: bool,
        waiting: &mut [RowBuffer],
    ) {
        if format != PixelFormat::Rgba {
            return self.push_rgb(pixels, is_last, waiting);
        }
        let mut rgb = std::mem::take(&mut self.rgb);
        rgb.resize(pixels.len() / 4 * 3, 0);
        for (rgb, pixel) in rgb.as_chunks_mut::<3>().0.iter_mut().zip(pixels.as_chunks::<4>().0) {
            rgb.copy_from_slice(&pixel[..3]);
        }
        self.push_rgb(&rgb, is_last, waiting);
        self.rgb = rgb;
    }

    fn push_rgb(&mut self, rgb: &[u8], is_last: bool, waiting: &mut [RowBuffer]) {
        let [luma, blue, red] = waiting else { return };
        let luma = luma.push_row();
        if self.sampling == Sampling::S444 {
            kernels::convert_rgb(self.cpu, rgb, [luma, blue.push_row(), red.push_row()]);
            return;
        }
        self.color.iter_mut().for_each(|row| row.resize(rgb.len() / 3, 0));
        let [blue_row, red_row] = &mut self.color;
        kernels::convert_rgb(self.cpu, rgb, [luma, blue_row, red_row]);
        let waits = self.sampling == Sampling::S420 && !self.has_above;
        if waits && !is_last {
            std::mem::swap(&mut self.color, &mut self.above);
            self.has_above = true;
            return;
        }
        for (at, waiting) in [blue, red].into_iter().enumerate() {
            let (row, out) = (&self.color[at], waiting.push_row());
            let above = if self.has_above { &self.above[at] } else { row };
            match self.sampling {
                Sampling::S420 => kernels::average_squares(self.cpu, [above, row], out),
                _ => kernels::average_pairs(self.cpu, row, out),
            }
        }
        self.has_above = false;
    }
}
