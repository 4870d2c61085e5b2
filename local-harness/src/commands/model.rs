//! `model`: every order in which uploads, a deletion, duplicates, late writes, two workers and
//! their deaths can meet, for one source and for two that share results; and checker mutants:
//! protocols that lack a part and must be rejected.

use std::time::Instant;

use super::CommandError;
use crate::model::explore::{Counterexample, Explored, explore, explore_shared};
use crate::model::shared::scripts as shared;
use crate::model::{Kind, Omission, RuleText, Script};

/// All scripts; the smaller ones first. `crashes` workers may die in each.
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
            name: "one that is no picture, a deletion",
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
            name: "originals that are moved",
            uploads: with(Kind::Jpeg),
            rule: RuleText::Moving,
            ..script.clone()
        },
        Script {
            name: "moved, the same bytes again",
            uploads: vec![(Kind::Jpeg, 2), (Kind::Jpeg, 1)],
            duplicates: 0,
            rule: RuleText::Moving,
            ..script.clone()
        },
        Script {
            name: "moved, a late write",
            uploads: with(Kind::Jpeg),
            duplicates: 0,
            late_writes: 1,
            rule: RuleText::Moving,
            ..script
        },
    ]
}

/// Checker mutants: scripts in which a part of the protocol is left out, each of which must be
/// found.
pub fn mutants() -> Vec<Script> {
    let without = |name: &'static str, script: &str, omission| {
        let scripts = scripts(0);
        let script = scripts.into_iter().find(|one| one.name == script);
        let script = script.expect("a script of that name");
        // Without one more event than was sent, originals wait long enough by coming back.
        let duplicates = if script.rule == RuleText::Moving { script.duplicates } else { 0 };
        Script { name, duplicates, without: Some(omission), ..script }
    };
    let (kept, moved) = ("two formats, a deletion", "originals that are moved");
    vec![
        without("no HEAD after writing", kept, Omission::Verify),
        without("no wait before originals go", moved, Omission::Wait),
        without("the age of the source in place of its results'", moved, Omission::ResultAges),
        without(
            "the ETag alone as a source's identity",
            "moved, the same bytes again",
            Omission::StateBesideEtag,
        ),
        without(
            "no memory of earlier layouts",
            "another configuration, a deletion",
            Omission::EarlierLayouts,
        ),
        without(
            "no return after a write without an answer",
            "a late write, a deletion",
            Omission::Comeback,
        ),
    ]
}

/// Explores all scripts, then the mutants and the known limits.
///
/// # Errors
/// `Model` with the trace to a state that must not be, or when a mutant or a limit is not found.
pub fn run(crashes: u8) -> Result<(), CommandError> {
    println!("two workers, one more event than was sent, {crashes} deaths at any request");
    for script in scripts(crashes) {
        good(script.name, || explore(&script))?;
    }
    for script in shared::scripts(crashes) {
        good(script.name, || explore_shared(&script))?;
    }
    for mutant in mutants() {
        found("the mutant with", mutant.name, explore(&mutant))?;
    }
    for mutant in shared::mutants() {
        found("the mutant with", mutant.name, explore_shared(&mutant))?;
    }
    for limit in shared::limits() {
        found("the known limit of", limit.name, explore_shared(&limit))?;
    }
    Ok(())
}

fn good(
    name: &str,
    explore: impl FnOnce() -> Result<Explored, Counterexample>,
) -> Result<(), CommandError> {
    let began = Instant::now();
    let explored = explore().map_err(|example| failed(format!("{name}:\n{example}")))?;
    println!(
        "{name:36} {:9} states {:10} transitions {:6} quiet, all good   {:.1} s",
        explored.states,
        explored.transitions,
        explored.quiet,
        began.elapsed().as_secs_f64()
    );
    Ok(())
}

fn found(
    what: &str,
    name: &str,
    explored: Result<Explored, Counterexample>,
) -> Result<(), CommandError> {
    let Err(example) = explored else {
        return Err(failed(format!("{what} {name} is not found")));
    };
    println!("\n{what} {name} is found:\n{example}");
    Ok(())
}

fn failed(problem: String) -> CommandError {
    CommandError::Check { what: "the model".to_owned(), problem }
}
