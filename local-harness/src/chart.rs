//! A line chart as SVG, in the colors of the page that shows it, light or dark.
//! In: series of points. Out: the text of an SVG file. Knows nothing of what is measured.

use std::fmt::Write;

const STYLE: &str = "<style>
  svg { --ground: #ffffff; --ink: #1f2328; --faint: #d8dee4; --quiet: #59636e;
        --c0: #0969da; --c1: #bc4c00; --c2: #1a7f37; --c3: #8250df }
  @media (prefers-color-scheme: dark) {
    svg { --ground: #0d1117; --ink: #f0f6fc; --faint: #30363d; --quiet: #9198a1;
          --c0: #4493f8; --c1: #f0883e; --c2: #3fb950; --c3: #ab7df8 }
  }
  text { font: 13px system-ui, sans-serif; fill: var(--ink) }
  .title { font-size: 15px; font-weight: 600 } .quiet { fill: var(--quiet) }
  .end { text-anchor: end } .middle { text-anchor: middle }
  .ground { fill: var(--ground) } .grid { stroke: var(--faint) }
  .line { fill: none; stroke-width: 2; stroke-linejoin: round }
  .c0 { stroke: var(--c0) } .c1 { stroke: var(--c1) } .c2 { stroke: var(--c2) }
  .c3 { stroke: var(--c3) }
</style>";

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 420.0;
/// The frame of the lines.
const LEFT: f64 = 76.0;
const RIGHT: f64 = 740.0;
const TOP: f64 = 52.0;
const BOTTOM: f64 = 360.0;
/// Lines of the grid in each direction, about.
const STEPS: f64 = 6.0;
/// The names stand at least so far apart.
const NAME_PX: f64 = 18.0;

/// A chart of up to four series.
#[derive(Debug, Clone)]
pub struct Chart {
    /// Above the chart.
    pub title: String,
    /// The name and unit of the horizontal axis.
    pub x: String,
    /// The name and unit of the vertical axis.
    pub y: String,
    /// Whether the vertical axis is logarithmic. Values of 0 are then left out.
    pub is_log: bool,
    /// The lines.
    pub series: Vec<Series>,
}

/// One line of a chart.
#[derive(Debug, Clone)]
pub struct Series {
    /// Beside its end.
    pub name: String,
    /// In the order of the horizontal axis.
    pub points: Vec<(f64, f64)>,
}

/// An axis: values to pixels.
struct Axis {
    from: f64,
    to: f64,
    pixels: (f64, f64),
    is_log: bool,
}

impl Axis {
    fn at(&self, value: f64) -> f64 {
        let scale = |value: f64| if self.is_log { value.log10() } else { value };
        let share = (scale(value) - scale(self.from)) / (scale(self.to) - scale(self.from));
        self.pixels.0 + share * (self.pixels.1 - self.pixels.0)
    }

    /// The values of its grid lines.
    fn ticks(&self) -> Vec<f64> {
        if self.is_log {
            let decades = self.from.log10().floor() as i32..=self.to.log10().ceil() as i32;
            // Few decades have lines between them.
            let steps: &[f64] = if self.to / self.from < 200.0 { &[1.0, 2.0, 5.0] } else { &[1.0] };
            let ticks =
                decades.flat_map(|decade| steps.iter().map(move |s| s * 10_f64.powi(decade)));
            return ticks.filter(|tick| (self.from..=self.to).contains(tick)).collect();
        }
        let step = round_step((self.to - self.from) / STEPS);
        let first = (self.from / step).ceil() as i64;
        let last = (self.to / step).floor() as i64;
        (first..=last).map(|number| number as f64 * step).collect()
    }
}

/// 1, 2 or 5 times a power of ten, at least `step`.
fn round_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|n| n * power).find(|n| *n >= step).unwrap_or(step)
}

