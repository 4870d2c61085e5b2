//! The tables of the report.

use crate::Outcome;
use crate::equal::Equal;
use crate::goals::Goal;
use crate::inputs::Inputs;
use crate::install::Installed;
use crate::measure::Figures;
use crate::protocol::Stages;
use crate::score::{JobResult, Row, Score};
use crate::statistics::Spread;

/// One job: a line for each rival that did it, quickest first, then those that did not.
pub(super) fn job(result: &JobResult) -> String {
    let widths: Vec<u32> = result.job.scored().collect();
    let floor_ms = result.of("floor").map(|(figures, _)| figures.cpu_ms.median);

    let mut heads: Vec<String> =
        ["engine", "CPU ms", "x floor", "wall ms", "peak MiB", "cold CPU ms", "bytes"]
            .map(str::to_owned)
            .to_vec();
    for light in ["gamma", "linear"] {
        heads.extend(widths.iter().map(|width| format!("{light} {width}")));
    }
    let mut out = line(&heads);
    out += &format!("|---|{}\n", "--:|".repeat(heads.len() - 1));

    let mut done: Vec<(&Row, &Figures, &[Score])> = Vec::new();
    let mut missing = Vec::new();
    for row in &result.rows {
        match &row.outcome {
            Ok((figures, scores)) => done.push((row, figures, scores)),
            Err(reason) => missing.push(format!("{} ({reason})", row.rival.name)),
        }
    }
    done.sort_by(|a, b| a.1.cpu_ms.median.total_cmp(&b.1.cpu_ms.median));
    for (row, figures, scores) in done {
        out += &line(&cells(row, figures, scores, floor_ms, &widths));
    }
    if !missing.is_empty() {
        out += &format!("\nNot in this table: {}.\n", missing.join("; "));
    }
    out
}

fn cells(
    row: &Row,
    figures: &Figures,
    scores: &[Score],
    floor_ms: Option<f64>,
    widths: &[u32],
) -> Vec<String> {
    let mut name = row.name();
    if row.rival.is_ours() {
        name = format!("**{name}**");
    }
    let times =
        floor_ms.map_or("-".into(), |floor| format!("{:.2}", figures.cpu_ms.median / floor));
    // What the floor starts with is made ready in its process, so that only its warm runs count.
    let (memory, cold) = match row.rival.is_floor() {
        true => ("-".into(), "-".into()),
        false => (memory(figures), format!("{:.0}", figures.cold_cpu_ms)),
    };
    let bytes = thousands(figures.bytes.iter().sum());
    let mut out =
        vec![name, spread(&figures.cpu_ms), times, spread(&figures.wall_ms), memory, cold, bytes];
    let of = |width: u32| scores.iter().find(|score| score.width == width);
    for pick in [|score: &Score| score.gamma, |score: &Score| score.linear] {
        let cell = |&width| of(width).map_or("-".into(), |score| format!("{:.2}", pick(score)));
        out.extend(widths.iter().map(cell));
    }
    out
}

/// Median and quartiles.
fn spread(spread: &Spread) -> String {
    let Spread { median, low, high, .. } = spread;
    format!("{median:.1} [{low:.1}..{high:.1}]")
}

/// Peak, and how much of it came with the job.
fn memory(figures: &Figures) -> String {
    let mib = |kib: u64| kib as f64 / 1024.0;
    let peak = mib(figures.peak_kib);
    match figures.base_kib {
        Some(base) => format!("{peak:.0} (+{:.0})", mib(figures.peak_kib.saturating_sub(base))),
        None => format!("{peak:.0}"),
    }
}

/// What this run compared, without what it did not measure; nothing if it compared nothing.
pub(super) fn glance(goals: &[Goal]) -> String {
    if goals.iter().all(|goal| goal.is_reached.is_none()) {
        return String::new();
    }
    let mut out = String::from("## At a glance\n\n");
    out += "Ours beside theirs: 1/7 means that ours takes a seventh of their time. Times are CPU\n";
    out += "times. `five` makes five JPEGs of 12 megapixels, and `one` makes one. sharp without\n";
    out += "more words is sharp as documented.\n\n| ours: theirs | this run |\n|---|---|\n";
    let measured = goals.iter().filter(|goal| goal.is_reached.is_some());
    for Goal { words, measured, .. } in measured {
        out += &format!("| {words} | {measured} |\n");
    }
    out
}

