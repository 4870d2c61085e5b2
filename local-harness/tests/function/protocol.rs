//! The histories in which a variant could end up as that of an earlier upload: slow workers, late
//! requests, dates in the past, and the same bytes again.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use local_harness::proxy::{FaultKind, FaultPlan};
use local_harness::upload_line::UploadLine;
use tokio::time::{Duration, Instant, sleep, timeout};

use crate::support::{Bench, UPLOADS, VARIANTS, photo};

const RED: u32 = 40;
const BLUE: u32 = 30;

/// Of the only variant, which is never enlarged and so as wide as its source.
async fn width_of_variant(bench: &Bench, key: &str) -> u32 {
    bench.get(VARIANTS, &format!("variants/{key}/w100.jpg")).await.picture().width()
}

/// Delivers until the machine was quick enough for it.
async fn deliver_in_time(bench: &Bench, key: &str) -> (UploadLine, bool) {
    for received in 1.. {
        let delivered = bench.deliver(key, received).await;
        if delivered.0.outcome != "deadline" {
            return delivered;
        }
        assert!(delivered.1, "what did not end in time comes back");
    }
    unreachable!("counting has no end")
}

const KEEP: &str = "[limits]\ns3_timeout_ms = 3000\n[[rule]]\n[[rule.variant]]\nwidth = 100\n";

const DELETE: &str = "[limits]\nlate_request_ms = 0\ns3_timeout_ms = 20000\n\
     [[rule]]\noriginals = { after = \"delete\" }\n[[rule.variant]]\nwidth = 100\n";

