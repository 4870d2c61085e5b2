//! A sample's median and spread.

/// What a sample looks like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    /// The first quartile.
    pub(crate) low: f64,
    /// The third quartile.
    pub(crate) high: f64,
    pub(crate) count: usize,
}

impl Spread {
    /// `None` for an empty sample.
    pub(crate) fn of(sample: &[f64]) -> Option<Self> {
        let mut sorted = sample.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| quantile(&sorted, share);
        Some(Self { median: at(0.5)?, low: at(0.25)?, high: at(0.75)?, count: sorted.len() })
    }
}

/// A sample's median, with its least and its most value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Range {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
    pub(crate) count: usize,
}

impl Range {
    /// `None` for an empty sample.
    pub(crate) fn of(sample: impl Iterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = sample.collect();
        sorted.sort_by(f64::total_cmp);
        let at = |share: f64| quantile(&sorted, share);
        Some(Self { median: at(0.5)?, least: at(0.0)?, most: at(1.0)?, count: sorted.len() })
    }
}

/// Between two neighbors along the line from one to the other.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = share * last as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(last);
    Some(sorted[below] + (sorted[above] - sorted[below]) * (place - below as f64))
}

/// The value at `x` of the curve through `points` (x ascending), straight between them; `None`
/// outside of it.
pub(crate) fn interpolate(points: &[(f64, f64)], x: f64) -> Option<f64> {
    let pair = points.windows(2).find(|pair| pair[0].0 <= x && x <= pair[1].0)?;
    let [(left, from), (right, to)] = [pair[0], pair[1]];
    let share = if right > left { (x - left) / (right - left) } else { 0.5 };
    Some(from + (to - from) * share)
}

#[cfg(test)]
mod tests {
    use super::{Range, Spread, interpolate};

    #[test]
    fn a_median_has_half_of_the_sample_on_either_side() {
        let spread = Spread::of(&[5.0, 1.0, 4.0, 2.0, 3.0]).unwrap();
        assert_eq!((spread.low, spread.median, spread.high), (2.0, 3.0, 4.0));
        let even = Spread::of(&[1.0, 2.0, 3.0, 4.0]).unwrap();
        assert_eq!((even.low, even.median, even.high), (1.75, 2.5, 3.25));
        assert_eq!(Spread::of(&[]), None);
    }

    #[test]
    fn a_range_has_the_whole_sample() {
        let range = Range::of([7.0, 1.0, 3.0, 5.0].into_iter()).expect("there are values");
        assert_eq!((range.least, range.median, range.most, range.count), (1.0, 4.0, 7.0, 4));
        assert_eq!(Range::of([].into_iter()), None);
    }

    #[test]
    fn a_curve_is_read_between_its_points_only() {
        let curve = [(1.0, 10.0), (2.0, 20.0), (4.0, 0.0)];
        assert_eq!(interpolate(&curve, 1.5), Some(15.0));
        assert_eq!(interpolate(&curve, 3.0), Some(10.0));
        assert_eq!(interpolate(&curve, 4.1), None);
    }
}
