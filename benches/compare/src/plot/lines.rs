//! Panels with lines: a score by a number.

use super::{line, svg, text, title};

/// One line.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) name: &'static str,
    /// The class in the style: `ours`, `floor`, or `rival`.
    pub(crate) class: &'static str,
    /// The points, in ascending order of x.
    pub(crate) points: Vec<[f64; 2]>,
}

/// One plot of several in a figure.
#[derive(Debug, Clone)]
pub(crate) struct Panel {
    pub(crate) title: String,
    pub(crate) lines: Vec<Line>,
}

const SIZE: [f64; 2] = [400.0, 250.0];

/// Two panels in a row. x goes from 0 to 100, and y from 0 to 100.
pub(crate) fn panels(words: &str, panels: &[Panel]) -> String {
    let mut body = title(words);
    for (place, panel) in panels.iter().enumerate() {
        let left = 60.0 + (place % 2) as f64 * (SIZE[0] + 30.0);
        let top = 80.0 + (place / 2) as f64 * (SIZE[1] + 70.0);
        body += &one(panel, [left, top]);
    }
    svg(60.0 + panels.len().div_ceil(2) as f64 * (SIZE[1] + 70.0), &body)
}

fn one(panel: &Panel, [left, top]: [f64; 2]) -> String {
    let (right, bottom) = (left + SIZE[0] - 20.0, top + SIZE[1]);
    let x = |value: f64| left + value / 100.0 * (right - left);
    let y = |value: f64| bottom - value.max(0.0) / 100.0 * (bottom - top);
    let mut body = text([left, top - 12.0], "quiet", &panel.title);
    for step in (0..=100).step_by(20).map(f64::from) {
        body += &line("grid", [left, y(step)], [right, y(step)]);
        body += &line("grid", [x(step), top], [x(step), bottom]);
        body += &text([left - 8.0, y(step) + 4.5], "quiet number", &format!("{step}"));
        body += &text([x(step), bottom + 18.0], "quiet middle", &format!("{step}"));
    }
    for (place, Line { name, class, points }) in panel.lines.iter().enumerate() {
        for pair in points.windows(2) {
            let [from, to] = [pair[0], pair[1]].map(|[a, b]| [x(a), y(b)]);
            body += &line(&format!("{class}-line"), from, to);
        }
        for [a, b] in points {
            let (x, y) = (x(*a), y(*b));
            body += &format!("<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>\n");
        }
        let at = [right - 60.0, bottom - 50.0 + place as f64 * 18.0];
        let dot = [at[0] - 12.0, at[1] - 4.5];
        let [cx, cy] = dot;
        body += &format!("<circle class=\"{class}\" cx=\"{cx:.1}\" cy=\"{cy:.1}\" r=\"4\"/>\n");
        body += &text(at, "", name);
    }
    body
}
