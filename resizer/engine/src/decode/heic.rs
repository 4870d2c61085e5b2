//! HEIC through libheif: all pixels of the primary picture, as 8 bits.

use libheif_rs::{ColorSpace, HeifContext, LibHeif, RgbChroma};

use crate::color::ColorDescription;
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::raster::{Layout, Raster};
use crate::source::{Source, heic_reject};

/// The pixels and their profile.
pub(super) fn decode(source: &Source<'_>) -> Result<(Raster, Vec<ColorDescription>), Reject> {
    let (size, layout) = (source.picture().size, source.layout());
    let context = HeifContext::read_from_bytes(source.bytes()).map_err(heic_reject)?;
    let handle = context.primary_image_handle().map_err(heic_reject)?;
    let chroma = match layout {
        Layout::Rgba => RgbChroma::Rgba,
        _ => RgbChroma::Rgb,
    };
    let image = LibHeif::new().decode(&handle, ColorSpace::Rgb(chroma), None);
    let image = image.map_err(heic_reject)?;
    let planes = image.planes();
    let (width, height) = (size.width(), size.height());
    let plane = planes.interleaved.filter(|plane| (plane.width, plane.height) == (width, height));
    let plane = plane.ok_or_else(|| {
        Reject::malformed(ImageFormat::Heic, "a picture of another size than announced")
    })?;
    let row_bytes = width as usize * layout.channels();
    let rows = plane.data.chunks(plane.stride).take(height as usize);
    let pixels = rows.flat_map(|row| &row[..row_bytes]).copied().collect();
    let icc = handle.color_profile_raw().map(|profile| ColorDescription::Icc(profile.data));
    Ok((Raster::new(size, layout, pixels), icc.into_iter().collect()))
}
