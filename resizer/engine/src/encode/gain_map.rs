//! The samples of a gain map in, a JPEG out. It is read by a curve, so that its quality does not
//! follow the picture's.

use resizer_jpeg::{EncodeOptions, Encoder as JpegEncoder, PixelFormat, Sampling};

use super::jpeg::{self, jpeg_effort};
use crate::error::RenderError;
use crate::raster::{Layout, Raster};
use crate::spec::{Effort, OutputFormat};
use crate::stop::Stop;

/// libultrahdr's as well.
const QUALITY: u8 = 95;

/// What a map's file has beside its samples.
pub(crate) struct MapFile<'a> {
    pub(crate) effort: Effort,
    pub(crate) xmp: &'a [u8],
    /// Ends the encoding when it is set.
    pub(crate) stop: &'a Stop,
}

/// # Errors
/// `Stopped`; `Encoder`.
pub(crate) fn encode_map(raster: &Raster, file: &MapFile<'_>) -> Result<Vec<u8>, RenderError> {
    let format = match raster.layout() {
        Layout::Gray => PixelFormat::Gray,
        _ => PixelFormat::Rgb,
    };
    let mut options = EncodeOptions::default()
        .with_format(format)
        .with_quality(QUALITY)
        .with_sampling(Sampling::S444)
        .with_effort(jpeg_effort(file.effort));
    options.xmp = Some(file.xmp);
    let size = raster.size();
    let encoder = JpegEncoder::new(Vec::new(), size.width(), size.height(), &options);
    let encoded = encoder.map_err(Into::into);
    let encoded = encoded.and_then(|encoder| jpeg::push_all(encoder, raster, file.stop));
    encoded.map_err(|failure| failure.of_format(OutputFormat::Jpeg, file.stop))
}
