//! A small picture in, the same with harder edges out, against the blur of reduction.

use crate::raster::Raster;

/// Adds the difference from the neighborhood (1 2 1 in both directions) to each color,
/// `per_cent` of it. Alpha stays; transparent neighbors do not count.
pub(crate) fn sharpen(raster: Raster, per_cent: u8) -> Raster {
    if per_cent == 0 {
        return raster;
    }
    let (layout, size) = (raster.layout(), raster.size());
    let channels = layout.channels();
    let colors = channels - usize::from(layout.has_alpha());
    let (width, height) = (size.width() as usize, size.height() as usize);
    let source = raster.pixels();
    let pixel = |x: usize, y: usize| &source[(y * width + x) * channels..][..channels];
    let is_seen = |pixel: &[u8]| !layout.has_alpha() || pixel[channels - 1] > 0;
    let mut pixels = source.to_vec();
    for y in 0..height {
        let rows = [y.saturating_sub(1), y, (y + 1).min(height - 1)];
        for x in 0..width {
            let columns = [x.saturating_sub(1), x, (x + 1).min(width - 1)];
            let own = pixel(x, y);
            for color in 0..colors {
                let mut around = 0;
                for (row, down) in rows.into_iter().zip([1, 2, 1]) {
                    for (column, across) in columns.into_iter().zip([1, 2, 1]) {
                        let other = pixel(column, row);
                        let value = if is_seen(other) { other[color] } else { own[color] };
                        around += i32::from(value) * down * across;
                    }
                }
                let value = i32::from(own[color]);
                let difference = (value * 16 - around) * i32::from(per_cent);
                let sharp = value + (difference as f32 / 1600.0).round() as i32;
                pixels[(y * width + x) * channels + color] = sharp.clamp(0, 255) as u8;
            }
        }
    }
    Raster::new(size, layout, pixels)
}

#[cfg(test)]
mod tests {
    use super::sharpen;
    use crate::raster::{Layout, Raster, Size};

    #[test]
    fn edges_get_harder_and_even_areas_stay() {
        let size = Size::new(8, 3).expect("not empty");
        let row = [100, 100, 100, 100, 140, 140, 140, 140];
        let raster = Raster::new(size, Layout::Gray, row.repeat(3));
        let sharp = sharpen(raster.clone(), 100);
        let expected = [100, 100, 100, 90, 150, 140, 140, 140];
        assert_eq!(sharp.pixels(), expected.repeat(3));
        assert_eq!(sharpen(raster.clone(), 0), raster);
    }

    #[test]
    fn what_is_not_seen_has_no_say() {
        let size = Size::new(3, 1).expect("not empty");
        let pixels = vec![200, 255, 200, 255, 0, 0];
        let raster = Raster::new(size, Layout::GrayAlpha, pixels);
        assert_eq!(sharpen(raster.clone(), 100).pixels()[..4], raster.pixels()[..4]);
    }
}
