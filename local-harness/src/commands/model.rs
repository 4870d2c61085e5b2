//! `model`: every order of uploads, deletions, duplicated events, late writes, and the requests and
//! crashes of two workers, for one source and for two that share results. Checker mutants are
//! protocols that lack a part; the model must reject each of them.

use std::time::Instant;

use super::CommandError;
use crate::model::explore::{Counterexample, Explored, explore, explore_shared};
use crate::model::shared::scripts as shared;
use crate::model::{Kind, Omission, RuleText, Script};
use crate::stdout::outln;

/// All scripts. In each of them, `crashes` workers may crash.
pub fn scripts(crashes: u8) -> Vec<Script> {
    let script = Script {
        name: "",
        uploads: vec![(Kind::Jpeg, 1), (Kind::Png, 1)],
        deletions: 0,
        duplicates: 1,
        crashes,
        late_writes: 0,
        rule: RuleText::Full,
        next_rule: None,
        without: None,
    };
    let with = |kind| vec![(Kind::Jpeg, 1), (kind, 1)];
    vec![
        Script { name: "two formats, a deletion", deletions: 1, ..script.clone() },
        Script {
            name: "an upload that is no picture, a deletion",
            uploads: with(Kind::Bad),
            deletions: 1,
            ..script.clone()
        },
        Script {
            name: "a copied result, a deletion",
            uploads: with(Kind::OwnResult),
            deletions: 1,
            ..script.clone()
        },
        Script {
            name: "the same bytes again",
            uploads: vec![(Kind::Jpeg, 2), (Kind::Png, 1)],
            duplicates: 0,
            ..script.clone()
        },
        Script {
            name: "a late write, a deletion",
            deletions: 1,
            duplicates: 0,
            late_writes: 1,
            rule: RuleText::Small,
            ..script.clone()
        },
        Script {
            name: "another configuration, a deletion",
            deletions: 1,
            duplicates: 0,
            rule: RuleText::Small,
            next_rule: Some(RuleText::Renamed),
            ..script.clone()
        },
        Script {
            name: "raised limits, a deletion",
            uploads: with(Kind::Large),
            deletions: 1,
            rule: RuleText::Limited,
            next_rule: Some(RuleText::Small),
            ..script.clone()
        },
        Script {
            name: "originals are moved",
            uploads: with(Kind::Jpeg),
            rule: RuleText::Moving,
            ..script.clone()
        },
        Script {
            name: "originals are moved, the same bytes again",
            uploads: vec![(Kind::Jpeg, 2), (Kind::Jpeg, 1)],
            duplicates: 0,
            rule: RuleText::Moving,
            ..script.clone()
        },
        Script {
            name: "originals are moved, a late write",
            uploads: with(Kind::Jpeg),
            duplicates: 0,
            late_writes: 1,
            rule: RuleText::Moving,
            ..script
        },
    ]
}

/// Checker mutants: scripts in which a part of the protocol is left out. The model must reject
/// each.
pub fn mutants() -> Vec<Script> {
    let without = |name: &'static str, script: &str, omission| {
        let scripts = scripts(0);
        let script = scripts.into_iter().find(|one| one.name == script);
        let script = script.expect("a script of that name");
        // A duplicate would hide most mutants: its delivery comes late enough.
        let needs_one = [RuleText::Moving, RuleText::Limited].contains(&script.rule);
        let duplicates = if needs_one { script.duplicates } else { 0 };
        Script { name, duplicates, without: Some(omission), ..script }
    };
    let (kept, moved) = ("two formats, a deletion", "originals are moved");
    vec![
        without("the HEAD after writing", kept, Omission::Verify),
        without("the wait before originals are removed", moved, Omission::Wait),
        without("the ages of results (the source's age decides)", moved, Omission::ResultAges),
        without(
            "the rest of a source's state (the ETag alone identifies it)",
            "originals are moved, the same bytes again",
            Omission::StateBesideEtag,
        ),
        without(
            "the layouts of earlier configurations",
            "another configuration, a deletion",
            Omission::EarlierLayouts,
        ),
        without(
            "the limits in the fingerprint of refusals",
            "raised limits, a deletion",
            Omission::LimitsOfRefusals,
        ),
        without(
            "the redelivery after a write without a response",
            "a late write, a deletion",
            Omission::Comeback,
        ),
    ]
}

/// Explores all scripts, then the mutants and the known limits, and prints what it finds.
///
/// # Errors
/// `Check` with the trace to a wrong final state, or for a mutant or a limit without any.
pub fn run(crashes: u8) -> Result<(), CommandError> {
    outln!(
        "Two workers, up to one duplicated event and {crashes} crashes per script. Every order of \
         requests is visited."
    );
    for script in scripts(crashes) {
        accepted(script.name, || explore(&script))?;
    }
    for script in shared::scripts(crashes) {
        accepted(script.name, || explore_shared(&script))?;
    }
    for mutant in mutants() {
        rejected("Mutant rejected: it lacks", mutant.name, explore(&mutant))?;
    }
    for mutant in shared::mutants() {
        rejected("Mutant rejected: it lacks", mutant.name, explore_shared(&mutant))?;
    }
    for limit in shared::limits() {
        rejected("Known limit reproduced:", limit.name, explore_shared(&limit))?;
    }
    Ok(())
}

fn accepted(
    name: &str,
    explore: impl FnOnce() -> Result<Explored, Counterexample>,
) -> Result<(), CommandError> {
    let began = Instant::now();
    let explored = explore().map_err(|example| failed(format!("{name}:\n{example}")))?;
    outln!(
        "{name:41} {:9} states {:10} transitions {:6} final states, all correct   {:.1} s",
        explored.states,
        explored.transitions,
        explored.quiet,
        began.elapsed().as_secs_f64()
    );
    Ok(())
}

fn rejected(
    what: &str,
    name: &str,
    explored: Result<Explored, Counterexample>,
) -> Result<(), CommandError> {
    let Err(example) = explored else {
        return Err(failed(format!("{name}: no wrong final state was found")));
    };
    outln!("\n{what} {name}. Shortest trace:\n{example}");
    Ok(())
}

fn failed(problem: String) -> CommandError {
    CommandError::Check { what: "the protocol".to_owned(), problem }
}
