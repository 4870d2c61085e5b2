//! An overview in, the window of a smart crop out: the place with the most edges, skin and
//! saturated colors. The measures are those of libvips' smartcrop and of smartcrop.js. A
//! summed-area table makes it cheap to compare every place.

use crate::raster::{Layout, Raster, Rect, Size};

/// Weights of a pixel's edge, skin and saturation, each of them from 0 to 1.
const WEIGHTS: [f32; 3] = [1.0, 1.5, 0.4];

/// The hue of skin, from light to dark, as a unit vector in RGB. Source: smartcrop.js.
const SKIN: [f32; 3] = [0.735, 0.537, 0.414];

/// Colors whose scalar product with it is less are not skin; that of gray is 0.974.
const LEAST_SKIN: f32 = 0.98;

/// Pixels whose largest channel is less than this, of 255, are too dark to have a hue.
const DARKEST: f32 = 35.0;

/// The part of a window along each edge that counts half: a face should not touch the edge.
const MARGIN: f64 = 1.0 / 6.0;

/// How salient each part of a picture is.
#[derive(Debug)]
pub(crate) struct SaliencyMap {
    width: usize,
    height: usize,
    /// The summed-area table: `(width + 1) * (height + 1)` sums of all that lies above and to the
    /// left.
    sums: Vec<f64>,
}

impl SaliencyMap {
    /// Measures an upright picture of RGBA in sRGB.
    ///
    /// # Panics
    /// For another layout.
    pub(crate) fn new(overview: &Raster) -> Self {
        assert_eq!(overview.layout(), Layout::Rgba, "overviews have alpha");
        let size = overview.size();
        let (width, height) = (size.width() as usize, size.height() as usize);
        let (pixels, _) = overview.pixels().as_chunks::<4>();
        let lumas: Vec<f32> = pixels.iter().map(luma).collect();
        let mut sums = vec![0.0; (width + 1) * (height + 1)];
        for y in 0..height {
            let mut row = 0.0;
            for x in 0..width {
                let at = y * width + x;
                row += f64::from(weight(&pixels[at], edge(&lumas, [width, height], [x, y])));
                sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + row;
            }
        }
        Self { width, height, sums }
    }

    /// The most salient window of this size in a picture of size `whole`, which this map is a
    /// smaller copy of; the middle where all places are equal.
    ///
    /// # Panics
    /// When the window is larger than the picture.
    pub(crate) fn window(&self, size: Size, whole: Size) -> Rect {
        let part = |part: u32, whole: u32| f64::from(part) / f64::from(whole);
        let parts = [part(size.width(), whole.width()), part(size.height(), whole.height())];
        Rect::placed(size, whole, self.place(parts))
    }

    /// The shares of the free space left of the best window and above it, 0 to 1 each; the window
    /// is given as parts of width and height.
    fn place(&self, parts: [f64; 2]) -> [f64; 2] {
        let side = |all: usize, part: f64| ((all as f64 * part).round() as usize).clamp(1, all);
        let window = [side(self.width, parts[0]), side(self.height, parts[1])];
        let free = [self.width - window[0], self.height - window[1]];
        let mut best = (f64::MIN, f64::MAX, [0.5, 0.5]);
        for y in 0..=free[1] {
            for x in 0..=free[0] {
                let share = |at: usize, free: usize| {
                    if free == 0 { 0.5 } else { at as f64 / free as f64 }
                };
                let place = [share(x, free[0]), share(y, free[1])];
                let saliency = self.of_window([x, y], window);
                let from_middle = (place[0] - 0.5).abs() + (place[1] - 0.5).abs();
                // Sums of many numbers differ in their last bits.
                let is_more = saliency > best.0 * (1.0 + 1e-9) + 1e-9;
                let is_same = saliency + 1e-9 >= best.0 * (1.0 - 1e-9);
                if is_more || is_same && from_middle < best.1 {
                    best = (saliency.max(best.0), from_middle, place);
                }
            }
        }
        best.2
    }

