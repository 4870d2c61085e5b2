//! Whole runs against what can be computed by hand.

use simulate::time::{HOUR, MILLISECOND, MINUTE, Micros, SECOND};
use simulate::{
    Arrivals, Distribution, Effect, Gaps, Outcome, Poison, Polling, Ramps, Sample, Scenario,
    ServiceTimes, simulate,
};

/// A platform without delays, ramps, or S3: a queue and so many servers.
fn servers(count: u64, arrivals: Arrivals) -> Scenario {
    Scenario::of_harness(arrivals, count, 1)
}

fn run(scenario: &Scenario, upload: Distribution) -> Outcome {
    let times = ServiceTimes::of_uploads(1_769, upload, Distribution::Constant(0));
    simulate(scenario, &times, 1)
}

fn constant(ms: Micros) -> Distribution {
    Distribution::Constant(ms * MILLISECOND)
}

fn poison(effect: Effect, share: f64) -> Poison {
    Poison { effect, share, from_us: 0, until_us: HOUR, refused_at: None }
}

fn assert_near(found: f64, wanted: f64, share: f64) {
    assert!((found - wanted).abs() <= wanted * share, "{found}, not {wanted}");
}

#[test]
fn a_burst_takes_uploads_times_service_over_servers() {
    let scenario = servers(10, Arrivals::Burst { uploads: 1_000, over_us: 0 });
    let outcome = run(&scenario, constant(500));
    // 100 rounds of 10, half a second each; the last ticks do not matter.
    assert_eq!(outcome.last_done_s, 50.0);
    assert_eq!(outcome.latency.max_s, 50.0);
    assert_near(outcome.latency.p50_s, 25.0, 0.02);
    assert_eq!(outcome.used.billed_s, 500.0);
    assert_near(outcome.used.gb_s, 500.0 * 1_769.0 / 1_024.0, 1e-9);
    assert_eq!(
        (outcome.used.puts, outcome.used.reads, outcome.used.deletes),
        (5_000, 2_000, 1_000)
    );
    assert_eq!((outcome.events.cold_starts, outcome.events.invocations), (10, 1_000));
    // A message, a receive, and a deletion for each.
    assert!((3_000..3_100).contains(&outcome.used.queue_requests));
}

#[test]
fn a_cold_start_takes_the_platforms_time_and_bills_the_init() {
    let mut scenario = servers(2, Arrivals::Times(vec![0, MINUTE, 10 * MINUTE]));
    scenario.s3.notification_delay = constant(1_000);
    scenario.s3.step_us = 10 * MILLISECOND;
    scenario.lambda.platform_start = constant(150);
    scenario.lambda.keep_warm_us = 5 * MINUTE;
    let times = ServiceTimes::of_uploads(1_769, constant(200), constant(30));
    let outcome = simulate(&scenario, &times, 1);
    // The second one is warm, and the third one comes too late for that.
    assert_eq!((outcome.events.cold_starts, outcome.latency.max_s), (2, 1.41));
    assert_near(outcome.latency.p50_s, 1.41, 0.01);
    assert_near(outcome.latency.mean_s, (1.41 + 1.23 + 1.41) / 3.0, 1e-9);
    assert_near(outcome.used.billed_s, 3.0 * 0.23 + 2.0 * 0.03, 1e-9);
}

#[test]
fn batches_are_full_where_messages_wait() {
    let mut scenario = servers(10, Arrivals::Burst { uploads: 1_000, over_us: 0 });
    scenario.mapping.batch_size = 4;
    let outcome = run(&scenario, constant(100));
    // The first ten uploads find a free server, each for itself.
    assert_eq!(outcome.events.invocations, 10 + 990_u64.div_ceil(4));
}

#[test]
fn a_window_fills_batches() {
    let arrivals = Arrivals::Constant { uploads: 100, per_s: 10.0, gaps: Gaps::Even };
    let mut scenario = servers(10, arrivals);
    scenario.mapping.batch_size = 50;
    scenario.mapping.batch_window_us = SECOND;
    let outcome = run(&scenario, constant(1));
    // A message opens a window of a second, in which ten more arrive.
    assert!((9..=10).contains(&outcome.events.invocations), "{}", outcome.events.invocations);
    assert!(outcome.latency.max_s > 1.0 && outcome.latency.max_s < 1.1);
}

