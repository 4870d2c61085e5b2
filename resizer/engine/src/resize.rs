//! A source raster and a variant's geometry in, its pixels at the variant's size out, as stored
//! (not yet upright). Lanczos3 over the full-size source, alpha premultiplied around it.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use crate::plan::Geometry;
use crate::raster::{Layout, Raster};

/// Resamples the geometry's crop of `source`.
pub fn resize(source: &Raster, geometry: &Geometry) -> Raster {
    let pixel_type = match source.layout() {
        Layout::Gray => PixelType::U8,
        Layout::GrayAlpha => PixelType::U8x2,
        Layout::Rgb => PixelType::U8x3,
        Layout::Rgba => PixelType::U8x4,
    };
    let size = source.size();
    let input = ImageRef::new(size.width(), size.height(), source.pixels(), pixel_type)
        .expect("a raster holds whole rows of its layout");
    let resampled = geometry.resampled;
    let mut output = Image::new(resampled.width(), resampled.height(), pixel_type);
    let [x, y, width, height] = geometry.crop;
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        .crop(x, y, width, height)
        .use_alpha(source.layout().has_alpha());
    Resizer::new()
        .resize(&input, &mut output, &options)
        .expect("the plan keeps crops inside the source and both images have one pixel type");
    Raster::new(resampled, source.layout(), output.into_vec())
}
