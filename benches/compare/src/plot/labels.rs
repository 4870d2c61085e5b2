//! Places for the names of points, so that no name lies on another one or on a point.

/// What a name of 13 px takes, also a bold one.
const HEIGHT: f64 = 16.0;
const PER_LETTER: f64 = 8.0;

/// Between a point and its name.
const GAP: f64 = 9.0;

/// A name's box.
#[derive(Debug, Clone, Copy)]
pub(super) struct Label {
    pub(super) left: f64,
    top: f64,
    width: f64,
}

impl Label {
    /// Where its letters stand.
    pub(super) fn baseline(&self) -> f64 {
        self.top + HEIGHT - 4.0
    }

    /// Its place that is nearest to a point.
    pub(super) fn nearest(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [x.clamp(self.left, self.left + self.width), y.clamp(self.top, self.top + HEIGHT)]
    }

    fn meets(&self, other: &Self) -> bool {
        self.left < other.left + other.width
            && other.left < self.left + self.width
            && self.top < other.top + HEIGHT
            && other.top < self.top + HEIGHT
    }

    fn covers(&self, point: [f64; 2]) -> bool {
        let [x, y] = self.nearest(point);
        (x - point[0]).hypot(y - point[1]) < 7.0
    }
}

/// One label for each point, inside of `frame` (left, right, top, bottom): beside the point where
/// that is free, else further and further away from it.
pub(super) fn placed(points: &[[f64; 2]], names: &[&str], frame: [f64; 4]) -> Vec<Label> {
    let mut out: Vec<Label> = Vec::new();
    for (point, name) in points.iter().zip(names) {
        let width = name.chars().count() as f64 * PER_LETTER;
        let all = candidates(*point, width);
        let is_free = |label: &&Label| {
            let [left, right, top, bottom] = frame;
            let is_inside = label.left >= left
                && label.left + label.width <= right
                && label.top >= top
                && label.top + HEIGHT <= bottom;
            is_inside
                && !out.iter().any(|other| label.meets(other))
                && !points.iter().any(|point| label.covers(*point))
        };
        let free = all.iter().find(is_free).copied();
        out.push(free.unwrap_or(all[0]));
    }
    out
}

/// Right, left, then rings around the point.
fn candidates([x, y]: [f64; 2], width: f64) -> Vec<Label> {
    let mut out = Vec::new();
    for ring in 0..9 {
        let away = f64::from(ring) * HEIGHT;
        for shift in [-away, away] {
            let top = y + shift - HEIGHT / 2.0;
            for left in [x + GAP + away / 2.0, x - GAP - away / 2.0 - width, x - width / 2.0] {
                let is_on_the_point = ring == 0 && left < x && left + width > x;
                if !is_on_the_point {
                    out.push(Label { left, top, width });
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::placed;

    #[test]
    fn names_of_one_place_do_not_lie_on_each_other() {
        let points = [[300.0, 300.0]; 6];
        let labels = placed(&points, &["sharp, by hand"; 6], [0.0, 900.0, 0.0, 600.0]);
        for (place, label) in labels.iter().enumerate() {
            assert!(labels[..place].iter().all(|other| !label.meets(other)), "{labels:?}");
        }
    }
}
