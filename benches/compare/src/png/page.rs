//! PNG.md as Markdown.

use super::Total;
use super::equal::{Equal, OUR_QUALITIES, THEIR_QUALITIES};
use super::programs::{ALL, Program};
use crate::Outcome;
use crate::machine::Machine;

/// What the programs made of a kind of pictures.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) kind: &'static str,
    /// The number of files.
    pub(super) count: usize,
    pub(super) rows: Vec<(Program, Outcome<Total>)>,
    /// The comparison with sharp, at the scores of our files and at those of sharp's files.
    pub(super) equal: Option<Outcome<[Equal; 2]>>,
}

/// All that the page is made from.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) machine: Machine,
    /// The load average before and after the rounds.
    pub(super) loads: [String; 2],
    pub(super) tables: Vec<Table>,
    pub(super) rounds: usize,
}

impl Page {
    pub(super) fn markdown(&self) -> String {
        let mut parts = vec![self.opening()];
        parts.extend(
            self.tables.iter().flat_map(|all| [Some(table(all)), equal(all)].into_iter().flatten()),
        );
        parts.push(self.method());
        parts.join("\n")
    }

    fn opening(&self) -> String {
        let Machine { processor, cores, memory_gib, system, rustc, date, core } = &self.machine;
        let [before, after] = &self.loads;
        format!(
            "# PNGs beside other programs\n\n\
             Written by `cargo compare --png` on {date}; how to run it is in the\n\
             [README of benches](README.md). Every number is of one run on one machine:\n\
             {processor}, {cores} cores, {memory_gib:.1} GiB, {system}, {rustc}.\n\
             Other programs ran on core {core}. The load average was {before} before the rounds \
             and {after}\nafter them.\n"
        )
    }

    fn method(&self) -> String {
        let mut out = format!(
            "## Method\n\n\
             The engine makes a lossless PNG of each picture and width (160, 320, 640). Each \
             program reads\nthis file and writes another one. CPU time is the sum of the medians \
             of {} rounds. It\nincludes decoding. The score is SSIMULACRA2, on black or on white, \
             whichever is lower.\n\n",
            self.rounds
        );
        out += "At an equal score, each program writes each file at several qualities. Its bytes are \
                interpolated\n(their logarithm over the score) between those of its files that no \
                smaller one equals. The\nlast point is its file in all colors, for sharp with \
                `compressionLevel: 9`. The time is that of\nthe next better file, of one round. ";
        out += &format!(
            "Qualities of ours: {}; of\nsharp: {}.\n\n",
            OUR_QUALITIES.map(|quality| quality.to_string()).join(", "),
            THEIR_QUALITIES.map(|quality| quality.to_string()).join(", ")
        );
        out += "| Program | How |\n|---|---|\n";
        for Program { name, how, .. } in ALL {
            out += &format!("| {name} | {how} |\n");
        }
        out
    }
}

fn table(Table { kind, count, rows, .. }: &Table) -> String {
    let lossless = rows.iter().find(|(program, _)| program.id == "ours-all");
    let lossless = lossless.and_then(|(_, total)| total.as_ref().ok()).map_or(1, |t| t.bytes);
    let mut out = format!("## {kind}\n\n{count} files.\n\n");
    out += "| Program | kB | of all colors | CPU ms | mean score | lowest score |\n";
    out += "|---|--:|--:|--:|--:|--:|\n";
    for (program, total) in rows {
        let cells = match total {
            Err(reason) => format!("not measured: {reason} | | | |"),
            Ok(Total { bytes, cpu_ms, scores }) => {
                let mean = scores.iter().sum::<f64>() / scores.len() as f64;
                let lowest = scores.iter().copied().fold(f64::MAX, f64::min);
                let scores = if program.is_lossless() {
                    "|".to_owned()
                } else {
                    format!("{mean:.1} | {lowest:.1}")
                };
                let share = *bytes as f64 / lossless as f64 * 100.0;
                format!("{:.0} | {share:.0} % | {cpu_ms:.0} | {scores}", *bytes as f64 / 1000.0)
            }
        };
        out += &format!("| {} | {cells} |\n", program.name);
    }
    out
}

fn equal(Table { kind, equal, .. }: &Table) -> Option<String> {
    let mut out = format!("### {kind}, at an equal score\n\n");
    let both = match equal.as_ref()? {
        Ok(both) => both,
        Err(reason) => return Some(out + &format!("Not compared: {reason}.\n")),
    };
    out += "| Score of | ours kB | sharp kB | difference | ours ms | sharp ms | ours no larger \
            | all colors |\n|---|--:|--:|--:|--:|--:|--:|--:|\n";
    for (name, all) in std::iter::zip(["ours, balanced", "sharp, palette"], both) {
        let Equal { our_bytes, their_bytes, our_cpu_ms, their_cpu_ms, .. } = all;
        out += &format!(
            "| {name} | {:.0} | {:.0} | {:+.1} % | {our_cpu_ms:.0} | {their_cpu_ms:.0} | {} of {} \
             | {} |\n",
            our_bytes / 1000.0,
            their_bytes / 1000.0,
            (our_bytes / their_bytes - 1.0) * 100.0,
            all.smaller,
            all.files,
            all.all_colors
        );
    }
    out += "\nThe last column counts files for which the other program reaches the score only in all \
           colors.\n";
    Some(out)
}
