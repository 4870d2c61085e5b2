//! What becomes of messages: those that are done, those that fail, those that take long.

use local_harness::proxy::{FaultKind, FaultPlan};
use tokio::time::{Duration, sleep};

use crate::support::{Bench, UPLOADS, photo};

#[tokio::test(flavor = "multi_thread")]
async fn done_messages_are_deleted_and_counted() {
    let bench = Bench::start().await;
    bench.put("a.jpg", &photo(40, 30, 1)).await;
    bench.put("b.txt", b"no picture").await;
    let worker = bench.worker(&[]);
    bench.done().await;
    assert_eq!(bench.results().await.len(), 4, "two variants, a manifest, a failure record");
    let mut outcomes: Vec<String> = worker.uploads().into_iter().map(|line| line.outcome).collect();
    outcomes.sort();
    assert_eq!(outcomes, ["not_an_image", "stored"]);
    let counts = [
        "resizer_deliveries_total{class=\"done\",outcome=\"stored\"} 1",
        "resizer_deliveries_total{class=\"refused\",outcome=\"not_an_image\"} 1",
        "resizer_delivery_seconds_count 2",
        "resizer_events_in_flight 0",
    ];
    let metrics = worker.counted(&counts).await;
    let source_bytes = photo(40, 30, 1).len();
    assert!(metrics.contains(&format!("resizer_source_bytes_total {source_bytes}\n")), "{metrics}");
    assert!(metrics.ends_with("# EOF\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_stays_hidden_for_as_long_as_it_is_worked_on() {
    let bench = Bench::start().await;
    let kind = FaultKind::Held;
    let path = format!("/{UPLOADS}/slow.jpg");
    bench.backend.injector.change(FaultPlan::Once { kind, method: "GET", path });
    bench.put("slow.jpg", &photo(40, 30, 1)).await;
    let config = format!("{}\n", crate::support::CONFIG)
        .replace("late_request_ms = 1000", "late_request_ms = 1000\ns3_timeout_ms = 60000");
    let worker = bench.worker(&[("RESIZER_CONFIG", &config), ("RESIZER_VISIBILITY_S", "2")]);
    bench.held(1).await;
    // Three times the visibility timeout: a message that is not hidden anew comes back.
    sleep(Duration::from_secs(6)).await;
    assert_eq!(bench.backend.queue.counts(), (0, 1), "it is hidden");
    bench.backend.injector.let_one_go_on();
    bench.done().await;
    assert_eq!(worker.uploads().len(), 1, "it was delivered once");
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_messages_come_back_and_others_do_not_wait_for_them() {
    let bench = Bench::start().await;
    let kind = FaultKind::InternalError;
    // The client tries four times, and so the first delivery fails.
    bench.backend.injector.change(FaultPlan::At { kind, requests: (0..4).collect() });
    bench.put("a.jpg", &photo(40, 30, 1)).await;
    let worker = bench.worker(&[]);
    bench.done().await;
    let outcomes: Vec<String> = worker.uploads().into_iter().map(|line| line.outcome).collect();
    assert_eq!(outcomes, ["io", "stored"]);
    // S3's test event is the other one that is deleted.
    let counts = [
        "resizer_messages_total{result=\"returned\"} 1",
        "resizer_messages_total{result=\"deleted\"} 2",
    ];
    worker.counted(&counts).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn poison_becomes_a_dead_letter() {
    let bench = Bench::with(|options| options.queue.max_receive_count = 2).await;
    bench.backend.queue.send("{\"no\":\"event\"}".to_owned()).expect("it is small");
    bench.backend.queue.send("{\"Event\":\"s3:TestEvent\"}".to_owned()).expect("it is small");
    let worker = bench.worker(&[]);
    bench.done().await;
    let dead = bench.backend.queue.dead_letters();
    assert_eq!(dead.len(), 1);
    assert_eq!((dead[0].body.as_str(), dead[0].receive_count), ("{\"no\":\"event\"}", 2));
    worker.said("code", "unknown_event").await;
    // It is named in time that a file which is too slow would never be refused.
    let warned = worker.said("code", "queue").await;
    assert!(warned["message"].as_str().is_some_and(|text| text.contains("is 2")), "{warned}");
}
