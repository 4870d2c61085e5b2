//! The seam to our JPEG decoder: bands of planes, made RGB or left gray.

use resizer_jpeg::{Damage, DecodeOptions, Decoder, Header as JpegHeader, Limits, Scale, ToRgb};

use super::Source;
use crate::error::Reject;
use crate::header::{Header, jpeg_reject};
use crate::raster::Raster;

pub(super) fn decode(source: &[u8], header: &Header) -> Result<Source, Reject> {
    let file = JpegHeader::read(source).map_err(jpeg_reject)?;
    let options = DecodeOptions {
        scale: Scale::Full,
        // The engine's own have admitted the picture.
        limits: Limits { max_pixels: u64::MAX, max_scans: u32::MAX, max_memory_bytes: u64::MAX },
        late_height: Some(file.frame.height),
        damage: Damage::Refuse,
    };
    let mut decoder = Decoder::new(source, &options).map_err(jpeg_reject)?;
    let mut rows = ToRgb::new(decoder.frame(), options.scale);
    let mut pixels = vec![0; Raster::byte_length(header.size, header.layout)];
    let mut done = 0;
    while let Some(band) = decoder.next_band().map_err(jpeg_reject)? {
        done += rows.push(&band, &mut pixels[done * rows.row_bytes()..]);
    }
    let raster = Raster::new(header.size, header.layout, pixels);
    Ok(Source { raster, icc: file.icc_profile() })
}
