//! RESIZING.md as Markdown.

use super::measure::{Row, Table};
use super::model::Errors;
use super::roster::{Contender, ROSTER};
use super::sources::{Picture, Sources, WIDTHS};
use crate::Outcome;
use crate::install::Installed;
use crate::machine::Machine;
use crate::statistics::Spread;

/// All that the page is made from.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) machine: Machine,
    /// The load average before and after the rounds.
    pub(super) loads: [String; 2],
    pub(super) sources: Sources,
    pub(super) installed: Installed,
    pub(super) tables: Vec<Table>,
    pub(super) rounds: usize,
}

impl Page {
    pub(super) fn markdown(&self) -> String {
        let mut parts = vec![self.opening(), glance(&self.tables)];
        parts.push(include_str!("page/findings.md").to_owned());
        parts.extend(self.tables.iter().map(|table| self.table(table)));
        parts.extend([self.method(), self.libraries()]);
        parts.join("\n")
    }

    fn opening(&self) -> String {
        let Machine { processor, cores, memory_gib, system, rustc, date, core } = &self.machine;
        let mut out = String::from("# Resizing alone\n\n");
        out +=
            &format!("Written by `cargo compare --resizing` on {date}; how to run it is in the\n");
        out += "[README of benches](README.md). Every number is of one run on one machine:\n";
        out += &format!("{processor}, {cores} cores, {memory_gib:.1} GiB, {system}, {rustc}.\n");
        let [before, after] = &self.loads;
        out += &format!(
            "Workers ran on core {core}. Other programs may have used it, too: the load\n"
        );
        out += &format!("average was {before} before the rounds and {after} after them.\n");
        out
    }

    fn table(&self, table: &Table) -> String {
        let Sources { photo, large } = &self.sources;
        let [width, height] = photo.size;
        let mut out = format!("## {}, {}\n\n", table.kind.name(), light(table.linear));
        out += "Megapixels of the source in a second of CPU time, ± half of the interquartile";
        out += " range in %.\n\n";
        out += &format!("| {width}x{height} to a width of");
        out += &WIDTHS.map(|width| format!(" | {width}")).concat();
        let [wide, high] = large.size;
        out += &format!(" | all five, ms | {wide}x{high} to {}", large.sizes[0][0]);
        out += " | largest error | mean error |\n|---|";
        out += &"--:|".repeat(WIDTHS.len() + 4);
        out += "\n";
        for (contender, row) in &table.rows {
            out += &match row {
                Ok(row) => format!("| {} | {} |\n", contender.rival.name, self.cells(row)),
                Err(reason) => format!(
                    "| {} | {reason}{} |\n",
                    contender.rival.name,
                    " | ".repeat(WIDTHS.len() + 3)
                ),
            };
        }
        out
    }

    fn cells(&self, row: &Row) -> String {
        let Sources { photo, large } = &self.sources;
        let speed = |picture: &Picture, spread: &Spread| {
            let megapixels = picture.megapixels() / spread.median * 1e3;
            format!("{megapixels:.0} ±{:.0}", noise(spread))
        };
        let mut cells: Vec<String> = match &row.cpu_ms[..] {
            [_] => vec![String::new(); WIDTHS.len()],
            singles => singles[..WIDTHS.len()].iter().map(|spread| speed(photo, spread)).collect(),
        };
        cells.push(format!("{:.0}", five_ms(row)));
        cells.push(row.cpu_ms.get(WIDTHS.len()).map_or_else(String::new, |s| speed(large, s)));
        cells.extend([format!("{:.2}", row.errors.largest), format!("{:.3}", row.errors.mean())]);
        cells.join(" | ")
    }

    fn method(&self) -> String {
        let Sources { photo, large } = &self.sources;
        include_str!("page/method.md")
            .replace("{photo}", &photo.story)
            .replace("{large}", &large.story)
            .replace("{rounds}", &self.rounds.to_string())
    }

    fn libraries(&self) -> String {
        let mut out = String::from("## Libraries\n\n| row | version | how it is called |\n");
        out += "|---|---|---|\n";
        for (contender, version) in ROSTER.iter().zip(&self.installed.versions) {
            let version = match version {
                Ok(version) => version.clone(),
                Err(reason) => format!("**not installed**: {reason}"),
            };
            out += &format!("| {} | {version} | {} |\n", contender.rival.name, contender.rival.how);
        }
        out
    }
}

/// Ours beside the fastest other library with the same filter.
fn glance(tables: &[Table]) -> String {
    let mut out =
        String::from("## At a glance\n\nCPU time for the five widths, in ms: from rows of ");
    out += "channels, out of a TIFF, and all five at once.\nThe other library is the fastest one ";
    out += "with Lanczos3. Errors are the largest and the mean.\n\n";
    out += "| pixels | ours | out of a TIFF | at once | errors | other | ms | errors | ";
    out += "ours / other |\n";
    out += "|---|--:|--:|--:|--:|---|--:|--:|--:|\n";
    for table in tables {
        let others = rows_of(table, |contender| !contender.rival.is_ours_resampling());
        let fastest = others.min_by(|(_, one), (_, two)| five_ms(one).total_cmp(&five_ms(two)));
        let ours = rows_of(table, |contender| contender.rival.is_ours_resampling());
        let ours: Vec<&Row> = ours.map(|(_, row)| row).collect();
        let (&[bands, tiff, chain], Some((other, row))) = (&ours[..], fastest) else { continue };
        let name = format!("{}, {}", table.kind.name(), light(table.linear));
        let [times @ .., other_ms] = [bands, tiff, chain, row].map(five_ms);
        let times = times.map(|ms| format!("{ms:.0}")).join(" | ");
        out += &format!("| {name} | {times} | {} | ", errors(bands.errors));
        out += &format!("{} | {other_ms:.0} | {} | ", other.rival.name, errors(row.errors));
        out += &format!("{:.2} |\n", five_ms(bands) / other_ms);
    }
    out
}

/// Those with the model's filter.
fn rows_of(
    table: &Table,
    is_meant: impl Fn(&Contender) -> bool,
) -> impl Iterator<Item = (&Contender, &Row)> {
    let rows = table.rows.iter().filter(move |(one, _)| one.is_lanczos3 && is_meant(one));
    rows.filter_map(|(contender, row): &(Contender, Outcome<Row>)| {
        row.as_ref().ok().map(|row| (contender, row))
    })
}

/// The sum of the medians.
fn five_ms(row: &Row) -> f64 {
    row.cpu_ms.iter().take(WIDTHS.len()).map(|spread| spread.median).sum()
}

fn noise(spread: &Spread) -> f64 {
    (spread.high - spread.low) / 2.0 / spread.median * 100.0
}

fn errors(errors: Errors) -> String {
    format!("{:.2}, {:.3}", errors.largest, errors.mean())
}

fn light(linear: bool) -> &'static str {
    if linear { "linear light" } else { "gamma-encoded" }
}
