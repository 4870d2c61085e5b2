//! What was found and what became of it, by name.

use std::collections::BTreeMap;

use resizer::error::FaultKind;
use resizer::report::Outcome;
use resizer::rules::{Ignored, Rule};
use serde::{Deserialize, Serialize};

use super::prices::RequestCounts;
use crate::output::{bytes, grouped};
use crate::table::{Align, Table};

/// The counts of a run, those of its earlier parts among them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counts {
    pub(crate) listed: Tally,
    /// By the names of rules.
    pub(crate) taken: BTreeMap<String, Tally>,
    /// By the codes of reasons.
    pub(crate) ignored: BTreeMap<String, Tally>,
    /// By the codes of outcomes.
    pub(crate) outcomes: BTreeMap<String, u64>,
    pub(crate) failed: u64,
    pub(crate) refused: u64,
    /// Of those that were refused, the ones whose files are not to blame.
    #[serde(default)]
    pub(crate) spared: u64,
    pub(crate) sent: RequestCounts,
}

/// Objects and their size.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tally {
    pub(crate) objects: u64,
    pub(crate) bytes: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, size_bytes: u64) {
        self.objects = self.objects.saturating_add(1);
        self.bytes = self.bytes.saturating_add(size_bytes);
    }
}

/// Numbers of a state file may be anything.
fn add(count: &mut u64, more: u64) {
    *count = count.saturating_add(more);
}

impl Counts {
    /// Counts an object of the listing.
    pub(crate) fn find(&mut self, rule: Result<&Rule, Ignored>, size_bytes: u64) {
        self.listed.add(size_bytes);
        let tally = match rule {
            Ok(rule) => self.taken.entry(format!("rule {:?}", rule.name)),
            Err(ignored) => self.ignored.entry(ignored.code().to_owned()),
        };
        tally.or_default().add(size_bytes);
    }

    /// Counts what became of an object. Whether that is a failure: under a rule that moves or
    /// deletes originals, all is stored before they may go.
    pub(crate) fn add_outcome(&mut self, outcome: &Outcome) -> bool {
        let is_failed = match outcome {
            Outcome::Failed { fault, .. } => fault.kind != FaultKind::NotQuiescent,
            Outcome::Refused(refusal) => {
                add(&mut self.refused, 1);
                add(&mut self.spared, u64::from(!refusal.follows_from_file()));
                false
            }
            Outcome::StillRefused { .. } => {
                add(&mut self.refused, 1);
                false
            }
            _ => false,
        };
        add(&mut self.failed, u64::from(is_failed));
        self.add_code(outcome.code());
        is_failed
    }

    /// Counts an outcome by its code.
    pub(crate) fn add_code(&mut self, code: &str) {
        add(self.outcomes.entry(code.to_owned()).or_default(), 1);
    }

    /// All that rules take.
    pub(crate) fn all_taken(&self) -> Tally {
        self.taken.values().fold(Tally::default(), |sum, one| Tally {
            objects: sum.objects.saturating_add(one.objects),
            bytes: sum.bytes.saturating_add(one.bytes),
        })
    }

    /// Objects that came to an end.
    pub(crate) fn done(&self) -> u64 {
        self.outcomes.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// What was found, as a table.
    pub(crate) fn found(&self) -> String {
        let mut table =
            Table::new([("found", Align::Left), ("objects", Align::Right), ("size", Align::Right)]);
        let mut add = |name: String, tally: &Tally| {
            table.add([name, grouped(tally.objects), bytes(tally.bytes)]);
        };
        for (name, tally) in &self.taken {
            add(name.clone(), tally);
        }
        for (code, tally) in &self.ignored {
            add(code.clone(), tally);
        }
        add("all".to_owned(), &self.listed);
        table.text("")
    }

    /// What became of it, as a table.
    pub(crate) fn became(&self) -> String {
        let mut table = Table::new([("outcome", Align::Left), ("objects", Align::Right)]);
        for (code, count) in &self.outcomes {
            table.add([code.clone(), grouped(*count)]);
        }
        table.text("")
    }
}
