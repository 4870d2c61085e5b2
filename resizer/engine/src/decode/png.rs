//! PNG through `png`: every colour type and depth as 8-bit gray or RGB, with or without alpha.

use png::{BitDepth, ColorType, Decoder, DecodingError, Limits, Reader, Transformations};

use super::{BAND_ROWS, Pixels};
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::header::Header;
use crate::raster::{Layout, Raster, Size};

/// What the decoder may take for chunks and rows. Profiles are a few kilobytes; one that would
/// unpack to more than this is dropped.
const MAX_CHUNK_BYTES: usize = 4 << 20;

/// A PNG being decoded.
pub(super) struct PngRows<'a> {
    reader: Reader<std::io::Cursor<&'a [u8]>>,
    size: Size,
    layout: Layout,
    rows_done: u32,
}

impl<'a> PngRows<'a> {
    /// Reads up to the first row. The second value is the ICC profile.
    pub(super) fn new(
        source: &'a [u8],
        header: &Header,
    ) -> Result<(Self, Option<Vec<u8>>), Reject> {
        let limits = Limits { bytes: MAX_CHUNK_BYTES };
        let mut decoder = Decoder::new_with_limits(std::io::Cursor::new(source), limits);
        decoder.set_transformations(Transformations::EXPAND);
        decoder.set_ignore_text_chunk(true);
        let reader = decoder.read_info().map_err(malformed)?;
        let icc = reader.info().icc_profile.as_ref().map(|profile| profile.to_vec());
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
        Ok((Self { reader, size: header.size, layout, rows_done: 0 }, icc))
    }

    pub(super) fn next_band(&mut self, rows: &mut Pixels) -> Result<bool, Reject> {
        let deep = self.reader.output_color_type().1 == BitDepth::Sixteen;
        let channels = self.layout.channels();
        for _ in 0..BAND_ROWS {
            if self.rows_done == self.size.height() {
                break;
            }
            let row = self.reader.next_row().map_err(malformed)?;
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

    /// All rows of an interlaced image, whose first rows come last.
    pub(super) fn whole(&mut self) -> Result<Raster, Reject> {
        let length = self.reader.output_buffer_size();
        let length = length.ok_or_else(|| malformed(DecodingError::LimitsExceeded))?;
        let mut pixels = vec![0; length];
        self.reader.next_frame(&mut pixels).map_err(malformed)?;
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

fn malformed(error: DecodingError) -> Reject {
    Reject::malformed(ImageFormat::Png, error)
}

/// Big-endian 16-bit samples rounded to 8 bits: 65,535 becomes 255, and 257 steps become one.
fn narrowed(samples: &[u8]) -> impl Iterator<Item = u8> + '_ {
    let (pairs, _) = samples.as_chunks::<2>();
    pairs.iter().map(|&pair| ((u32::from(u16::from_be_bytes(pair)) * 255 + 32_767) / 65_535) as u8)
}
