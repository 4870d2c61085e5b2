//! The model of the protocol: scripts that it accepts, and mutants that it rejects.

use local_harness::commands::model::{mutants, scripts};
use local_harness::model::explore::{explore, explore_shared};
use local_harness::model::shared::{SharedScript, scripts as shared};
use local_harness::model::{Omission, RuleText, Script};

/// Fewer events than the command has, so that all of it takes seconds.
fn small(crashes: u8) -> impl Iterator<Item = Script> {
    let without_deletion = |script: &Script| script.late_writes > 0;
    scripts(crashes).into_iter().map(move |script| {
        let deletions = if without_deletion(&script) { 0 } else { script.deletions };
        Script { duplicates: 0, deletions, ..script }
    })
}

#[test]
fn every_quiet_state_has_the_results_of_its_source() {
    for script in small(0) {
        let explored = explore(&script).unwrap_or_else(|bad| panic!("{}:\n{bad}", script.name));
        assert!(explored.states > 5_000 && explored.quiet >= 5, "{}: {explored:?}", script.name);
    }
}

#[test]
fn a_death_at_any_request_is_made_good() {
    let is_quick = |script: &Script| script.rule == RuleText::Moving && script.late_writes == 0;
    for script in small(1).filter(is_quick) {
        let explored = explore(&script).unwrap_or_else(|bad| panic!("{}:\n{bad}", script.name));
        assert!(explored.states > 10_000, "{}: {explored:?}", script.name);
    }
}

#[test]
fn a_mutant_that_lacks_a_part_is_found_with_a_trace() {
    for mutant in mutants() {
        let bad = explore(&mutant).expect_err(mutant.name);
        let trace = bad.to_string();
        assert!(bad.trace.len() > 8 && trace.contains("PUT result"), "{trace}");
        assert!(bad.problem.contains("should have"), "{}: {trace}", mutant.name);
    }
}

/// But for two deliveries of two keys, whose millions of states the command visits.
#[test]
fn two_sources_of_one_key_never_touch_each_others_results() {
    let with_deaths = shared::scripts(1).into_iter();
    let with_deaths = with_deaths.filter(|one| one.variants == 1 && one.crashes == 1);
    let is_small = |script: &SharedScript| script.variants == 1 || script.duplicates == 0;
    for script in shared::scripts(0).into_iter().filter(is_small).chain(with_deaths) {
        let explored =
            explore_shared(&script).unwrap_or_else(|bad| panic!("{}:\n{bad}", script.name));
        assert!(explored.states > 1_500 && explored.quiet >= 8, "{}: {explored:?}", script.name);
    }
}

#[test]
fn mutants_of_shared_keys_are_found_with_a_trace() {
    for mutant in shared::mutants() {
        let bad = explore_shared(&mutant).expect_err(mutant.name);
        assert!(bad.trace.len() > 8, "{bad}");
        let expected = match mutant.without {
            Some(Omission::ClosingCheckOfStored) => "neither stored nor refused",
            Some(Omission::ClosingCheck | Omission::TakenPlace) => {
                "refused although its keys are free"
            }
            _ => "overwrote or deleted",
        };
        assert!(bad.problem.contains(expected), "{}: {bad}", mutant.name);
    }
}

/// A limit that is mended belongs among the scripts that the model accepts.
#[test]
fn known_limits_of_shared_keys_are_still_found() {
    for limit in shared::limits() {
        let bad = explore_shared(&limit).expect_err(limit.name);
        assert!(bad.problem.contains("overwrote or deleted"), "{}: {bad}", limit.name);
    }
}
