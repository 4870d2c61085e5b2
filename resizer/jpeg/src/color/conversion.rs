//! Converts rows of components to RGB, gray or CMYK. There is no color management: to become RGB,
//! inks are multiplied with black.

use super::kernels;
use crate::frame::{ColorModel, Frame};
use resizer_cpu::Cpu;

/// How the components of a picture are converted.
#[derive(Debug)]
pub(super) struct Conversion {
    color: ColorModel,
    keeps_black: bool,
}

impl Conversion {
    pub(super) fn new(frame: &Frame) -> Self {
        Self { color: frame.color, keeps_black: false }
    }

    pub(super) fn to_cmyk(frame: &Frame) -> Self {
        let keeps_black = matches!(frame.color, ColorModel::Cmyk | ColorModel::Ycck);
        Self { keeps_black, ..Self::new(frame) }
    }

    /// The number of channels: one, three or, for CMYK, four.
    pub(super) fn channels(&self) -> usize {
        match self.color {
            ColorModel::Gray => 1,
            _ if self.keeps_black => 4,
            _ => 3,
        }
    }

    /// Converts a row. `rows` are as wide as the picture; `out` gets one channel after the other.
    ///
    /// Stored CMYK is inverted: 255 is no ink, so red is cyan times black over 255, rounded. The
    /// specification leaves this open and Adobe's marker does not tell. Files without the marker
    /// are inverted too, and browsers, libvips, Pillow and ImageMagick read them so. The three
    /// colors of YCCK, converted like YCbCr, are the inverse of what CMYK would hold.
    pub(super) fn convert(&self, cpu: Cpu, rows: &[&[u8]; 4], out: &mut [u8]) {
        let [first, second, third, black] = *rows;
        let colors = [first, second, third];
        if self.color == ColorModel::Gray {
            return out.copy_from_slice(first);
        }
        let (red, rest) = out.split_at_mut(first.len());
        let (green, rest) = rest.split_at_mut(first.len());
        let (blue, last) = rest.split_at_mut(first.len());
        // Where black stays a channel of its own, the others are not multiplied with it.
        let all_through = vec![255; if self.keeps_black { first.len() } else { 0 }];
        let black = if self.keeps_black {
            last.copy_from_slice(black);
            &all_through[..]
        } else {
            black
        };
        let out = [red, green, blue];
        match self.color {
            ColorModel::YCbCr => kernels::convert_ycbcr(cpu, colors, out),
            ColorModel::Ycck => {
                let [red, green, blue] = out;
                kernels::convert_ycbcr(cpu, colors, [&mut *red, &mut *green, &mut *blue]);
                for out in [red, green, blue] {
                    kernels::multiply_black(black, 255, 0, out);
                }
            }
            ColorModel::Gray | ColorModel::Rgb | ColorModel::Cmyk => {
                for (color, out) in colors.into_iter().zip(out) {
                    out.copy_from_slice(color);
                    if self.color == ColorModel::Cmyk {
                        kernels::multiply_black(black, 0, 0, out);
                    }
                }
            }
        }
    }
}
