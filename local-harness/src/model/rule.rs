//! The rule of the model, through the function's own code: the keys that a round writes and deletes
//! for each kind of upload, and which results are complete.

use std::collections::BTreeSet;
use std::time::Duration;

use resizer::config::{Config, Settings};
use resizer::event::ObjectRef;
use resizer::layout::{Layout, Layouts};
use resizer::protocol::{Quiescence, Step};
use resizer::rules::{Changes, Rule, Scope};

use super::script::{Kind, Omission, RuleText, Script};
use super::state::{Keys, LATE, LIFETIME, MAX_AGE, State};

/// The bit above those of the results: the HEAD of the source, or the copy of an original.
pub(super) const FIRST: u32 = 1 << 30;
/// Set once only the last PUT of a round, or the DELETE of an original, is left.
pub(super) const SECOND: u32 = FIRST << 1;

/// The pixels of an upload of the kind `Large`: more than `RuleText::Limited` accepts.
const LARGE_PIXELS: u64 = 2 << 20;

/// The rule and the uploads of one script.
#[derive(Debug)]
pub(crate) struct ModelRule {
    /// The first configuration, and the one that is deployed later.
    configs: Vec<Configured>,
    /// The results that the script's uploads can have.
    keys: Vec<String>,
    script: Script,
}

/// One configuration: its rule, and the changes of a round for each upload.
#[derive(Debug)]
struct Configured {
    rule: Rule,
    scope: Scope,
    max_pixels: u64,
    changes: Vec<Changes>,
}

impl Configured {
    fn new(script: &Script, text: RuleText, ledger: &mut Vec<Layout>) -> Self {
        let settings = Settings { text: Some(text.toml().to_owned()), ..Settings::default() };
        let config = Config::load(&settings).expect("the model's rule is good");
        let source = ObjectRef { bucket: "uploads".to_owned(), key: "key".to_owned() };
        let earlier: &[Layout] = match script.without {
            Some(Omission::EarlierLayouts) => &[],
            _ => ledger,
        };
        let layouts = Layouts::new(&config.rules, earlier);
        ledger.extend(config.rules.iter().map(Layout::of));
        let max_pixels = config.limits.max_pixels;
        let rule = config.rules.into_iter().next().expect("it is one rule");
        let scope = rule.scope(&source, &layouts);
        let changes = |(kind, _): &(Kind, u8)| changes(&scope, *kind, max_pixels);
        let changes = script.uploads.iter().map(changes).collect();
        Self { rule, scope, max_pixels, changes }
    }

    /// What proves that the object under a result's key is up to date.
    fn fingerprint(&self, key: &str, without: Option<Omission>) -> &str {
        let is_refusal = key == self.scope.targets.failure;
        if is_refusal && without != Some(Omission::LimitsOfRefusals) {
            &self.rule.refusal_fingerprint
        } else {
            &self.rule.fingerprint
        }
    }
}

impl ModelRule {
    /// Reads the rule.
    ///
    /// # Panics
    /// When the model's own rule cannot be read.
    pub(crate) fn new(script: &Script) -> Self {
        let mut ledger = Vec::new();
        let texts = [script.rule].into_iter().chain(script.next_rule);
        let configs: Vec<Configured> =
            texts.map(|text| Configured::new(script, text, &mut ledger)).collect();
        let changes = configs.iter().flat_map(|config| &config.changes);
        let written = changes.flat_map(|one| one.puts.iter().chain(&one.last_put));
        let keys: BTreeSet<String> = written.cloned().collect();
        let keys = keys.into_iter().collect();
        Self { configs, keys, script: script.clone() }
    }

    pub(crate) fn keys(&self) -> &[String] {
        &self.keys
    }

    pub(crate) fn retires(&self) -> bool {
        self.configs[0].rule.retires_originals()
    }

    pub(crate) fn script(&self) -> &Script {
        &self.script
    }

    pub(crate) fn kind(&self, state: State) -> Kind {
        self.script.uploads[usize::from(state.upload) - 1].0
    }

    /// Whether an upload is refused under a configuration.
    pub(crate) fn refuses(&self, state: State, config: u8) -> bool {
        is_refused(self.kind(state), self.configs[usize::from(config)].max_pixels)
    }

    /// Whether a result that one configuration made is up to date under another one.
    pub(crate) fn is_current(&self, key: u8, made_by: u8, config: u8) -> bool {
        let key = &self.keys[usize::from(key)];
        let fingerprint =
            |config: u8| self.configs[usize::from(config)].fingerprint(key, self.script.without);
        fingerprint(made_by) == fingerprint(config)
    }

