//! Runs to their end, and runs that are killed.

use std::collections::BTreeSet;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ServerSideEncryption, StorageClass};

use super::bucket::{Bucket, CONFIG, Ended, RESULTS, UPLOADS, interrupted, pictures};

/// What a result that must not be made again has in its place.
const MARK: &[u8] = b"as it was";

/// Results of a good upload: two variants and a manifest.
const RESULTS_EACH: u64 = 3;

/// HEADs of a check under `CONFIG`: the source, two variants, the manifest, and the failure record.
const HEADS_EACH: u64 = 5;

/// What a GET, the PUTs and a HEAD of one upload cost.
const MAKING_DOLLARS: f64 = 2.0 * 0.4e-6 + RESULTS_EACH as f64 * 5e-6;

fn uploads(count: usize) -> Vec<(String, Vec<u8>)> {
    let pictures = pictures();
    let name = |number: usize| format!("photos/{:02}/p {number:05}.jpg", number % 10);
    (0..count).map(|number| (name(number), pictures[number % pictures.len()].clone())).collect()
}

fn expected(keys: impl IntoIterator<Item = String>) -> BTreeSet<String> {
    let of = |key: String| {
        let names = ["a", "b"].map(|name| format!("variants/{key}/{name}.jpg"));
        names.into_iter().chain([format!("manifests/{key}.json")])
    };
    keys.into_iter().flat_map(of).collect()
}

/// Uploads of which a tenth has its results, marked.
async fn partly_done(count: usize) -> Bucket {
    let bucket = Bucket::new(CONFIG).await;
    bucket.put_all(uploads(count)).await;
    bucket.done(&["s3://uploads/photos/03/", "--parallel", "8"]).await;
    let done = bucket.keys(RESULTS).await;
    assert_eq!(done.len(), count / 10 * 3);
    for key in &done {
        bucket.mark(key, MARK).await;
    }
    bucket
}

/// Kills the run once there are so many results.
async fn killed(bucket: &Bucket, arguments: &[&str], results: usize) {
    let mut child = bucket.spawn(arguments);
    while bucket.keys(RESULTS).await.len() < results {
        let ended = child.try_wait().expect("a process");
        assert!(ended.is_none(), "it ended before it was killed: {ended:?}");
    }
    child.kill().expect("a process");
    child.wait().expect("a process");
}

async fn two_kills(count: usize) {
    let bucket = partly_done(count).await;
    let target = ["s3://uploads/photos/", "--only-missing", "--parallel", "4"];
    let dry = bucket.done(&[&target[..], &["--dry-run"]].concat()).await;
    let (all, done) = (count as u64, count as u64 / 10);
    assert_eq!(dry.sent("HEAD"), all * HEADS_EACH + (all - done), "{dry:?}");
    assert_eq!(dry.sent("PUT"), (all - done) * RESULTS_EACH, "{dry:?}");
    assert_eq!(bucket.keys(RESULTS).await.len() as u64, done * RESULTS_EACH, "it only looked");

    killed(&bucket, &target, count).await;
    killed(&bucket, &target, count * 2).await;
    let last = bucket.done(&target).await;
    assert!(last.stderr.contains("Going on from"), "{last:?}");
    assert!(last.stdout.contains("estimated: $"), "{last:?}");
    check(&bucket, count, &last).await;

    // Objects that were made in the last second before a kill are found done afterwards, and what
    // their making cost is on no bill.
    let lost = (last.count("already_done") - done) as f64;
    let (bill, estimate) = (last.bill() + lost * MAKING_DOLLARS, dry.bill());
    println!("{count} uploads: {} of {estimate} dollars, {lost} done twice", last.bill());
    assert!((bill / estimate - 1.0).abs() < 0.02, "{bill} of {estimate}: {last:?}");
    if count > 1000 {
        let bill = last.bill();
        assert!((bill / estimate - 1.0).abs() < 0.02, "{bill} of {estimate}: {last:?}");
    }

    let again = bucket.done(&target).await;
    assert_eq!((again.count("already_done"), again.sent("PUT")), (all, 0), "{again:?}");
    assert_eq!(again.sent("HEAD"), all * HEADS_EACH, "{again:?}");
}