/// Waiting time in M/D/c: about half of that in M/M/c.
#[test]
fn constant_service_halves_the_wait() {
    let arrivals = Arrivals::Constant { uploads: 400_000, per_s: 7.0, gaps: Gaps::Random };
    let mut scenario = servers(2, arrivals);
    scenario.lambda.account_concurrency = 2;
    let outcome = run(&scenario, constant(100));
    // M/D/2 with rho = 0.35: Erlang C with two servers, halved for constant service.
    let erlang_c = 2.0 * 0.35 * 0.35 / (1.0 + 0.35);
    let wait_s = erlang_c * 0.1 / (2.0 * (1.0 - 0.35)) / 2.0;
    assert_near(outcome.latency.mean_s, 0.1 + wait_s, 0.01);
}

/// Waiting time in M/M/c (Erlang C).
#[test]
fn several_servers_wait_as_erlang_says() {
    let arrivals = Arrivals::Constant { uploads: 400_000, per_s: 80.0, gaps: Gaps::Random };
    let outcome = run(&servers(10, arrivals), Distribution::Exponential { mean_us: 100_000 });
    // c = 10, offered load 8: the probability of waiting is 0.409, and the wait 0.1 / (10 - 8).
    assert_near(outcome.latency.mean_s, 0.1 + 0.409 * 0.05, 0.02);
}

#[test]
fn littles_law_holds() {
    let arrivals = Arrivals::Constant { uploads: 100_000, per_s: 100.0, gaps: Gaps::Random };
    let mut scenario = servers(100, arrivals);
    scenario.s3.notification_delay = constant(2_000);
    let outcome = run(&scenario, Distribution::Exponential { mean_us: 300_000 });
    // Busy environments on average: rate times service.
    assert_near(outcome.used.billed_s / outcome.last_upload_s, 30.0, 0.02);
    assert_near(outcome.latency.mean_s, 2.3, 0.01);
}

#[test]
fn aws_ramps_let_a_queue_start_with_five() {
    let mut scenario = servers(1_000, Arrivals::Burst { uploads: 30_000, over_us: 0 });
    scenario.ramps = Ramps::Aws;
    scenario.mapping.polling = Polling::Standard { maximum_concurrency: None };
    let outcome = run(&scenario, constant(1_000));
    // 5, 10, 15, ... uploads each second: n (n + 1) / 2 * 5 = 30,000 after 109 seconds.
    assert_near(outcome.last_done_s, 109.0, 0.03);
    assert_eq!(outcome.events.throttles, 0);
}

#[test]
fn provisioned_pollers_poll_ten_times_a_second() {
    let mut scenario = servers(2, Arrivals::Burst { uploads: 2_000, over_us: 0 });
    scenario.ramps = Ramps::Aws;
    scenario.mapping.polling = Polling::Provisioned { minimum_pollers: 2, maximum_pollers: 2 };
    let outcome = run(&scenario, constant(10));
    // 20 polls a second with one message each, although 20 places could do 2,000 a second.
    assert_near(outcome.last_done_s, 100.0, 0.02);
    assert_near(outcome.used.poller_hours, 2.0 * 100.0 / 3_600.0, 0.03);
    scenario.mapping.batch_size = 10;
    assert_near(run(&scenario, constant(10)).last_done_s, 10.0, 0.15);
}

