//! The colors of pixels that nobody sees. They would take bytes, bleed into those that are seen,
//! and show what somebody has erased.

use crate::raster::Raster;

/// A raster whose last channel is alpha; pixels without alpha get the color of the next one that is
/// seen to their left, else to their right, else above.
pub(super) fn painted_over(raster: &Raster) -> Raster {
    let channels = raster.layout().channels();
    let colors = channels - 1;
    let width = raster.size().width() as usize;
    let mut pixels = raster.pixels().to_vec();
    let first_seen = pixels.chunks_exact(channels).find(|pixel| pixel[colors] > 0);
    let mut above = first_seen.map_or_else(|| vec![0; colors], |pixel| pixel[..colors].to_vec());
    for row in pixels.chunks_exact_mut(width * channels) {
        let seen = row.chunks_exact(channels).find(|pixel| pixel[colors] > 0);
        let mut color = seen.map_or_else(|| above.clone(), |pixel| pixel[..colors].to_vec());
        above.clone_from(&color);
        for pixel in row.chunks_exact_mut(channels) {
            if pixel[colors] > 0 {
                color.copy_from_slice(&pixel[..colors]);
            } else {
                pixel[..colors].copy_from_slice(&color);
            }
        }
    }
    Raster::new(raster.size(), raster.layout(), pixels)
}

#[cfg(test)]
mod tests {
    use super::painted_over;
    use crate::raster::{Layout, Raster, Size};

    #[test]
    fn what_is_hidden_has_the_color_of_what_is_seen_beside_it() {
        let size = Size::new(4, 3).expect("a size");
        let rows = [
            [[1, 0], [2, 0], [3, 0], [4, 0]],
            [[5, 0], [6, 9], [7, 0], [8, 255]],
            [[9, 0], [10, 0], [11, 0], [12, 0]],
        ];
        let raster = Raster::new(size, Layout::GrayAlpha, rows.as_flattened().concat());
        let expected = [
            [[6, 0], [6, 0], [6, 0], [6, 0]],
            [[6, 0], [6, 9], [6, 0], [8, 255]],
            [[6, 0], [6, 0], [6, 0], [6, 0]],
        ];
        assert_eq!(painted_over(&raster).pixels(), expected.as_flattened().concat());
    }

    #[test]
    fn a_picture_that_is_not_seen_at_all_is_black() {
        let size = Size::new(2, 1).expect("a size");
        let raster = Raster::new(size, Layout::Rgba, vec![9, 8, 7, 0, 6, 5, 4, 0]);
        assert_eq!(painted_over(&raster).pixels(), [0; 8]);
    }
}
