//! BMP: rows from top to bottom as RGB or RGBA. Our own reading, because libraries take the padding
//! of a run for an error, leave what runs skip black, and know no OS/2 files.

use super::{BAND_ROWS, Pixels};
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::source::{Bmp, BmpPixels};
use crate::stop::Stop;

/// A BMP being decoded.
pub(super) struct BmpRows<'a> {
    bmp: &'a Bmp<'a>,
    /// Of all pixels in the order of rows in the file, where they are stored as runs.
    indices: Vec<u8>,
    /// Red, green, blue and alpha of stored numbers.
    samples: [Bits; 4],
    channels: usize,
    /// What the alphas say; files in which all are 0 mean that none count.
    is_opaque: bool,
    rows_done: u32,
    row: Vec<u8>,
}

/// Some bits of a number.
#[derive(Debug, Clone, Copy, Default)]
struct Bits {
    mask: u32,
    shift: u32,
    /// The largest value.
    most: u32,
}

impl<'a> BmpRows<'a> {
    /// # Errors
    /// `Malformed` where pixels are missing or runs are broken.
    pub(super) fn new(bmp: &'a Bmp<'a>, stop: &Stop) -> Result<Self, Reject> {
        if !bmp.is_whole {
            return Err(malformed("fewer pixels than announced"));
        }
        let masks = match bmp.pixels {
            BmpPixels::Masks(masks) => masks,
            _ => [0; 4],
        };
        let indices = match bmp.pixels {
            BmpPixels::Rle8 => runs::<8>(bmp, stop)?,
            BmpPixels::Rle4 => runs::<4>(bmp, stop)?,
            _ => Vec::new(),
        };
        let channels = if masks[3] == 0 { 3 } else { 4 };
        let samples = masks.map(Bits::of);
        let row = Vec::new();
        let mut rows =
            Self { bmp, indices, samples, channels, is_opaque: false, rows_done: 0, row };
        rows.is_opaque = channels == 4 && rows.has_no_alpha(stop);
        Ok(rows)
    }

    pub(super) fn next_band(&mut self, rows: &mut Pixels) -> bool {
        let height = self.bmp.size.height();
        for _ in 0..BAND_ROWS.min((height - self.rows_done) as usize) {
            let y = self.rows_done;
            let stored = if self.bmp.is_top_down { y } else { height - 1 - y };
            self.fill_row(stored);
            rows.push_interleaved(&self.row, self.channels);
            self.rows_done += 1;
        }
        rows.shape.count > 0
    }

    fn fill_row(&mut self, stored: u32) {
        self.row.clear();
        let width = self.bmp.size.width() as usize;
        let bits = usize::from(self.bmp.bits);
        match self.bmp.pixels {
            BmpPixels::Masks(_) => {
                for pixel in self.bmp.row(stored).chunks_exact(bits / 8) {
                    let value = number(pixel);
                    let samples = self.samples.map(|bits| bits.sample(value));
                    self.row.extend_from_slice(&samples[..self.channels]);
                    if self.is_opaque
                        && let Some(alpha) = self.row.last_mut()
                    {
                        *alpha = 255;
                    }
                }
            }
            BmpPixels::Rle8 | BmpPixels::Rle4 => {
                let indices = &self.indices[stored as usize * width..][..width];
                self.row.extend(indices.iter().flat_map(|&index| color(self.bmp, index)));
            }
            BmpPixels::Indices => {
                let bytes = self.bmp.row(stored);
                let index = |x: usize| {
                    let down = 8 - bits - x * bits % 8;
                    bytes[x * bits / 8] >> down & ((1_u32 << bits) - 1) as u8
                };
                self.row.extend((0..width).flat_map(|x| color(self.bmp, index(x))));
            }
        }
    }

    fn has_no_alpha(&self, stop: &Stop) -> bool {
        let alpha = self.samples[3];
        (0..self.bmp.size.height()).all(|stored| {
            let row = self.bmp.row(stored).chunks_exact(usize::from(self.bmp.bits) / 8);
            !stop.is_set() && row.into_iter().all(|pixel| alpha.sample(number(pixel)) == 0)
        })
    }
}

impl Bits {
    fn of(mask: u32) -> Self {
        let shift = mask.trailing_zeros() & 31;
        Self { mask, shift, most: mask >> shift }
    }

    /// In a byte: of more bits the upper ones, of fewer the nearest.
    fn sample(self, value: u32) -> u8 {
        let (value, most) = ((value & self.mask) >> self.shift, self.most);
        let surplus = (32 - most.leading_zeros()).saturating_sub(8);
        match most {
            0 => 0,
            _ if surplus > 0 => (value >> surplus) as u8,
            _ => ((value * 255 + most / 2) / most) as u8,
        }
    }
}

/// Little-endian, of up to four bytes.
fn number(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |number, &byte| number << 8 | u32::from(byte))
}

/// Black where the palette has no such color.
fn color(bmp: &Bmp<'_>, index: u8) -> [u8; 3] {
    bmp.palette.get(usize::from(index)).copied().unwrap_or_default()
}

/// The indices of all pixels, as rows are stored. Pixels that the runs skip have index 0, as with
/// Pillow and ImageMagick; what goes beyond a row's end, as padding of odd widths does, is dropped.
fn runs<const BITS: usize>(bmp: &Bmp<'_>, stop: &Stop) -> Result<Vec<u8>, Reject> {
    let (width, height) = (bmp.size.width() as usize, bmp.size.height() as usize);
    let mut indices = vec![0; width * height];
    let (mut data, mut x, mut y) = (bmp.data, 0_usize, 0_usize);
    let index_of = |bytes: &[u8], nth: usize| match BITS {
        8 => bytes[nth % bytes.len()],
        _ => bytes[nth / 2 % bytes.len()] >> (4 - nth % 2 * 4) & 15,
    };
    let mut put = |x: usize, y: usize, count: usize, bytes: &[u8]| {
        let row = indices.chunks_exact_mut(width).nth(y).unwrap_or_default();
        for (nth, pixel) in row.iter_mut().skip(x).take(count).enumerate() {
            *pixel = index_of(bytes, nth);
        }
    };
    while y < height {
        if stop.is_set() {
            return Err(malformed("stopped"));
        }
        let Some((&[count, second], rest)) = data.split_first_chunk() else {
            // Only the end marker is missing.
            if y + 1 == height && x >= width {
                break;
            }
            return Err(malformed("runs that end before the last row"));
        };
        data = rest;
        match (count, second) {
            (0, 0) => (x, y) = (0, y + 1),
            (0, 1) => break,
            (0, 2) => {
                let jump = rest.split_first_chunk();
                let (&[right, up], rest) = jump.ok_or_else(|| malformed("a cut jump"))?;
                (x, y) = (x.saturating_add(right.into()), y + usize::from(up));
                data = rest;
            }
            (0, count) => {
                let count = usize::from(count);
                let bytes = (count * BITS).div_ceil(8);
                let given = rest.get(..bytes).ok_or_else(|| malformed("pixels that are cut"))?;
                put(x, y, count, given);
                x = x.saturating_add(count);
                data = rest.get(bytes.next_multiple_of(2)..).unwrap_or_default();
            }
            (count, _) => {
                put(x, y, count.into(), &[second]);
                x = x.saturating_add(count.into());
            }
        }
    }
    Ok(indices)
}

fn malformed(detail: &str) -> Reject {
    Reject::malformed(ImageFormat::Bmp, detail)
}
