//! What is there after a history: replaced, deleted, copied, duplicated and reordered uploads.

use lambda_local::queue::Disorder;
use tokio::time::Duration;

use crate::support::{Bench, UPLOADS, VARIANTS, photo};

fn png(width: u32, height: u32) -> Vec<u8> {
    let scene = fixtures::scene::photograph(width, height, 5);
    fixtures::png::png(&fixtures::png::Samples::rgb(&scene), &fixtures::png::PngOptions::default())
}

#[tokio::test(flavor = "multi_thread")]
async fn variants_follow_their_source() {
    let mut bench = Bench::start().await;
    let expect = async |bench: &mut Bench, outcome: &str, keys: &[&str]| {
        assert_eq!(bench.line().await.outcome, outcome);
        let found = bench.keys(VARIANTS).await;
        let starts: Vec<&str> = found.iter().map(|key| key.rsplit_once('.').unwrap().1).collect();
        assert_eq!(starts, keys, "{found:?}");
    };
    bench.put("a", &photo(200, 100, 1)).await;
    expect(&mut bench, "stored", &["jpg"; 5]).await;
    bench.put("a", &png(100, 50)).await;
    expect(&mut bench, "stored", &["png"; 5]).await;
    bench.put("a", b"no picture at all").await;
    expect(&mut bench, "not_an_image", &["json"]).await;
    bench.put("a", &photo(50, 50, 2)).await;
    expect(&mut bench, "stored", &["jpg"; 5]).await;
    bench.delete("a").await;
    expect(&mut bench, "deleted", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn its_own_outputs_are_never_uploads() {
    // Outputs in the uploads bucket, so that each of them is an event too.
    let config = "[[rule]]\nprefix = \"in/\"\noutput.bucket = \"{bucket}\"\n\
                  output.failure = \"failed/{key}.json\"\n";
    let mut bench = Bench::with_config(config).await;
    bench.put("in/a.jpg", &photo(400, 300, 1)).await;
    let mut outcomes: Vec<String> =
        bench.lines(7).await.into_iter().map(|line| line.outcome).collect();
    outcomes.sort();
    let mut expected = vec!["ignored_no_rule"; 5];
    // The ledger of layouts lies there too.
    expected.extend(["ignored_own_key", "stored"]);
    assert_eq!(outcomes, expected);
    // A copy of a variant carries the function's provenance tag to a key that a rule takes.
    let source = "uploads/variants/in/a.jpg/w160.jpg";
    let copy = bench.harness.client.copy_object().copy_source(source).bucket(UPLOADS);
    copy.key("in/copied.jpg").send().await.expect("a copy");
    assert_eq!(bench.line().await.outcome, "ignored_own_result");
    assert_eq!(bench.keys(UPLOADS).await.len(), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_replaced_by_a_variant_has_none() {
    let mut bench = Bench::start().await;
    bench.put("a.jpg", &photo(400, 300, 1)).await;
    assert_eq!(bench.line().await.outcome, "stored");
    let source = format!("{VARIANTS}/variants/a.jpg/w160.jpg");
    let copy = bench.harness.client.copy_object().copy_source(source).bucket(UPLOADS);
    copy.key("a.jpg").send().await.expect("a copy");
    assert_eq!(bench.line().await.outcome, "ignored_own_result");
    assert_eq!(bench.keys(VARIANTS).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn duplicated_late_and_reordered_events_end_in_the_last_upload() {
    let disorder = Disorder {
        seed: 7,
        duplicate_one_in: 2,
        delay_one_in: 3,
        delay_max: Duration::from_millis(200),
        is_reordered: true,
    };
    let mut bench = Bench::with(|options| options.queue.disorder = disorder).await;
    let last: Vec<u32> = (0..6).map(|key| 60 + key * 2).collect();
    for round in 0..4 {
        for (key, width) in last.iter().enumerate() {
            let width = if round == 3 { *width } else { 20 + round * 10 };
            bench.put(&format!("k{key}"), &photo(width, 20, u64::from(round))).await;
        }
    }
    // A deletion among them ends in nothing, whatever order its events come in.
    bench.put("gone", &photo(30, 30, 1)).await;
    bench.delete("gone").await;
    // Events of one key that meet in a batch have one line together, so that the slower the
    // function starts the fewer there are.
    bench.lines(7).await;
    bench.harness.queue.idle().await;
    for (key, width) in last.iter().enumerate() {
        let stored = bench.get(VARIANTS, &format!("variants/k{key}/w160.jpg")).await;
        assert_eq!(stored.picture().width(), *width, "k{key}");
    }
    assert_eq!(bench.keys(VARIANTS).await.len(), last.len() * 5);
}
