//! Rasters from one size to another without resampling: cropped to a window, or padded to a canvas.

use super::channels::widen;
use super::{Layout, Raster, Rect, Rgba, Size};

/// The window of a raster.
///
/// # Panics
/// When the window is not inside the raster.
pub(crate) fn crop(raster: &Raster, window: Rect) -> Raster {
    let channels = raster.layout().channels();
    let rows = raster.pixels().chunks_exact(raster.size().width() as usize * channels);
    let rows = rows.skip(window.y as usize).take(window.size.height() as usize);
    let (start, row_bytes) =
        (window.x as usize * channels, window.size.width() as usize * channels);
    let pixels = rows.flat_map(|row| &row[start..][..row_bytes]).copied().collect();
    Raster::new(window.size, raster.layout(), pixels)
}

/// The raster on a canvas of the background, `left` and `top` pixels from its corner.
///
/// # Panics
/// When the raster is not inside the canvas.
pub(crate) fn pad(
    raster: &Raster,
    canvas: Size,
    [left, top]: [u32; 2],
    background: Rgba,
) -> Raster {
    let raster = widen(raster, layout_with(raster, background));
    let (layout, channels) = (raster.layout(), raster.layout().channels());
    let Rgba([r, g, b, a]) = background;
    let fill: &[u8] = match layout {
        Layout::Gray => &[r],
        Layout::GrayAlpha => &[r, a],
        Layout::Rgb => &[r, g, b],
        Layout::Rgba | Layout::Cmyk => &[r, g, b, a],
    };
    let mut pixels = fill.repeat(Raster::byte_length(canvas, Layout::Gray));
    let row_bytes = raster.size().width() as usize * channels;
    let canvas_row_bytes = canvas.width() as usize * channels;
    for (y, row) in raster.pixels().chunks_exact(row_bytes).enumerate() {
        let start = (top as usize + y) * canvas_row_bytes + left as usize * channels;
        pixels[start..start + row_bytes].copy_from_slice(row);
    }
    Raster::new(canvas, layout, pixels)
}

/// The smallest layout that holds both the raster and the background.
fn layout_with(raster: &Raster, Rgba([r, g, b, a]): Rgba) -> Layout {
    let alpha = raster.layout().has_alpha() || a < 255;
    let gray = matches!(raster.layout(), Layout::Gray | Layout::GrayAlpha) && r == g && g == b;
    match (gray, alpha) {
        (true, false) => Layout::Gray,
        (true, true) => Layout::GrayAlpha,
        (false, false) => Layout::Rgb,
        (false, true) => Layout::Rgba,
    }
}
