//! In: a JPEG and widths. Out: Y, Cb and Cr of each variant, resampled with Lanczos3, ready to be
//! encoded. Not part of what is measured.

use std::error::Error;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use turbojpeg::{PixelFormat, Subsamp, YuvImage};

/// The planes of all variants of one source.
pub struct Planes {
    /// In the order of the widths.
    pub variants: Vec<YuvImage<Vec<u8>>>,
}

impl Planes {
    pub fn new(source: &[u8], widths: &[u32]) -> Result<Self, Box<dyn Error>> {
        let full = turbojpeg::decompress(source, PixelFormat::RGB)?;
        let variants = widths.iter().map(|&width| planes(&full, width as usize));
        Ok(Self { variants: variants.collect::<Result<_, _>>()? })
    }
}

/// Rows without padding.
pub fn empty(width: usize, height: usize) -> turbojpeg::Result<YuvImage<Vec<u8>>> {
    let subsamp = Subsamp::Sub2x2;
    let pixels = vec![0; turbojpeg::yuv_pixels_len(width, 1, height, subsamp)?];
    Ok(YuvImage { pixels, width, align: 1, height, subsamp })
}

fn planes(
    full: &turbojpeg::Image<Vec<u8>>,
    width: usize,
) -> Result<YuvImage<Vec<u8>>, Box<dyn Error>> {
    let height = (width as f64 * full.height as f64 / full.width as f64).round() as usize;
    let from = ImageRef::new(full.width as u32, full.height as u32, &full.pixels, PixelType::U8x3)?;
    let mut small = Image::new(width as u32, height as u32, PixelType::U8x3);
    let lanczos = ResizeAlg::Convolution(FilterType::Lanczos3);
    let options = ResizeOptions::new().resize_alg(lanczos);
    Resizer::new().resize(&from, &mut small, &options)?;

    // The library subsamples as part of encoding; at 100 next to nothing else is lost.
    let (pixels, pitch) = (small.buffer(), width * 3);
    let small = turbojpeg::Image { pixels, width, pitch, height, format: PixelFormat::RGB };
    let coded = turbojpeg::compress(small, 100, Subsamp::Sub2x2)?;
    let mut out = empty(width, height)?;
    turbojpeg::Decompressor::new()?.decompress_to_yuv(&coded, out.as_deref_mut())?;
    Ok(out)
}
