//! The protocol in every order of events, and twins that lack a part.

use local_harness::commands::model::{scripts, twins};
use local_harness::model::Script;
use local_harness::model::explore::explore;

/// Fewer events than the command has, so that all of it takes seconds.
fn small(crashes: u8) -> impl Iterator<Item = Script> {
    scripts(crashes).into_iter().map(|script| Script { duplicates: 0, ..script })
}

#[test]
fn every_quiet_state_has_the_results_of_its_source() {
    for script in small(0) {
        let explored = explore(&script).unwrap_or_else(|bad| panic!("{}:\n{bad}", script.name));
        assert!(explored.states > 10_000 && explored.quiet >= 5, "{}: {explored:?}", script.name);
    }
}

#[test]
fn a_death_at_any_request_is_made_good() {
    let [.., again, moved] = &small(1).collect::<Vec<_>>()[..] else { panic!("many scripts") };
    for script in [again, moved] {
        let explored = explore(script).unwrap_or_else(|bad| panic!("{}:\n{bad}", script.name));
        assert!(explored.states > 100_000, "{}: {explored:?}", script.name);
    }
}

#[test]
fn a_twin_that_lacks_a_part_is_found_out_with_a_trace() {
    for twin in twins() {
        let twin = Script { duplicates: 0, deletions: 0, ..twin };
        let bad = explore(&twin).expect_err(twin.name);
        let trace = bad.to_string();
        assert!(bad.trace.len() > 8 && trace.contains("PUT variants/key/a.jpg"), "{trace}");
        assert!(bad.problem.contains("there should be"), "{trace}");
    }
}