    /// The inner part counts twice.
    fn of_window(&self, [x, y]: [usize; 2], [width, height]: [usize; 2]) -> f64 {
        let margin = |side: usize| (side as f64 * MARGIN) as usize;
        let (across, down) = (margin(width), margin(height));
        let all = self.area([x, y], [width, height]);
        all + self.area([x + across, y + down], [width - 2 * across, height - 2 * down])
    }

    fn area(&self, [x, y]: [usize; 2], [width, height]: [usize; 2]) -> f64 {
        let sum = |x: usize, y: usize| self.sums[y * (self.width + 1) + x];
        sum(x + width, y + height) - sum(x, y + height) - sum(x + width, y) + sum(x, y)
    }
}

/// Gamma-encoded, 0 to 255, times alpha.
fn luma(&[red, green, blue, alpha]: &[u8; 4]) -> f32 {
    let luma = 0.299 * f32::from(red) + 0.587 * f32::from(green) + 0.114 * f32::from(blue);
    luma * f32::from(alpha) / 255.0
}

/// How much a pixel's luma differs from the mean of its four neighbors', 0 to 1.
fn edge(lumas: &[f32], [width, height]: [usize; 2], [x, y]: [usize; 2]) -> f32 {
    let luma = |x: usize, y: usize| lumas[y.min(height - 1) * width + x.min(width - 1)];
    let around = luma(x.saturating_sub(1), y)
        + luma(x + 1, y)
        + luma(x, y.saturating_sub(1))
        + luma(x, y + 1);
    ((luma(x, y) - around / 4.0).abs() / 64.0).min(1.0)
}

fn weight(pixel: &[u8; 4], edge: f32) -> f32 {
    let colors = [pixel[0], pixel[1], pixel[2]].map(f32::from);
    let alpha = f32::from(pixel[3]) / 255.0;
    let [most, least] =
        [colors.into_iter().fold(0.0, f32::max), colors.into_iter().fold(255.0, f32::min)];
    let (mut skin, mut saturation) = (0.0, 0.0);
    if most >= DARKEST {
        saturation = (most - least) / most;
        let length = colors.iter().map(|color| color * color).sum::<f32>().sqrt();
        let likeness = std::iter::zip(colors, SKIN).map(|(one, other)| one * other).sum::<f32>();
        skin = ((likeness / length - LEAST_SKIN) / (1.0 - LEAST_SKIN)).max(0.0);
    }
    let [edge_weight, skin_weight, saturation_weight] = WEIGHTS;
    alpha * (edge_weight * edge + skin_weight * skin + saturation_weight * saturation)
}

#[cfg(test)]
mod tests {
    use super::SaliencyMap;
    use crate::raster::{Layout, Raster, Size};

    /// Gray, with a patch of this color at that upper left corner.
    fn picture(patch: [u8; 4], [left, top]: [usize; 2]) -> Raster {
        let size = Size::new(100, 60).expect("not empty");
        let pixel = |at: usize| {
            let (x, y) = (at % 100, at / 100);
            let inside = (left..left + 12).contains(&x) && (top..top + 12).contains(&y);
            if inside { patch } else { [128, 128, 128, 255] }
        };
        Raster::new(size, Layout::Rgba, (0..6000).flat_map(pixel).collect())
    }

    #[test]
    fn windows_hold_the_patch() {
        for patch in [[230, 170, 130, 255], [250, 10, 10, 255], [255, 255, 255, 255]] {
            for corner in [[3, 5], [80, 40], [44, 24], [85, 2]] {
                let parts = [0.6, 1.0];
                let [share, down] = SaliencyMap::new(&picture(patch, corner)).place(parts);
                let left = share * 40.0;
                let patch_left = corner[0] as f64;
                assert!(
                    left <= patch_left && patch_left + 12.0 <= left + 60.0,
                    "{patch:?} {corner:?}"
                );
                assert!((down - 0.5).abs() < 1e-9, "nothing is free there");
            }
        }
    }

    #[test]
    fn windows_of_an_even_picture_are_in_the_middle() {
        let even = SaliencyMap::new(&picture([128, 128, 128, 255], [0, 0]));
        assert_eq!(even.place([0.5, 1.0]), [0.5, 0.5]);
        assert_eq!(even.place([0.5, 0.5]), [0.5, 0.5]);
    }
}
