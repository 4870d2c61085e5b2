//! Pixels in, the few colors that show them best out: a histogram, split where colors differ most,
//! then moved to the middle of what they stand for.

use super::histogram::{Bin, Histogram};
use super::nearest::Nearest;
use super::space::place;

/// The most colors of a palette.
pub(super) const MAX_COLORS: usize = 256;

/// How a palette is chosen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    /// No more colors than this, 2 to 256.
    pub(super) colors: usize,
    /// No more colors than are needed for this mean of squared distances.
    pub(super) error: f64,
    /// How often the colors are moved.
    pub(super) rounds: u32,
}

/// Colors of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Palette {
    /// RGBA, at least one.
    pub(super) colors: Vec<[u8; 4]>,
    /// Whether the error of the budget would need more colors than the budget allows.
    pub(super) is_full: bool,
}

/// The colors within a budget.
pub(super) fn palette(histogram: &Histogram, budget: Budget) -> Palette {
    let mut bins = histogram.bins();
    let mut colors: Vec<[u8; 4]> = split(&mut bins, budget);
    let is_full = colors.len() >= budget.colors;
    let mut owners = vec![0; bins.len()];
    for _ in 0..budget.rounds {
        let places = colors.iter().map(|&color| place(color)).collect();
        let nearest = Nearest::new(places);
        let mut clusters = vec![Cluster::default(); colors.len()];
        for (bin, owner) in bins.iter().zip(&mut owners) {
            let guess = usize::min(*owner, colors.len() - 1);
            let (index, _) = nearest.find(bin.place, guess);
            *owner = index;
            clusters[index].add(bin);
        }
        // A color that stands for nothing is dropped.
        colors = clusters.iter().filter_map(Cluster::color).collect();
    }
    colors.sort_unstable();
    colors.dedup();
    Palette { colors, is_full }
}

/// The bins of one color in the making.
#[derive(Debug, Clone, Default)]
struct Cluster {
    weight: f64,
    /// Red, green and blue times alpha, and alpha.
    sums: [f64; 4],
    /// Of pixels.
    count: u64,
    /// The most common color, and its pixels.
    common: ([u8; 4], u64),
}

impl Cluster {
    fn add(&mut self, bin: &Bin) {
        self.weight += bin.weight;
        let alpha = f64::from(bin.color[3]);
        for (sum, &level) in self.sums.iter_mut().zip(&bin.color[..3]) {
            *sum += bin.weight * f64::from(level) * alpha;
        }
        self.sums[3] += bin.weight * alpha;
        self.count += bin.count;
        if bin.count > self.common.1 {
            self.common = (bin.color, bin.count);
        }
    }

    /// The mean, or a color that most of the pixels have: areas of one color stay exact.
    fn color(&self) -> Option<[u8; 4]> {
        if self.count == 0 {
            return None;
        }
        if self.common.1 * 2 > self.count {
            return Some(self.common.0);
        }
        let [red, green, blue, alpha] = self.sums;
        if alpha == 0.0 {
            return Some([0; 4]);
        }
        let [red, green, blue] = [red, green, blue].map(|sum| rounded(sum / alpha));
        Some([red, green, blue, rounded(alpha / self.weight)])
    }
}

fn rounded(level: f64) -> u8 {
    (level + 0.5) as u8
}

/// A part of the bins: one color in the making.
#[derive(Debug, Clone, Copy)]
struct Part {
    start: usize,
    end: usize,
    /// The sum of weighted squared distances from the mean.
    error: f64,
    /// Along which it is widest.
    axis: usize,
}

