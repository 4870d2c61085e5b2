//! The decoder: a file as it arrives to planes, and those to interleaved pixels.

mod band_buffer;
mod block;
mod block_index;
mod coefficient_store;
mod entropy;
mod huffman;
mod input;
mod mcu_run;
mod options;
mod plane_decoder;
mod progressive;
mod restarts;
mod scan;
mod sequential;
mod skip_table;
mod streaming;
mod tables;

use std::io::BufRead;

pub use self::options::{Damage, DecodeOptions, Limits};
pub use self::plane_decoder::PlaneDecoder;
pub(crate) use self::plane_decoder::decoding_bytes;
use crate::color::{ColorConverter, Interleaver};
use crate::error::{DecodeError, Unsupported};
use crate::frame::{ColorModel, Frame};
use crate::header::Header;
use crate::pixels::{Image, PixelFormat};

/// Decodes a whole file at full size: to gray if the file is gray, else to RGB.
///
/// [`Decoder`] has the options: other formats, reduced sizes, limits, damaged files.
///
/// # Errors
/// Those of [`Decoder::new`] and [`Decoder::next_rows`].
pub fn decode(file: &[u8]) -> Result<Image, DecodeError> {
    let dnl_height = Header::read(file).ok().map(|header| header.frame.height);
    let options = DecodeOptions { dnl_height, ..DecodeOptions::default() };
    Decoder::new(file, &options)?.into_image()
}

/// A file that is decoded to interleaved pixels as it arrives.
///
/// A baseline file takes memory for some rows, whatever its height. A progressive one, or one with
/// several scans, takes memory for all its coefficients;
/// [`Header::decoding_bytes`](Header::decoding_bytes) tells how much.
#[derive(Debug)]
pub struct Decoder<R> {
    planes: PlaneDecoder<R>,
    converter: ColorConverter,
    interleaver: Interleaver,
    format: PixelFormat,
    rows_given: usize,
    /// Rows of the converter.
    planar: Vec<u8>,
    /// The same rows, interleaved.
    interleaved: Vec<u8>,
}

impl<R: BufRead> Decoder<R> {
    /// Reads up to the first scan.
    ///
    /// # Errors
    /// `NotJpeg`; `Unsupported`; `Malformed` or `Truncated` before the first scan's data;
    /// `TooLarge` for the pixels; `Io` where the source could not be read.
    pub fn new(source: R, options: &DecodeOptions) -> Result<Self, DecodeError> {
        let planes = PlaneDecoder::new(source, options)?;
        let frame = planes.frame();
        let default =
            if frame.color == ColorModel::Gray { PixelFormat::Gray } else { PixelFormat::Rgb };
        let format = options.format.unwrap_or(default);
        let has_cmyk = matches!(frame.color, ColorModel::Cmyk | ColorModel::Ycck);
        let converter = match format {
            PixelFormat::Cmyk if !has_cmyk => {
                return Err(DecodeError::Unsupported(Unsupported::CmykPixels));
            }
            PixelFormat::Cmyk => ColorConverter::cmyk(frame, options.scale),
            PixelFormat::Gray => ColorConverter::luma(frame, options.scale),
            PixelFormat::Rgb | PixelFormat::Rgba => ColorConverter::new(frame, options.scale),
        };
        Ok(Self {
            planar: vec![0; converter.max_rows() * converter.row_bytes()],
            interleaver: Interleaver::new(format, &converter),
            interleaved: Vec::new(),
            rows_given: 0,
            planes,
            converter,
            format,
        })
    }

    /// What the frame header says: the size at full scale, the coding process, the components.
    pub fn frame(&self) -> &Frame {
        self.planes.frame()
    }

    /// The width in pixels at the chosen scale.
    pub fn width(&self) -> u32 {
        self.converter.width() as u32
    }

    /// The height in pixels at the chosen scale.
    pub fn height(&self) -> u32 {
        self.converter.height() as u32
    }

    /// The format of the pixels.
    pub fn format(&self) -> PixelFormat {
        self.format
    }

    /// The length of a row in bytes.
    pub fn row_bytes(&self) -> usize {
        self.converter.width() * self.format.channels()
    }

    /// The next rows of pixels, one after the other without gaps: usually as many as a row of MCUs
    /// holds, 8 or 16 at full scale. `None` after the last row.
    ///
    /// # Errors
    /// `Malformed` or `Truncated` where the data of the rows are damaged or missing, `TooLarge`
    /// where several scans exceed the limits, `Io` where the source could not be read. All rows
    /// before are right; every call after an error is an error.
    pub fn next_rows(&mut self) -> Result<Option<&[u8]>, DecodeError> {
        let rows = self.next_planar()?;
        if rows == 0 {
            return Ok(None);
        }
        self.interleaved.resize(rows * self.row_bytes(), 0);
        self.interleaver.rows(&self.planar, &mut self.interleaved);
        Ok(Some(&self.interleaved))
    }

    /// All rows that [`next_rows`](Self::next_rows) has not returned yet, which are all at first.
    ///
    /// # Errors
    /// Those of `next_rows`.
    pub fn into_image(mut self) -> Result<Image, DecodeError> {
        let rows_left = self.converter.height() - self.rows_given;
        let row_bytes = self.row_bytes();
        let mut pixels = vec![0; rows_left * row_bytes];
        let mut rest = &mut pixels[..];
        loop {
            let rows = self.next_planar()?;
            if rows == 0 {
                break;
            }
            let (out, after) = rest.split_at_mut(rows * row_bytes);
            self.interleaver.rows(&self.planar, out);
            rest = after;
        }
        let (width, height) = (self.width(), rows_left as u32);
        Ok(Image { pixels, width, height, format: self.format })
    }

    /// Decodes until at least one row is complete; how many are, 0 after the last.
    fn next_planar(&mut self) -> Result<usize, DecodeError> {
        let mut rows = 0;
        while rows == 0 {
            let Some(band) = self.planes.next_band()? else { break };
            rows = self.converter.push(&band, &mut self.planar);
        }
        self.rows_given += rows;
        Ok(rows)
    }
}
