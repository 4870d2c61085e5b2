//! Rows of samples in, rows of channels of 8 bits out: gray, RGB, inks, with or without alpha.

mod ycbcr;

use self::ycbcr::YCbCrTables;
use crate::raster::Layout;
use crate::source::{Tiff, TiffColor, TiffValues};

/// What the samples of one picture become.
#[derive(Debug)]
pub(super) struct Colors {
    /// The largest number that a sample can be.
    most: u32,
    model: Model,
    /// Whether colors are already multiplied with alpha; `None` without alpha.
    alpha: Option<bool>,
}

#[derive(Debug)]
enum Model {
    /// Gray or RGB; the largest number may be black.
    Light {
        channels: usize,
        is_inverted: bool,
    },
    /// Red, green and blue of each index.
    Palette(Box<[[u8; 3]; 256]>),
    /// As inks, or multiplied to RGB.
    Cmyk {
        as_inks: bool,
    },
    YCbCr(Box<YCbCrTables>),
}

impl Colors {
    pub(super) fn new(picture: &Tiff<'_>) -> Self {
        let model = match picture.color {
            TiffColor::Gray { white_is_zero } => {
                Model::Light { channels: 1, is_inverted: white_is_zero }
            }
            TiffColor::Rgb => Model::Light { channels: 3, is_inverted: false },
            TiffColor::Palette(table) => Model::Palette(palette(table, picture.samples.bits)),
            TiffColor::Cmyk => Model::Cmyk { as_inks: picture.layout() == Layout::Cmyk },
            TiffColor::YCbCr(ycbcr) => Model::YCbCr(Box::new(YCbCrTables::new(&ycbcr))),
        };
        let most = (1 << picture.samples.bits) - 1;
        Self { most, model, alpha: picture.alpha.map(|alpha| alpha.is_premultiplied) }
    }

    /// Writes one row, a channel behind the other; `samples` are colors, and alpha behind them.
    pub(super) fn write(&self, samples: &[Vec<u16>], out: &mut [u8]) {
        let width = samples.first().map_or(0, Vec::len);
        let (colors, alpha) = match self.alpha {
            Some(is_premultiplied) => {
                let (alpha, colors) = samples.split_last().expect("a color beside alpha");
                (colors, Some((&alpha[..], is_premultiplied)))
            }
            None => (samples, None),
        };
        match &self.model {
            Model::Cmyk { as_inks: true } => {
                for (ink, out) in colors.iter().zip(out.chunks_exact_mut(width)) {
                    for (x, out) in out.iter_mut().enumerate() {
                        *out = 255 - self.ink(ink[x], alpha.map(|(alpha, own)| (alpha[x], own)));
                    }
                }
            }
            Model::Cmyk { as_inks: false } => {
                for (ink, out) in colors.iter().zip(out.chunks_exact_mut(width).take(3)) {
                    for (x, out) in out.iter_mut().enumerate() {
                        let alpha = alpha.map(|(alpha, own)| (alpha[x], own));
                        let [ink, black] = [ink[x], colors[3][x]].map(|ink| self.ink(ink, alpha));
                        let [ink, black] = [ink, black].map(|ink| 255 - u32::from(ink));
                        *out = ((ink * black + 127) / 255) as u8;
                    }
                }
            }
            Model::Light { channels, is_inverted } => {
                for (color, out) in colors.iter().zip(out.chunks_exact_mut(width)).take(*channels) {
                    self.light(color, *is_inverted, alpha, out);
                }
            }
            Model::Palette(palette) => {
                for (channel, out) in out.chunks_exact_mut(width).take(3).enumerate() {
                    for (out, index) in out.iter_mut().zip(&colors[0]) {
                        *out = palette[usize::from(*index) % 256][channel];
                    }
                }
            }
            Model::YCbCr(tables) => tables.write([&colors[0], &colors[1], &colors[2]], out),
        }
        if let (Some((alpha, _)), false) = (alpha, matches!(self.model, Model::Cmyk { .. })) {
            let place = out.len() - width;
            for (out, alpha) in out[place..].iter_mut().zip(alpha) {
                *out = self.to_byte(u32::from(*alpha));
            }
        }
    }

    /// One channel of gray or RGB, as it would be without alpha.
    fn light(&self, color: &[u16], inverted: bool, alpha: Option<(&[u16], bool)>, out: &mut [u8]) {
        let flip = if inverted { self.most } else { 0 };
        match alpha {
            Some((alpha, true)) => {
                for ((out, &color), &alpha) in out.iter_mut().zip(color).zip(alpha) {
                    let [color, alpha] = [u32::from(color), u32::from(alpha)];
                    let part = (color.min(alpha) * 255 + alpha / 2).checked_div(alpha);
                    *out = part.unwrap_or(0) as u8;
                    if inverted {
                        *out = 255 - *out;
                    }
                }
            }
            // Most depths, without a division.
            _ if self.most == 255 => {
                for (out, &color) in out.iter_mut().zip(color) {
                    *out = color as u8 ^ flip as u8;
                }
            }
            _ => {
                for (out, &color) in out.iter_mut().zip(color) {
                    *out = self.to_byte(u32::from(color) ^ flip);
                }
            }
        }
    }

    /// An ink, drawn on paper where it is not opaque.
    fn ink(&self, ink: u16, alpha: Option<(u16, bool)>) -> u8 {
        match alpha {
            Some((alpha, false)) => {
                let most = u64::from(self.most);
                let over = u64::from(ink) * u64::from(alpha) * 255;
                ((over + most * most / 2) / (most * most)) as u8
            }
            _ => self.to_byte(ink.into()),
        }
    }

    /// The nearest of 8 bits.
    fn to_byte(&self, sample: u32) -> u8 {
        ((sample * 255 + self.most / 2) / self.most) as u8
    }
}

/// Reads a table of colors: all red values, all green ones, all blue ones. They have 16 bits, of
/// which the upper eight count, whether a writer multiplied bytes with 256 or with 257; where none
/// is above 255, a writer took them for bytes, as libtiff sees it.
fn palette(table: TiffValues<'_>, bits: u32) -> Box<[[u8; 3]; 256]> {
    let count = 1 << bits;
    let is_of_bytes = (0..3 * count).filter_map(|at| table.get(at)).all(|value| value < 256);
    let mut palette = Box::new([[0; 3]; 256]);
    for (index, color) in (0..count).zip(palette.iter_mut()) {
        for (channel, out) in (0..).zip(color) {
            let value = table.get(channel * count + index).unwrap_or(0);
            *out = if is_of_bytes { value as u8 } else { (value >> 8) as u8 };
        }
    }
    palette
}