#[test]
fn failures_come_back_after_the_visibility_timeout_and_become_dead_letters() {
    let mut scenario = servers(10, Arrivals::Burst { uploads: 4, over_us: 0 });
    scenario.poison = Some(poison(Effect::Fails, 1.0));
    scenario.queue.max_receive_count = 3;
    let outcome = run(&scenario, constant(200));
    assert_eq!((outcome.done, outcome.dead_letters, outcome.events.failed_deliveries), (0, 4, 12));
    assert_eq!(outcome.last_end_s, 3.0 * 360.0);
    assert_eq!(outcome.peaks.in_flight, 4);
    let refused = Scenario {
        poison: Some(Poison { refused_at: Some(3), ..poison(Effect::Fails, 1.0) }),
        ..scenario
    };
    let outcome = run(&refused, constant(200));
    assert_eq!((outcome.refused, outcome.dead_letters, outcome.last_end_s), (4, 0, 720.2));
}

#[test]
fn a_timeout_fails_its_whole_batch_and_ends_the_environment() {
    let mut scenario = servers(2, Arrivals::Times(vec![0, 0, 0]));
    scenario.mapping.batch_size = 10;
    scenario.mapping.batch_window_us = SECOND;
    scenario.queue.max_receive_count = 2;
    scenario.poison = Some(Poison { until_us: 1, ..poison(Effect::TimesOut, 1.0) });
    let outcome = run(&scenario, constant(10));
    assert_eq!((outcome.events.timeouts, outcome.events.cold_starts), (2, 2));
    assert_eq!((outcome.dead_letters, outcome.used.billed_s), (3, 120.0));
}

#[test]
fn a_throttled_function_loses_messages_to_the_dead_letter_queue() {
    let mut scenario = servers(100, Arrivals::Burst { uploads: 2_000, over_us: 0 });
    scenario.lambda.reserved_concurrency = Some(1);
    scenario.queue.max_receive_count = 2;
    let outcome = run(&scenario, constant(2_000));
    assert!(outcome.events.throttles > 0 && outcome.events.throttled_deliveries > 0);
    assert_eq!(outcome.done + outcome.dead_letters, 2_000);
    assert!(outcome.innocent_dead_letters > 0);
    assert_eq!(outcome.peaks.busy, 1);
}

#[test]
fn s3_limits_writes_of_one_prefix() {
    let mut scenario = servers(500, Arrivals::Burst { uploads: 20_000, over_us: 0 });
    scenario.s3.writes_per_s = 3_500;
    let outcome = run(&scenario, constant(200));
    // 3,500 writes a second, six for each upload, and failures that come back after six minutes.
    assert!(outcome.events.slow_downs > 10_000, "{:?}", outcome.events);
    assert!(outcome.events.retries <= outcome.events.slow_downs);
    assert!(outcome.peaks.done_per_s < 1_200.0, "{}", outcome.peaks.done_per_s);
    assert_eq!(outcome.done, 20_000);
    scenario.s3.prefixes = 1_000;
    assert_eq!(run(&scenario, constant(200)).events.slow_downs, 0);
}

#[test]
fn a_request_is_sent_four_times_and_an_upload_sends_sixteen_again() {
    let mut scenario = servers(2, Arrivals::Times(vec![0]));
    (scenario.s3.writes_per_s, scenario.queue.max_receive_count) = (1, 1);
    let outcome = run(&scenario, constant(200));
    let events = outcome.events;
    // One of six writes is accepted at once, and the next ones a second apart.
    assert_eq!((outcome.dead_letters, events.failed_deliveries), (1, 1));
    assert_eq!(events.slow_downs, events.retries - accepted_later(&outcome) + 5);
    assert!((9..=15).contains(&events.retries), "{events:?}");
    scenario.s3.puts = 30;
    assert_eq!(run(&scenario, constant(200)).events.retries, 16);
}

/// Writes that S3 has accepted when they were sent again.
fn accepted_later(outcome: &Outcome) -> u64 {
    5 - outcome.events.given_up_requests
}

#[test]
fn throttles_keep_the_mapping_from_growing() {
    let mut scenario = servers(2, Arrivals::Burst { uploads: 20_000, over_us: 0 });
    scenario.ramps = Ramps::Aws;
    scenario.mapping.polling = Polling::Standard { maximum_concurrency: None };
    scenario.lambda.reserved_concurrency = Some(10);
    let outcome = run(&scenario, constant(100));
    assert!(outcome.events.throttles > 0);
    assert!((10..50).contains(&outcome.peaks.batches), "{:?}", outcome.peaks);
}