/// What the project wants of these comparisons.
pub(super) fn targets(goals: &[Goal]) -> String {
    let mut out = String::from("## Targets of this project\n\n");
    out += "| ours: theirs | target | reached |\n|---|---|---|\n";
    for Goal { words, target, measured, is_reached } in goals {
        let verdict = match is_reached {
            Some(true) => "yes".to_owned(),
            Some(false) => "**no**".to_owned(),
            None => format!("not measured: {measured}"),
        };
        out += &format!("| {words} | {target} | {verdict} |\n");
    }
    out
}

/// Where the time of the jobs with plots goes.
pub(super) fn stages(results: &[JobResult]) -> String {
    let mut out = String::from("## Where the time goes\n\n");
    out += "CPU ms of the stages, medians of rounds of their own. The floor decodes at 1/8 and\n";
    out += "resizes nothing: what is above it is resizing, and decoding every pixel.\n\n";
    out += "| job | engine | decode | resize | encode |\n|---|---|--:|--:|--:|\n";
    for result in results.iter().filter(|result| result.job.is_main) {
        for row in &result.rows {
            let stages = row.outcome.as_ref().ok().and_then(|(figures, _)| figures.stages);
            let Some(Stages { decode, resize, encode }) = stages else { continue };
            let (job, name) = (result.job.title, row.rival.name);
            out += &format!("| {job} | {name} | {decode:.1} | {resize:.1} | {encode:.1} |\n");
        }
    }
    out
}

pub(super) fn equal(equal: &Outcome<Vec<Equal>>) -> String {
    let mut out = String::from("## Bytes at an equal score\n\n");
    out +=
        "libjpeg-turbo (baseline, 4:2:0, standard tables) encodes the gamma reference itself at\n";
    out += "many qualities; its bytes are interpolated at the score that our variant has.\n\n";
    let all = match equal {
        Ok(all) => all,
        Err(reason) => return out + &format!("Not compared: {reason}.\n"),
    };
    out += "| ours | width | score | bytes | libjpeg-turbo's bytes | difference |\n";
    out += "|---|--:|--:|--:|--:|--:|\n";
    for own in all {
        let theirs = own.their_bytes.map_or("out of reach".into(), |b| thousands(b as u64));
        let difference = own.difference().map_or("-".into(), |d| format!("{:+.1} %", d * 100.0));
        let Equal { name, width, score, our_bytes, .. } = own;
        let bytes = thousands(*our_bytes);
        out += &format!("| {name} | {width} | {score:.2} | {bytes} | {theirs} | {difference} |\n");
    }
    out
}

pub(super) fn inputs(inputs: &Inputs) -> String {
    let mut out =
        String::from("## Inputs\n\n| size | bytes | SHA-256 | what |\n|---|--:|---|---|\n");
    for input in &inputs.all {
        let [width, height] = input.size;
        let (bytes, hash) = (thousands(input.bytes as u64), &input.sha256[..16]);
        out += &format!("| {width}x{height} | {bytes} | `{hash}` | {} |\n", input.story);
    }
    out
}

pub(super) fn rivals(installed: &Installed) -> String {
    let mut out = String::from("## Rivals\n\n| row | version | what it does |\n|---|---|---|\n");
    for (rival, version) in installed.rivals.iter().zip(&installed.versions) {
        let version = match version {
            Ok(version) => version.clone(),
            Err(reason) => format!("**not installed**: {reason}"),
        };
        out += &format!("| {} | {version} | {} |\n", rival.name, rival.how);
    }
    out
}

fn line(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

/// 1234567 as 1,234,567.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| str::from_utf8(group).ok()).collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::{glance, targets, thousands};
    use crate::goals::Goal;

    #[test]
    fn a_goal_that_was_not_measured_is_no_row_of_the_first_table() {
        let goal = |words: &str, measured: &str, is_reached| Goal {
            words: words.to_owned(),
            target: "at most 1/7".to_owned(),
            measured: measured.to_owned(),
            is_reached,
        };
        let goals =
            [goal("a: b", "1/8.00", Some(true)), goal("c: d", "the job c was not run", None)];
        let first = glance(&goals);
        assert!(first.ends_with("|---|---|\n| a: b | 1/8.00 |\n"), "{first}");
        assert_eq!(glance(&goals[1..]), "");
        let second = targets(&goals);
        let rows = "| a: b | at most 1/7 | yes |\n\
                    | c: d | at most 1/7 | not measured: the job c was not run |\n";
        assert!(second.ends_with(rows), "{second}");
    }

    #[test]
    fn digits_stand_in_threes() {
        let all = [0, 12, 123, 1234, 123_456, 1_234_567].map(thousands);
        assert_eq!(all, ["0", "12", "123", "1,234", "123,456", "1,234,567"]);
    }
}
