//! What is said of uploads and settings that cannot be served, and that the next event is served.

use local_harness::harness::{HarnessError, HarnessOptions};
use local_harness::upload_line::UploadLine;
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
async fn a_wrong_configuration_is_reported_with_all_its_problems() {
    let config = "[[rule]]\nfit = 1\n[[rule.variant]]\nwidth = 0\n";
    let set = |options: &mut HarnessOptions| {
        options.env.push(("RESIZER_CONFIG".to_owned(), config.to_owned()));
    };
    let Err(HarnessError::Init(error)) = Bench::try_with(set).await else {
        panic!("the function starts")
    };
    assert_eq!(error.error_type, "config", "{error:?}");
    assert!(error.message.contains("`fit` does not belong to [[rule]]"), "{error:?}");
    assert!(error.message.contains("line 4: `width` is 0"), "{error:?}");
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

/// The result of a job with this one task: its code, and its text up to the colon.
async fn job(bench: &Bench, key: &str) -> (String, String) {
    let arn = format!("arn:aws:s3:::{UPLOADS}");
    let answer = bench
        .invoke(&json!({
            "invocationSchemaVersion": "1.0", "invocationId": "call", "job": {"id": "job"},
            "tasks": [{"taskId": "task", "s3BucketArn": arn, "s3Key": key}],
        }))
        .await
        .expect("results");
    let result = &answer["results"][0];
    let text = result["resultString"].as_str().expect("a text");
    let code = text.split(':').next().unwrap_or_default();
    (result["resultCode"].as_str().expect("a code").to_owned(), code.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_holds_until_a_limit_is_raised() {
    let mut bench = Bench::with_config("[limits]\nmax_side = 100\n").await;
    bench.put("a.jpg", &photo(400, 300, 1)).await;
    assert_eq!(bench.line().await.outcome, "too_large");
    let refused = ("PermanentFailure".to_owned(), "too_large".to_owned());
    assert_eq!(job(&bench, "a.jpg").await, refused, "the file is no other");
    let event = json!({"Records": [{
        "messageId": "m", "eventSource": "aws:sqs", "body": created(UPLOADS, "a.jpg").to_string(),
        "attributes": {"ApproximateReceiveCount": "2"},
    }]});
    let invocation = bench.harness.function.invoke(event.to_string().into_bytes()).await;
    let line = invocation.log.iter().find_map(|line| UploadLine::parse(line)).expect("a line");
    assert_eq!((line.outcome.as_str(), line.requests.get), ("still_refused", 0));
    assert!(line.message.is_some_and(|message| message.starts_with("too_large: ")));

    let bench = bench.under(|_| {}).await;
    assert_eq!(job(&bench, "a.jpg").await, ("Succeeded".to_owned(), "stored".to_owned()));
    assert_eq!(bench.keys(VARIANTS).await.len(), 5, "and the record is gone");
    let again = job(&bench, "a.jpg").await;
    assert_eq!(again, ("Succeeded".to_owned(), "already_done".to_owned()));
    // Limits decide nothing about a good file.
    let config = ("RESIZER_CONFIG".to_owned(), "[limits]\nmax_side = 5000\n".to_owned());
    let bench = bench.under(|options| options.env.push(config)).await;
    assert_eq!(job(&bench, "a.jpg").await, again);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_holds_until_there_is_more_memory() {
    let mut bench = Bench::with(|options| options.memory_size_mb = 128).await;
    let mut interlaced = fixtures::bad::png_claiming(12_000, 12_000);
    interlaced[28] = 1;
    bench.put("wide.png", &interlaced).await;
    assert_eq!(bench.line().await.outcome, "too_large");
    let bench = bench.under(|_| {}).await;
    let (code, text) = job(&bench, "wide.png").await;
    assert_eq!((code.as_str(), text.as_str()), ("PermanentFailure", "malformed"), "read anew");
}
