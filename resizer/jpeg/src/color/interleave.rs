//! Interleaves the planar rows of a converter, in any pixel format.

use super::{ColorConverter, kernels};
use crate::pixels::PixelFormat;
use resizer_cpu::Cpu;

/// Writes pixels in one format from the rows of one converter.
#[derive(Debug)]
pub(crate) struct Interleaver {
    cpu: Cpu,
    format: PixelFormat,
    width: usize,
    /// Channels of the planar rows: 1, 3 or 4.
    channels: usize,
    /// A row of opaque alpha.
    opaque: Vec<u8>,
}

impl Interleaver {
    pub(crate) fn new(format: PixelFormat, converter: &ColorConverter) -> Self {
        let width = converter.width();
        let opaque = if format == PixelFormat::Rgba { width } else { 0 };
        let channels = converter.row_bytes() / width;
        Self { cpu: converter.cpu, format, width, channels, opaque: vec![255; opaque] }
    }

    /// Fills `out` with the pixels of as many planar rows.
    pub(crate) fn rows(&self, planar: &[u8], out: &mut [u8]) {
        let planar = planar.chunks_exact(self.width * self.channels);
        let out = out.chunks_exact_mut(self.width * self.format.channels());
        for (planar, out) in planar.zip(out) {
            self.row(planar, out);
        }
    }

    fn row(&self, planar: &[u8], out: &mut [u8]) {
        let channel = |at: usize| {
            // The channel of gray stands for all three.
            let at = if self.channels == 1 { 0 } else { at };
            &planar[at * self.width..][..self.width]
        };
        let rgb = [channel(0), channel(1), channel(2)];
        match self.format {
            PixelFormat::Gray if self.channels == 1 => out.copy_from_slice(planar),
            PixelFormat::Gray => kernels::luma(rgb, out),
            PixelFormat::Rgb => kernels::interleave_3(self.cpu, rgb, out),
            PixelFormat::Rgba => {
                let [red, green, blue] = rgb;
                kernels::interleave_4(self.cpu, [red, green, blue, &self.opaque], out);
            }
            PixelFormat::Cmyk => {
                let [cyan, magenta, yellow] = rgb;
                kernels::interleave_4(self.cpu, [cyan, magenta, yellow, channel(3)], out);
            }
        }
    }
}