#[tokio::test(flavor = "multi_thread")]
async fn the_date_of_a_multipart_upload_lets_no_original_go() {
    let lifetime = Duration::from_secs(5);
    let bench = Bench::quiet(DELETE, |options| options.timeout = lifetime).await;
    let client = &bench.harness.client;
    let begun = client.create_multipart_upload().bucket(UPLOADS).key("a.jpg").send().await;
    let id = begun.expect("an upload").upload_id().expect("an id").to_owned();
    // S3 will date the object by this moment: older than any worker then.
    sleep(lifetime + Duration::from_secs(4)).await;

    bench.put("a.jpg", &photo(RED, 20, 1)).await;
    let path = "w100.jpg".to_owned();
    bench.inject(FaultPlan::Once { kind: FaultKind::Held, method: "PUT", path });
    let slow = bench.deliver("a.jpg", 1);
    let newer = async {
        bench.held(1).await;
        let part = client.upload_part().bucket(UPLOADS).key("a.jpg").upload_id(&id).part_number(1);
        let part = part.body(ByteStream::from(photo(BLUE, 20, 2))).send().await.expect("a part");
        let etag = part.e_tag().unwrap_or_default();
        let part = CompletedPart::builder().part_number(1).e_tag(etag).build();
        let parts = CompletedMultipartUpload::builder().parts(part).build();
        let complete = client.complete_multipart_upload().bucket(UPLOADS).key("a.jpg");
        complete.upload_id(&id).multipart_upload(parts).send().await.expect("an object");
        let began = Instant::now();
        let delivered = deliver_in_time(&bench, "a.jpg").await;
        bench.fault_proxy().injector.go_on();
        (delivered, began)
    };
    let ((slow, _), ((line, comes_back), began)) = tokio::join!(slow, newer);
    assert_eq!((line.outcome.as_str(), comes_back), ("not_quiescent", true), "{:?}", line.message);
    assert_eq!(line.original, None, "the original of what was just stored stays");
    assert!(["not_quiescent", "deadline"].contains(&slow.outcome.as_str()), "{slow:?}");
    if slow.outcome == "deadline" {
        // A slow machine: its message comes back as any does.
        deliver_in_time(&bench, "a.jpg").await;
    }
    assert_eq!(bench.keys(UPLOADS).await, ["a.jpg"], "blue is not lost");
    assert_eq!(width_of_variant(&bench, "a.jpg").await, BLUE);

    // Once the results are old, it goes.
    let gone = async {
        while bench.deliver("a.jpg", 2).await.0.original.is_none() {
            sleep(Duration::from_millis(200)).await;
        }
    };
    timeout(Duration::from_secs(60), gone).await.expect("the original goes in the end");
    // The lifetime and three seconds for clocks, of which one may be lost to S3's whole seconds.
    let waited = began.elapsed();
    assert!(waited >= lifetime + Duration::from_secs(2), "it went {waited:?} after its results");
    assert!(bench.keys(UPLOADS).await.is_empty());
    assert_eq!(width_of_variant(&bench, "a.jpg").await, BLUE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_put_is_made_good_by_the_delivery_that_comes_back() {
    let bench = Bench::quiet(KEEP, |_| {}).await;
    bench.put("a.jpg", &photo(RED, 20, 1)).await;
    bench.inject(FaultPlan::Once {
        kind: FaultKind::Late,
        method: "PUT",
        path: "w100.jpg".to_owned(),
    });
    let (line, comes_back) = bench.deliver("a.jpg", 1).await;
    assert_eq!((line.outcome.as_str(), comes_back), ("unanswered", true), "{:?}", line.message);
    assert_eq!((line.requests.put, line.requests.retries), (2, 1));

    bench.put("a.jpg", &photo(BLUE, 20, 2)).await;
    let (line, comes_back) = bench.deliver("a.jpg", 1).await;
    assert_eq!((line.outcome.as_str(), comes_back), ("stored", false));
    assert_eq!(bench.fault_proxy().proxy.release().await.expect("S3 answers"), 1);
    assert_eq!(width_of_variant(&bench, "a.jpg").await, RED, "this is what came late");

    let (line, comes_back) = bench.deliver("a.jpg", 2).await;
    assert_eq!((line.outcome.as_str(), comes_back), ("stored", false));
    assert_eq!(width_of_variant(&bench, "a.jpg").await, BLUE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_delete_is_made_good_by_the_delivery_that_comes_back() {
    let bench = Bench::quiet(KEEP, |_| {}).await;
    bench.put("a.jpg", b"no picture").await;
    bench.inject(FaultPlan::Once {
        kind: FaultKind::Late,
        method: "POST",
        path: "delete".to_owned(),
    });
    let (line, comes_back) = bench.deliver("a.jpg", 1).await;
    assert_eq!((line.outcome.as_str(), comes_back), ("unanswered", true), "{:?}", line.message);
    bench.put("a.jpg", &photo(BLUE, 20, 2)).await;
    assert_eq!(bench.deliver("a.jpg", 1).await.0.outcome, "stored");
    assert_eq!(bench.fault_proxy().proxy.release().await.expect("S3 answers"), 1);
    assert!(bench.keys(VARIANTS).await.is_empty(), "this is what came late");
    assert_eq!(bench.deliver("a.jpg", 2).await.0.outcome, "stored");
    assert_eq!(width_of_variant(&bench, "a.jpg").await, BLUE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_response_is_lost_comes_back() {
    for (method, path) in [("PUT", "w100.jpg"), ("POST", "delete")] {
        let bench = Bench::quiet(KEEP, |_| {}).await;
        bench.put("a.jpg", &photo(RED, 20, 1)).await;
        let path = path.to_owned();
        bench.inject(FaultPlan::Once { kind: FaultKind::AnswerLost, method, path });
        let (line, comes_back) = bench.deliver("a.jpg", 1).await;
        assert_eq!((line.outcome.as_str(), comes_back), ("unanswered", true), "{method}: {line:?}");
        let (line, comes_back) = bench.deliver("a.jpg", 2).await;
        assert_eq!((line.outcome.as_str(), comes_back), ("already_done", false), "{method}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_bytes_uploaded_while_variants_are_written_are_another_state() {
    let config = "[limits]\ns3_timeout_ms = 60000\n[[rule]]\n[[rule.variant]]\nwidth = 100\n";
    let bench = Bench::quiet(config, |_| {}).await;
    let picture = photo(RED, 20, 1);
    bench.put("a.jpg", &picture).await;
    let path = "w100.jpg".to_owned();
    bench.inject(FaultPlan::Once { kind: FaultKind::Held, method: "PUT", path });
    let again = async {
        bench.held(1).await;
        // S3 dates objects in whole seconds.
        sleep(Duration::from_millis(1100)).await;
        bench.put("a.jpg", &picture).await;
        bench.fault_proxy().injector.go_on();
    };
    let ((line, _), ()) = tokio::join!(bench.deliver("a.jpg", 1), again);
    assert_eq!((line.outcome.as_str(), line.rounds), ("stored", 2), "{:?}", line.message);
    assert_eq!(bench.deliver("a.jpg", 2).await.0.outcome, "already_done");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_original_stays_when_its_bytes_are_uploaded_again() {
    let lifetime = Duration::from_secs(8);
    let bench = Bench::quiet(DELETE, |options| options.timeout = lifetime).await;
    let picture = photo(RED, 20, 1);
    bench.put("a.jpg", &picture).await;
    assert_eq!(deliver_in_time(&bench, "a.jpg").await.0.outcome, "not_quiescent");
    sleep(lifetime + Duration::from_secs(4)).await;
    // The up-to-date check has seen the source, and looks at its results.
    let path = "w100.jpg".to_owned();
    bench.inject(FaultPlan::Once { kind: FaultKind::Held, method: "HEAD", path });
    let again = async {
        bench.held(1).await;
        bench.put("a.jpg", &picture).await;
        bench.fault_proxy().injector.go_on();
    };
    let ((line, comes_back), ()) = tokio::join!(bench.deliver("a.jpg", 2), again);
    assert_eq!((line.original, comes_back), (None, true), "{:?}", line.message);
    assert_eq!(bench.keys(UPLOADS).await, ["a.jpg"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_bytes_uploaded_again_are_another_state() {
    let bench = Bench::quiet(KEEP, |_| {}).await;
    let picture = photo(RED, 20, 1);
    bench.put("a.jpg", &picture).await;
    assert_eq!(bench.deliver("a.jpg", 1).await.0.outcome, "stored");
    assert_eq!(bench.deliver("a.jpg", 2).await.0.outcome, "already_done");
    let key = "variants/a.jpg/w100.jpg";
    let before = bench.get(VARIANTS, key).await.metadata;
    // S3 dates objects in whole seconds.
    sleep(Duration::from_millis(1100)).await;
    bench.put("a.jpg", &picture).await;
    assert_eq!(bench.deliver("a.jpg", 2).await.0.outcome, "stored");
    let after = bench.get(VARIANTS, key).await.metadata;
    assert_eq!(before["resizer-source-etag"], after["resizer-source-etag"]);
    assert_eq!(before["resizer-source"], after["resizer-source"]);
    assert_ne!(before["resizer-source-state"], after["resizer-source-state"]);
    assert_eq!(bench.deliver("a.jpg", 2).await.0.outcome, "already_done");
}