    /// A state as a worker identifies it.
    pub(crate) fn as_seen(&self, state: State) -> State {
        match self.script.without {
            Some(Omission::StateBesideEtag) => State { time: state.time.min(1), ..state },
            _ => state,
        }
    }

    /// Whether an original with results and source of these ages may be removed.
    pub(crate) fn is_quiescent(&self, youngest: u8, source_age: u8) -> bool {
        let ticks = |ticks: u8| Duration::from_secs(ticks.into());
        let quiescence = Quiescence {
            lifetime: ticks(LIFETIME),
            late_requests: ticks(LATE),
            clocks: ticks(MAX_AGE - LIFETIME - LATE),
        };
        match self.script.without {
            Some(Omission::Wait) => true,
            Some(Omission::ResultAges) => quiescence.is_reached(ticks(source_age)),
            _ => quiescence.is_reached(ticks(youngest)),
        }
    }

    /// The PUTs and DELETEs of a round, and its last PUT.
    pub(crate) fn writes_of(&self, state: State, config: u8) -> (Keys, Keys, Keys) {
        let config = &self.configs[usize::from(config)];
        let changes = match state.upload {
            0 => &config.scope.of_nothing(true),
            upload => &config.changes[usize::from(upload) - 1],
        };
        let numbered = |keys: &[String]| {
            let numbers = keys.iter().filter_map(|key| self.keys.iter().position(|own| own == key));
            numbers.fold(0, |bits, number| bits | 1 << number)
        };
        let last = changes.last_put.as_slice();
        let deletes: Vec<String> = changes.deletes.iter().map(|place| place.key.clone()).collect();
        (numbered(&changes.puts), numbered(&deletes), numbered(last))
    }

    /// All results, a bit each.
    pub(crate) fn all_keys(&self) -> Keys {
        (1 << self.keys.len()) - 1
    }

    /// Requests of a step, a bit each; those of a round are its PUTs and DELETEs, then the last
    /// PUT.
    pub(crate) fn requests_of(&self, step: &Step<State>, config: u8) -> u32 {
        match step {
            Step::Replace { source, .. } => {
                let (puts, deletes, _) = self.writes_of(*source, config);
                puts | deletes
            }
            Step::Remove { .. } => self.writes_of(State::default(), config).1,
            Step::Check | Step::Retire { .. } => FIRST,
            Step::Fetch { .. } | Step::Verify { .. } | Step::Done(_) => 0,
        }
    }

    /// The results of an upload that is done.
    pub(crate) fn results_of(&self, state: State, config: u8) -> Vec<State> {
        let mut results = vec![State::default(); self.keys.len()];
        if state.upload > 0 {
            let (puts, _, last) = self.writes_of(state, config);
            for (number, result) in results.iter_mut().enumerate() {
                if (puts | last) & 1 << number != 0 {
                    *result = state;
                }
            }
        }
        results
    }

    /// Whether the function takes these results as up to date: variants, a refusal, or neither.
    pub(crate) fn recognizes(&self, present: Keys, config: u8) -> Option<bool> {
        let keys = self.keys.iter().enumerate();
        let present = keys.filter(|(number, _)| present & 1 << number != 0);
        let present = present.map(|(_, key)| key.as_str()).collect();
        let config = &self.configs[usize::from(config)];
        config.rule.recognizes(&config.scope.targets, &present)
    }

    pub(crate) fn named(&self, results: &[State]) -> String {
        let there = self.keys.iter().zip(results).filter(|(_, state)| state.upload > 0);
        let named: Vec<String> = there.map(|(key, of)| format!("{key} of {of}")).collect();
        if named.is_empty() { "none".to_owned() } else { named.join(", ") }
    }
}

fn is_refused(kind: Kind, max_pixels: u64) -> bool {
    kind == Kind::Bad || kind == Kind::Large && LARGE_PIXELS > max_pixels
}

fn changes(scope: &Scope, kind: Kind, max_pixels: u64) -> Changes {
    if is_refused(kind, max_pixels) {
        return scope.of_refusal();
    }
    let extension = match kind {
        Kind::Jpeg | Kind::Large | Kind::Bad => "jpg",
        Kind::Png => "png",
        Kind::OwnResult => return scope.of_nothing(false),
    };
    // A variant with several formats gets that of the upload.
    let has_one_format = |name: &str| {
        scope.targets.variants.iter().filter(|target| target.variant == name).count() == 1
    };
    let made: Vec<_> = scope
        .targets
        .variants
        .iter()
        .filter(|target| has_one_format(&target.variant) || target.format.extension() == extension)
        .map(|target| (target.variant.as_str(), target.format))
        .collect();
    scope.of_variants(&made)
}
