//! Plots as SVG by hand: CPU time as bars, score against CPU time as points. Colors come from a
//! style that knows light and dark; the ground is painted too, so that a page cannot spoil either.

mod labels;
pub(crate) mod lines;

use crate::measure::Figures;
use crate::rival::Rival;
use crate::score::{JobResult, Score};

const STYLE: &str = "<style>
  svg { --ground: #ffffff; --ink: #1f2328; --faint: #d8dee4; --quiet: #59636e;
        --ours: #0969da; --floor: #9a6700; --rival: #8c959f }
  @media (prefers-color-scheme: dark) {
    svg { --ground: #0d1117; --ink: #f0f6fc; --faint: #30363d; --quiet: #9198a1;
          --ours: #4493f8; --floor: #d29922; --rival: #6e7681 }
  }
  text { font: 13px system-ui, sans-serif; fill: var(--ink) }
  .title { font-size: 15px; font-weight: 600 } .quiet { fill: var(--quiet) }
  .number { text-anchor: end } .middle { text-anchor: middle }
  .ours { fill: var(--ours) } .floor { fill: var(--floor) } .rival { fill: var(--rival) }
  .ours-name { font-weight: 600 }
  .ground { fill: var(--ground) } .grid { stroke: var(--faint) }
  .ours-line { stroke: var(--ours) } .floor-line { stroke: var(--floor) }
  .rival-line { stroke: var(--rival) }
  .spread { stroke: var(--ink); stroke-width: 1.5 } .lead { stroke: var(--quiet); opacity: 0.6 }
</style>";

const WIDTH: f64 = 900.0;

/// One rival that did the job.
struct Mark<'a> {
    name: String,
    rival: &'a Rival,
    figures: &'a Figures,
    scores: &'a [Score],
}

impl Mark<'_> {
    fn class(&self) -> &'static str {
        match (self.rival.is_ours(), self.rival.is_floor()) {
            (true, _) => "ours",
            (_, true) => "floor",
            _ => "rival",
        }
    }
}

/// Quickest first.
fn marks(result: &JobResult) -> Vec<Mark<'_>> {
    let mut out: Vec<Mark<'_>> = Vec::new();
    for row in &result.rows {
        if let Ok((figures, scores)) = &row.outcome {
            out.push(Mark { name: row.name(), rival: &row.rival, figures, scores });
        }
    }
    out.sort_by(|a, b| a.figures.cpu_ms.median.total_cmp(&b.figures.cpu_ms.median));
    out
}

/// CPU time of every rival, with its quartiles.
pub(crate) fn bars(result: &JobResult) -> String {
    let (left, right, top, step) = (190.0, 820.0, 52.0, 26.0);
    let marks = marks(result);
    let most = marks.iter().map(|mark| mark.figures.cpu_ms.high).fold(1.0, f64::max);
    let x = |ms: f64| left + ms / most * (right - left);
    let mut body = title(&format!("{}: CPU time in ms on one core", result.job.title));
    for (place, mark) in marks.iter().enumerate() {
        let y = top + step * place as f64;
        let (class, spread) = (mark.class(), &mark.figures.cpu_ms);
        let width = (x(spread.median) - left).max(1.0);
        body += &text([left - 8.0, y + 13.5], &format!("number {class}-name"), &mark.name);
        body += &format!(
            "<rect class=\"{class}\" x=\"{left}\" y=\"{y}\" width=\"{width:.1}\" \
             height=\"18\" rx=\"2\"/>\n"
        );
        body += &line("spread", [x(spread.low), y + 9.0], [x(spread.high), y + 9.0]);
        let end = [x(spread.high.max(spread.median)) + 6.0, y + 13.5];
        body += &text(end, "quiet", &format!("{:.1}", spread.median));
    }
    svg(top + step * marks.len() as f64 + 12.0, &body)
}

/// The score of the widest scored variant against CPU time, which is on a scale of logarithms.
pub(crate) fn scatter(result: &JobResult) -> String {
    let (left, right, top, bottom) = (60.0, 870.0, 60.0, 500.0);
    let marks: Vec<Mark<'_>> =
        marks(result).into_iter().filter(|mark| !mark.scores.is_empty()).collect();
    let times = marks.iter().map(|mark| mark.figures.cpu_ms.median);
    let scores = marks.iter().map(|mark| mark.scores[0].gamma);
    let [quickest, slowest] = range(times);
    let [worst, best] = range(scores);
    let (from, to) = ((quickest * 0.8).ln(), (slowest * 1.6).ln());
    let (low, high) = ((worst - 1.0).floor(), (best + 1.0).ceil());
    let x = |ms: f64| left + (ms.ln() - from) / (to - from) * (right - left);
    let y = |score: f64| bottom - (score - low) / (high - low) * (bottom - top);

    let width = marks.first().map_or(0, |mark| mark.scores[0].width);
    let mut body = title(&format!(
        "{}: SSIMULACRA2 at {width} (gamma reference) and CPU time",
        result.job.title
    ));
    let step = ((high - low) / 6.0).ceil();
    for score in (0..).map(|place| low + step * f64::from(place)).take_while(|s| *s <= high) {
        body += &line("grid", [left, y(score)], [right, y(score)]);
        body += &text([left - 8.0, y(score) + 4.5], "quiet number", &format!("{score}"));
    }
    for ms in [5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].map(f64::from) {
        if (from..=to).contains(&ms.ln()) {
            body += &line("grid", [x(ms), top], [x(ms), bottom]);
            body += &text([x(ms), bottom + 18.0], "quiet middle", &format!("{ms} ms"));
        }
    }
    let points: Vec<[f64; 2]> =
        marks.iter().map(|mark| [x(mark.figures.cpu_ms.median), y(mark.scores[0].gamma)]).collect();
    let names: Vec<&str> = marks.iter().map(|mark| mark.name.as_str()).collect();
    let placed = labels::placed(&points, &names, [left, right, top, bottom]);
    for (label, point) in placed.iter().zip(&points) {
        body += &line("lead", *point, label.nearest(*point));
    }
    for ((mark, [x, y]), label) in marks.iter().zip(&points).zip(&placed) {
        let class = mark.class();
        body += &format!("<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\"/>\n");
        let start = [label.left, label.baseline()];
        body += &text(start, &format!("{class}-name"), &mark.name);
    }
    svg(bottom + 34.0, &body)
}

