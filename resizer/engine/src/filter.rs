//! The resampling filters. Everything that one needs is in this file: its name, its reach, its
//! weights, and how far it overshoots.

use std::f64::consts::PI;
use std::sync::LazyLock;

/// How the samples of a source are weighted where pixels become fewer or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Filter {
    /// Lanczos with three lobes: the sharpest, with faint ringing at hard edges.
    /// Source: Duchon, "Lanczos Filtering in One and Two Dimensions" (1979).
    #[default]
    Lanczos3,
    /// The cubic with B = C = 1/3: softer, and nearly without ringing.
    /// Source: Mitchell and Netravali, "Reconstruction Filters in Computer Graphics" (1988).
    Mitchell,
    /// The cubic with B = 0, C = 1/2: between the two.
    CatmullRom,
    /// The mean of the area that a pixel covers: no ringing, and the least work. Where pixels
    /// become more, it interpolates linearly.
    Area,
}

impl Filter {
    /// Every filter.
    pub const ALL: [Self; 4] = [Self::Lanczos3, Self::Mitchell, Self::CatmullRom, Self::Area];

    /// The name in configurations.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lanczos3 => "lanczos3",
            Self::Mitchell => "mitchell",
            Self::CatmullRom => "catmull-rom",
            Self::Area => "area",
        }
    }

    /// The distance from the center of an output sample to the furthest input sample with a weight,
    /// both pitches being the distance between neighboring samples in any one unit.
    pub(crate) fn reach(self, input_pitch: f64, output_pitch: f64) -> f64 {
        let pitch = output_pitch.max(input_pitch);
        match self {
            Self::Lanczos3 => LOBES * pitch,
            Self::Mitchell | Self::CatmullRom => 2.0 * pitch,
            // An input sample counts as far as it is covered; one that is only touched does not.
            Self::Area => (pitch + input_pitch) / 2.0 * (1.0 - 1e-9),
        }
    }

    /// An upper bound of the sum of a window's absolute weights when their sum is 1, also where the
    /// window is cut short by the edge of the picture. Kernels rely on it: sums must not overflow.
    pub(crate) const fn gain(self) -> f64 {
        match self {
            Self::Lanczos3 => 1.6,
            Self::Mitchell => 1.2,
            Self::CatmullRom => 1.3,
            Self::Area => 1.0,
        }
    }

    /// Adds the weights of `count` input samples, not yet normalized: the first is `first` input
    /// samples right of the output sample's center, which covers `scale` of them, at least 1.
    pub(crate) fn extend(self, weights: &mut Vec<f32>, first: f64, scale: f64, count: usize) {
        // Branches up, loops down: one loop for each filter.
        match self {
            Self::Lanczos3 => each(weights, first, scale, count, lanczos3),
            Self::Mitchell => each(weights, first, scale, count, |x| cubic(x, THIRD, THIRD)),
            Self::CatmullRom => each(weights, first, scale, count, |x| cubic(x, 0.0, 0.5)),
            Self::Area => each(weights, first, scale, count, |x| covered(x, scale)),
        }
    }
}

/// `weight` takes the distance from the center in units of `scale`.
fn each(weights: &mut Vec<f32>, first: f64, scale: f64, count: usize, weight: impl Fn(f64) -> f32) {
    let step = 1.0 / scale;
    weights
        .extend((0..count).zip(0..).map(|(_, at)| weight(((first + f64::from(at)) * step).abs())));
}

/// Of Lanczos3, on each side.
const LOBES: f64 = 3.0;

/// Entries of the table of Lanczos3 for each unit of distance.
const RESOLUTION: usize = 512;

/// Interpolates linearly in the table, at most a seventh of a 14-bit weight's last bit beside the
/// function.
fn lanczos3(distance: f64) -> f32 {
    let place = distance * RESOLUTION as f64;
    let entry = (place as usize).min(LANCZOS3.len() - 2);
    let [left, right] = [LANCZOS3[entry], LANCZOS3[entry + 1]];
    left + (right - left) * (place - entry as f64) as f32
}

/// With two sines for each weight, weights were 5 % of the whole resampling.
static LANCZOS3: LazyLock<Vec<f32>> = LazyLock::new(|| {
    let sinc = |x: f64| if x == 0.0 { 1.0 } else { x.sin() / x };
    let value = |entry: usize| {
        let angle = entry as f64 / RESOLUTION as f64 * PI;
        (sinc(angle) * sinc(angle / LOBES)) as f32
    };
    let inside = LOBES as usize * RESOLUTION;
    (0..inside).map(value).chain([0.0; 2]).collect()
});

/// Mitchell's B and C.
const THIRD: f64 = 1.0 / 3.0;

/// The cubics of Mitchell and Netravali.
fn cubic(distance: f64, b: f64, c: f64) -> f32 {
    let x = distance;
    let value = if x < 1.0 {
        ((12.0 - 9.0 * b - 6.0 * c) * x + (-18.0 + 12.0 * b + 6.0 * c)) * x * x + (6.0 - 2.0 * b)
    } else if x < 2.0 {
        (((-b - 6.0 * c) * x + (6.0 * b + 30.0 * c)) * x + (-12.0 * b - 48.0 * c)) * x
            + (8.0 * b + 24.0 * c)
    } else {
        0.0
    };
    (value / 6.0) as f32
}

/// How much of an input sample lies within `scale` of them around the center.
fn covered(distance: f64, scale: f64) -> f32 {
    (scale / 2.0 + 0.5 - distance * scale).clamp(0.0, 1.0) as f32
}

#[cfg(test)]
mod tests {
    use super::Filter;

    fn weights(filter: Filter, first: f64, scale: f64, count: usize) -> Vec<f32> {
        let mut weights = Vec::new();
        filter.extend(&mut weights, first, scale, count);
        weights
    }

    #[test]
    fn filters_have_their_published_values() {
        let at = |filter, distance: f64| weights(filter, distance, 1.0, 1)[0];
        let expected = [
            (Filter::Lanczos3, [1.0, 0.607_927, 0.0, -0.135_095]),
            (Filter::Mitchell, [8.0 / 9.0, 0.534_722, 1.0 / 18.0, -0.034_722]),
            (Filter::CatmullRom, [1.0, 0.5625, 0.0, -0.0625]),
            (Filter::Area, [1.0, 0.5, 0.0, 0.0]),
        ];
        for (filter, values) in expected {
            for (distance, value) in [0.0, 0.5, 1.0, 1.5].into_iter().zip(values) {
                for distance in [distance, -distance] {
                    let found = at(filter, distance);
                    assert!((found - value).abs() < 1e-5, "{filter:?} at {distance}: {found}");
                }
            }
        }
    }

    #[test]
    fn nothing_beyond_the_reach_has_a_weight() {
        for filter in Filter::ALL {
            for scale in [1.0, 1.3, 2.0, 7.7] {
                let reach = filter.reach(1.0, scale);
                let beyond = weights(filter, reach, scale, 20);
                assert!(beyond.iter().all(|weight| weight.abs() < 1e-6), "{filter:?}, {scale}");
                let inside = weights(filter, reach - 0.4 * scale.min(1.5), scale, 1)[0];
                assert!(inside != 0.0, "{filter:?}, {scale}");
            }
        }
    }

    #[test]
    fn areas_are_covered_once() {
        // 2.5 samples from 0.25 on: three quarters, one, three quarters.
        let found = weights(Filter::Area, 0.5 - 1.5, 2.5, 3);
        assert_eq!(found, [0.75, 1.0, 0.75]);
    }
}
