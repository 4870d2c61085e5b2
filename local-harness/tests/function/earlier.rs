//! What an earlier configuration made of an upload goes with its replacement and its deletion.

use local_harness::harness::HarnessOptions;
use local_harness::proxy::{FaultKind, FaultPlan};
use resizer::ledger::LEDGER_KEY;

use crate::support::{Bench, UPLOADS, VARIANTS, photo};

const BEFORE: &str = "[[rule]]\noutput.manifest = \"m/{key}.json\"\n\
     [[rule.variant]]\nname = \"a\"\nwidth = 16\nformats = [\"jpeg\", \"webp\"]\n";

/// One format and one name less, another manifest.
const AFTER: &str = "[[rule]]\noutput.manifest = \"manifests/{key}.json\"\n\
     [[rule.variant]]\nname = \"b\"\nwidth = 16\nformats = [\"jpeg\"]\n";

/// Takes other keys.
const ELSEWHERE: &str = "[[rule]]\nprefix = \"in/\"\n[[rule.variant]]\nwidth = 16\n";

fn configured(config: &str) -> impl FnOnce(&mut HarnessOptions) + use<'_> {
    move |options| {
        options.is_watched = false;
        options.faults = Some(FaultPlan::None);
        options.env.push(("RESIZER_CONFIG".to_owned(), config.to_owned()));
    }
}

async fn before() -> Bench {
    let bench = Bench::quiet(BEFORE, |_| {}).await;
    bench.put("a.jpg", &photo(40, 30, 1)).await;
    let (line, _) = bench.deliver("a.jpg", 1).await;
    assert_eq!(line.outcome, "stored", "{:?}", line.message);
    let expected = ["m/a.jpg.json", "variants/a.jpg/a.jpg", "variants/a.jpg/a.webp"];
    assert_eq!(bench.keys(VARIANTS).await, expected);
    bench
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replacement_takes_along_what_an_earlier_configuration_made() {
    let bench = before().await.under(configured(AFTER)).await;
    bench.put("a.jpg", &photo(40, 30, 2)).await;
    let (line, _) = bench.deliver("a.jpg", 1).await;
    assert_eq!(line.outcome, "stored", "{:?}", line.message);
    let counted = line.requests;
    let counted = (counted.get, counted.put, counted.delete, counted.head);
    assert_eq!(counted, (1, 2, 1, 1), "as many as for any first upload");
    let expected = ["manifests/a.jpg.json", "variants/a.jpg/b.jpg"];
    assert_eq!(bench.keys(VARIANTS).await, expected);
    // And back, as after a deployment that is undone.
    let bench = bench.under(configured(BEFORE)).await;
    assert_eq!(bench.deliver("a.jpg", 2).await.0.outcome, "stored");
    let expected = ["m/a.jpg.json", "variants/a.jpg/a.jpg", "variants/a.jpg/a.webp"];
    assert_eq!(bench.keys(VARIANTS).await, expected);
    let ledger = bench.get_json(VARIANTS, LEDGER_KEY).await;
    assert_eq!(ledger["layouts"].as_array().map(Vec::len), Some(2), "each once: {ledger}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_takes_along_what_an_earlier_configuration_made() {
    let bench = before().await.under(configured(AFTER)).await;
    bench.delete("a.jpg").await;
    assert_eq!(bench.deliver("a.jpg", 1).await.0.outcome, "deleted");
    assert!(bench.keys(VARIANTS).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_rule_takes_any_more_is_cleaned() {
    for is_deleted in [true, false] {
        let bench = before().await.under(configured(ELSEWHERE)).await;
        if is_deleted {
            bench.delete("a.jpg").await;
        }
        assert_eq!(bench.deliver("a.jpg", 1).await.0.outcome, "deleted");
        assert!(bench.keys(VARIANTS).await.is_empty());
        assert_eq!(bench.deliver("a.jpg", 2).await.0.outcome, "deleted", "again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_delete_of_what_no_rule_takes_comes_back() {
    let config = format!("[limits]\ns3_timeout_ms = 3000\n{ELSEWHERE}");
    let bench = before().await.under(configured(&config)).await;
    let path = "delete".to_owned();
    bench.inject(FaultPlan::Once { kind: FaultKind::Late, method: "POST", path });
    let (line, comes_back) = bench.deliver("a.jpg", 1).await;
    assert_eq!((line.outcome.as_str(), comes_back), ("unanswered", true), "{:?}", line.message);
    assert_eq!(bench.fault_proxy().proxy.release().await.expect("S3 answers"), 1);
    let (line, comes_back) = bench.deliver("a.jpg", 2).await;
    assert_eq!((line.outcome.as_str(), comes_back), ("deleted", false));
    assert!(bench.keys(VARIANTS).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn results_outlive_originals_that_an_earlier_rule_retired() {
    let moving = "[limits]\nlate_request_ms = 0\n[[rule]]\noriginals = { after = \"delete\" }\n\
                  [[rule.variant]]\nname = \"a\"\nwidth = 16\n";
    let bench = Bench::quiet(moving, |_| {}).await;
    bench.put("a.jpg", &photo(40, 30, 1)).await;
    assert_eq!(bench.deliver("a.jpg", 1).await.0.outcome, "not_quiescent");
    // As if it were retired; its event is late.
    bench.delete("a.jpg").await;
    let bench = bench.under(configured(ELSEWHERE)).await;
    assert_eq!(bench.deliver("a.jpg", 1).await.0.outcome, "ignored_no_rule");
    assert_eq!(bench.keys(VARIANTS).await, ["variants/a.jpg/a.jpg"]);
    assert!(bench.keys(UPLOADS).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_cannot_be_read_is_a_fault_of_the_setup() {
    let bench = Bench::quiet(AFTER, |_| {}).await;
    let put = bench.harness.client.put_object().bucket(VARIANTS).key(LEDGER_KEY);
    let body = b"{\"version\": 2, \"layouts\": []}".to_vec();
    put.body(body.into()).send().await.expect("a put");
    bench.put("a.jpg", &photo(40, 30, 1)).await;
    let (line, comes_back) = bench.deliver("a.jpg", 1).await;
    assert_eq!((line.outcome.as_str(), comes_back), ("setup", true));
    let message = line.message.expect("a reason");
    assert!(message.contains(LEDGER_KEY) && message.contains("later release"), "{message}");
    assert!(bench.keys(VARIANTS).await.is_empty(), "nothing is written under an unknown layout");
}
