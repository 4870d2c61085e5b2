//! Rows of samples as they come, any number at a time, and pixels as red, green, blue on their
//! way to them; out come rows of MCUs.

use super::kernels;
use super::options::Sampling;
use crate::band::Plane;
use resizer_cpu::Cpu;

/// Rows of one component that wait for the rest of their MCUs.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    pub(super) rows: Vec<u8>,
    pub(super) width: usize,
}

impl Waiting {
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

/// From pixels to samples.
#[derive(Debug)]
pub(super) struct Converter {
    cpu: Cpu,
    sampling: Sampling,
    /// Both colour differences of a row, and of the row above it that waits for it.
    colour: [Vec<u8>; 2],
    above: [Vec<u8>; 2],
    has_above: bool,
}

impl Converter {
    pub(super) fn new(cpu: Cpu, sampling: Sampling) -> Self {
        Self {
            cpu,
            sampling,
            colour: Default::default(),
            above: Default::default(),
            has_above: false,
        }
    }

    /// Whether a row waits for the one below it.
    pub(super) fn has_above(&self) -> bool {
        self.has_above
    }

    /// One row of pixels; of the last row of a picture `is_last` is said.
    pub(super) fn push_rgb(&mut self, rgb: &[u8], is_last: bool, waiting: &mut [Waiting]) {
        let [luminance, blue, red] = waiting else { return };
        let luminance = luminance.push_row();
        if self.sampling == Sampling::Full {
            kernels::convert_rgb(self.cpu, rgb, [luminance, blue.push_row(), red.push_row()]);
            return;
        }
        self.colour.iter_mut().for_each(|row| row.resize(rgb.len() / 3, 0));
        let [blue_row, red_row] = &mut self.colour;
        kernels::convert_rgb(self.cpu, rgb, [luminance, blue_row, red_row]);
        let waits = self.sampling == Sampling::Quarter && !self.has_above;
        if waits && !is_last {
            std::mem::swap(&mut self.colour, &mut self.above);
            self.has_above = true;
            return;
        }
        for (at, waiting) in [blue, red].into_iter().enumerate() {
            let (row, out) = (&self.colour[at], waiting.push_row());
            let above = if self.has_above { &self.above[at] } else { row };
            match self.sampling {
                Sampling::Quarter => kernels::average_squares(self.cpu, [above, row], out),
                _ => kernels::average_pairs(self.cpu, row, out),
            }
        }
        self.has_above = false;
    }
}
