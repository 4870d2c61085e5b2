//! A raster in, its rows as RGBA out.

use crate::raster::{Layout, Raster};

/// A row's pixels, from left to right. Pixels without alpha are opaque.
pub(super) fn rgba(raster: &Raster, row: usize, pixels: &mut Vec<[u8; 4]>) {
    let width = raster.size().width() as usize;
    let channels = raster.layout().channels();
    let bytes = &raster.pixels()[row * width * channels..][..width * channels];
    pixels.clear();
    match raster.layout() {
        Layout::Gray => pixels.extend(bytes.iter().map(|&gray| [gray, gray, gray, 255])),
        Layout::GrayAlpha => {
            let (bytes, _) = bytes.as_chunks::<2>();
            pixels.extend(bytes.iter().map(|&[gray, alpha]| [gray, gray, gray, alpha]));
        }
        Layout::Rgb => {
            let (bytes, _) = bytes.as_chunks::<3>();
            pixels.extend(bytes.iter().map(|&[red, green, blue]| [red, green, blue, 255]));
        }
        // Inks became RGB before.
        Layout::Rgba | Layout::Cmyk => {
            let (bytes, _) = bytes.as_chunks::<4>();
            pixels.extend(bytes);
        }
    }
}

/// The same, but all pixels that nobody sees are one.
pub(super) fn seen(raster: &Raster, row: usize, pixels: &mut Vec<[u8; 4]>) {
    rgba(raster, row, pixels);
    if raster.layout().has_alpha() {
        pixels.iter_mut().filter(|pixel| pixel[3] == 0).for_each(|pixel| *pixel = [0; 4]);
    }
}
