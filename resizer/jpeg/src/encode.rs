//! The encoder: rows of pixels or planes to a file.

mod bits;
mod block;
mod coder;
mod component;
mod downsample;
mod error;
mod huffman;
mod kernels;
mod markers;
mod options;
mod quantization;
mod script;
mod sequential;
mod tokenizer;
mod tokens;
mod trellis;

use std::io::Write;

use crate::band::Plane;
use crate::frame::{self, ColorModel, Frame, Process};
use crate::pixels::PixelFormat;
use coder::Coder;
use downsample::{Downsampler, RowBuffer};
pub use error::EncodeError;
pub use options::{Density, Effort, EncodeOptions, Sampling};
use resizer_cpu::Cpu;

/// Encodes a picture: `width * height` pixels of [`EncodeOptions::format`], rows from top to bottom
/// without gaps.
///
/// # Errors
/// Those of [`Encoder::new`]; `Layout` or `Rows` if `pixels` has another length.
pub fn encode(
    pixels: &[u8],
    width: u32,
    height: u32,
    options: &EncodeOptions<'_>,
) -> Result<Vec<u8>, EncodeError> {
    let mut encoder = Encoder::new(Vec::new(), width, height, options)?;
    encoder.push_rows(pixels)?;
    encoder.finish()
}

/// A file that is encoded row by row into any [`Write`].
///
/// Rows are pushed from top to bottom, any number at a time. `Effort::Fast` takes memory for some
/// rows of MCUs and writes as it goes. Progressive files and optimized Huffman tables take four
/// bytes for each coefficient that is not 0 as well, and are written by
/// [`finish`](Self::finish).
#[derive(Debug)]
pub struct Encoder<W> {
    sink: W,
    frame: Frame,
    format: PixelFormat,
    cpu: Cpu,
    converter: Downsampler,
    buffers: Vec<RowBuffer>,
    /// The number of rows pushed so far, per component.
    given: Vec<usize>,
    coder: Coder,
}

impl<W: Write> Encoder<W> {
    /// Creates an encoder for a picture of `width` by `height` pixels. Nothing is written yet.
    ///
    /// # Errors
    /// `Size` if a side is 0 or above 65,535; `Unsupported` for CMYK; `Segment` if a metadata
    /// segment is too long.
    pub fn new(
        sink: W,
        width: u32,
        height: u32,
        options: &EncodeOptions<'_>,
    ) -> Result<Self, EncodeError> {
        Self::on(Cpu::detect(), sink, (width, height), options)
    }

    fn on(
        cpu: Cpu,
        sink: W,
        (width, height): (u32, u32),
        options: &EncodeOptions<'_>,
    ) -> Result<Self, EncodeError> {
        if [width, height].iter().any(|side| !(1..=65_535).contains(side)) {
            return Err(EncodeError::Size { width, height });
        }
        if options.format == PixelFormat::Cmyk {
            return Err(EncodeError::Unsupported(options.format));
        }
        markers::check_metadata(options)?;
        let frame = new_frame((width, height), options);
        let coder = Coder::new(&frame, options);
        let buffers = coder.components.iter().map(|component| RowBuffer::new(component.width));
        Ok(Self {
            sink,
            format: options.format,
            cpu,
            converter: Downsampler::new(cpu, options.sampling),
            buffers: buffers.collect(),
            given: vec![0; coder.components.len()],
            frame,
            coder,
        })
    }

    /// Takes the next rows of pixels in the format of the options, without gaps between rows.
    ///
    /// # Errors
    /// `Layout` if the last row is incomplete; `Rows` if the picture has fewer rows; `Io` where the
    /// sink fails.
    pub fn push_rows(&mut self, pixels: &[u8]) -> Result<(), EncodeError> {
        let (width, height) = (self.frame.width as usize, self.frame.height as usize);
        let row_bytes = width * self.format.channels();
        if !pixels.len().is_multiple_of(row_bytes) {
            return Err(EncodeError::Layout { what: "rows of pixels that are not whole" });
        }
        let rows = pixels.len() / row_bytes;
        if self.format == PixelFormat::Gray {
            return self.push_planes(&[Plane { pixels, width, height: rows, stride: width }]);
        }
        let first = self.given[0];
        if self.given[1..] != [self.chroma_rows(first); 2] {
            return Err(EncodeError::Layout { what: "pixels after planes of uneven heights" });
        }
        self.check_rows(0, rows)?;
        for (y, row) in (first + 1..).zip(pixels.chunks_exact(row_bytes)) {
            self.converter.push_row(self.format, row, y == height, &mut self.buffers);
            self.given[0] = y;
            if self.buffers[0].count() == self.coder.components[0].mcu_rows() || y == height {
                self.write_rows(&[])?;
            }
        }
        let color = self.chroma_rows(self.given[0]);
        self.given[1..].fill(color);
        Ok(())
    }

    /// The number of chroma rows that the first `rows` rows of pixels make.
    fn chroma_rows(&self, rows: usize) -> usize {
        match self.frame.max_sampling().1 {
            2 if rows < self.frame.height as usize => rows / 2,
            vertical => rows.div_ceil(usize::from(vertical)),
        }
    }

