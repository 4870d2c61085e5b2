//! The seam to the JPEG decoder: zune-jpeg, whole images, gray or RGB.
//! Truncation is decided here, because the decoder fills what is missing with gray.

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::Source;
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::header::Header;
use crate::raster::{Layout, Raster};

/// `complete` tells whether the file reaches its end marker. Without one the decoder is strict:
/// a file that lacks only the marker passes, one that lacks pixels does not.
pub(super) fn decode(source: &[u8], header: &Header, complete: bool) -> Result<Source, Reject> {
    let malformed = |detail: &dyn std::fmt::Debug| {
        Reject::malformed(ImageFormat::Jpeg, format_args!("{detail:?}"))
    };
    let colour_space = match header.layout {
        Layout::Gray => ColorSpace::Luma,
        _ => ColorSpace::RGB,
    };
    let options = DecoderOptions::default()
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .set_strict_mode(!complete)
        .jpeg_set_out_colorspace(colour_space);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(source), options);
    let mut pixels = vec![0; Raster::byte_length(header.size, header.layout)];
    decoder.decode_headers().map_err(|error| malformed(&error))?;
    if decoder.output_buffer_size() != Some(pixels.len()) {
        return Err(malformed(&"two frame headers that disagree"));
    }
    decoder.decode_into(&mut pixels).map_err(|error| malformed(&error))?;
    let raster = Raster::new(header.size, header.layout, pixels);
    Ok(Source { raster, icc: decoder.icc_profile() })
}
