//! Rows of components as rows of RGB or gray. No colour management: inks are multiplied.

use super::kernels;
use crate::cpu::Cpu;
use crate::frame::{ColourModel, Frame};

/// How a picture's components become pixels.
#[derive(Debug)]
pub(super) struct Conversion {
    colour: ColourModel,
    adobe: bool,
    /// Black of one row, once for each colour; empty where there is none.
    blacks: Vec<u8>,
}

impl Conversion {
    /// `width` is the picture's at its scale.
    pub(super) fn new(frame: &Frame, width: usize) -> Self {
        let has_black = matches!(frame.colour, ColourModel::Cmyk | ColourModel::Ycck);
        let blacks = vec![0; if has_black { 3 * width } else { 0 }];
        Self { colour: frame.colour, adobe: frame.adobe, blacks }
    }

    /// Bytes of a pixel.
    pub(super) fn channels(&self) -> usize {
        if self.colour == ColourModel::Gray { 1 } else { 3 }
    }

    /// One row; all slices are as wide as the picture.
    ///
    /// Inks in a file with an Adobe marker say how much light they let through (255 is no ink),
    /// so red is cyan times black over 255, rounded; without the marker they say how much they
    /// hold back, and both are turned over first. The three colours of YCCK are the inks' opposites
    /// made as from YCbCr, so they are turned over once more.
    pub(super) fn convert(&mut self, cpu: Cpu, rows: &[&[u8]; 4], out: &mut [u8]) {
        let [first, second, third, black] = *rows;
        let colours = [first, second, third];
        let (opaque, opposite) = if self.adobe { (0, 255) } else { (255, 0) };
        match self.colour {
            ColourModel::Gray => out.copy_from_slice(first),
            ColourModel::YCbCr => kernels::convert_ycbcr(cpu, colours, out),
            ColourModel::Rgb => kernels::interleave(cpu, colours, out),
            ColourModel::Cmyk => {
                kernels::interleave(cpu, colours, out);
                kernels::interleave(cpu, [black; 3], &mut self.blacks);
                kernels::apply_black(&self.blacks, opaque, opaque, out);
            }
            ColourModel::Ycck => {
                kernels::convert_ycbcr(cpu, colours, out);
                kernels::interleave(cpu, [black; 3], &mut self.blacks);
                kernels::apply_black(&self.blacks, opposite, opaque, out);
            }
        }
    }
}
