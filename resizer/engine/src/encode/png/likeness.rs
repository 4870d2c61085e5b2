//! Rows of a picture and of what became of it in, how alike they look out: an estimate of
//! SSIMULACRA2, of which 100 is the same and 80 hardly told from it, in a hundredth of its time.
//!
//! It is the sum of three terms, each from the scale where it says most. Their weights were fitted
//! to the scores of palettes of 12 to 256 colors, and are extrapolated below that.
//! docs/decisions/0063-palettes-of-png.md has the method and the errors.

use super::space::{Place, WHITE};

/// Rows and columns of a block.
const BLOCK: usize = 8;

/// A place in the picture, and what became of it.
type Pair = [Place; 2];

/// A comparison in the making.
#[derive(Debug)]
pub(super) struct Likeness {
    /// Colors, at full size.
    full: Scale,
    /// Structure, at half of it.
    half: Scale,
    /// Lightness, at a quarter.
    quarter: Scale,
    /// The largest square of a difference of colors at half size, where dithering is averaged.
    worst_color: i64,
}

/// Blocks of one scale.
#[derive(Debug)]
struct Scale {
    width: usize,
    /// Up to `BLOCK` of them.
    rows: Vec<Pair>,
    measure: fn(&mut dyn Iterator<Item = &Pair>) -> f64,
    sum: f64,
    /// Of all rows.
    blocks: usize,
}

impl Likeness {
    /// Of pictures of this many pixels, at least 1 each.
    pub(super) fn new(width: usize, height: usize) -> Self {
        let half = [width, height].map(|side| side.div_ceil(2));
        Self {
            full: Scale::new([width, height], color),
            half: Scale::new(half, structure),
            quarter: Scale::new(half.map(|side| side.div_ceil(2)), lightness),
            worst_color: 0,
        }
    }

    /// Takes the next row.
    pub(super) fn push(&mut self, row: impl Iterator<Item = Pair>) {
        self.full.rows.extend(row);
        if self.full.is_full() {
            self.flush();
        }
    }

    /// The largest distance between two colors of the same lightness, of two by two pixels.
    pub(super) fn worst_color(&self) -> f64 {
        (self.worst_color as f64).sqrt()
    }

    /// Measures the last rows.
    pub(super) fn finish(&mut self) {
        self.flush();
        self.half.halve_into(&mut self.quarter);
        self.half.flush();
        self.quarter.flush();
    }

    /// The score if no further row has an error. Further rows cannot raise it.
    pub(super) fn score(&self) -> f64 {
        let structure = self.half.mean().sqrt().sqrt();
        let lightness = self.quarter.mean().sqrt();
        let color = self.full.mean().sqrt().sqrt();
        100.0 - 31.0 * structure - 1717.0 * lightness - 957.0 * color
    }

    fn flush(&mut self) {
        let before = self.half.rows.len();
        self.full.halve_into(&mut self.half);
        for [one, other] in &self.half.rows[before..] {
            let [a, b] = [2, 3].map(|axis| i64::from(one[axis] - other[axis]));
            self.worst_color = self.worst_color.max(a * a + b * b);
        }
        self.full.flush();
        if self.half.is_full() {
            self.half.halve_into(&mut self.quarter);
            self.half.flush();
        }
        if self.quarter.is_full() {
            self.quarter.flush();
        }
    }
}

impl Scale {
    fn new(
        [width, height]: [usize; 2],
        measure: fn(&mut dyn Iterator<Item = &Pair>) -> f64,
    ) -> Self {
        let blocks = width.div_ceil(BLOCK) * height.div_ceil(BLOCK);
        Self { width, rows: Vec::new(), measure, sum: 0.0, blocks }
    }

    fn is_full(&self) -> bool {
        self.rows.len() == self.width * BLOCK
    }

    fn mean(&self) -> f64 {
        self.sum / self.blocks as f64
    }

    /// Measures the blocks of the rows, and forgets these.
    fn flush(&mut self) {
        if !self.rows.is_empty() {
            for x in (0..self.width).step_by(BLOCK) {
                let columns = x..usize::min(x + BLOCK, self.width);
                let rows = self.rows.chunks(self.width);
                self.sum += (self.measure)(&mut rows.flat_map(|row| &row[columns.clone()]));
            }
        }
        self.rows.clear();
    }

