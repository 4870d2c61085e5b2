//! The plan's overview as resampled in, an upright raster of RGBA in sRGB out.

use crate::color::ToSrgb;
use crate::orientation::Orientation;
use crate::raster::{Layout, Raster, widen};
use crate::resize::Picture;

/// Upright, in sRGB, with alpha: opaque where the source has none.
pub(crate) fn overview(
    picture: &Picture,
    orientation: Orientation,
    to_srgb: Option<&ToSrgb>,
) -> Raster {
    let pixels = match picture {
        Picture::Pixels(raster) => orientation.apply(raster),
        Picture::Planes(planes) => orientation.apply(&pixels(planes)),
    };
    let converted = match to_srgb {
        Some(to_srgb) => to_srgb.apply(pixels),
        None => pixels,
    };
    widen(&converted, Layout::Rgba).into_owned()
}

/// RGB of YCbCr planes, each pixel with the nearest sample of chroma.
/// Source: ITU-T T.871 (JFIF), section 7.
fn pixels([luma, blue, red]: &[Raster; 3]) -> Raster {
    let (size, chroma) = (luma.size(), blue.size());
    let (width, height) = (size.width() as usize, size.height() as usize);
    let (columns, rows) = (chroma.width() as usize, chroma.height() as usize);
    let mut rgb = Vec::with_capacity(luma.pixels().len() * 3);
    for (at, &luma) in luma.pixels().iter().enumerate() {
        let (x, y) = (at % width, at / width);
        let near = (y * rows / height) * columns + x * columns / width;
        let difference = |plane: &Raster| f32::from(plane.pixels()[near]) - 128.0;
        let (luma, blue, red) = (f32::from(luma), difference(blue), difference(red));
        let green = luma - 0.344_136 * blue - 0.714_136 * red;
        // Casts round towards zero and stop at the ends of a byte.
        let byte = |value: f32| (value + 0.5) as u8;
        rgb.extend([byte(luma + 1.402 * red), byte(green), byte(luma + 1.772 * blue)]);
    }
    Raster::new(size, Layout::Rgb, rgb)
}
