//! `image::imageops::resize`. It averages colors as they are, without regard to alpha.

use image::imageops::{FilterType, resize};
use image::{ImageBuffer, Luma, Pixel, Primitive, Rgb, Rgba};

use crate::protocol::{Pixels, Run, Samples};
use crate::wide;

/// # Errors
/// In linear light, and for pixels of other kinds.
pub(crate) fn prepare(pixels: &Pixels, bytes: Vec<u8>) -> Result<Run, String> {
    if pixels.linear {
        return Err("no linear light".into());
    }
    match (pixels.channels, pixels.bits) {
        (1, 8) => of::<Luma<u8>>(pixels, bytes),
        (3, 8) => of::<Rgb<u8>>(pixels, bytes),
        (4, 8) => of::<Rgba<u8>>(pixels, bytes),
        (3, 16) => of::<Rgb<u16>>(pixels, wide(&bytes)),
        (channels, bits) => Err(format!("no pixels of {channels} times {bits} bits")),
    }
}

fn of<P>(pixels: &Pixels, samples: Vec<P::Subpixel>) -> Result<Run, String>
where
    P: Pixel + 'static,
    P::Subpixel: Primitive + 'static,
    Samples: From<Vec<P::Subpixel>>,
{
    let [width, height] = pixels.size;
    let source = ImageBuffer::<P, _>::from_raw(width, height, samples);
    let source = source.ok_or("fewer samples than pixels need")?;
    Ok(Box::new(move |sizes| {
        let result = |&[width, height]: &[u32; 2]| {
            let small = resize(&source, width, height, FilterType::Lanczos3);
            small.into_raw().into()
        };
        Ok(sizes.iter().map(result).collect())
    }))
}
