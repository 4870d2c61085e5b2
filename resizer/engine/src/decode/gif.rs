//! GIF through `image`: the first frame on its canvas, as RGBA.

use image::ImageDecoder;
use image::codecs::gif::GifDecoder;

use crate::error::Reject;
use crate::format::ImageFormat;
use crate::header::Header;
use crate::raster::Raster;
use crate::stop::{Stop, StopReader};

pub(super) fn decode(source: &[u8], header: &Header, stop: &Stop) -> Result<Raster, Reject> {
    let malformed = |error: image::ImageError| Reject::malformed(ImageFormat::Gif, error);
    let decoder = GifDecoder::new(StopReader::new(source, stop)).map_err(malformed)?;
    let mut pixels = vec![0; Raster::byte_length(header.size, header.layout)];
    decoder.read_image(&mut pixels).map_err(malformed)?;
    Ok(Raster::new(header.size, header.layout, pixels))
}
