//! Signals: what is under way when they come, and what the queue has afterwards.

use local_harness::proxy::{FaultKind, FaultPlan};
use rustix::process::Signal;
use tokio::time::{Duration, sleep};

use crate::support::{Bench, CONFIG, UPLOADS, Worker, photo};

/// A worker whose request for the upload is held; it waits for S3 for a minute.
async fn with_held_upload(bench: &Bench, variables: &[(&str, &str)]) -> Worker {
    let (kind, path) = (FaultKind::Held, format!("/{UPLOADS}/held.jpg"));
    bench.backend.injector.change(FaultPlan::Once { kind, method: "GET", path });
    bench.put("held.jpg", &photo(40, 30, 1)).await;
    let patient =
        CONFIG.replace("late_request_ms = 1000", "late_request_ms = 1000\ns3_timeout_ms = 60000");
    let worker = bench.worker(&[&[("RESIZER_CONFIG", patient.as_str())], variables].concat());
    bench.held(1).await;
    worker
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_lets_work_end_and_takes_no_more() {
    for signal in [Signal::TERM, Signal::INT] {
        let bench = Bench::start().await;
        let mut worker = with_held_upload(&bench, &[("RESIZER_CONCURRENCY", "1")]).await;
        worker.signal(signal);
        worker.said("event", "drain").await;
        assert_eq!(worker.page("/healthz").await.0, 200, "it is alive while it drains");
        assert_eq!(worker.page("/readyz").await, (503, "draining\n".to_owned()));
        bench.put("later.jpg", &photo(40, 30, 2)).await;
        bench.backend.injector.let_one_go_on();
        assert_eq!(worker.ended().await.code(), Some(0), "{:#?}", worker.log());
        let outcomes: Vec<_> =
            worker.uploads().into_iter().map(|line| (line.key, line.outcome)).collect();
        assert_eq!(outcomes, [("held.jpg".to_owned(), "stored".to_owned())]);
        assert_eq!(bench.backend.queue.unfinished(), 1, "the later one is left to others");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_last_request_brings_is_released() {
    let bench = Bench::start().await;
    let mut worker = bench.worker(&[("RESIZER_VISIBILITY_S", "600")]);
    worker.ready().await;
    bench.done().await;
    // It waits for messages, and SQS would give them to a request that was cut off.
    worker.signal(Signal::TERM);
    worker.said("event", "drain").await;
    bench.put("later.jpg", &photo(40, 30, 2)).await;
    assert_eq!(worker.ended().await.code(), Some(0));
    assert_eq!(bench.backend.queue.counts(), (1, 0), "it is visible");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_outlasts_the_drain_is_stopped() {
    let bench = Bench::start().await;
    // With one place there is no request for messages beside the work that could take it along.
    let variables =
        [("RESIZER_DRAIN_S", "1"), ("RESIZER_VISIBILITY_S", "600"), ("RESIZER_CONCURRENCY", "1")];
    let mut worker = with_held_upload(&bench, &variables).await;
    worker.signal(Signal::TERM);
    worker.said("event", "stopped").await;
    assert_eq!(worker.ended().await.code(), Some(0));
    // Without the release it would be hidden for ten minutes.
    let second = bench.worker(&[]);
    bench.done().await;
    assert_eq!(second.uploads()[0].outcome, "stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_it_at_once() {
    let bench = Bench::start().await;
    let mut worker = with_held_upload(&bench, &[("RESIZER_DRAIN_S", "3600")]).await;
    worker.signal(Signal::TERM);
    worker.said("event", "drain").await;
    // A signal that comes before the first one is handled is one with it.
    sleep(Duration::from_millis(50)).await;
    worker.signal(Signal::TERM);
    assert_eq!(worker.ended().await.code(), Some(143));
    let other = bench.worker(&[]);
    bench.done().await;
    assert_eq!(other.uploads()[0].outcome, "stored");
}