impl Chart {
    /// The SVG file.
    pub fn to_svg(&self) -> String {
        let shown = |point: &(f64, f64)| {
            point.0.is_finite() && point.1.is_finite() && (!self.is_log || point.1 > 0.0)
        };
        let series: Vec<(&str, Vec<(f64, f64)>)> = self
            .series
            .iter()
            .map(|line| (line.name.as_str(), line.points.iter().copied().filter(shown).collect()))
            .collect();
        let points = || series.iter().flat_map(|(_, points)| points.iter());
        let (x_axis, y_axis) = self.axes(points().copied());
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             role=\"img\" aria-label=\"{0}\">{STYLE}\n\
             <rect class=\"ground\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>\n\
             <text class=\"title\" x=\"20\" y=\"28\">{0}</text>\n",
            escaped(&self.title)
        );
        self.grid(&mut svg, &x_axis, &y_axis).expect("a String takes every write");
        lines(&mut svg, &series, (&x_axis, &y_axis)).expect("a String takes every write");
        svg.push_str("</svg>\n");
        svg
    }

    fn axes(&self, points: impl Iterator<Item = (f64, f64)> + Clone) -> (Axis, Axis) {
        let bounds = |values: &mut dyn Iterator<Item = f64>| {
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            })
        };
        let (x_low, x_high) = bounds(&mut points.clone().map(|point| point.0));
        let (y_low, y_high) = bounds(&mut points.map(|point| point.1));
        let x_from = if x_low.is_finite() { x_low } else { 0.0 };
        let x_to = if x_high > x_from { x_high } else { x_from + 1.0 };
        let (y_from, y_to) = match (self.is_log, y_high > 0.0) {
            (true, true) => (10_f64.powf(y_low.log10().floor()), y_high.max(y_low * 1.001) * 1.1),
            (true, false) => (1.0, 10.0),
            (false, true) => (0.0, y_high * 1.1),
            (false, false) => (0.0, 1.0),
        };
        let x = Axis { from: x_from, to: x_to, pixels: (LEFT, RIGHT), is_log: false };
        (x, Axis { from: y_from, to: y_to, pixels: (BOTTOM, TOP), is_log: self.is_log })
    }

    fn grid(&self, svg: &mut String, x: &Axis, y: &Axis) -> std::fmt::Result {
        for tick in y.ticks() {
            let at = y.at(tick);
            writeln!(svg, "<path class=\"grid\" d=\"M{LEFT} {at:.1}H{RIGHT}\"/>")?;
            let (left, text) = (LEFT - 8.0, number(tick));
            writeln!(
                svg,
                "<text class=\"quiet end\" x=\"{left}\" y=\"{:.1}\">{text}</text>",
                at + 4.0
            )?;
        }
        for tick in x.ticks() {
            let (at, text, below) = (x.at(tick), number(tick), BOTTOM + 20.0);
            writeln!(svg, "<path class=\"grid\" d=\"M{at:.1} {TOP}V{BOTTOM}\"/>")?;
            writeln!(
                svg,
                "<text class=\"quiet middle\" x=\"{at:.1}\" y=\"{below}\">{text}</text>"
            )?;
        }
        let (middle, below, above) = ((LEFT + RIGHT) / 2.0, BOTTOM + 44.0, TOP - 8.0);
        let (x_name, y_name) = (escaped(&self.x), escaped(&self.y));
        writeln!(svg, "<text class=\"middle\" x=\"{middle}\" y=\"{below}\">{x_name}</text>")?;
        writeln!(svg, "<text class=\"quiet\" x=\"20\" y=\"{above}\">{y_name}</text>")
    }
}

fn lines(
    svg: &mut String,
    series: &[(&str, Vec<(f64, f64)>)],
    (x, y): (&Axis, &Axis),
) -> std::fmt::Result {
    let mut names = Vec::new();
    for (color, (name, points)) in series.iter().enumerate() {
        let Some(last) = points.last() else { continue };
        let color = color % 4;
        write!(svg, "<path class=\"line c{color}\" d=\"")?;
        for (at, point) in points.iter().enumerate() {
            let letter = if at == 0 { 'M' } else { 'L' };
            write!(svg, "{letter}{:.1} {:.1}", x.at(point.0), y.at(point.1))?;
        }
        writeln!(svg, "\"/>")?;
        names.push((y.at(last.1), color, *name));
    }
    // The names stand beside the ends of their lines, but not upon each other.
    names.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut lowest = TOP;
    for (at, color, name) in names {
        lowest = at.max(lowest);
        let (from, to, left) = (RIGHT + 6.0, RIGHT + 20.0, RIGHT + 26.0);
        writeln!(svg, "<path class=\"line c{color}\" d=\"M{from} {lowest:.1}H{to}\"/>")?;
        writeln!(svg, "<text x=\"{left}\" y=\"{:.1}\">{}</text>", lowest + 4.0, escaped(name))?;
        lowest += NAME_PX;
    }
    Ok(())
}

/// A number in few characters.
fn number(value: f64) -> String {
    let (value, unit) = match value.abs() {
        1e6.. => (value / 1e6, "M"),
        1e4.. => (value / 1e3, "k"),
        _ => (value, ""),
    };
    let text = format!("{value:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{text}{unit}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::{Axis, Chart, Series, number};

    #[test]
    fn axes_have_round_numbers() {
        let axis = |from, to, is_log| Axis { from, to, pixels: (0.0, 1.0), is_log };
        assert_eq!(axis(0.0, 11.0, false).ticks(), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        assert_eq!(axis(0.1, 250.0, true).ticks(), [0.1, 1.0, 10.0, 100.0]);
        assert_eq!(axis(1.0, 30.0, true).ticks(), [1.0, 2.0, 5.0, 10.0, 20.0]);
        assert_eq!([0.0, 2.5, 12_000.0, 3e6].map(number), ["0", "2.5", "12k", "3M"]);
    }

    #[test]
    fn texts_are_escaped_and_odd_points_left_out() {
        let points = vec![(0.0, 1.0), (1.0, f64::NAN), (2.0, 0.0), (3.0, 100.0)];
        let line = |name: &str, points| Series { name: name.to_owned(), points };
        let chart = Chart {
            title: "a < b".to_owned(),
            x: "s".to_owned(),
            y: "ms".to_owned(),
            is_log: true,
            series: vec![line("p99", points), line("nothing", Vec::new())],
        };
        let svg = chart.to_svg();
        assert!(svg.contains("a &lt; b") && !svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        assert!(!svg.contains("nothing"), "a line without points has no name");
        let empty = Chart { series: Vec::new(), is_log: false, ..chart };
        assert!(!empty.to_svg().contains("NaN"));
    }
}
