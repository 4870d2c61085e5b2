//! From planes to colors: bands of a decoded picture become rows of red, green and blue, or of
//! gray, top to bottom.
//! Rows come out as fast as bands come in, but for one that waits for its lower neighbor.

mod conversion;
mod interleave;
mod kernels;
mod portable;
mod upsample;

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(test)]
mod tests;

use crate::band::{Band, Plane};
use crate::frame::{ColorModel, Frame};
use crate::scale::Scale;
use conversion::Conversion;
pub(crate) use interleave::Interleaver;
use resizer_cpu::Cpu;
use upsample::Upsampler;

/// Turns the bands of one picture into rows of 8-bit RGB, or of gray where the picture is gray.
/// Within a row of RGB all of red comes first, then all of green, then all of blue: what resamples,
/// compares or converts colors goes along one of them at a time.
///
/// Smaller planes are widened as libjpeg does by default: with a triangle filter where they have
/// half of the columns, half of the rows, or half of both, else by repetition (of the nearest
/// sample, where the ratio is uneven and libjpeg refuses). The colors are those of its accurate
/// integer equations, so equal planes give equal pixels. At a smaller [`Scale`] the same filters
/// serve; there libjpeg would have made larger planes instead.
///
/// CMYK is taken to be stored inverted (255 is no ink), with an Adobe marker or without: red is
/// cyan times black over 255, rounded; no profile is looked at. The first three components of YCCK
/// become RGB first, whose inverses are the inks.
///
/// Source: JFIF 1.02 (colors, where the samples lie); Adobe technical note 5116 (inks); the
/// rounding is that of libjpeg-turbo 3.
///
/// ```text
/// let mut converter = ColorConverter::new(&frame, Scale::Full);
/// let mut raster = vec![0; converter.height() * converter.row_bytes()];
/// let mut rest = &mut raster[..];
/// while let Some(band) = next_band()? {
///     let rows = converter.push(&band, rest);
///     rest = &mut rest[rows * converter.row_bytes()..];
/// }
/// ```
#[derive(Debug)]
pub struct ColorConverter {
    width: usize,
    height: usize,
    rows_taken: usize,
    /// The component with as many rows as the picture.
    tallest: usize,
    /// Rows of the picture in a row of MCUs.
    band_rows: usize,
    /// Whether the last row of each band has to wait for the next band.
    waits: bool,
    upsamplers: Vec<Upsampler>,
    conversion: Conversion,
    cpu: Cpu,
}

impl ColorConverter {
    /// Allocates about three rows per component.
    pub fn new(frame: &Frame, scale: Scale) -> Self {
        Self::with_cpu(frame, scale, Conversion::new(frame), Cpu::detect())
    }

    /// A converter that keeps the four channels of CMYK and YCCK, cyan first and inverted as Adobe
    /// stores them (255 is no ink), for callers with a color profile. For pictures without black it
    /// is the same as [`Self::new`].
    pub fn cmyk(frame: &Frame, scale: Scale) -> Self {
        Self::with_cpu(frame, scale, Conversion::to_cmyk(frame), Cpu::detect())
    }

    /// Gray for any picture: the luma plane where there is one in full resolution, else all of
    /// [`Self::new`].
    pub(crate) fn luma(frame: &Frame, scale: Scale) -> Self {
        let first = &frame.components()[0];
        let is_full = (first.horizontal, first.vertical) == frame.most_sampling();
        if frame.color != ColorModel::YCbCr || !is_full {
            return Self::new(frame, scale);
        }
        Self::new(&Frame { color: ColorModel::Gray, component_count: 1, ..*frame }, scale)
    }

    fn with_cpu(frame: &Frame, scale: Scale, conversion: Conversion, cpu: Cpu) -> Self {
        let (_, most) = frame.most_sampling();
        let components = frame.components();
        let tallest = components.iter().position(|one| one.vertical == most).unwrap_or(0);
        let side = scale.block_side();
        let upsamplers: Vec<_> =
            components.iter().map(|one| Upsampler::new(frame, one, scale)).collect();
        let width = (frame.width as usize * side).div_ceil(8);
        Self {
            width,
            height: (frame.height as usize * side).div_ceil(8),
            rows_taken: 0,
            tallest,
            band_rows: usize::from(most) * side,
            waits: upsamplers.iter().any(Upsampler::looks_down),
            upsamplers,
            conversion,
            cpu,
        }
    }

    /// In pixels, of the picture at the given scale.
    pub fn width(&self) -> usize {
        self.width
    }

    /// In pixels, of the picture at the given scale.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Bytes of a row: three times the width, once where the picture is gray, four times for inks.
    pub fn row_bytes(&self) -> usize {
        self.width * self.conversion.channels()
    }

    /// The most rows that one band of one row of MCUs completes.
    pub fn rows_most(&self) -> usize {
        (self.band_rows + usize::from(self.waits)).min(self.height)
    }

    /// Takes the next band and writes the rows that it completes to the start of `out`, without
    /// gaps between them; returns how many. After the last band all rows have been written.
    ///
    /// # Panics
    ///
    /// If `out` is too short for these rows ([`Self::rows_most`] of them are always enough), or if
    /// the band is not one of the frame's.
    pub fn push(&mut self, band: &Band<'_>, out: &mut [u8]) -> usize {
        let planes = band.planes();
        let band_rows = planes[self.tallest].height.min(self.height - self.rows_taken);
        if band_rows == 0 {
            return 0;
        }
        let waited = usize::from(self.waits && self.rows_taken > 0);
        self.rows_taken += band_rows;
        let waiting = usize::from(self.waits && self.rows_taken < self.height);
        let rows = waited + band_rows - waiting;
        let row_bytes = self.row_bytes();
        for (y, row) in out[..rows * row_bytes].chunks_exact_mut(row_bytes).enumerate() {
            self.write_row(planes, y as isize - waited as isize, row);
        }
        for (upsampler, plane) in self.upsamplers.iter_mut().zip(planes) {
            upsampler.keep_last_row(plane);
        }
        rows
    }

    /// `y` counts from the first row of the band; -1 is the row that waited for it.
    fn write_row(&mut self, planes: &[Plane<'_>], y: isize, out: &mut [u8]) {
        let mut rows: [&[u8]; 4] = [&[]; 4];
        for ((row, upsampler), plane) in rows.iter_mut().zip(&mut self.upsamplers).zip(planes) {
            *row = &upsampler.row(self.cpu, plane, y)[..self.width];
        }
        self.conversion.convert(self.cpu, &rows, out);
    }
}
