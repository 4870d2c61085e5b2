//! In: a JPEG and widths. Out: Y, Cb and Cr of each variant, resampled with Lanczos3, ready to be
//! encoded. Not part of what is measured.

use std::error::Error;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{PixelType, ResizeAlg, ResizeOptions, Resizer};
use turbojpeg::{Subsamp, YuvImage};

/// The planes of all variants of one source.
pub struct Planes {
    /// In the order of the widths.
    pub variants: Vec<YuvImage<Vec<u8>>>,
}

impl Planes {
    pub fn new(source: &[u8], widths: &[u32]) -> Result<Self, Box<dyn Error>> {
        let header = turbojpeg::read_header(source)?;
        if header.subsamp != Subsamp::Sub2x2 {
            return Err("the floor is from 4:2:0 to 4:2:0".into());
        }
        let mut full = empty(header.width, header.height)?;
        turbojpeg::Decompressor::new()?.decompress_to_yuv(source, full.as_deref_mut())?;
        let variants = widths.iter().map(|&width| resampled(&full, width as usize));
        Ok(Self { variants: variants.collect::<Result<_, _>>()? })
    }
}

/// Planes without padding.
pub fn empty(width: usize, height: usize) -> turbojpeg::Result<YuvImage<Vec<u8>>> {
    let subsamp = Subsamp::Sub2x2;
    let pixels = vec![0; turbojpeg::yuv_pixels_len(width, 1, height, subsamp)?];
    Ok(YuvImage { pixels, width, align: 1, height, subsamp })
}

fn resampled(full: &YuvImage<Vec<u8>>, width: usize) -> Result<YuvImage<Vec<u8>>, Box<dyn Error>> {
    let height = (width as f64 * full.height as f64 / full.width as f64).round() as usize;
    let mut out = Vec::new();
    let mut rest = full.pixels.as_slice();
    for part in [1, 2, 2] {
        let half = |side: usize| side.div_ceil(part);
        let (plane, after) = rest.split_at(half(full.width) * half(full.height));
        rest = after;
        out.extend(plane_to(
            plane,
            [half(full.width), half(full.height)],
            [half(width), half(height)],
        )?);
    }
    Ok(YuvImage { pixels: out, width, align: 1, height, subsamp: full.subsamp })
}

fn plane_to(plane: &[u8], from: [usize; 2], to: [usize; 2]) -> Result<Vec<u8>, Box<dyn Error>> {
    let [from, to] = [from, to].map(|size| size.map(|side| side as u32));
    let from = ImageRef::new(from[0], from[1], plane, PixelType::U8)?;
    let mut out = Image::new(to[0], to[1], PixelType::U8);
    let lanczos = ResizeAlg::Convolution(fast_image_resize::FilterType::Lanczos3);
    let options = ResizeOptions::new().resize_alg(lanczos);
    Resizer::new().resize(&from, &mut out, &options)?;
    Ok(out.into_vec())
}
