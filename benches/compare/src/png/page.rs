//! PNG.md as Markdown.

use super::Total;
use super::programs::{ALL, Program};
use crate::Outcome;
use crate::machine::Machine;

/// A kind of pictures, how many files there are, and what each program made of them.
type Table = (&'static str, usize, Vec<(Program, Outcome<Total>)>);

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
        parts.extend(self.tables.iter().map(table));
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
        out += "| Program | How |\n|---|---|\n";
        for Program { name, how, .. } in ALL {
            out += &format!("| {name} | {how} |\n");
        }
        out
    }
}

fn table((kind, count, rows): &Table) -> String {
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
