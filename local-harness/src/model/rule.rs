//! The rule of the model, read and asked as the function reads and asks its own: which keys a
//! round writes and deletes for each kind of upload, and what counts as complete.

use std::collections::BTreeSet;

use resizer::config::{Config, Settings};
use resizer::event::ObjectRef;
use resizer::protocol::Step;
use resizer::rules::{Changes, Rule, Targets};

use super::{KEYS, Keys, RESULTS, Script, Upload};

/// What an upload is; it decides which results it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Jpeg,
    Png,
    /// Not a picture: it gets a failure record.
    Bad,
    /// A copy of one of the function's own results.
    OwnResult,
}

/// Two variants, of which one follows the upload's format, and a manifest.
const RULE: &str = r#"
[[rule]]
output.manifest = "manifests/{key}.json"
[[rule.variant]]
name = "a"
width = 1
[[rule.variant]]
name = "b"
width = 2
formats = ["jpeg"]
"#;

/// The rule and the uploads of one script.
#[derive(Debug)]
pub struct ModelRule {
    rule: Rule,
    targets: Targets,
    changes: Vec<Changes>,
    kinds: Vec<Kind>,
    script: Script,
}

impl ModelRule {
    /// Reads the rule.
    ///
    /// # Panics
    /// When the model's own rule cannot be read, or has other keys than the model counts on.
    pub fn new(script: &Script) -> Self {
        let originals = if script.retires { "originals = { after = \"move\" }\n" } else { "" };
        let text = RULE.replace("[[rule]]\n", &format!("[[rule]]\n{originals}"));
        let settings = Settings { text: Some(text), ..Settings::default() };
        let config = Config::load(&settings).expect("the model's rule is good");
        let rule = config.rules.into_iter().next().expect("it is one rule");
        let source = ObjectRef { bucket: "uploads".to_owned(), key: "key".to_owned() };
        let targets = rule.targets(&source);
        let kinds: Vec<Kind> = script.uploads.iter().map(|(kind, _)| *kind).collect();
        let changes = kinds.iter().map(|kind| changes(&targets, *kind)).collect();
        let all = [Kind::Jpeg, Kind::Png, Kind::Bad].map(|kind| changes_keys(&targets, kind));
        let keys: BTreeSet<String> = all.into_iter().flatten().collect();
        assert!(keys.iter().eq(RESULTS.iter()), "{keys:?}");
        Self { rule, targets, changes, kinds, script: script.clone() }
    }

    pub(crate) fn retires(&self) -> bool {
        self.rule.retires_originals()
    }

    pub(crate) fn script(&self) -> &Script {
        &self.script
    }

    pub(crate) fn kind(&self, upload: Upload) -> Kind {
        self.kinds[usize::from(upload) - 1]
    }

    /// Puts and deletes of a round, and its last put.
    pub(crate) fn writes_of(&self, upload: Upload) -> (Keys, Keys, Keys) {
        let changes = match upload {
            0 => &self.targets.of_nothing(),
            upload => &self.changes[usize::from(upload) - 1],
        };
        let numbered = |keys: &[String]| {
            let numbers = keys.iter().filter_map(|key| RESULTS.iter().position(|own| own == key));
            numbers.fold(0, |bits, number| bits | 1 << number)
        };
        let last = changes.last_put.as_slice();
        (numbered(&changes.puts), numbered(&changes.deletes), numbered(last))
    }

    /// Requests of a step, a bit each; those of a round are its puts and deletes, then the last.
    pub(crate) fn requests_of(&self, step: &Step<Upload>) -> u16 {
        match step {
            Step::Replace { source } => {
                let (puts, deletes, _) = self.writes_of(*source);
                u16::from(puts | deletes)
            }
            Step::Remove { .. } => u16::from(self.writes_of(0).1),
            // A flag: the source, the original's copy.
            Step::Prove | Step::Retire { .. } => 1 << KEYS,
            Step::Fetch | Step::Verify { .. } | Step::Done(_) => 0,
        }
    }

    /// What is there once an upload is done.
    pub(crate) fn results_of(&self, upload: Upload) -> [Upload; KEYS] {
        let mut results = [0; KEYS];
        if upload > 0 {
            let (puts, _, last) = self.writes_of(upload);
            let written = |number: &usize| (puts | last) & 1 << number != 0;
            (0..KEYS).filter(written).for_each(|number| results[number] = upload);
        }
        results
    }

    /// The function's own verdict on what a proof has seen.
    pub(crate) fn recognises(&self, present: Keys) -> Option<bool> {
        let present = (0..KEYS).filter(|number| present & 1 << number != 0);
        let present = present.map(|number| RESULTS[number]).collect();
        self.rule.recognises(&self.targets, &present)
    }

    pub(crate) fn named(results: &[Upload; KEYS]) -> String {
        let there = RESULTS.iter().zip(results).filter(|(_, upload)| **upload > 0);
        let named: Vec<String> = there.map(|(key, of)| format!("{key} of {of}")).collect();
        if named.is_empty() { "none".to_owned() } else { named.join(", ") }
    }
}

fn changes(targets: &Targets, kind: Kind) -> Changes {
    let extension = match kind {
        Kind::Jpeg => "jpg",
        Kind::Png => "png",
        Kind::Bad => return targets.of_refusal(),
        Kind::OwnResult => return targets.of_nothing(),
    };
    let made: Vec<_> = targets
        .variants
        .iter()
        .filter(|target| target.variant == "b" || target.format.extension() == extension)
        .map(|target| (target.variant.as_str(), target.format))
        .collect();
    targets.of_variants(&made)
}

fn changes_keys(targets: &Targets, kind: Kind) -> Vec<String> {
    let changes = changes(targets, kind);
    changes.puts.into_iter().chain(changes.last_put).collect()
}
