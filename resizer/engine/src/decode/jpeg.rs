//! The seam to the JPEG decoder: zune-jpeg, whole images, gray or RGB.
//! Truncation is found here, because the decoder fills what is missing with gray.

use std::hash::Hasher;

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use super::Source;
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::header::Header;
use crate::raster::{Layout, Raster};

/// Repeated behind a file that stops before its end marker. Whether such a file lacks only the
/// marker or also pixels is seen by whether what follows matters. Two runs can agree by chance in
/// the few pixels of a tiny picture, three did not for any cut of the test's.
const PADDINGS: [&[u8]; 3] = [&[0x00], &[0xa5, 0x1b], &[0x72, 0xd4, 0x09]];

/// More than any one MCU can take.
const PADDING_REPEATS: usize = 1024;

/// `complete` tells whether the file reaches its end marker.
pub(super) fn decode(source: &[u8], header: &Header, complete: bool) -> Result<Source, Reject> {
    if complete {
        return decode_whole(source, header, false);
    }
    let mut first = None;
    let mut last = None;
    for padding in PADDINGS {
        // The earlier raster goes before the next one is made.
        drop(last.take());
        let padded = [source, &padding.repeat(PADDING_REPEATS), b"\xff\xd9"].concat();
        let decoded = decode_whole(&padded, header, true)?;
        let fingerprint = fingerprint(&decoded);
        if *first.get_or_insert(fingerprint) != fingerprint {
            return Err(Reject::malformed(ImageFormat::Jpeg, "cut before its last pixels"));
        }
        last = Some(decoded);
    }
    Ok(last.expect("there are paddings"))
}

fn fingerprint(source: &Source) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    hasher.write(source.raster.pixels());
    hasher.finish()
}

/// Strict, the decoder refuses broken codes; otherwise it leaves the rest of such a picture gray,
/// as libjpeg does.
fn decode_whole(source: &[u8], header: &Header, strict: bool) -> Result<Source, Reject> {
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
        .set_strict_mode(strict)
        // The limits have admitted them; the decoder's own cap is another number.
        .jpeg_set_max_scans(header.scans as usize)
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
