//! Two sources, one key: nobody's result is deleted or overwritten by another source.

use local_harness::proxy::{FaultKind, FaultPlan};
use local_harness::upload_line::UploadLine;
use resizer::event::ObjectRef;
use resizer::ledger::LEDGER_KEY;
use resizer::store;
use serde_json::json;
use tokio::time::{Duration, sleep};

use crate::support::{Bench, UPLOADS, VARIANTS, created, photo};

const FIREBASE: &str = "[[rule]]\noutput.naming = \"laravel\"\n\
     [[rule.variant]]\nname = \"a\"\nwidth = 16\nformats = [\"jpeg\"]\n";

const VARIANT: &str = "d/conversions/x-a.jpg";

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_upload_leaves_the_results_of_another_alone() {
    let bench = Bench::quiet(FIREBASE, |_| {}).await;
    bench.put("d/x.jpg", &photo(40, 30, 1)).await;
    let (line, _) = bench.deliver("d/x.jpg", 1).await;
    assert_eq!(line.outcome, "stored", "{:?}", line.message);
    let before = bench.get(VARIANTS, VARIANT).await;
    bench.put("d/x.png", b"text").await;
    assert_eq!(bench.deliver("d/x.png", 1).await.0.outcome, "not_an_image");
    bench.delete("d/x.png").await;
    assert_eq!(bench.deliver("d/x.png", 1).await.0.outcome, "deleted");
    assert!(bench.get(VARIANTS, VARIANT).await.bytes == before.bytes);
    assert_eq!(bench.keys(VARIANTS).await, [VARIANT]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_whose_key_is_taken_is_refused_with_a_record() {
    let bench = Bench::quiet(FIREBASE, |_| {}).await;
    bench.put("d/x.jpg", &photo(40, 30, 1)).await;
    assert_eq!(bench.deliver("d/x.jpg", 1).await.0.outcome, "stored");
    let before = bench.get(VARIANTS, VARIANT).await;
    bench.put("d/x.png", &photo(50, 30, 2)).await;
    for received in [1, 2] {
        let (line, comes_back) = bench.deliver("d/x.png", received).await;
        assert_eq!((line.outcome.as_str(), comes_back), ("key_taken", false));
        let message = line.message.expect("a reason");
        assert!(message.contains(VARIANT) && message.contains("another upload"), "{message}");
    }
    assert!(bench.get(VARIANTS, VARIANT).await.bytes == before.bytes);
    let record = bench.get_json(VARIANTS, "failures/d/x.png.json").await;
    assert_eq!(record["code"], "key_taken");
    // The first one is replaced as ever, and is up to date beside the other's record.
    bench.put("d/x.jpg", &photo(60, 30, 3)).await;
    assert_eq!(bench.deliver("d/x.jpg", 1).await.0.outcome, "stored");
    assert_eq!(bench.deliver("d/x.jpg", 2).await.0.outcome, "already_done");
    // Once it is gone, the place is free.
    bench.delete("d/x.jpg").await;
    assert_eq!(bench.deliver("d/x.jpg", 1).await.0.outcome, "deleted");
    assert_eq!(bench.deliver("d/x.png", 3).await.0.outcome, "stored");
    assert_eq!(bench.keys(VARIANTS).await, [VARIANT]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_is_freed_between_two_deliveries_leaves_variants() {
    let config = format!("[limits]\ns3_timeout_ms = 60000\n{FIREBASE}");
    let bench = Bench::quiet(&config, |options| options.timeout = Duration::from_secs(110)).await;
    bench.put("d/x.jpg", &photo(40, 30, 1)).await;
    assert_eq!(bench.deliver("d/x.jpg", 1).await.0.outcome, "stored");
    bench.put("d/x.png", &photo(50, 30, 2)).await;
    // After the GET, the HEAD that shows whose the place is, and the deletion of an earlier record:
    // the PUT of the new record, and the HEAD before the deletion of what is the upload's own.
    bench.inject(FaultPlan::At { kind: FaultKind::Held, requests: vec![3, 4] });
    let refused = bench.deliver("d/x.png", 1);
    let others = async {
        bench.held(2).await;
        bench.inject(FaultPlan::None);
        bench.delete("d/x.jpg").await;
        assert_eq!(bench.deliver("d/x.jpg", 1).await.0.outcome, "deleted");
        // The second delivery finds the place free, and is held when it deletes the record.
        let path = "delete".to_owned();
        bench.inject(FaultPlan::Once { kind: FaultKind::Held, method: "POST", path });
        let (line, _) = bench.deliver("d/x.png", 1).await;
        line
    };
    let in_turns = async {
        bench.held(3).await;
        while !bench.keys(VARIANTS).await.iter().any(|key| key == VARIANT) {
            sleep(Duration::from_millis(5)).await;
        }
        bench.fault_proxy().injector.let_one_go_on();
        bench.fault_proxy().injector.let_one_go_on();
    };
    let first = async {
        let (line, comes_back) = refused.await;
        bench.fault_proxy().injector.let_one_go_on();
        assert!(!comes_back, "{line:?}");
        line
    };
    let (first, second, ()) = tokio::join!(first, others, in_turns);
    assert_eq!(bench.keys(VARIANTS).await, [VARIANT], "{first:?}\n{second:?}");
    assert_eq!(bench.get(VARIANTS, VARIANT).await.metadata["resizer-source"], origin("d/x.png"));
    assert_eq!((first.outcome.as_str(), first.rounds), ("stored", 2), "it looked again");
    assert_eq!((second.outcome.as_str(), second.rounds), ("stored", 1));
}

fn origin(key: &str) -> String {
    store::origin(&ObjectRef { bucket: UPLOADS.to_owned(), key: key.to_owned() })
}

#[tokio::test(flavor = "multi_thread")]
async fn shared_places_cost_a_head_before_each_write_and_one_after_each_put() {
    // Every place is shared with uploads of other buckets.
    let rule = "[[rule]]\noutput.bucket = \"uploads-variants\"\n";
    let bench = Bench::quiet(rule, |_| {}).await;
    let counted = |line: UploadLine| {
        let requests = line.requests;
        assert_eq!((requests.retries, requests.copy, requests.list), (0, 0, 0), "{line:?}");
        (line.outcome, [requests.get, requests.put, requests.delete, requests.head])
    };
    bench.put("warm.jpg", &photo(40, 30, 1)).await;
    assert_eq!(bench.deliver("warm.jpg", 1).await.0.outcome, "stored");
    bench.put("x.jpg", &photo(40, 30, 1)).await;
    let (outcome, requests) = counted(bench.deliver("x.jpg", 1).await.0);
    // Five variants in three formats and a record; the source; five variants and the record.
    assert_eq!((outcome.as_str(), requests), ("stored", [1, 5, 0, 16 + 1 + 6]));
    let put = bench.harness.client.put_object().bucket(VARIANTS).key("variants/y.jpg/w160.jpg");
    put.body(b"somebody's own".to_vec().into()).send().await.expect("a put");
    bench.put("y.jpg", &photo(40, 30, 2)).await;
    let (outcome, requests) = counted(bench.deliver("y.jpg", 1).await.0);
    // Four of five variants, which go again; the record; HEADs of all places, twice.
    assert_eq!((outcome.as_str(), requests), ("key_taken", [1, 5, 4, 16 + 16 + 1 + 6]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_is_no_result_is_not_overwritten() {
    let bench = Bench::quiet(FIREBASE, |_| {}).await;
    let put = bench.harness.client.put_object().bucket(VARIANTS).key(VARIANT);
    put.body(b"somebody's own".to_vec().into()).send().await.expect("a put");
    bench.put("d/x.jpg", &photo(40, 30, 1)).await;
    let (line, _) = bench.deliver("d/x.jpg", 1).await;
    assert_eq!(line.outcome, "key_taken");
    assert!(line.message.is_some_and(|message| message.contains("no result")));
    assert_eq!(bench.get(VARIANTS, VARIANT).await.bytes, b"somebody's own");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_buckets_may_share_an_output_bucket_but_no_result() {
    let config = "[[rule]]\noutput.bucket = \"uploads-variants\"\n\
                  [[rule.variant]]\nname = \"a\"\nwidth = 16\n";
    let bench = Bench::quiet(config, |options| {
        options.other_buckets.push("second".to_owned());
    })
    .await;
    bench.put("x.jpg", &photo(40, 30, 1)).await;
    assert_eq!(bench.deliver("x.jpg", 1).await.0.outcome, "stored");
    let before = bench.get(VARIANTS, "variants/x.jpg/a.jpg").await;
    for key in ["x.jpg", "y.jpg"] {
        let put = bench.harness.client.put_object().bucket("second").key(key);
        put.body(photo(50, 30, 2).into()).send().await.expect("a put");
        bench.invoke(&created("second", key)).await.expect("an answer");
    }
    assert!(bench.get(VARIANTS, "variants/x.jpg/a.jpg").await.bytes == before.bytes);
    let record = bench.get_json(VARIANTS, "failures/x.jpg.json").await;
    assert_eq!((&record["code"], &record["bucket"]), (&json!("key_taken"), &json!("second")));
    // The loser's deletion takes its record and no more.
    let delete = bench.harness.client.delete_object().bucket("second").key("x.jpg");
    delete.send().await.expect("a deletion");
    bench.invoke(&created("second", "x.jpg")).await.expect("an answer");
    let expected = ["variants/x.jpg/a.jpg", "variants/y.jpg/a.jpg"];
    assert_eq!(bench.keys(VARIANTS).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_upload_reaches_the_ledger() {
    for (output, key) in [
        ("manifest = \"{key}.json\"", "resizer/layouts"),
        ("manifest = \"{dir}/{stem}.json\"", "resizer/layouts.jpg"),
        ("manifest = \"resizer/{key}.json\"", "layouts"),
        ("key = \"{key}.json\"", "resizer/layouts"),
        ("failure = \"{key}.json\"", "resizer/layouts"),
    ] {
        let config = format!(
            "[[rule]]\n[rule.output]\n{output}\n\
             [[rule.variant]]\nname = \"a\"\nwidth = 16\nformats = [\"jpeg\"]\n"
        );
        let bench = Bench::quiet(&config, |_| {}).await;
        bench.put("z.jpg", &photo(40, 30, 1)).await;
        assert_eq!(bench.deliver("z.jpg", 1).await.0.outcome, "stored", "{output}");
        let ledger = bench.get(VARIANTS, LEDGER_KEY).await.bytes;
        // Good, bad and gone again.
        let is_record = output.starts_with("failure");
        bench.put(key, &photo(40, 30, 2)).await;
        let (line, comes_back) = bench.deliver(key, 1).await;
        let expected = if is_record { "stored" } else { "key_taken" };
        assert_eq!((line.outcome.as_str(), comes_back), (expected, false), "{output}");
        bench.put(key, b"text").await;
        let refused = bench.deliver(key, 1).await.0.outcome;
        assert!(["not_an_image", "key_taken"].contains(&refused.as_str()), "{output}: {refused}");
        bench.delete(key).await;
        assert_eq!(bench.deliver(key, 1).await.0.outcome, "deleted", "{output}");
        assert!(bench.get(VARIANTS, LEDGER_KEY).await.bytes == ledger, "{output}");
    }
}