#[test]
fn every_upload_ends_once_under_all_troubles_at_the_same_time() {
    let arrivals = Arrivals::Constant { uploads: 30_000, per_s: 200.0, gaps: Gaps::Random };
    let mut scenario = Scenario { arrivals, ..Scenario::default() };
    scenario.mapping.polling = Polling::Standard { maximum_concurrency: Some(200) };
    scenario.lambda.reserved_concurrency = Some(60);
    scenario.lambda.timeout_us = 5 * SECOND;
    // As short as AWS lets it be: batches that were throttled end after it.
    scenario.queue.visibility_timeout_us = 5 * SECOND;
    scenario.queue.duplicate_share = 0.01;
    scenario.queue.max_receive_count = 4;
    scenario.queue.max_in_flight = 500;
    scenario.poison = Some(poison(Effect::TimesOut, 0.01));
    let times = ServiceTimes::of_uploads(
        1_769,
        Distribution::Lognormal { mean_us: 200_000, spread: 1.0 },
        constant(30),
    );
    for seed in 0..5 {
        let outcome = simulate(&scenario, &times, seed);
        assert_eq!(outcome.uploads, 30_000);
        assert_eq!(outcome.done + outcome.refused + outcome.dead_letters, 30_000, "seed {seed}");
        assert!(outcome.events.duplicates > 0 && outcome.peaks.in_flight <= 500);
        let sum = |value: fn(&simulate::Window) -> u64| outcome.windows.iter().map(value).sum();
        assert_eq!((outcome.uploads, outcome.done), (sum(|it| it.uploads), sum(|it| it.done)));
        assert_eq!(outcome, simulate(&scenario, &times, seed), "the same seed, the same outcome");
    }
}

#[test]
fn a_late_end_delivers_twice() {
    let mut scenario = servers(2, Arrivals::Times(vec![0, 1]));
    scenario.lambda.reserved_concurrency = Some(1);
    scenario.queue.visibility_timeout_us = MINUTE;
    scenario.mapping.max_retry_us = SECOND;
    // The second upload is throttled until 50 s, and ends after its visibility timeout. Meanwhile
    // it is received again.
    let outcome = run(&scenario, constant(50_000));
    assert_eq!((outcome.done, outcome.events.duplicates), (2, 1));
    assert!(outcome.last_end_s >= 100.0 && outcome.last_end_s < 102.0, "{}", outcome.last_end_s);
}

/// A run of `load`: two environments, batches of up to ten, uploads at a rate that keeps both busy.
#[test]
fn measured_durations_give_the_measured_throughput() {
    // 0.63 s for ten messages, as measured on two environments.
    let sample = |number: u64| Sample {
        messages: 10,
        duration_us: (530 + number * 20 % 200) * MILLISECOND,
        init_us: (number < 2).then_some(30 * MILLISECOND),
    };
    let samples: Vec<Sample> = (0..100).map(sample).collect();
    let mean_s = samples.iter().map(|it| it.duration_us).sum::<Micros>() as f64 / 100.0 / 1e6;
    let times = ServiceTimes::of_samples(1_769, &samples).expect("samples");
    let arrivals = Arrivals::Burst { uploads: 10_000, over_us: 0 };
    let outcome = simulate(&Scenario::of_harness(arrivals, 2, 10), &times, 1);
    assert_near(outcome.done as f64 / outcome.last_done_s, 2.0 * 10.0 / mean_s, 0.02);
    assert_eq!(outcome.events.cold_starts, 2);
}

#[test]
fn what_waits_for_longer_than_the_retention_expires() {
    let mut scenario = servers(2, Arrivals::Burst { uploads: 1_000, over_us: 0 });
    scenario.queue.retention_us = 100 * SECOND;
    let outcome = run(&scenario, constant(1_000));
    // Two uploads a second for a hundred seconds, and those under way.
    assert_eq!((outcome.done, outcome.expired), (202, 798));
}
