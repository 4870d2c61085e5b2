//! The rule of two sources that share results, through the function's own code: the keys that each
//! source writes and deletes, and its exclusive ones.

use std::collections::BTreeSet;

use resizer::closing::{Decision, Expectation};
use resizer::config::{Config, Settings};
use resizer::event::ObjectRef;
use resizer::layout::Layouts;
use resizer::rules::{Changes, Rule, Scope};

use super::scripts::SharedScript;

/// The most keys: results of both sources, and a failure record of each.
pub(super) const MAX_KEYS: usize = 4;

/// Results are named by stem and size, so these two share theirs.
const SOURCES: [&str; 2] = ["key.jpg", "key.png"];

/// The rule, the script, and what each source may write.
#[derive(Debug)]
pub(crate) struct SharedRule {
    script: SharedScript,
    rule: Rule,
    scopes: Vec<Scope>,
    keys: Vec<String>,
    plans: Vec<Plan>,
}

/// Sets of keys of one source, a bit each.
#[derive(Debug, Clone, Default)]
pub(super) struct Plan {
    pub(super) variants: u32,
    /// Deleted when the variants are stored.
    pub(super) beside_variants: u32,
    pub(super) record: u32,
    /// Deleted when the source is refused.
    pub(super) beside_record: u32,
    /// Deleted when there is no source.
    pub(super) all: u32,
    pub(super) exclusive: u32,
    /// The objects that must be under its keys at the end of a delivery that stored.
    stored_rests_on: Expectations,
    /// The same for a delivery that was refused at each key.
    refused_rests_on: Vec<Expectations>,
}

type Expectations = Vec<(u8, Expectation)>;

impl SharedRule {
    /// Reads the rule.
    ///
    /// # Panics
    /// When the model's own rule cannot be read, or does not share the expected keys.
    pub(crate) fn new(script: &SharedScript) -> Self {
        let variants = (1..=script.variants).map(|width| {
            format!(
                "[[rule.variant]]\nname = \"v{width}\"\nwidth = {width}\nheight = {width}\n\
                 formats = [\"jpeg\"]\n"
            )
        });
        let variants: String = variants.collect();
        let text = format!("[[rule]]\noutput.naming = \"firebase\"\n{variants}");
        let settings = Settings { text: Some(text), ..Settings::default() };
        let config = Config::load(&settings).expect("the model's rule is good");
        let layouts = Layouts::new(&config.rules, &[]);
        let rule = config.rules.into_iter().next().expect("it is one rule");
        let source = |key: &str| ObjectRef { bucket: "uploads".to_owned(), key: key.to_owned() };
        let scopes = SOURCES.map(|key| rule.scope(&source(key), &layouts));
        let keys = scopes.iter().flat_map(|scope| scope.targets.keys());
        let keys: BTreeSet<String> = keys.cloned().collect();
        let keys: Vec<String> = keys.into_iter().collect();
        let plans: Vec<Plan> = scopes.iter().map(|scope| Plan::new(scope, &keys)).collect();
        let shared = plans[0].variants & plans[1].variants;
        assert_eq!(shared.count_ones(), u32::from(script.variants), "{keys:?}");
        assert!(plans.iter().all(|plan| plan.exclusive & shared == 0), "{plans:?}");
        assert!(keys.len() <= MAX_KEYS, "{keys:?}");
        Self { script: script.clone(), rule, scopes: scopes.into(), keys, plans }
    }

    pub(super) fn script(&self) -> &SharedScript {
        &self.script
    }

    pub(super) fn plan(&self, source: u8) -> &Plan {
        &self.plans[usize::from(source)]
    }

    pub(super) fn key(&self, key: u8) -> &str {
        &self.keys[usize::from(key)]
    }

    /// The source's name in a provenance tag.
    pub(super) fn name(&self, source: u8) -> &'static str {
        SOURCES[usize::from(source)]
    }

    /// Whether the function takes these results as up to date: variants, a refusal, or neither.
    pub(super) fn recognizes(&self, source: u8, present: u32) -> Option<bool> {
        let keys = (0u8..).zip(&self.keys).filter(|(key, _)| present & 1 << key != 0);
        let present = keys.map(|(_, key)| key.as_str()).collect();
        self.rule.recognizes(&self.scopes[usize::from(source)].targets, &present)
    }
}

impl Plan {
    fn new(scope: &Scope, keys: &[String]) -> Self {
        let number = |key: &str| {
            let number = (0u8..).zip(keys).find(|(_, own)| *own == key);
            number.expect("every key that is written has a number").0
        };
        let bit = |key: &str| 1u32 << number(key);
        let bits =
            |keys: &mut dyn Iterator<Item = &String>| keys.fold(0, |all, key| all | bit(key));
        let deletes = |changes: &Changes| bits(&mut changes.deletes.iter().map(|place| &place.key));
        let made: Vec<_> =
            scope.targets.variants.iter().map(|one| (one.variant.as_str(), one.format)).collect();
        let stored = scope.of_variants(&made);
        assert_eq!(stored.last_put, None, "the model has no manifest");
        let refused = scope.of_refusal();
        let expectations = |decision: Decision<'_>| -> Expectations {
            let rests_on = scope.rests_on(decision);
            rests_on.iter().map(|(key, expected)| (number(key), *expected)).collect()
        };
        let refused_at =
            |taken: &String| expectations(Decision::Refused { changes: &stored, taken });
        Self {
            variants: bits(&mut stored.puts.iter()),
            beside_variants: deletes(&stored),
            record: bits(&mut refused.puts.iter()),
            beside_record: deletes(&refused),
            all: deletes(&scope.of_nothing(true)),
            exclusive: bits(&mut scope.targets.keys().filter(|key| scope.is_exclusive(key))),
            stored_rests_on: expectations(Decision::Stored(&stored)),
            refused_rests_on: keys.iter().map(refused_at).collect(),
        }
    }

    /// The objects that must be under its keys at the end of a delivery that stored, or was refused
    /// at a key.
    pub(super) fn rests_on(&self, taken: Option<u8>) -> &[(u8, Expectation)] {
        match taken {
            None => &self.stored_rests_on,
            Some(key) => &self.refused_rests_on[usize::from(key)],
        }
    }
}
