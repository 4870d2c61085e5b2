//! TIFF in bands: strip by strip, or one row of tiles after the other. What is held is a line of
//! each strip that is being read, or that row of tiles.

mod chunk;
mod colors;
mod deep;
mod deflate;
mod fax;
mod input;
mod jpeg;
mod lines;
mod lzw;
mod packbits;
mod samples;

use self::colors::Colors;
use self::deep::Deep;
use self::lines::Lines;
use super::{BAND_ROWS, Pixels};
use crate::color::ColorDescription;
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::plan::Plan;
use crate::source::{Tiff, TiffColor};
use crate::stop::Stop;

/// What is wrong with the data of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flaw {
    /// They are shorter than the picture.
    Ended,
    Broken(&'static str),
    /// They are of a kind that is not decoded here.
    Unsupported(&'static str),
}

/// A TIFF being decoded.
#[derive(Debug)]
pub(super) struct TiffRows<'a> {
    lines: Lines<'a>,
    /// Which samples of a pixel are colors, and the one that is alpha behind them.
    needed: Vec<usize>,
    /// Of one row, each sample by itself.
    samples: Vec<Vec<u16>>,
    colors: Colors,
    /// In place of them where samples of 16 bits are converted to sRGB.
    deep: Option<Deep>,
    channels: usize,
    rows_done: usize,
}

impl<'a> TiffRows<'a> {
    pub(super) fn new(picture: &'a Tiff<'a>, plan: &Plan, stop: &Stop) -> Self {
        let needed: Vec<usize> = picture.needed_samples().collect();
        Self {
            samples: vec![vec![0; picture.size.width() as usize]; needed.len()],
            needed,
            colors: Colors::new(picture),
            deep: Deep::new(picture, plan),
            channels: picture.layout().channels(),
            rows_done: 0,
            lines: Lines::new(picture, plan.truncated, stop),
        }
    }

    /// What the file says of the colors of these rows.
    pub(super) fn colors(&self) -> Option<ColorDescription> {
        match self.deep {
            Some(_) => Some(ColorDescription::Srgb),
            None => self.lines.picture.icc.map(|icc| ColorDescription::Icc(icc.to_vec())),
        }
    }

    /// Adds the next rows; false when there are none.
    pub(super) fn next_band(&mut self, rows: &mut Pixels) -> Result<bool, Reject> {
        let size = self.lines.picture.size;
        let (width, height) = (size.width() as usize, size.height() as usize);
        let rows_per_line = self.lines.picture.color.rows_per_line();
        while self.rows_done < height && rows.shape.count < BAND_ROWS {
            self.lines.read(self.rows_done).map_err(reject)?;
            for within in 0..rows_per_line.min(height - self.rows_done) {
                self.unpack(self.rows_done, within);
                let space = rows.space(width, self.channels, 1);
                match &self.deep {
                    Some(deep) => deep.write(&self.samples, space),
                    None => self.colors.write(&self.samples, space),
                }
                rows.shape.count += 1;
            }
            self.rows_done += rows_per_line;
        }
        Ok(rows.shape.count > 0)
    }

    /// Takes the samples of one row out of the line that begins with `row`.
    fn unpack(&mut self, row: usize, within: usize) {
        let Tiff { color, samples: kind, chunks, .. } = self.lines.picture;
        let width = chunks.width as usize;
        for column in 0..chunks.across as usize {
            let start = column * width;
            let parts = self.samples.iter_mut().map(|samples| {
                let end = samples.len().min(start.saturating_add(width));
                &mut samples[start..end]
            });
            if let TiffColor::YCbCr(ycbcr) = color {
                let line = self.lines.line([0, column], row);
                samples::unpack_ycbcr(line, *ycbcr, within, parts);
                continue;
            }
            for ((index, &sample), out) in self.needed.iter().enumerate().zip(parts) {
                if kind.is_planar {
                    samples::unpack(self.lines.line([index, column], row), *kind, [0, 1], out);
                } else {
                    let line = self.lines.line([0, column], row);
                    samples::unpack(line, *kind, [sample, kind.per_pixel], out);
                }
            }
        }
    }
}

fn reject(flaw: Flaw) -> Reject {
    match flaw {
        Flaw::Ended => Reject::malformed(ImageFormat::Tiff, "a strip or tile that is cut short"),
        Flaw::Broken(what) => Reject::malformed(ImageFormat::Tiff, what),
        Flaw::Unsupported(what) => Reject::Unsupported { what },
    }
}
