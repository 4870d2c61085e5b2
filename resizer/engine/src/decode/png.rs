//! PNG through `png`: every colour type and depth as 8-bit gray or RGB, with or without alpha.

use png::{BitDepth, ColorType, Decoder, DecodingError, Limits, Reader, Transformations};

use super::Source;
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::header::Header;
use crate::raster::{Layout, Raster};

/// What the decoder may take for chunks and rows. Profiles are a few kilobytes; one that would
/// unpack to more than this is dropped.
const MAX_CHUNK_BYTES: usize = 4 << 20;

type Input<'a> = std::io::Cursor<&'a [u8]>;

pub(super) fn decode(source: &[u8], header: &Header) -> Result<Source, Reject> {
    let malformed = |error: DecodingError| Reject::malformed(ImageFormat::Png, error);
    let limits = Limits { bytes: MAX_CHUNK_BYTES };
    let mut decoder = Decoder::new_with_limits(std::io::Cursor::new(source), limits);
    decoder.set_transformations(Transformations::EXPAND);
    decoder.set_ignore_text_chunk(true);
    let mut reader = decoder.read_info().map_err(malformed)?;
    let icc = reader.info().icc_profile.as_ref().map(|profile| profile.to_vec());
    let layout = match reader.output_color_type().0 {
        ColorType::Grayscale => Layout::Gray,
        ColorType::GrayscaleAlpha => Layout::GrayAlpha,
        ColorType::Rgba => Layout::Rgba,
        // Palettes are expanded.
        ColorType::Rgb | ColorType::Indexed => Layout::Rgb,
    };
    let pixels = read_pixels(&mut reader).map_err(malformed)?;
    // The last checksum lies behind the last row. A file that merely stops there has all pixels.
    if let Err(error @ DecodingError::Format(_)) = reader.finish() {
        return Err(malformed(error));
    }
    // The header's layout may have an alpha more: it does not see that a tRNS chunk is broken.
    if pixels.len() != Raster::byte_length(header.size, layout) {
        return Err(Reject::malformed(ImageFormat::Png, "chunks that disagree on the colour type"));
    }
    Ok(Source { raster: Raster::new(header.size, layout, pixels), icc })
}

/// Interlaced images come as a whole, all others row by row, so that 16-bit samples never lie in
/// memory twice.
fn read_pixels(reader: &mut Reader<Input<'_>>) -> Result<Vec<u8>, DecodingError> {
    let deep = reader.output_color_type().1 == BitDepth::Sixteen;
    if reader.info().interlaced {
        let length = reader.output_buffer_size().ok_or(DecodingError::LimitsExceeded)?;
        let mut pixels = vec![0; length];
        reader.next_frame(&mut pixels)?;
        return Ok(if deep { narrowed(&pixels).collect() } else { pixels });
    }
    let rows = reader.info().height as usize;
    let row_bytes = reader.output_line_size(reader.info().width).unwrap_or(0);
    let mut pixels = Vec::with_capacity(rows * if deep { row_bytes / 2 } else { row_bytes });
    for _ in 0..rows {
        let row = reader.next_row()?.ok_or(DecodingError::LimitsExceeded)?;
        if deep {
            pixels.extend(narrowed(row.data()));
        } else {
            pixels.extend_from_slice(row.data());
        }
    }
    Ok(pixels)
}

/// Big-endian 16-bit samples rounded to 8 bits: 65,535 becomes 255, and 257 steps become one.
fn narrowed(samples: &[u8]) -> impl Iterator<Item = u8> + '_ {
    let (pairs, _) = samples.as_chunks::<2>();
    pairs.iter().map(|&pair| ((u32::from(u16::from_be_bytes(pair)) * 255 + 32_767) / 65_535) as u8)
}
