//! PNG through `png`: every color type and depth as 8-bit gray or RGB, with or without alpha.

mod animation;
mod stream;

use png::{BitDepth, ColorType, Decoder, DecodingError, Limits, Reader, Transformations};

pub(super) use self::animation::ApngFrames;
use self::stream::Stream;
use super::{BAND_ROWS, Pixels};
use crate::color::{ColorDescription, DeepToSrgb};
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::plan::Plan;
use crate::raster::{Layout, Raster, Size, narrow};
use crate::source::{Png, Source};
use crate::spec::Truncated;
use crate::stop::Stop;

/// What the decoder may take for chunks and rows.
const MAX_CHUNK_BYTES: usize = 4 << 20;

/// A PNG being decoded.
pub(super) struct PngRows<'a> {
    reader: Reader<Stream<'a>>,
    /// Of 16-bit samples that are not sRGB.
    to_srgb: Option<DeepToSrgb>,
    size: Size,
    layout: Layout,
    rows_done: u32,
    truncated: Truncated,
}

impl<'a> PngRows<'a> {
    /// Reads up to the first row. The second value is what the chunks say of the colors.
    pub(super) fn new(
        source: &Source<'a>,
        png: &'a Png<'a>,
        plan: &Plan,
        stop: &Stop,
    ) -> Result<(Self, Vec<ColorDescription>), Reject> {
        let (reader, layout) = open(Stream::new(source.bytes(), png, stop))?;
        let size = source.picture().size;
        let read_size = (reader.info().width, reader.info().height);
        if layout != source.layout() || read_size != (size.width(), size.height()) {
            let detail = "chunks that disagree on the color type";
            return Err(Reject::malformed(ImageFormat::Png, detail));
        }
        let mut colors = source.color_descriptions();
        // Rounded to 8 bits first, linear samples would keep a quarter of their dark levels.
        let is_deep = reader.output_color_type().1 == BitDepth::Sixteen;
        let is_converted = is_deep && plan.converts_deep_samples;
        let to_srgb = is_converted.then(|| DeepToSrgb::new(&colors, layout)).flatten();
        if to_srgb.is_some() {
            colors = vec![ColorDescription::Srgb];
        }
        let truncated = plan.truncated;
        Ok((Self { reader, to_srgb, size, layout, rows_done: 0, truncated }, colors))
    }

    pub(super) fn next_band(&mut self, rows: &mut Pixels) -> Result<bool, Reject> {
        let deep = self.reader.output_color_type().1 == BitDepth::Sixteen;
        let channels = self.layout.channels();
        for _ in 0..BAND_ROWS {
            if self.rows_done == self.size.height() {
                break;
            }
            let row = match self.reader.next_row() {
                Err(error) if self.rows_done > 0 && accepts(self.truncated, &error) => {
                    return Ok(self.fill(rows));
                }
                row => row.map_err(malformed)?,
            };
            let row = row.ok_or_else(|| malformed(DecodingError::LimitsExceeded))?;
            if deep {
                rows.push_interleaved(&in_bytes(row.data(), self.to_srgb.as_ref()), channels);
            } else {
                rows.push_interleaved(row.data(), channels);
            }
            self.rows_done += 1;
            if self.rows_done == self.size.height() {
                self.finish()?;
            }
        }
        Ok(rows.shape.count > 0)
    }

    /// The rows that never came: black, or transparent.
    fn fill(&mut self, rows: &mut Pixels) -> bool {
        let channels = self.layout.channels();
        let empty = vec![0; self.size.width() as usize * channels];
        let missing = self.size.height() - self.rows_done;
        for _ in 0..missing.min(BAND_ROWS as u32) {
            rows.push_interleaved(&empty, channels);
            self.rows_done += 1;
        }
        rows.shape.count > 0
    }

    /// All rows of an interlaced image, whose first rows come last.
    pub(super) fn whole(&mut self) -> Result<Raster, Reject> {
        let length = self.reader.output_buffer_size();
        let length = length.ok_or_else(|| malformed(DecodingError::LimitsExceeded))?;
        let mut pixels = vec![0; length];
        if let Err(error) = self.reader.next_frame(&mut pixels) {
            let has_rows = pixels.iter().any(|&sample| sample > 0);
            if !has_rows || !accepts(self.truncated, &error) {
                return Err(malformed(error));
            }
        }
        if self.reader.output_color_type().1 == BitDepth::Sixteen {
            let row_bytes = pixels.len() / self.size.height() as usize;
            let mut narrow = Vec::with_capacity(pixels.len() / 2);
            for row in pixels.chunks_exact(row_bytes) {
                narrow.extend(in_bytes(row, self.to_srgb.as_ref()));
            }
            pixels = narrow;
        }
        self.finish()?;
        Ok(Raster::new(self.size, self.layout, pixels))
    }

    /// The last checksum lies behind the last row. A file that merely stops there has all pixels.
    fn finish(&mut self) -> Result<(), Reject> {
        match self.reader.finish() {
            Err(error @ DecodingError::Format(_)) => Err(malformed(error)),
            _ => Ok(()),
        }
    }
}

/// Reads up to the first row.
fn open(source: Stream<'_>) -> Result<(Reader<Stream<'_>>, Layout), Reject> {
    let limits = Limits { bytes: MAX_CHUNK_BYTES };
    let mut decoder = Decoder::new_with_limits(source, limits);
    decoder.set_transformations(Transformations::EXPAND);
    let reader = decoder.read_info().map_err(malformed)?;
    let layout = match reader.output_color_type().0 {
        ColorType::Grayscale => Layout::Gray,
        ColorType::GrayscaleAlpha => Layout::GrayAlpha,
        ColorType::Rgba => Layout::Rgba,
        // Palettes are expanded.
        ColorType::Rgb | ColorType::Indexed => Layout::Rgb,
    };
    Ok((reader, layout))
}

/// Whether the error is an end that came too early, and may.
fn accepts(truncated: Truncated, error: &DecodingError) -> bool {
    use std::io::ErrorKind;
    let is_end =
        matches!(error, DecodingError::IoError(io) if io.kind() == ErrorKind::UnexpectedEof);
    is_end && truncated == Truncated::Accept
}

fn malformed(error: DecodingError) -> Reject {
    Reject::malformed(ImageFormat::Png, error)
}

/// Big-endian samples of 16 bits as bytes.
fn in_bytes(samples: &[u8], to_srgb: Option<&DeepToSrgb>) -> Vec<u8> {
    let (pairs, _) = samples.as_chunks::<2>();
    let samples = pairs.iter().map(|&pair| u16::from_be_bytes(pair));
    match to_srgb {
        Some(to_srgb) => to_srgb.apply(&samples.collect::<Vec<u16>>()),
        None => samples.map(narrow).collect(),
    }
}
