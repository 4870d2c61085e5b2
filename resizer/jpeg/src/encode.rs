//! The encoder: planes or pixels in bands in, a whole file out.

mod bits;
mod block;
mod coder;
mod component;
mod error;
mod huffman;
mod intake;
mod kernels;
mod markers;
mod options;
mod quantization;
mod script;
mod search;
mod sequential;
mod stream;
mod tokens;

use crate::band::Plane;
use crate::frame::{self, ColourModel, Frame, Process};
use coder::Coder;
pub use error::EncodeError;
use intake::{Converter, Waiting};
pub use options::{Density, EncodeOptions, Layout, Profile, Sampling, Segments};
use resizer_cpu::Cpu;

/// One file in the making. Rows are pushed from top to bottom, any number at a time; memory is
/// some rows of MCUs and the file, and with optimised Huffman tables four bytes for each
/// coefficient that is not 0 as well.
#[derive(Debug)]
pub struct Encoder {
    frame: Frame,
    cpu: Cpu,
    converter: Converter,
    waiting: Vec<Waiting>,
    /// Rows given, by component.
    given: Vec<usize>,
    coder: Coder,
}

impl Encoder {
    /// A picture of this size in pixels.
    ///
    /// `Size` if a side is 0 or above 65,535; `Segment` if a segment is too long.
    pub fn new(
        width: u32,
        height: u32,
        layout: Layout,
        options: &EncodeOptions,
        segments: &Segments<'_>,
    ) -> Result<Self, EncodeError> {
        Self::on(Cpu::detect(), (width, height), layout, options, segments)
    }

    fn on(
        cpu: Cpu,
        (width, height): (u32, u32),
        layout: Layout,
        options: &EncodeOptions,
        segments: &Segments<'_>,
    ) -> Result<Self, EncodeError> {
        if [width, height].iter().any(|side| !(1..=65_535).contains(side)) {
            return Err(EncodeError::Size { width, height });
        }
        markers::check_segments(segments)?;
        let frame = new_frame((width, height), layout, options);
        let coder = Coder::new(&frame, options, segments);
        let waiting = coder.components.iter().map(|component| Waiting::new(component.width));
        Ok(Self {
            cpu,
            converter: Converter::new(cpu, options.sampling),
            waiting: waiting.collect(),
            given: vec![0; coder.components.len()],
            frame,
            coder,
        })
    }

    /// Some rows of pixels, three bytes each: red, green, blue; no gaps between rows.
    ///
    /// `Layout` if the picture is gray or the last row is not whole; `Rows` if they are too many.
    pub fn push_rgb(&mut self, pixels: &[u8]) -> Result<(), EncodeError> {
        let height = self.frame.height as usize;
        let row_bytes = self.frame.width as usize * 3;
        if self.frame.colour != ColourModel::YCbCr {
            return Err(EncodeError::Layout { what: "colour pixels for a gray picture" });
        }
        if !pixels.len().is_multiple_of(row_bytes) {
            return Err(EncodeError::Layout { what: "rows of pixels that are not whole" });
        }
        let first = self.given[0];
        if self.given[1..] != [self.colour_rows(first); 2] {
            return Err(EncodeError::Layout { what: "pixels after planes of uneven heights" });
        }
        self.check_rows(0, pixels.len() / row_bytes)?;
        for (y, row) in (first + 1..).zip(pixels.chunks_exact(row_bytes)) {
            self.converter.push_rgb(row, y == height, &mut self.waiting);
            self.given[0] = y;
            if self.waiting[0].count() == self.coder.components[0].mcu_rows() || y == height {
                self.write_rows(&[]);
            }
        }
        let colour = self.colour_rows(self.given[0]);
        self.given[1..].fill(colour);
        Ok(())
    }

    /// How many rows of colour differences belong to so many of pixels, from the top.
    fn colour_rows(&self, rows: usize) -> usize {
        match self.frame.most_sampling().1 {
            2 if rows < self.frame.height as usize => rows / 2,
            vertical => rows.div_ceil(usize::from(vertical)),
        }
    }

    /// Some rows of luminance, one byte for a pixel; no gaps between rows.
    ///
    /// `Layout` if the picture has colour or the last row is not whole; `Rows` if they are too
    /// many.
    pub fn push_gray(&mut self, pixels: &[u8]) -> Result<(), EncodeError> {
        let width = self.frame.width as usize;
        if !pixels.len().is_multiple_of(width) {
            return Err(EncodeError::Layout { what: "rows of pixels that are not whole" });
        }
        let height = pixels.len() / width;
        self.push_planes(&[Plane { pixels, width, height, stride: width }])
    }