/// Every result is there, nothing else is, and what was current is as it was.
async fn check(bucket: &Bucket, count: usize, last: &Ended) {
    let all = count as u64;
    assert_eq!(last.count("stored") + last.count("already_done"), all, "{last:?}");
    assert_eq!(last.count("all"), all, "{last:?}");
    let results = bucket.results().await;
    let found: BTreeSet<String> = results.keys().cloned().collect();
    assert_eq!(found, expected(uploads(count).into_iter().map(|(key, _)| key)));
    for (key, object) in &results {
        let is_marked = object.bytes == MARK;
        assert_eq!(is_marked, key.contains("photos/03/"), "{key}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_killed_twice_makes_exactly_what_is_missing() {
    two_kills(200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs minutes"]
async fn so_does_a_run_over_ten_thousand_uploads() {
    two_kills(10_000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_only_missing_everything_is_made_again() {
    let bucket = partly_done(40).await;
    let dry = bucket.done(&["s3://uploads", "--dry-run"]).await;
    let ended = bucket.done(&["s3://uploads"]).await;
    assert_eq!(ended.count("stored"), 40, "{ended:?}");
    assert_eq!((ended.sent("GET"), ended.sent("PUT"), ended.sent("HEAD")), (41, 120, 40));
    assert!((ended.bill() / dry.bill() - 1.0).abs() < 0.02, "{ended:?} {dry:?}");
    assert!(bucket.results().await.values().all(|object| object.bytes != MARK));
    let left = std::fs::read_dir(bucket.path(".")).expect("a folder");
    assert_eq!(left.count(), 2, "the configuration and the buckets: no state is left");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_rules_take_is_made_and_refusals_are_listed() {
    let bucket = Bucket::new(CONFIG).await;
    let picture = pictures().remove(0);
    for key in ["a.jpg", "b/ü +%&.JPG", "folder.jpg/x.jpg", "c\u{1}.jpg", "resizer/layouts.json"] {
        bucket.put(UPLOADS, key, &picture).await;
    }
    bucket.put(UPLOADS, "notes.md", b"text").await;
    bucket.put(UPLOADS, "bad.jpg", &picture[..picture.len() / 2]).await;
    bucket.put(UPLOADS, "text.txt", b"text").await;
    let ended = bucket.done(&["s3://uploads", "--state", "s.json"]).await;
    let counts = ["stored", "malformed", "not_an_image", "ignored_no_rule", "ignored_own_key"];
    assert_eq!(counts.map(|name| ended.count(name)), [4, 1, 1, 1, 1], "{ended:?}");
    let listed = std::fs::read_to_string(bucket.path("s.failed.jsonl")).expect("a list");
    let codes: BTreeSet<(String, String)> = listed
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"))
        .map(|line| (line["key"].to_string(), line["code"].to_string()))
        .collect();
    let expected = [("bad.jpg", "malformed"), ("text.txt", "not_an_image")];
    let quoted = |text: &str| format!("{text:?}");
    assert_eq!(codes, expected.map(|(key, code)| (quoted(key), quoted(code))).into());
    let keys = bucket.keys(RESULTS).await;
    assert_eq!(keys.len(), 4 * 3 + 2, "{keys:?}");
    assert!(keys.contains(&"variants/c\u{1}.jpg/a.jpg".to_owned()), "{keys:?}");

    let dry = ["s3://uploads", "--prune", "--dry-run", "--state", "s.json"];
    bucket.done(&dry).await;
    let kept = std::fs::read_to_string(bucket.path("s.failed.jsonl")).expect("a list");
    assert_eq!(kept, listed, "a dry run leaves the list of the last run");

    let again = bucket.done(&["s3://uploads", "--only-missing"]).await;
    assert_eq!((again.count("already_done"), again.count("still_refused")), (4, 2), "{again:?}");
    assert_eq!((again.sent("GET"), again.sent("PUT")), (1, 0), "the ledger's GET: {again:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_work_than_that_of_the_state_file_is_refused() {
    let bucket = Bucket::new(CONFIG).await;
    bucket.put_all(uploads(200)).await;
    let target = ["s3://uploads", "--state", "s.json"];
    killed(&bucket, &target, 30).await;
    let other = CONFIG.replace("width = 16", "width = 17");
    std::fs::write(bucket.path("other.toml"), other).expect("a file");
    for (arguments, said) in [
        (&["s3://uploads/photos/"][..], "s.json is of s3://uploads/; finish that"),
        (&["s3://uploads", "--only-missing"], "s.json is of a run without --only-missing"),
        (&["s3://uploads", "--config", "other.toml"], "s.json is of another configuration"),
    ] {
        let ended = bucket.run(&[arguments, &["--state", "s.json"]].concat()).await;
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.stderr.contains(said), "{ended:?}");
    }
    std::fs::write(bucket.path("no.json"), "{}").expect("a file");
    let ended = bucket.run(&["s3://uploads", "--state", "no.json"]).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("no.json is no state file of this release"), "{ended:?}");
    for (file, said) in [("resizer.toml", "is no state file"), ("/dev/null", "is no regular file")]
    {
        let ended = bucket.run(&["s3://uploads", "--state", file, "--restart"]).await;
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.stderr.contains(said), "{ended:?}");
    }
    assert!(bucket.path("resizer.toml").is_file());
    let ended = bucket.done(&["s3://uploads/photos/", "--state", "s.json", "--restart"]).await;
    assert_eq!(ended.count("stored"), 200, "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_file_is_of_one_run_at_a_time() {
    let bucket = Bucket::new(CONFIG).await;
    bucket.put_all(uploads(40)).await;
    let mut child = bucket.spawn(&["s3://uploads", "--rate", "20/s"]);
    while bucket.keys(RESULTS).await.len() < 6 {}
    let other = bucket.run(&["s3://uploads"]).await;
    assert_eq!(other.code, Some(2), "{other:?}");
    assert!(other.stderr.contains("is in use by another run"), "{other:?}");
    let dry = bucket.done(&["s3://uploads", "--dry-run"]).await;
    assert!(dry.stderr.contains("the estimate is not kept for a run"), "{dry:?}");
    child.kill().expect("a process");
    child.wait().expect("a process");
    let ended = bucket.done(&["s3://uploads"]).await;
    assert!(ended.stderr.contains("Going on from"), "{ended:?}");
    assert_eq!(ended.count("stored"), 40, "{ended:?}");
    let left = std::fs::read_dir(bucket.path(".")).expect("a folder");
    assert_eq!(left.count(), 2, "the configuration and the buckets");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_is_told_where_no_state_can_be_kept() {
    let bucket = Bucket::new(CONFIG).await;
    bucket.put_all(uploads(1)).await;
    let ended = bucket.done(&["s3://uploads", "--dry-run", "--state", "nowhere/s.json"]).await;
    assert!(ended.stdout.contains("bill: $"), "{ended:?}");
    assert!(ended.stderr.contains("nowhere/s.json cannot be locked"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_work_ends_early_and_says_why() {
    let bucket = Bucket::new(CONFIG).await;
    bucket.put_all(uploads(30)).await;
    let ended = bucket.run(&["s3://nowhere"]).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("setup while listing s3://nowhere/"), "{ended:?}");
    let ended = bucket.run(&["s3://uploads", "--output-bucket", "nowhere"]).await;
    assert_eq!((ended.code, ended.count("setup")), (Some(1), 0), "{ended:?}");
    assert!(ended.stderr.contains("the same command goes on from"), "{ended:?}");
    bucket.create("nowhere").await;
    let ended = bucket.done(&["s3://uploads", "--output-bucket", "nowhere"]).await;
    assert_eq!(ended.count("stored"), 30, "{ended:?}");
    let other = CONFIG.replace("[[rule]]\n", "[[rule]]\nbucket = \"pictures\"\n");
    std::fs::write(bucket.path("other.toml"), other).expect("a file");
    let ended = bucket.run_at("uploads:9000", &["s3://uploads"]).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("is no endpoint; write"), "{ended:?}");
    for (arguments, said) in [
        (&["uploads"][..], "it does not begin with s3://"),
        (&["s3://uploads", "--rate", "5/d"], "none of /s, /min and /h"),
        (&["s3://uploads", "--config", "missing.toml"], "missing.toml cannot be read"),
        (&["s3://uploads", "--config", "other.toml"], "s3://uploads, only of s3://pictures;"),
        (&["s3://uploads", "--state", "/dev/null/x"], "/dev/null/x cannot be"),
    ] {
        let ended = bucket.run(arguments).await;
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.stderr.contains(said), "{ended:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupt_ends_the_run_between_objects() {
    let bucket = Bucket::new(CONFIG).await;
    bucket.put_all(uploads(300)).await;
    let child = bucket.spawn(&["s3://uploads", "--rate", "100/s", "--parallel", "4"]);
    while bucket.keys(RESULTS).await.len() < 12 {}
    let ended = interrupted(child).await;
    assert_eq!(ended.code, Some(130), "{ended:?}");
    assert!(ended.stderr.contains("The same command goes on from"), "{ended:?}");
    let stored = ended.count("stored");
    let keys = bucket.keys(RESULTS).await;
    assert_eq!(keys.len() as u64, stored * RESULTS_EACH, "nothing is half done");
    assert!(stored < 300, "{ended:?}");
    let ended = bucket.done(&["s3://uploads"]).await;
    assert_eq!(ended.count("stored"), 300, "{ended:?}");
    assert_eq!(ended.sent("PUT"), 300 * RESULTS_EACH + 1, "each once, and the ledger: {ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn results_of_uploads_that_cannot_be_read_stay() {
    let bucket = Bucket::new(CONFIG).await;
    let all = uploads(4);
    bucket.put_all(all.clone()).await;
    bucket.done(&["s3://uploads"]).await;
    let before = bucket.results().await;
    let put = |(key, bytes): &(String, Vec<u8>)| {
        let put = bucket.client.put_object().bucket(UPLOADS).key(key);
        put.body(ByteStream::from(bytes.clone()))
    };
    for (number, upload) in all.iter().enumerate() {
        let put = match number {
            0 => put(upload).storage_class(StorageClass::Glacier),
            1 => put(upload),
            _ => {
                let put = put(upload).server_side_encryption(ServerSideEncryption::AwsKms);
                put.ssekms_key_id("alias/denied")
            }
        };
        put.send().await.expect("an upload");
    }
    let dry = bucket.done(&["s3://uploads", "--dry-run"]).await;
    assert!(dry.stdout.contains("will fail; the first one of them: setup"), "{dry:?}");
    for option in [&[][..], &["--only-missing"]] {
        let ended = bucket.run(&[&["s3://uploads"], option].concat()).await;
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert_eq!((ended.count("archived"), ended.count("setup")), (1, 2), "{ended:?}");
        assert!(ended.stderr.contains("refused for no fault of their files: 1;"), "{ended:?}");
        let mut after = bucket.results().await;
        let record = after.remove(&format!("failures/{}.json", all[0].0));
        assert_eq!(record.expect("a record").metadata["resizer-refusal"], "archived");
        assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn absurd_numbers_of_a_state_file_end_no_run() {
    let bucket = Bucket::new(CONFIG).await;
    bucket.put_all(uploads(200)).await;
    let target = ["s3://uploads", "--state", "s.json"];
    killed(&bucket, &target, 30).await;
    let text = std::fs::read_to_string(bucket.path("s.json")).expect("a state");
    let mut state: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let most = u64::MAX;
    state["expected"] = serde_json::json!({ "objects": most, "dollars": 1e300 });
    let counts = &mut state["counts"];
    counts["listed"] = serde_json::json!({ "objects": most, "bytes": most });
    counts["outcomes"] = serde_json::json!({ "stored": most, "refused": most });
    counts["sent"] = serde_json::json!({
        "list": most, "get": most, "head": most, "put": most, "copy": most, "delete": most,
    });
    std::fs::write(bucket.path("s.json"), state.to_string()).expect("a file");
    bucket.done(&target).await;
}
