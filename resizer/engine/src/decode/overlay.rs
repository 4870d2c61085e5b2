//! An overlay of a HEIF file: its pictures one after the other, each over those before it.

use super::heif_raster;
use crate::error::Reject;
use crate::raster::{Layout, Raster, crop, widen};
use crate::source::HeifOverlay;
use crate::stop::Stop;

/// The part of the canvas that is to be seen.
///
/// # Errors
/// Those of the pictures.
pub(super) fn decode(overlay: &HeifOverlay<'_>, stop: &Stop) -> Result<Raster, Reject> {
    let layout = overlay.layout();
    let channels = layout.channels();
    let mut canvas = overlay.background.0[..channels].repeat(overlay.size.pixels() as usize);
    let width = overlay.size.width() as usize;
    for (place, picture) in &overlay.layers {
        let layer = picture.orientation.apply(&heif_raster(picture, stop)?);
        let layer = widen(&layer, Layout::Rgba);
        // What is left of the canvas or above it is not seen.
        let [x, y] = place.map(|number| number.max(0) as usize);
        let [left, above] = place.map(|number| number.min(0).unsigned_abs() as usize);
        let layer_rows = layer.pixels().chunks_exact(layer.size().width() as usize * 4);
        let lines = canvas.chunks_exact_mut(width * channels);
        for (line, row) in lines.skip(y).zip(layer_rows.skip(above)) {
            let line = line.chunks_exact_mut(channels).skip(x);
            for (under, over) in line.zip(row.chunks_exact(4).skip(left)) {
                blend(under, over);
            }
        }
    }
    let canvas = Raster::new(overlay.size, layout, canvas);
    if overlay.aperture.size == overlay.size {
        return Ok(canvas);
    }
    Ok(crop(&canvas, overlay.aperture))
}

/// Puts a pixel with alpha over one with or without.
fn blend(under: &mut [u8], over: &[u8]) {
    let mix = |numbers: [u32; 2], weights: [u32; 2]| {
        let total = weights[0] + weights[1];
        let sum = numbers[0] * weights[0] + numbers[1] * weights[1];
        (sum + total / 2).checked_div(total).unwrap_or(0) as u8
    };
    let alpha = u32::from(over[3]);
    let below = under.get(3).copied().map_or(255, u32::from);
    // Of 255 squared: what the upper pixel covers, and what it leaves of the lower one.
    let weights = [alpha * 255, (255 - alpha) * below];
    for (under, over) in under.iter_mut().zip(over).take(3) {
        *under = mix([u32::from(*over), u32::from(*under)], weights);
    }
    if let Some(total) = under.get_mut(3) {
        *total = ((weights[0] + weights[1] + 127) / 255) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::blend;

    #[test]
    fn a_pixel_covers_as_much_as_its_alpha_says() {
        let over = |mut under: Vec<u8>, over: [u8; 4]| {
            blend(&mut under, &over);
            under
        };
        assert_eq!(over(vec![10, 20, 30], [200, 100, 0, 255]), [200, 100, 0]);
        assert_eq!(over(vec![10, 20, 30], [200, 100, 0, 0]), [10, 20, 30]);
        assert_eq!(over(vec![0, 100, 200], [200, 100, 0, 51]), [40, 100, 160]);
        assert_eq!(over(vec![9, 9, 9, 0], [200, 100, 0, 51]), [200, 100, 0, 51]);
        assert_eq!(over(vec![0, 0, 0, 255], [255, 255, 255, 128]), [128, 128, 128, 255]);
        assert_eq!(over(vec![0, 0, 0, 0], [1, 2, 3, 0]), [0, 0, 0, 0]);
    }
}