fn range(values: impl Iterator<Item = f64>) -> [f64; 2] {
    values.fold([f64::MAX, f64::MIN], |[least, most], value| [least.min(value), most.max(value)])
}

fn svg(height: f64, body: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"{WIDTH}\" height=\"{height}\" role=\"img\">\n{STYLE}\n\
         <rect class=\"ground\" width=\"{WIDTH}\" height=\"{height}\"/>\n{body}</svg>\n"
    )
}

fn title(words: &str) -> String {
    text([16.0, 28.0], "title", words)
}

fn text([x, y]: [f64; 2], class: &str, words: &str) -> String {
    let words = words.replace('&', "&amp;").replace('<', "&lt;");
    format!("<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{words}</text>\n")
}

fn line(class: &str, from: [f64; 2], to: [f64; 2]) -> String {
    let ([x1, y1], [x2, y2]) = (from, to);
    format!(
        "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" \
         y2=\"{y2:.1}\"/>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::lines::{Line, Panel, panels};
    use super::{bars, scatter};
    use crate::measure::Figures;
    use crate::rival::Rival;
    use crate::roster;
    use crate::score::{JobResult, Row, Score};
    use crate::statistics::Spread;

    /// Every tag is closed by its own kind and attributes have quotes around them.
    fn assert_well_formed(svg: &str) {
        let mut open = Vec::new();
        for tag in svg.split('<').skip(1) {
            let (inside, text) = tag.split_once('>').expect("a tag ends");
            assert_eq!(inside.matches('"').count() % 2, 0, "{inside}");
            assert!(!text.contains('&') || text.contains("&amp;"), "{text}");
            let name = inside.split([' ', '/']).find(|part| !part.is_empty()).unwrap_or("");
            if inside.starts_with('/') {
                assert_eq!(open.pop(), Some(name), "{inside}");
            } else if !inside.ends_with('/') {
                open.push(name);
            }
        }
        assert_eq!(open, Vec::<&str>::new());
    }

    fn result() -> JobResult {
        let [job, ..] = crate::jobs::wanted(None).unwrap()[..] else { panic!("no job") };
        let row = |(place, rival): (usize, Rival)| {
            let ms = 20.0 + place as f64 * 7.0;
            let spread = Spread { median: ms, low: ms - 1.0, high: ms + 2.0, count: 5 };
            let figures = Figures {
                cpu_ms: spread,
                wall_ms: spread,
                bytes: vec![1000],
                peak_kib: 9000,
                base_kib: Some(4000),
                cold_cpu_ms: ms,
                files: "nowhere".into(),
                chroma: Some("4:4:4"),
                stages: None,
            };
            let score = Score { width: 1920, gamma: 70.0 + ms / 10.0, linear: 70.0 };
            Row { rival, outcome: Ok((figures, vec![score])) }
        };
        let rows = roster::all().into_iter().enumerate().map(row).collect();
        JobResult { job: *job, rows }
    }

    #[test]
    fn plots_are_well_formed_and_name_everybody() {
        let result = result();
        for svg in [bars(&result), scatter(&result)] {
            assert_well_formed(&svg);
            let names = roster::all().into_iter().map(|rival| rival.name);
            for name in names {
                assert!(svg.contains(name), "{name}");
            }
        }
    }

    #[test]
    fn panels_with_lines_are_well_formed() {
        let line = Line { name: "A & B", class: "ours", points: vec![[10.0, 20.0], [90.0, 80.0]] };
        let panel = Panel { title: "wide".to_owned(), lines: vec![line] };
        let svg = panels("two", &[panel.clone(), panel]);
        assert_well_formed(&svg);
        assert_eq!(svg.matches("ours-line\"").count(), 2);
    }

    #[test]
    fn plots_without_anybody_are_well_formed() {
        let empty = JobResult { rows: Vec::new(), ..result() };
        assert_well_formed(&bars(&empty));
        assert_well_formed(&scatter(&empty));
    }
}
