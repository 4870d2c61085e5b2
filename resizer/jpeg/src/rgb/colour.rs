//! Rows of components as rows of red, green and blue, or of gray. No colour management: inks are
//! multiplied.

use super::kernels;
use crate::frame::{ColourModel, Frame};
use resizer_cpu::Cpu;

/// How a picture's components become pixels.
#[derive(Debug)]
pub(super) struct Conversion {
    colour: ColourModel,
    inks: bool,
}

impl Conversion {
    pub(super) fn new(frame: &Frame) -> Self {
        Self { colour: frame.colour, inks: false }
    }

    pub(super) fn to_inks(frame: &Frame) -> Self {
        let inks = matches!(frame.colour, ColourModel::Cmyk | ColourModel::Ycck);
        Self { inks, ..Self::new(frame) }
    }

    /// One, three or, for inks, four.
    pub(super) fn channels(&self) -> usize {
        match self.colour {
            ColourModel::Gray => 1,
            _ if self.inks => 4,
            _ => 3,
        }
    }

    /// One row; `rows` are as wide as the picture, `out` holds a row of each colour in turn.
    ///
    /// Stored CMYK is inverted: 255 is no ink, so red is cyan times black over 255, rounded. The
    /// specification leaves this open, and Adobe's marker does not tell: files without it are
    /// inverted too, and browsers, libvips, Pillow and ImageMagick all read them so. The three
    /// colors of YCCK, converted as YCbCr, are the inverse of what CMYK would hold.
    pub(super) fn convert(&self, cpu: Cpu, rows: &[&[u8]; 4], out: &mut [u8]) {
        let [first, second, third, black] = *rows;
        let colours = [first, second, third];
        if self.colour == ColourModel::Gray {
            return out.copy_from_slice(first);
        }
        let (red, rest) = out.split_at_mut(first.len());
        let (green, rest) = rest.split_at_mut(first.len());
        let (blue, last) = rest.split_at_mut(first.len());
        // Where black goes along by itself, nothing is held back by it.
        let all_through = vec![255; if self.inks { first.len() } else { 0 }];
        let black = if self.inks {
            last.copy_from_slice(black);
            &all_through[..]
        } else {
            black
        };
        let out = [red, green, blue];
        match self.colour {
            ColourModel::YCbCr => kernels::convert_ycbcr(cpu, colours, out),
            ColourModel::Ycck => {
                let [red, green, blue] = out;
                kernels::convert_ycbcr(cpu, colours, [&mut *red, &mut *green, &mut *blue]);
                for out in [red, green, blue] {
                    kernels::apply_black(black, 255, 0, out);
                }
            }
            ColourModel::Gray | ColourModel::Rgb | ColourModel::Cmyk => {
                for (colour, out) in colours.into_iter().zip(out) {
                    out.copy_from_slice(colour);
                    if self.colour == ColourModel::Cmyk {
                        kernels::apply_black(black, 0, 0, out);
                    }
                }
            }
        }
    }
}
