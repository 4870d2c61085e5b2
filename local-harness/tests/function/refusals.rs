//! What is said of uploads and settings that cannot be served, and that the next event is served.

use serde_json::json;

use crate::support::{Bench, UPLOADS, VARIANTS, created, photo};

#[tokio::test(flavor = "multi_thread")]
async fn bad_files_get_a_failure_record_and_no_variants() {
    let mut bench = Bench::start().await;
    let bad: Vec<fixtures::Fixture> = fixtures::bad::all();
    for fixture in &bad {
        bench.put(&fixture.name, &fixture.bytes).await;
    }
    for line in bench.lines(bad.len()).await {
        let code = line.key.split('.').next().unwrap_or_default().to_owned();
        assert_eq!(line.outcome, code, "{}: {:?}", line.key, line.message);
        let record = bench.get_json(VARIANTS, &format!("failures/{}.json", line.key)).await;
        assert_eq!(record["code"], code);
        assert_eq!(record["key"], line.key);
        assert_eq!(record["bucket"], UPLOADS);
        assert_eq!(record["message"].as_str(), line.message.as_deref());
        assert!(record["etag"].as_str().is_some_and(|etag| etag.len() == 32));
    }
    assert_eq!(bench.keys(VARIANTS).await.len(), bad.len(), "records and nothing else");
    assert!(bench.harness.queue.dead_letters().is_empty(), "a refusal is done, not failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_vanished_is_done_and_the_next_event_is_served() {
    let mut bench = Bench::start().await;
    let answer = bench.invoke(&created(UPLOADS, "never/was.jpg")).await;
    assert_eq!(answer, Ok(json!(null)));
    bench.put("next.jpg", &photo(40, 30, 1)).await;
    assert_eq!(bench.line().await.outcome, "stored");
    assert_eq!(bench.keys(VARIANTS).await.len(), 5, "no record of what is not there");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_event_is_an_error_that_quotes_it() {
    let mut bench = Bench::start().await;
    let (code, message) = bench.invoke(&json!({"hello": "world"})).await.expect_err("no trigger");
    assert_eq!(code, "unknown_event");
    assert!(message.contains(r#"{"hello":"world"}"#), "{message}");
    bench.put("next.jpg", &photo(40, 30, 1)).await;
    assert_eq!(bench.line().await.outcome, "stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_configuration_is_told_with_all_its_problems() {
    let bench = Bench::with_config("[[rule]]\nfit = 1\n[[rule.variant]]\nwidth = 0\n").await;
    for _ in 0..2 {
        let (code, message) = bench.invoke(&created(UPLOADS, "a.jpg")).await.expect_err("no start");
        assert_eq!(code, "config", "{message}");
        assert!(message.contains("unknown setting `fit`"), "{message}");
        assert!(message.contains("line 3: width of variant"), "{message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_output_bucket_fails_until_it_is_there() {
    let mut bench = Bench::with(|options| {
        options.other_buckets.clear();
        options.queue.max_receive_count = 100;
    })
    .await;
    bench.put("early.jpg", &photo(40, 30, 1)).await;
    let line = bench.line().await;
    assert_eq!(line.outcome, "setup");
    let message = line.message.expect("a reason");
    assert!(message.contains("NoSuchBucket") && message.contains(VARIANTS), "{message}");
    bench.harness.client.create_bucket().bucket(VARIANTS).send().await.expect("a bucket");
    // The queue brings the event back, perhaps more than once before the bucket is there.
    let mut outcome = bench.line().await.outcome;
    while outcome == "setup" {
        outcome = bench.line().await.outcome;
    }
    assert_eq!(outcome, "stored");
    assert_eq!(bench.keys(VARIANTS).await.len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_source_bucket_is_an_error_and_the_next_event_is_served() {
    let mut bench = Bench::start().await;
    let failure = bench.invoke(&created("nowhere", "a.jpg")).await;
    let (code, message) = failure.expect_err("no such bucket");
    assert_eq!(code, "setup");
    assert!(message.contains("fetching s3://nowhere/a.jpg"), "{message}");
    bench.put("next.jpg", &photo(40, 30, 1)).await;
    assert_eq!(bench.line().await.outcome, "stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_larger_than_its_limit_is_not_read() {
    let mut bench = Bench::with_config("[limits]\nmax_source_mib = 1\n").await;
    bench.put("large.jpg", &vec![0xff; (1 << 20) + 1]).await;
    let line = bench.line().await;
    assert_eq!(line.outcome, "too_large");
    assert!(line.message.expect("a reason").contains("1048577 bytes in the file"));
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_that_a_picture_would_need_is_known_before_it_is_taken() {
    let mut bench = Bench::with(|options| options.memory_size_mb = 128).await;
    let name = "too_large.png-50000x50000.png";
    let bomb = fixtures::bad::all().into_iter().find(|fixture| fixture.name == name);
    bench.put("bomb.png", &bomb.expect("a fixture").bytes).await;
    assert_eq!(bench.line().await.outcome, "too_large");
    // Within every other limit, but more than 128 MB of pixels: an interlaced one comes as a whole.
    let mut interlaced = fixtures::bad::png_claiming(12_000, 12_000);
    interlaced[28] = 1;
    bench.put("wide.png", &interlaced).await;
    let line = bench.line().await;
    assert_eq!(line.outcome, "too_large");
    assert!(line.message.expect("a reason").contains("bytes of memory"));
}
