//! A raster in, a raster with small errors out: samples change by a few levels, so that most
//! residuals of the PNG filters are multiples of a step, which compress better.
//!
//! Source: the near-lossless mode of JPEG-LS, ITU-T T.87, A.4, with the filters of PNG in place of
//! its prediction.

use super::filter::predicted;
use crate::error::RenderError;
use crate::raster::Raster;
use crate::stop::Stop;

/// A sample whose residual is at least this large stays exact, so that an area of one color keeps
/// its color behind an edge.
const EDGE: i32 = 24;

/// The filters with a prediction, by their numbers in the specification.
const FILTERS: [u8; 4] = [1, 2, 3, 4];

/// A raster, and how many of its samples differ from the original.
#[derive(Debug)]
pub(super) struct Near {
    pub(super) raster: Raster,
    /// The number of samples that differ.
    changed: usize,
}

impl Near {
    /// Whether the file may be a tenth smaller than an exact one. Few samples of noise and drawings
    /// change, so their files are hardly smaller.
    pub(super) fn is_maybe_smaller(&self) -> bool {
        self.changed >= self.raster.pixels().len() / 8
    }
}

/// The raster with samples that are off by at most `levels`, which is at least 1. Colors of
/// translucent pixels may be off by more, as long as they are off by at most `levels` on a black
/// background. Colors of invisible pixels may become any color. Alpha stays exact where it is 0 or
/// 255.
///
/// # Errors
/// `Stopped`.
pub(super) fn near(raster: &Raster, levels: u8, stop: &Stop) -> Result<Near, RenderError> {
    let channels = raster.layout().channels();
    let row_bytes = raster.size().width() as usize * channels;
    let mut row = Row::new(raster, levels);
    let mut above = vec![0; row_bytes];
    let mut best = Vec::new();
    let mut pixels: Vec<u8> = Vec::with_capacity(raster.pixels().len());
    let mut changed = 0;
    for samples in raster.pixels().chunks_exact(row_bytes) {
        stop.check()?;
        let mut least = u64::MAX;
        for filter in FILTERS {
            let sum = row.moved(samples, &above, filter);
            if sum < least {
                least = sum;
                std::mem::swap(&mut best, &mut row.moved);
            }
        }
        changed += std::iter::zip(&best, samples).filter(|(near, exact)| near != exact).count();
        pixels.extend_from_slice(&best);
        above.copy_from_slice(&best);
    }
    Ok(Near { raster: Raster::new(raster.size(), raster.layout(), pixels), changed })
}

/// The samples of a row after the change, and the steps of their residuals.
struct Row {
    moved: Vec<u8>,
    channels: usize,
    has_alpha: bool,
    /// By alpha: residuals of colors become multiples of this.
    steps: [i32; 256],
}

impl Row {
    fn new(raster: &Raster, levels: u8) -> Self {
        let step = 2 * i32::from(levels) + 1;
        let steps = std::array::from_fn(|alpha| {
            // Colors of invisible pixels may become any color.
            let Some(reach) = (i32::from(levels) * 255).checked_div(alpha as i32) else {
                return i32::MAX;
            };
            // Powers of the smallest step, so that few values of residuals occur.
            let mut power = step;
            while (power * step - 1) / 2 <= reach && power * step < 256 {
                power *= step;
            }
            power
        });
        let layout = raster.layout();
        let (channels, has_alpha) = (layout.channels(), layout.has_alpha());
        Self { moved: Vec::new(), channels, has_alpha, steps }
    }

