//! The end of a run in words, and its exit code.

use std::process::ExitCode;

use super::interrupt::INTERRUPTED;
use super::prices::{RequestCounts, WHAT_PRICES, money};
use super::prune::Prune;
use super::state::StateFile;
use super::work::{End, Work};
use crate::output::{complain, grouped, print};

/// What to do about uploads that were refused although nothing is wrong with their files.
const NEXT: &str = "if they could not be read or finished (archived, encrypted, too_slow, \
                    crashed), their earlier results stay; the list says what to do\n";

/// What a prune cannot know.
const NOT_LISTED: &str = "Output buckets that only earlier configurations wrote to are not listed, \
                          unless --earlier-output-bucket names them.\n";

impl Work<'_> {
    /// Prints what was done, what it cost, and how to go on.
    pub(crate) fn conclude(&self, end: &End) -> ExitCode {
        conclude(&self.file, self.failures.place(), end)
    }
}

impl Prune<'_> {
    /// The same of what was deleted, or would be.
    pub(crate) fn conclude(&self, end: &End) -> ExitCode {
        let file = self.file.borrow();
        complain(NOT_LISTED);
        if !self.is_dry() {
            return conclude(&file, None, end);
        }
        let dry = file.state.counts.sent;
        let mut all = dry;
        all += self.unsent.get();
        print(&format!(
            "{}\n{}this dry run: {}, {}\n",
            file.state.counts.found(),
            bill(&all),
            dry.text(),
            money(dry.dollars())
        ));
        match end {
            End::Complete => ExitCode::SUCCESS,
            End::Interrupted => {
                complain("Interrupted.\n");
                ExitCode::from(INTERRUPTED)
            }
            End::Broken(problem) => {
                complain(&format!("error: {problem}\nThe dry run ended early.\n"));
                ExitCode::FAILURE
            }
        }
    }
}

/// What requests cost.
fn bill(sent: &RequestCounts) -> String {
    format!("requests: {}\nbill: {} ({WHAT_PRICES})\n", sent.text(), money(sent.dollars()))
}

fn conclude(file: &StateFile, failures: Option<String>, end: &End) -> ExitCode {
    let counts = &file.state.counts;
    let mut text = format!("{}\n{}\n{}", counts.found(), counts.became(), bill(&counts.sent));
    if let Some(expected) = file.state.expected {
        text.push_str(&format!("estimated: {}\n", money(expected.dollars)));
    }
    print(&text);
    if counts.failed + counts.refused > 0 {
        let (failed, refused) = (grouped(counts.failed), grouped(counts.refused));
        let place = failures.unwrap_or_default();
        complain(&format!("failed: {failed}, refused: {refused}; see {place}\n"));
    }
    if counts.spared > 0 {
        let spared = grouped(counts.spared);
        complain(&format!("refused for no fault of their files: {spared}; {NEXT}"));
    }
    match end {
        End::Complete if counts.failed == 0 => ExitCode::SUCCESS,
        End::Complete => {
            complain("Fix the causes, and run the same command with --only-missing.\n");
            ExitCode::FAILURE
        }
        End::Interrupted => {
            complain(&format!("Interrupted. The same command goes on from {}.\n", file.shown()));
            ExitCode::from(INTERRUPTED)
        }
        End::Broken(problem) => {
            complain(&format!(
                "error: {problem}\nThe run ended early. Once the cause is fixed, the same \
                 command goes on from {}.\n",
                file.shown()
            ));
            ExitCode::FAILURE
        }
    }
}
