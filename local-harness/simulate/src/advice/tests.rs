//! Advice against cases that can be computed by hand.

use super::{Advice, Bound, needed_per_s, rounded_up};
use crate::time::{MILLISECOND, MINUTE, SECOND};
use crate::{
    Arrivals, Distribution, Gaps, Outcome, Polling, Scenario, ServiceTimes, Window, simulate,
};

fn times() -> ServiceTimes {
    let constant = |ms| Distribution::Constant(ms * MILLISECOND);
    ServiceTimes::of_uploads(1_769, constant(250), constant(30))
}

fn advice(scenario: &Scenario) -> (Advice, Outcome, String) {
    let outcome = simulate(scenario, &times(), 1);
    let advice = Advice::of(scenario, &times(), &outcome);
    let text = advice.text(scenario, &outcome);
    (advice, outcome, text)
}

#[test]
fn numbers_are_rounded_up_to_two_digits() {
    assert_eq!([0.2, 7.1, 94.0, 101.0, 1_234.0].map(rounded_up), [1, 8, 94, 110, 1_300]);
}

#[test]
fn a_burst_may_take_as_long_as_uploads_may_wait() {
    let window = |at: u32, uploads| Window {
        until_s: f64::from(at + 1) * 10.0,
        uploads,
        ..Window::default()
    };
    // 700 uploads in 10 seconds, with a minute more.
    let windows = [window(0, 0), window(1, 700), window(2, 70)];
    assert_eq!(needed_per_s(&windows), 10.0);
}

#[test]
fn a_full_mapping_should_grow_to_what_little_says() {
    let arrivals = Arrivals::Constant { uploads: 100_000, per_s: 100.0, gaps: Gaps::Even };
    let (advice, outcome, text) = advice(&Scenario { arrivals, ..Scenario::default() });
    // Four uploads take 1.3 s: 100 a second need 32.5 environments, but the last ones may be late.
    assert!((advice.busy_s_per_upload - 0.325).abs() < 1e-9);
    assert!((advice.needed_per_s - 100.0 * 1_000.0 / 1_060.0).abs() < 1.0, "{advice:?}");
    assert_eq!((advice.maximum_concurrency, advice.bound), (37, Bound::Need));
    assert_eq!(advice.visibility_timeout_s, 360.0);
    assert!(outcome.peaks.oldest_s > 1_000.0);
    assert!(text.contains("set MaximumConcurrency to 37"), "{text}");
    assert!(text.contains("Provisioned pollers would not make"), "{text}");
    assert!(text.contains("512 MB would be the cheapest"), "{text}");
}

#[test]
fn more_environments_than_s3_can_serve_are_not_recommended() {
    let arrivals = Arrivals::Burst { uploads: 200_000, over_us: MINUTE };
    let mut scenario = Scenario { arrivals, ..Scenario::default() };
    scenario.mapping.polling = Polling::Standard { maximum_concurrency: Some(1_000) };
    let (advice, _, text) = advice(&scenario);
    // 583.3 uploads a second, 0.325 s each.
    assert_eq!((advice.maximum_concurrency, advice.bound), (190, Bound::S3));
    assert!(text.contains("to 190 instead of 1000") && text.contains("need 3 prefixes"), "{text}");
}

#[test]
fn pollers_are_recommended_where_the_ramp_is_what_takes_long() {
    let arrivals = Arrivals::Burst { uploads: 200_000, over_us: MINUTE };
    let mut scenario = Scenario { arrivals, ..Scenario::default() };
    scenario.mapping.polling = Polling::Standard { maximum_concurrency: Some(1_000) };
    scenario.s3.prefixes = 10;
    let (advice, outcome, text) = advice(&scenario);
    // 200,000 uploads in two minutes, 0.325 s each, and a fifth to spare.
    assert!((630..=660).contains(&advice.maximum_concurrency), "{advice:?}");
    let pollers = advice.maximum_concurrency.div_ceil(10);
    assert_eq!(advice.pollers, Some((pollers, pollers)));
    assert!(outcome.latency.max_s > advice.wait_s && advice.wait_s < 60.0);
    assert!(text.contains(&format!("MinimumPollers to {pollers}")), "{text}");
}

#[test]
fn a_reserved_concurrency_below_the_places_is_named() {
    let arrivals = Arrivals::Constant { uploads: 20_000, per_s: 100.0, gaps: Gaps::Even };
    let mut scenario = Scenario { arrivals, ..Scenario::default() };
    scenario.mapping.polling = Polling::Standard { maximum_concurrency: Some(100) };
    scenario.lambda.reserved_concurrency = Some(5);
    scenario.lambda.timeout_us = 30 * SECOND;
    let (advice, outcome, text) = advice(&scenario);
    assert!(outcome.events.throttles > 0);
    assert_eq!((advice.maximum_concurrency, advice.bound), (5, Bound::Lambda));
    assert!(text.contains("the reserved concurrency of 5 is below"), "{text}");
    assert!(text.contains("Keep the visibility timeout of 360 s"), "{text}");
}