    /// Changes samples so that their residuals of a filter are multiples of a step, and returns the
    /// sum of the absolute residuals.
    fn moved(&mut self, samples: &[u8], above: &[u8], filter: u8) -> u64 {
        let Self { moved, channels, has_alpha, steps } = self;
        let channels = *channels;
        moved.clear();
        moved.resize(samples.len(), 0);
        let mut left = [0; 4];
        let mut corner = [0; 4];
        let mut sum = 0;
        for (x, pixel) in samples.chunks_exact(channels).enumerate() {
            let start = x * channels;
            let over = &above[start..start + channels];
            // Alpha comes first, because the step of the colors depends on it.
            let mut step = steps[255];
            for channel in (0..channels).rev() {
                let exact = i32::from(pixel[channel]);
                let is_alpha = *has_alpha && channel + 1 == channels;
                let guess = predicted(filter, left[channel], over[channel], corner[channel]);
                let residual = exact - i32::from(guess);
                let value = if is_alpha {
                    step = steps[usize::from(pixel[channel])];
                    match exact {
                        0 | 255 => exact,
                        _ => quantized(exact, residual, steps[255]).clamp(1, 254),
                    }
                } else {
                    quantized(exact, residual, step).clamp(0, 255)
                };
                let value = value as u8;
                sum += u64::from((value.wrapping_sub(guess) as i8).unsigned_abs());
                corner[channel] = over[channel];
                left[channel] = value;
                moved[start + channel] = value;
            }
        }
        sum
    }
}

/// The value whose residual is the nearest multiple of a step. Large residuals stay exact.
fn quantized(exact: i32, residual: i32, step: i32) -> i32 {
    if step == i32::MAX {
        return exact - residual;
    }
    if residual.abs() >= i32::max(EDGE, step) {
        return exact;
    }
    let half = step / 2;
    let off = (residual + half).rem_euclid(step) - half;
    exact - off
}

#[cfg(test)]
mod tests {
    use super::near;
    use crate::raster::{Layout, Raster, Size};
    use crate::stop::Stop;

    fn raster(layout: Layout, pixel: impl Fn(i32, i32) -> Vec<i32>) -> Raster {
        let (width, height) = (97, 31);
        let rows = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let samples = rows.flat_map(|(x, y)| pixel(x, y));
        let pixels = samples.map(|sample| sample.clamp(0, 255) as u8).collect();
        Raster::new(Size::new(97, 31).expect("it has pixels"), layout, pixels)
    }

    fn moved(raster: &Raster, levels: u8) -> Vec<u8> {
        near(raster, levels, &Stop::default()).expect("nobody stops it").raster.pixels().to_vec()
    }

    /// Gradients with a little noise, which reach both ends of the range.
    fn rough(x: i32, y: i32) -> i32 {
        (x * 3 + y * 2) % 270 - 8 + (x * x * 7 + y * x * 13) % 11
    }

    #[test]
    fn no_sample_is_off_by_more_than_the_levels_and_many_residuals_are_gone() {
        for layout in [Layout::Gray, Layout::Rgb] {
            let raster = raster(layout, |x, y| {
                (0..layout.channels() as i32).map(|channel| rough(x + 40 * channel, y)).collect()
            });
            for levels in [1, 2, 4] {
                let moved = moved(&raster, levels);
                let off = |(near, exact): (&u8, &u8)| near.abs_diff(*exact);
                let most = std::iter::zip(&moved, raster.pixels()).map(off).max();
                assert_eq!(most, Some(levels), "{layout:?}");
            }
        }
    }

    #[test]
    fn what_is_seen_of_translucent_pixels_is_off_by_as_little() {
        let raster = raster(Layout::Rgba, |x, y| {
            let alpha = [0, 255, 254, 1, 20 + x, 3 * y][(x / 16) as usize % 6];
            vec![rough(x, y), rough(x + 50, y), rough(y, x), alpha]
        });
        let moved = moved(&raster, 1);
        let (exact, _) = raster.pixels().as_chunks::<4>();
        let (moved, _) = moved.as_chunks::<4>();
        for (near, exact) in std::iter::zip(moved, exact) {
            let [alpha, was] = [near[3], exact[3]].map(i32::from);
            assert!((alpha - was).abs() <= 1);
            assert_eq!([alpha == 0, alpha == 255], [was == 0, was == 255]);
            for channel in 0..3 {
                let off = i32::from(near[channel].abs_diff(exact[channel]));
                assert!(off * was <= 255 || was == 0, "{near:?} for {exact:?}");
            }
        }
    }

    #[test]
    fn areas_of_one_color_behind_edges_stay_exact() {
        let color = |x: i32, y: i32| [40, 90, 141, 200][((x / 20 + y / 10) % 4) as usize];
        let raster = raster(Layout::Gray, |x, y| vec![color(x, y)]);
        assert_eq!(moved(&raster, 1), raster.pixels());
    }
}
