//! Two sources, one key: nobody's result is deleted or overwritten by another source.

use resizer::ledger::LEDGER_KEY;
use serde_json::json;

use crate::support::{Bench, VARIANTS, created, photo};

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
    // The first one is replaced as ever, and proves itself beside the other's record.
    bench.put("d/x.jpg", &photo(60, 30, 3)).await;
    assert_eq!(bench.deliver("d/x.jpg", 1).await.0.outcome, "stored");
    assert_eq!(bench.deliver("d/x.jpg", 2).await.0.outcome, "already_done");
    // Once it is gone, the place is free.
    bench.delete("d/x.jpg").await;
    assert_eq!(bench.deliver("d/x.jpg", 1).await.0.outcome, "deleted");
    assert_eq!(bench.deliver("d/x.png", 1).await.0.outcome, "stored");
    assert_eq!(bench.keys(VARIANTS).await, [VARIANT]);
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