    /// Adds the means of two by two pixels to the next scale.
    fn halve_into(&self, coarser: &mut Self) {
        for pair in self.rows.chunks(2 * self.width) {
            let last = pair.len() - self.width;
            coarser.rows.extend((0..self.width).step_by(2).map(|x| {
                let right = usize::min(x + 1, self.width - 1);
                let four = [pair[x], pair[right], pair[last + x], pair[last + right]];
                let mean = |side: usize, axis: usize| {
                    four.iter().map(|places| places[side][axis]).sum::<i32>() >> 2
                };
                [0, 1].map(|side| std::array::from_fn(|axis| mean(side, axis)))
            }));
        }
    }
}

/// The square of the mean squared error of the colors, which counts most where it is large.
fn color(block: &mut dyn Iterator<Item = &Pair>) -> f64 {
    let mut sum = 0.0;
    let mut count = 0.0;
    for [one, other] in block {
        let [a, b] = [2, 3].map(|axis| unit(one[axis] - other[axis]));
        sum += a * a + b * b;
        count += 1.0;
    }
    let error = f64::from(sum / count);
    error * error
}

/// The mean squared error of the lightness.
fn lightness(block: &mut dyn Iterator<Item = &Pair>) -> f64 {
    let mut sum = 0.0;
    let mut count = 0.0;
    for [one, other] in block {
        let [on_black, on_white] = [0, 1].map(|axis| unit(one[axis] - other[axis]));
        sum += on_black * on_black + on_white * on_white;
        count += 1.0;
    }
    f64::from(sum / count)
}

/// What the structure of the lightness lacks: 1 less SSIM without its term for the means, whose
/// errors `lightness` counts.
///
/// Source: Zhou Wang et al., "Image quality assessment: from error visibility to structural
/// similarity", 2004.
fn structure(block: &mut dyn Iterator<Item = &Pair>) -> f64 {
    const STEADY: f32 = 0.000_05;
    let mut sums = [[0.0; 2]; 2];
    let mut products = [[0.0; 3]; 2];
    let mut count = 0.0;
    for [one, other] in block {
        for axis in 0..2 {
            let (x, y) = (unit(one[axis]), unit(other[axis]));
            let ([sum_x, sum_y], [xx, yy, xy]) = (&mut sums[axis], &mut products[axis]);
            *sum_x += x;
            *sum_y += y;
            *xx += x * x;
            *yy += y * y;
            *xy += x * y;
        }
        count += 1.0;
    }
    let lacks = [0, 1].map(|axis| {
        let [x, y] = sums[axis].map(|sum| sum / count);
        let [xx, yy, xy] = products[axis].map(|sum| sum / count);
        let variances = (xx - x * x).max(0.0) + (yy - y * y).max(0.0);
        1.0 - (2.0 * (xy - x * y) + STEADY) / (variances + STEADY)
    });
    f64::from((lacks[0] + lacks[1]) / 2.0).max(0.0)
}

/// A length as a part of that from black to white.
fn unit(length: i32) -> f32 {
    length as f32 / WHITE
}

#[cfg(test)]
mod tests {
    use super::Likeness;
    use crate::encode::png::space::place;

    /// The score of a sweep whose pixels change by this.
    fn score(width: usize, height: usize, change: impl Fn(usize, usize) -> i32) -> f64 {
        let mut likeness = Likeness::new(width, height);
        for y in 0..height {
            likeness.push((0..width).map(|x| {
                let level = 40 + ((x * 3 + y * 2) % 128) as i32;
                let gray = |level: i32| {
                    let level = level.clamp(0, 255) as u8;
                    place([level, level, level, 255])
                };
                [gray(level), gray(level + change(x, y))]
            }));
        }
        likeness.finish();
        likeness.score()
    }

    #[test]
    fn the_same_is_100_and_the_more_differs_the_less_it_is() {
        for (width, height) in [(1, 1), (1, 50), (50, 1), (8, 8), (33, 17), (200, 100)] {
            assert_eq!(score(width, height, |_, _| 0), 100.0, "{width}x{height}");
            let scores = [1, 3, 9, 27].map(|levels| score(width, height, |_, _| levels));
            assert!(scores.is_sorted_by(|one, other| one > other), "{width}x{height}: {scores:?}");
        }
    }

    #[test]
    fn noise_is_seen_less_than_a_shift_of_the_same_size() {
        let noise = score(200, 200, |x, y| if (x + y) % 2 == 0 { 6 } else { -6 });
        let shift = score(200, 200, |_, _| 6);
        assert!(noise > shift && noise < 100.0, "{noise} and {shift}");
    }
}
