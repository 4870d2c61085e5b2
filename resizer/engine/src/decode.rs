//! Source bytes and their header in, a `Source` out: all pixels as stored, 8 bits a channel,
//! and the colour profile. One decoder per format in `decode/`.

mod gif;
mod jpeg;
mod png;
mod webp;

use crate::error::Reject;
use crate::header::{Detail, Header};
use crate::raster::Raster;

/// A decoded source.
#[derive(Debug, Clone)]
pub struct Source {
    /// Of the header's size and layout, not yet turned upright.
    pub raster: Raster,
    /// The embedded ICC profile; without one the pixels are sRGB.
    pub icc: Option<Vec<u8>>,
}

/// Decodes a whole source whose header the limits have admitted; of an animation the first frame,
/// composed on its canvas.
///
/// # Errors
/// `Malformed` when the data is cut short or breaks the format.
pub fn decode(source: &[u8], header: &Header) -> Result<Source, Reject> {
    match header.detail {
        Detail::Jpeg => jpeg::decode(source, header),
        Detail::Png => png::decode(source, header),
        Detail::Webp { animated } => webp::decode(source, header, animated),
        Detail::Gif => gif::decode(source, header),
    }
}
