//! PNG through `png`: every colour type and depth as 8-bit gray or RGB, with or without alpha.

use png::{BitDepth, ColorType, Decoder, DecodingError, Info, Limits, Reader, Transformations};

use super::{BAND_ROWS, Pixels, narrow};
use crate::colour::SourceColour;
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::header::{Header, MAX_PROFILE_BYTES};
use crate::raster::{Layout, Raster, Size};
use crate::spec::Truncated;
use crate::stop::{Stop, StopReader};

/// What the decoder may take for chunks and rows. Profiles are a few kilobytes; one that would
/// unpack to more than this is dropped.
const MAX_CHUNK_BYTES: usize = 4 << 20;

/// A PNG being decoded.
pub(super) struct PngRows<'a> {
    reader: Reader<StopReader<'a>>,
    size: Size,
    layout: Layout,
    rows_done: u32,
    truncated: Truncated,
}

impl<'a> PngRows<'a> {
    /// Reads up to the first row. The second value is what the chunks say of the colours.
    pub(super) fn new(
        source: &'a [u8],
        header: &Header,
        truncated: Truncated,
        stop: &Stop,
    ) -> Result<(Self, Vec<SourceColour>), Reject> {
        let limits = Limits { bytes: MAX_CHUNK_BYTES };
        let mut decoder = Decoder::new_with_limits(StopReader::new(source, stop), limits);
        decoder.set_transformations(Transformations::EXPAND);
        decoder.set_ignore_text_chunk(true);
        let reader = decoder.read_info().map_err(malformed)?;
        let colours = colours(reader.info());
        let layout = match reader.output_color_type().0 {
            ColorType::Grayscale => Layout::Gray,
            ColorType::GrayscaleAlpha => Layout::GrayAlpha,
            ColorType::Rgba => Layout::Rgba,
            // Palettes are expanded.
            ColorType::Rgb | ColorType::Indexed => Layout::Rgb,
        };
        // The header's layout may have an alpha more: it does not see that a tRNS chunk is broken.
        let size = (reader.info().width, reader.info().height);
        if layout != header.layout || size != (header.size.width(), header.size.height()) {
            let detail = "chunks that disagree on the colour type";
            return Err(Reject::malformed(ImageFormat::Png, detail));
        }
        Ok((Self { reader, size: header.size, layout, rows_done: 0, truncated }, colours))
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
                let narrow: Vec<u8> = narrowed(row.data()).collect();
                rows.push_interleaved(&narrow, channels);
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
            pixels = narrowed(&pixels).collect();
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

/// By the order of PNG, third edition, 4.3: cICP, iCCP, sRGB, gAMA with cHRM.
fn colours(info: &Info<'_>) -> Vec<SourceColour> {
    let code_points = info.coding_independent_code_points.filter(|points| {
        // Others are for YCbCr, which no PNG holds, and for video's narrow range.
        points.matrix_coefficients == 0 && points.is_video_full_range_image
    });
    let code_points = code_points.map(|points| match points.color_primaries {
        1 if points.transfer_function == 13 => SourceColour::Srgb,
        primaries => SourceColour::CodePoints { primaries, transfer: points.transfer_function },
    });
    let icc = info.icc_profile.as_ref().filter(|icc| icc.len() <= MAX_PROFILE_BYTES);
    let icc = icc.map(|icc| SourceColour::Icc(icc.to_vec()));
    let srgb = info.srgb.map(|_| SourceColour::Srgb);
    let power = info.gama_chunk.map(|gamma| SourceColour::Power {
        exponent: gamma.into_value().into(),
        chromaticities: info.chrm_chunk.map(|chunk| {
            [chunk.white, chunk.red, chunk.green, chunk.blue]
                .map(|(x, y)| [x.into_value().into(), y.into_value().into()])
        }),
    });
    [code_points, icc, srgb, power].into_iter().flatten().collect()
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
fn narrowed(samples: &[u8]) -> impl Iterator<Item = u8> + '_ {
    let (pairs, _) = samples.as_chunks::<2>();
    pairs.iter().map(|&pair| narrow(u16::from_be_bytes(pair)))
}
