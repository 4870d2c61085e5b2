//! JPEG XL: all pixels through `jxl-oxide` in the manner of `image`, as 8 bits.

use image::ImageDecoder;

use crate::color::ColorDescription;
use crate::error::Reject;
use crate::raster::{Raster, narrow};
use crate::source::{Source, jxl_reject, open_jxl};
use crate::stop::{Stop, StopReader};

/// The pixels and their profile.
pub(super) fn decode(
    source: &Source<'_>,
    stop: &Stop,
) -> Result<(Raster, Vec<ColorDescription>), Reject> {
    let (size, layout) = (source.picture().size, source.layout());
    let mut decoder = open_jxl(StopReader::new(source.bytes(), stop))?;
    // A profile that cannot be read is none.
    let icc = decoder.icc_profile().ok().flatten();
    let deep = decoder.color_type().bytes_per_pixel() as usize > layout.channels();
    let length = Raster::byte_length(size, layout);
    let mut pixels = vec![0; if deep { length * 2 } else { length }];
    decoder.read_image(&mut pixels).map_err(jxl_reject)?;
    if deep {
        let (samples, _) = pixels.as_chunks::<2>();
        pixels = samples.iter().map(|&sample| narrow(u16::from_ne_bytes(sample))).collect();
    }
    let raster = Raster::new(size, layout, pixels);
    Ok((raster, icc.map(ColorDescription::Icc).into_iter().collect()))
}
