//! The page about fidelity: answers of probes, and their explanations, as Markdown.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::fidelity::{Compared, Difference, Right};
use crate::tools::version;

/// Longer answers are cut short on the page.
const ANSWER_MAX_CHARS: usize = 110;
const COLUMNS: usize = 100;

/// The group whose probes go to AWS's emulator.
const EMULATED: &str = "runtime";

/// The whole page.
pub(crate) fn page<'a>(
    compared: &[Compared],
    reason: impl Fn(&Compared) -> &'a Difference,
) -> String {
    let (moto, emulator) = (version("moto[server]"), version("aws-sam-cli"));
    let mut page = format!(
        "# Fidelity of the local harness

`cargo interop` puts one list of probes to the harness and to the emulators of others, and compares
the answers: status, error code, and the headers and members that a probe chooses. For S3 and SQS,
this is moto {moto}. For Lambda, it is AWS's Runtime Interface Emulator (RIE) of aws-sam-cli
{emulator}. Where the answers differ, AWS's documentation decides which one is right. The test fails
if a difference has no explanation in `local-harness/tests/interop/probes/differences.toml`, if an
explanation is not needed any more, or if this page does not show the answers of its run.

Two emulators with the same answer can still both be wrong: only AWS can tell.

| Group | Compared with | Probes | Same | Harness right | Other right | Left open |
|---|---|---|---|---|---|---|
"
    );
    let mut groups: Vec<&str> = Vec::new();
    for one in compared {
        if !groups.contains(&one.group.as_str()) {
            groups.push(&one.group);
        }
    }
    let mut total = [0; 5];
    for group in &groups {
        let counts = counts(compared.iter().filter(|one| one.group == *group), &reason);
        let other = if *group == EMULATED { "RIE" } else { "moto" };
        page += &row(group, other, counts);
        total.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }
    page += &row("all", "", total);
    for group in groups {
        let of_group: Vec<&Compared> = compared.iter().filter(|one| one.group == group).collect();
        page += &section(group, &of_group, &reason);
    }
    page
}

fn counts<'a, 'b>(
    probes: impl Iterator<Item = &'b Compared>,
    reason: impl Fn(&Compared) -> &'a Difference,
) -> [usize; 5] {
    let mut counts = [0; 5];
    for probe in probes {
        counts[0] += 1;
        let column = if probe.is_same() {
            1
        } else {
            match reason(probe).right {
                Right::Harness => 2,
                Right::Other => 3,
                Right::Open => 4,
            }
        };
        counts[column] += 1;
    }
    counts
}

fn row(group: &str, other: &str, counts: [usize; 5]) -> String {
    let counts = counts.map(|count| count.to_string()).join(" | ");
    format!("| {group} | {other} | {counts} |\n")
}

fn section<'a>(
    group: &str,
    probes: &[&Compared],
    reason: impl Fn(&Compared) -> &'a Difference,
) -> String {
    let same: Vec<&str> = probes.iter().filter(|one| one.is_same()).map(|one| &*one.name).collect();
    let mut text = format!("\n## Probes: {group}\n\n");
    text += &wrapped(&format!("Same answers: {}.", same.join("; ")));
    text += "\n| Probe | Harness | Other | Right | Why |\n|---|---|---|---|---|\n";
    for one in probes.iter().filter(|one| !one.is_same()) {
        let Difference { right, why, source, .. } = reason(one);
        let right = match right {
            Right::Harness => "harness",
            Right::Other => "other",
            Right::Open => "open",
        };
        let (ours, theirs) = differing(one);
        let [ours, theirs] = [ours, theirs].map(|text| cell(&text));
        text += &format!("| {} | {ours} | {theirs} | {right} | {why} {source} |\n", one.name);
    }
    text
}

/// The members that differ, on both sides.
pub(crate) fn differing(one: &Compared) -> (String, String) {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    leaves("", (&one.ours, &one.theirs), (&mut ours, &mut theirs));
    (ours.join(", "), theirs.join(", "))
}

fn leaves(path: &str, (a, b): (&Value, &Value), out: (&mut Vec<String>, &mut Vec<String>)) {
    if a == b {
        return;
    }
    let at = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path} {name}") };
    match (a, b) {
        (Value::Object(first), Value::Object(second)) => {
            let names: BTreeSet<&String> = first.keys().chain(second.keys()).collect();
            for name in names {
                leaves(&at(name), (&a[name], &b[name]), (out.0, out.1));
            }
        }
        // Requests of a caller, and steps of a process.
        (Value::Array(first), Value::Array(second))
            if first.len() == second.len() && first.iter().all(Value::is_object) =>
        {
            for (one, other) in first.iter().zip(second) {
                let step = one["step"].as_str().unwrap_or_default();
                leaves(at(step).trim_end(), (one, other), (out.0, out.1));
            }
        }
        _ => {
            let told = |value: &Value| match value {
                Value::Null => None,
                Value::String(text) => Some(format!("{path} {text}")),
                value => Some(format!("{path} {value}")),
            };
            out.0.extend(told(a).map(|text| text.trim_start().to_owned()));
            out.1.extend(told(b).map(|text| text.trim_start().to_owned()));
        }
    }
}

/// Code for a cell of a table.
fn cell(text: &str) -> String {
    let text = text.replace(['`', '|', '\n'], " ");
    match text.char_indices().nth(ANSWER_MAX_CHARS) {
        _ if text.is_empty() => String::new(),
        Some((end, _)) => format!("`{}...`", &text[..end]),
        None => format!("`{}`", text.trim()),
    }
}

fn wrapped(text: &str) -> String {
    let (mut lines, mut line) = (String::new(), String::new());
    for word in text.split(' ') {
        if line.chars().count() + 1 + word.chars().count() > COLUMNS {
            lines += line.trim_start();
            lines.push('\n');
            line.clear();
        }
        line = format!("{line} {word}");
    }
    lines + line.trim_start() + "\n"
}