    /// Some rows of every component, in the frame's order: luminance, and both colour
    /// differences as many as the sampling has of them, where a last odd one counts as whole.
    /// Bands that are rows of MCUs are not copied.
    ///
    /// `Layout` if the planes are not as many or not as wide as they should be; `Rows` if a
    /// component is given too many rows. Nothing is taken then.
    pub fn push_planes(&mut self, planes: &[Plane<'_>]) -> Result<(), EncodeError> {
        if planes.len() != self.waiting.len() {
            return Err(EncodeError::Layout { what: "planes of another layout" });
        }
        if self.converter.has_above() {
            return Err(EncodeError::Layout { what: "planes after half a pair of rows of pixels" });
        }
        for (at, (plane, waiting)) in planes.iter().zip(&self.waiting).enumerate() {
            let length = match plane.height {
                0 => 0,
                rows => (rows - 1).saturating_mul(plane.stride).saturating_add(plane.width),
            };
            let fits = plane.pixels.len() >= length && plane.stride >= plane.width;
            if plane.height > 0 && (plane.width != waiting.width || !fits) {
                return Err(EncodeError::Layout { what: "a plane of another width" });
            }
            self.check_rows(at, plane.height)?;
        }
        for (given, plane) in self.given.iter_mut().zip(planes) {
            *given += plane.height;
        }
        self.write_rows(planes);
        Ok(())
    }

    fn check_rows(&self, component: usize, more: usize) -> Result<(), EncodeError> {
        let expected = self.coder.components[component].height;
        let given = self.given[component].saturating_add(more);
        if given > expected {
            return Err(EncodeError::Rows { component, given, expected });
        }
        Ok(())
    }

    /// Writes all rows of MCUs that are whole with these planes, and keeps what is left of them.
    fn write_rows(&mut self, planes: &[Plane<'_>]) {
        let mut taken = [0; 3];
        loop {
            let needed = self.coder.needed_rows();
            let there = self.waiting.iter().enumerate().all(|(at, waiting)| {
                let plane = planes.get(at).map_or(0, |plane| plane.height - taken[at]);
                waiting.count() + plane >= needed[at]
            });
            if !there || needed[0] == 0 {
                break;
            }
            let mut rows = [[[].as_slice(); 16]; 3];
            for (at, waiting) in self.waiting.iter().enumerate() {
                let kept = waiting.count().min(needed[at]);
                for (y, row) in rows[at].iter_mut().take(needed[at]).enumerate() {
                    *row = if y < kept {
                        waiting.row(y)
                    } else {
                        planes[at].row(taken[at] + y - kept)
                    };
                }
                taken[at] += needed[at] - kept;
            }
            self.coder.write_row(self.cpu, &rows, needed);
            for (waiting, needed) in self.waiting.iter_mut().zip(needed) {
                waiting.drop_rows(needed);
            }
        }
        for ((waiting, plane), taken) in self.waiting.iter_mut().zip(planes).zip(taken) {
            waiting.push_rows(plane, taken);
        }
    }

    /// The file.
    ///
    /// `Rows` if a component was given too few of them.
    pub fn finish(self) -> Result<Vec<u8>, EncodeError> {
        for (at, component) in self.coder.components.iter().enumerate() {
            let (given, expected) = (self.given[at], component.height);
            if given != expected {
                return Err(EncodeError::Rows { component: at, given, expected });
            }
        }
        Ok(self.coder.finish(&self.frame))
    }
}

fn new_frame((width, height): (u32, u32), layout: Layout, options: &EncodeOptions) -> Frame {
    let (horizontal, vertical) = match layout {
        Layout::Gray => (1, 1),
        Layout::YCbCr => options.sampling.factors(),
    };
    let colour = |id| frame::Component { id, horizontal: 1, vertical: 1, quantization: 1 };
    let luminance = frame::Component { id: 1, horizontal, vertical, quantization: 0 };
    let (model, component_count) = match layout {
        Layout::Gray => (ColourModel::Gray, 1),
        Layout::YCbCr => (ColourModel::YCbCr, 3),
    };
    Frame {
        width,
        height,
        process: if options.is_progressive() { Process::Progressive } else { Process::Baseline },
        colour: model,
        adobe: false,
        components: [luminance, colour(2), colour(3), frame::Component::default()],
        component_count,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instruction_set_writes_the_same_file() {
        let mut state = 1u32;
        let mut byte = |at: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (at / 7) as u8 ^ ((state >> 24) as u8 & 31)
        };
        let pixels: Vec<u8> = (0..133 * 71 * 3).map(&mut byte).collect();
        for profile in [Profile::Fast, Profile::Balanced, Profile::Small] {
            for sampling in [Sampling::Full, Sampling::Half, Sampling::Quarter] {
                let options = EncodeOptions { sampling, profile, ..EncodeOptions::default() };
                let encode = |cpu| {
                    let segments = Segments::default();
                    let encoder = Encoder::on(cpu, (133, 71), Layout::YCbCr, &options, &segments);
                    let mut encoder = encoder.expect("a legal size");
                    encoder.push_rgb(&pixels).expect("all rows");
                    encoder.finish().expect("all rows were given")
                };
                let expected = encode(Cpu::Portable);
                for cpu in Cpu::available() {
                    assert!(encode(cpu) == expected, "{cpu:?} {options:?}");
                }
            }
        }
    }
}
