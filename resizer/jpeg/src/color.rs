//! Planes to colors: upsampling of chroma and conversion to RGB, gray or CMYK. Rows come out as
//! soon as the planes are there; only the last row of a band may wait for the next band.

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

/// Upsamples the planes of a picture and converts them to rows of 8-bit RGB, gray or CMYK.
///
/// Rows are planar: all red samples of a row, then all green, then all blue, so that code that
/// resamples or compares works on one channel at a time.
///
/// Upsampling is that of libjpeg's default ("fancy upsampling"): a triangle filter for 2:1
/// horizontally, vertically or both, replication otherwise, of the nearest sample for ratios that
/// libjpeg refuses. Colors follow its accurate integer equations, so equal planes give equal
/// pixels. At a reduced [`Scale`] the same filters apply.
///
/// CMYK is taken to be stored inverted (255 is no ink), with an Adobe marker or without. To become
/// RGB, each ink is multiplied with black; no profile is applied. The first three components of
/// YCCK are converted like YCbCr.
///
/// Source: JFIF 1.02 (equations, sample positions); Adobe technical note 5116 (CMYK); the rounding
/// is that of libjpeg-turbo 3.
///
/// ```
/// use resizer_jpeg::planes::{ColorConverter, PlaneDecoder};
/// use resizer_jpeg::{DecodeOptions, EncodeOptions, Scale, encode};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let file = encode(&[200, 90, 40].repeat(20 * 10), 20, 10, &EncodeOptions::default())?;
/// let mut decoder = PlaneDecoder::new(&file[..], &DecodeOptions::default())?;
/// let mut converter = ColorConverter::new(decoder.frame(), Scale::Full);
/// let mut rows = vec![0; converter.max_rows() * converter.row_bytes()];
/// while let Some(band) = decoder.next_band()? {
///     let count = converter.push(&band, &mut rows);
///     for row in rows.chunks_exact(converter.row_bytes()).take(count) {
///         let [red, green, blue] = [0, 1, 2].map(|channel| row[channel * converter.width()]);
///         assert!(red.abs_diff(200) < 4 && green.abs_diff(90) < 4 && blue.abs_diff(40) < 4);
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct ColorConverter {
    width: usize,
    height: usize,
    rows_taken: usize,
    /// The component with the full number of rows.
    tallest: usize,
    /// Rows of pixels in a band.
    band_rows: usize,
    /// Whether the last row of a band waits for the next band.
    waits: bool,
    upsamplers: Vec<Upsampler>,
    conversion: Conversion,
    cpu: Cpu,
}

impl ColorConverter {
    /// A converter to RGB, or to gray for a gray picture.
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
        let is_full = (first.horizontal, first.vertical) == frame.max_sampling();
        if frame.color != ColorModel::YCbCr || !is_full {
            return Self::new(frame, scale);
        }
        Self::new(&Frame { color: ColorModel::Gray, component_count: 1, ..*frame }, scale)
    }

    fn with_cpu(frame: &Frame, scale: Scale, conversion: Conversion, cpu: Cpu) -> Self {
        let (_, most) = frame.max_sampling();
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

    /// The width in pixels at the scale.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The height in pixels at the scale.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The bytes of a row: one, three or, for CMYK, four times the width.
    pub fn row_bytes(&self) -> usize {
        self.width * self.conversion.channels()
    }

    /// The most rows that one band completes.
    pub fn max_rows(&self) -> usize {
        (self.band_rows + usize::from(self.waits)).min(self.height)
    }

    /// Takes the next band and writes the rows that it completes to the start of `out`, without
    /// gaps between them. Returns the number of rows. After the last band all rows have been
    /// written.
    ///
    /// # Panics
    /// If `out` is shorter than these rows, of which there are at most [`Self::max_rows`], or if
    /// the band is not one of the frame.
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

    /// Converts row `y` of the band; -1 is the row that waited for it.
    fn write_row(&mut self, planes: &[Plane<'_>], y: isize, out: &mut [u8]) {
        let mut rows: [&[u8]; 4] = [&[]; 4];
        for ((row, upsampler), plane) in rows.iter_mut().zip(&mut self.upsamplers).zip(planes) {
            *row = &upsampler.row(self.cpu, plane, y)[..self.width];
        }
        self.conversion.convert(self.cpu, &rows, out);
    }
}