/// Splits the bins in two, again and again, always where the error is largest.
fn split(bins: &mut [Bin], budget: Budget) -> Vec<[u8; 4]> {
    let weight: f64 = bins.iter().map(|bin| bin.weight).sum();
    let mut parts = vec![Part::of(bins, 0, bins.len())];
    let mut error = parts[0].error;
    while parts.len() < budget.colors && error > budget.error * weight {
        let Some(widest) =
            (0..parts.len()).max_by(|&one, &other| parts[one].error.total_cmp(&parts[other].error))
        else {
            break;
        };
        let Part { start, end, axis, error: before } = parts[widest];
        if end - start < 2 || before <= 0.0 {
            break;
        }
        let middle = start + cut(&mut bins[start..end], axis);
        parts[widest] = Part::of(bins, start, middle);
        parts.push(Part::of(bins, middle, end));
        error += parts[widest].error + parts[parts.len() - 1].error - before;
    }
    let color = |part: &Part| {
        let mut cluster = Cluster::default();
        bins[part.start..part.end].iter().for_each(|bin| cluster.add(bin));
        cluster.color()
    };
    parts.iter().filter_map(color).collect()
}

impl Part {
    fn of(bins: &[Bin], start: usize, end: usize) -> Self {
        let mut weight = 0.0;
        let (mut sums, mut squares) = ([0.0; 4], [0.0; 4]);
        for bin in &bins[start..end] {
            weight += bin.weight;
            for axis in 0..4 {
                let at = f64::from(bin.place[axis]);
                sums[axis] += bin.weight * at;
                squares[axis] += bin.weight * at * at;
            }
        }
        let spread: [f64; 4] =
            std::array::from_fn(|axis| (squares[axis] - sums[axis] * sums[axis] / weight).max(0.0));
        let axis = (0..4).max_by(|&one, &other| spread[one].total_cmp(&spread[other]));
        // A single color has no error, whatever is lost in rounding.
        let error = if end - start < 2 { 0.0 } else { spread.iter().sum() };
        Self { start, end, error, axis: axis.unwrap_or(0) }
    }
}

/// Sorts the bins along an axis, and returns where the two sides have the least error: where their
/// means are farthest from each other, by weight.
fn cut(bins: &mut [Bin], axis: usize) -> usize {
    bins.sort_unstable_by_key(|bin| (bin.place[axis], bin.color));
    let [mut weight, mut sum] = [0.0; 2];
    for bin in &*bins {
        weight += bin.weight;
        sum += bin.weight * f64::from(bin.place[axis]);
    }
    let [mut left_weight, mut left_sum] = [0.0; 2];
    let mut best = (1, f64::NEG_INFINITY);
    for at in 1..bins.len() {
        let bin = &bins[at - 1];
        left_weight += bin.weight;
        left_sum += bin.weight * f64::from(bin.place[axis]);
        let (right_weight, right_sum) = (weight - left_weight, sum - left_sum);
        if right_weight <= 0.0 {
            break;
        }
        let gain = left_sum * left_sum / left_weight + right_sum * right_sum / right_weight;
        if gain > best.1 {
            best = (at, gain);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::{Budget, MAX_COLORS, palette};
    use crate::encode::png::histogram::Histogram;

    #[test]
    fn few_colors_stay_as_they_are_and_many_become_256() {
        let budget = Budget { colors: MAX_COLORS, error: 0.0, rounds: 3 };
        for count in [1_u32, 2, 100, 256, 70_000] {
            let mut histogram = Histogram::new();
            let color = |number: u32| {
                let [low, high, highest, _] = (number * 40_503).to_le_bytes();
                [low, high, highest, 255 - number as u8 / 2]
            };
            (0..count)
                .for_each(|number| histogram.add(color(number), 1 + u64::from(number % 3), 4));
            let found = palette(&histogram, budget).colors;
            if count <= 256 {
                let mut expected: Vec<[u8; 4]> = (0..count).map(color).collect();
                expected.sort_unstable();
                assert_eq!(found, expected);
            } else {
                assert!((250..=256).contains(&found.len()), "{} colors", found.len());
            }
        }
    }

    #[test]
    fn a_larger_error_takes_fewer_colors() {
        let mut histogram = Histogram::new();
        (0..=255).for_each(|level| histogram.add([level, level, level, 255], 10, 1));
        let of = |error| palette(&histogram, Budget { colors: 256, error, rounds: 3 }).colors.len();
        let counts = [0.0, 50.0, 200.0, 800.0, 1e9].map(of);
        assert!(counts.is_sorted_by(|one, other| one > other), "{counts:?}");
        assert_eq!((counts[0], counts[4]), (256, 1));
    }
}
