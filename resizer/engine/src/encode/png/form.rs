//! A raster in, the forms in which a PNG can hold exactly its pixels out: the color type, the
//! depth, and the bytes of each row before they are filtered.

use png::ColorType;

use super::palette::Indexed;
use super::rows::rgba;
use crate::raster::{Raster, Size};

/// How a file holds its pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form<'a> {
    pub(super) color: ColorType,
    /// Of a sample: 1, 2, 4 or 8.
    pub(super) bits: u8,
    pixels: Pixels<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Pixels<'a> {
    Channels(&'a Raster),
    Numbers(&'a Indexed, usize),
}

/// The colors of the profile that a file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Profile {
    None,
    Gray,
    Rgb,
}

impl Profile {
    /// Source: ICC.1, 7.2.6.
    pub(super) fn of(icc: Option<&[u8]>) -> Self {
        match icc {
            None => Self::None,
            Some(icc) if icc.get(16..20) == Some(b"GRAY") => Self::Gray,
            Some(_) => Self::Rgb,
        }
    }

    /// Whether a file with this profile may have a palette. The colors of palettes are RGB.
    pub(super) fn allows_palette(self) -> bool {
        self != Self::Gray
    }

    /// Whether a picture is written in gray, which could be.
    fn fits(self, is_gray: bool) -> bool {
        match self {
            Self::None => is_gray,
            Self::Gray => true,
            Self::Rgb => false,
        }
    }
}

/// What all pixels of a raster have in common.
#[derive(Debug, Clone, Copy)]
struct Traits {
    is_gray: bool,
    is_opaque: bool,
    /// The fewest bits that hold all grays.
    gray_bits: u8,
}

impl Traits {
    fn of(raster: &Raster) -> Self {
        let mut traits = Self { is_gray: true, is_opaque: true, gray_bits: 1 };
        let mut row = Vec::new();
        for y in 0..raster.size().height() as usize {
            rgba(raster, y, &mut row);
            for &[red, green, blue, alpha] in &row {
                traits.is_gray &= red == green && green == blue;
                traits.is_opaque &= alpha == 255;
                traits.gray_bits = traits.gray_bits.max(bits_of_gray(red));
            }
            if !traits.is_gray && !traits.is_opaque {
                break;
            }
        }
        traits
    }
}

/// The fewest bits that hold a gray: 4 bits have every 17th level, 2 every 85th.
fn bits_of_gray(level: u8) -> u8 {
    match level {
        0 | 255 => 1,
        85 | 170 => 2,
        _ if level.is_multiple_of(17) => 4,
        _ => 8,
    }
}

impl<'a> Form<'a> {
    /// A raster by its channels, without those that say nothing. A profile says whether there is
    /// one channel of color or three: readers ignore one that does not fit.
    pub(super) fn of_channels(raster: &'a Raster, profile: Profile) -> Self {
        let Traits { is_gray, is_opaque, gray_bits } = Traits::of(raster);
        let is_gray = profile.fits(is_gray);
        let (color, bits) = match (is_gray, is_opaque) {
            (true, true) => (ColorType::Grayscale, gray_bits),
            (true, false) => (ColorType::GrayscaleAlpha, 8),
            (false, true) => (ColorType::Rgb, 8),
            (false, false) => (ColorType::Rgba, 8),
        };
        Self { color, bits, pixels: Pixels::Channels(raster) }
    }

    /// Numbers of colors, in the fewest bits.
    pub(super) fn of_numbers(indexed: &'a Indexed, size: Size) -> Self {
        let bits = match indexed.colors.len() {
            0..=2 => 1,
            3..=4 => 2,
            5..=16 => 4,
            _ => 8,
        };
        let pixels = Pixels::Numbers(indexed, size.width() as usize);
        Self { color: ColorType::Indexed, bits, pixels }
    }

    /// The same with a whole byte for each sample, which LZ77 finds more in at times.
    pub(super) fn in_bytes(self) -> Self {
        Self { bits: 8, ..self }
    }

    /// The colors, where pixels are numbers of them.
    pub(super) fn colors(&self) -> Option<&'a [[u8; 4]]> {
        match self.pixels {
            Pixels::Channels(_) => None,
            Pixels::Numbers(indexed, _) => Some(&indexed.colors),
        }
    }

    /// Bytes between a sample and the same one of the pixel before, at least 1.
    pub(super) fn pixel_bytes(&self) -> usize {
        self.color.samples()
    }

    /// The bytes of all samples, without the padding of rows.
    pub(super) fn bytes(&self, size: Size) -> usize {
        let bits = size.pixels() * (self.pixel_bytes() * usize::from(self.bits)) as u64;
        usize::try_from(bits / 8).unwrap_or(usize::MAX)
    }

    /// The bytes of a row.
    pub(super) fn row(&self, y: usize, scratch: &mut Vec<[u8; 4]>, bytes: &mut Vec<u8>) {
        bytes.clear();
        match self.pixels {
            Pixels::Channels(raster) => {
                rgba(raster, y, scratch);
                match self.color {
                    ColorType::Grayscale => {
                        let shift = 8 - self.bits;
                        pack(scratch.iter().map(|pixel| pixel[0] >> shift), self.bits, bytes);
                    }
                    ColorType::GrayscaleAlpha => {
                        bytes.extend(scratch.iter().flat_map(|&[gray, _, _, alpha]| [gray, alpha]));
                    }
                    ColorType::Rgb => bytes.extend(scratch.iter().flat_map(|pixel| &pixel[..3])),
                    _ => bytes.extend(scratch.as_flattened()),
                }
            }
            Pixels::Numbers(indexed, width) => {
                let numbers = &indexed.numbers[y * width..][..width];
                pack(numbers.iter().copied(), self.bits, bytes);
            }
        }
    }
}

/// Several samples in a byte, the first one in the highest bits.
fn pack(samples: impl Iterator<Item = u8>, bits: u8, bytes: &mut Vec<u8>) {
    let mut left = 0;
    for sample in samples {
        if left == 0 {
            bytes.push(0);
            left = 8;
        }
        left -= bits;
        if let Some(byte) = bytes.last_mut() {
            *byte |= sample << left;
        }
    }
}