    /// Takes the next rows of each component in place of pixels: luma for `Gray`, else luma, Cb and
    /// Cr at the resolution of the sampling, a last odd row or column rounded up. Planes that are
    /// whole rows of MCUs are not copied.
    ///
    /// # Errors
    /// `Layout` if the number of planes or the width of one is wrong; `Rows` if a component has
    /// fewer rows. No row is taken then. `Io` where the sink fails.
    pub fn push_planes(&mut self, planes: &[Plane<'_>]) -> Result<(), EncodeError> {
        if planes.len() != self.buffers.len() {
            return Err(EncodeError::Layout { what: "planes of another layout" });
        }
        if self.converter.has_above() {
            return Err(EncodeError::Layout { what: "planes after half a pair of rows of pixels" });
        }
        for (at, (plane, buffers)) in planes.iter().zip(&self.buffers).enumerate() {
            let length = match plane.height {
                0 => 0,
                rows => (rows - 1).saturating_mul(plane.stride).saturating_add(plane.width),
            };
            let fits = plane.pixels.len() >= length && plane.stride >= plane.width;
            if plane.height > 0 && (plane.width != buffers.width || !fits) {
                return Err(EncodeError::Layout { what: "a plane of another width" });
            }
            self.check_rows(at, plane.height)?;
        }
        for (given, plane) in self.given.iter_mut().zip(planes) {
            *given += plane.height;
        }
        self.write_rows(planes)
    }

    fn check_rows(&self, component: usize, more: usize) -> Result<(), EncodeError> {
        let expected = self.coder.components[component].height;
        let given = self.given[component].saturating_add(more);
        if given > expected {
            return Err(EncodeError::Rows { component, given, expected });
        }
        Ok(())
    }

    /// Encodes all complete rows of MCUs of the buffered rows and these planes, and buffers the
    /// rest.
    fn write_rows(&mut self, planes: &[Plane<'_>]) -> Result<(), EncodeError> {
        let mut taken = [0; 3];
        loop {
            let needed = self.coder.needed_rows();
            let there = self.buffers.iter().enumerate().all(|(at, buffers)| {
                let plane = planes.get(at).map_or(0, |plane| plane.height - taken[at]);
                buffers.count() + plane >= needed[at]
            });
            if !there || needed[0] == 0 {
                break;
            }
            let mut rows = [[[].as_slice(); 16]; 3];
            for (at, buffers) in self.buffers.iter().enumerate() {
                let kept = buffers.count().min(needed[at]);
                for (y, row) in rows[at].iter_mut().take(needed[at]).enumerate() {
                    *row = if y < kept {
                        buffers.row(y)
                    } else {
                        planes[at].row(taken[at] + y - kept)
                    };
                }
                taken[at] += needed[at] - kept;
            }
            self.coder.write_row(self.cpu, &rows, needed);
            self.coder.flush(&mut self.sink)?;
            for (buffers, needed) in self.buffers.iter_mut().zip(needed) {
                buffers.drop_rows(needed);
            }
        }
        for ((buffers, plane), taken) in self.buffers.iter_mut().zip(planes).zip(taken) {
            buffers.push_rows(plane, taken);
        }
        Ok(())
    }

    /// Writes the rest of the file and returns the sink, which is not flushed.
    ///
    /// # Errors
    /// `Rows` if a component was given fewer rows than it has; `Io` where the sink fails.
    pub fn finish(mut self) -> Result<W, EncodeError> {
        for (at, component) in self.coder.components.iter().enumerate() {
            let (given, expected) = (self.given[at], component.height);
            if given != expected {
                return Err(EncodeError::Rows { component: at, given, expected });
            }
        }
        self.coder.finish(&self.frame, &mut self.sink)?;
        Ok(self.sink)
    }
}

fn new_frame((width, height): (u32, u32), options: &EncodeOptions<'_>) -> Frame {
    let is_gray = options.format == PixelFormat::Gray;
    let (horizontal, vertical) = if is_gray { (1, 1) } else { options.sampling.factors() };
    let chroma = |id| frame::Component { id, horizontal: 1, vertical: 1, quantization: 1 };
    let luma = frame::Component { id: 1, horizontal, vertical, quantization: 0 };
    let (model, component_count) =
        if is_gray { (ColorModel::Gray, 1) } else { (ColorModel::YCbCr, 3) };
    Frame {
        width,
        height,
        process: if options.is_progressive() { Process::Progressive } else { Process::Baseline },
        color: model,
        adobe: false,
        components: [luma, chroma(2), chroma(3), frame::Component::default()],
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
        for effort in [Effort::Fast, Effort::Balanced, Effort::Small] {
            for sampling in [Sampling::S444, Sampling::S422, Sampling::S420] {
                let options = EncodeOptions { sampling, effort, ..EncodeOptions::default() };
                let encode = |cpu| {
                    let encoder = Encoder::on(cpu, Vec::new(), (133, 71), &options);
                    let mut encoder = encoder.expect("a legal size");
                    encoder.push_rows(&pixels).expect("all rows");
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
