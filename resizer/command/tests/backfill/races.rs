//! Runs beside other writers, with requests that are held on their way; and the bill beside what
//! came by.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::types::ServerSideEncryption;
use local_harness::proxy::{FaultInjector, FaultKind, FaultPlan, Proxy};
use tokio::sync::mpsc::unbounded_channel;

use super::bucket::{Bucket, CONFIG, Ended, RESULTS, UPLOADS, pictures};
use super::prune::changed;

async fn proxy(bucket: &Bucket, plan: FaultPlan) -> (Proxy, Arc<FaultInjector>) {
    let address = bucket.endpoint().trim_start_matches("http://").parse().expect("an address");
    let injector = Arc::new(FaultInjector::new(plan, unbounded_channel().0));
    (Proxy::start(address, Arc::clone(&injector)).await.expect("a proxy"), injector)
}

async fn held(injector: &FaultInjector) {
    while !injector.counts().contains_key(&FaultKind::Held) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Results whose upload is gone, and a prune that is about to delete one of them.
async fn about_to_delete() -> (Bucket, (Proxy, Arc<FaultInjector>), std::process::Child) {
    let bucket = Bucket::new(CONFIG).await;
    bucket.put(UPLOADS, "a.jpg", &pictures()[0]).await;
    bucket.done(&["s3://uploads"]).await;
    bucket.delete(UPLOADS, "a.jpg").await;
    let path = "/variants/a.jpg/a.jpg".to_owned();
    let plan = FaultPlan::Once { kind: FaultKind::Held, method: "DELETE", path };
    let (proxy, injector) = proxy(&bucket, plan).await;
    let child =
        bucket.spawn_at(proxy.endpoint(), &["s3://uploads", "--prune", "--state", "p.json"]);
    held(&injector).await;
    // The same upload comes back meanwhile, and has its results at once: of the same bytes.
    bucket.put(UPLOADS, "a.jpg", &pictures()[0]).await;
    bucket.done(&["s3://uploads"]).await;
    (bucket, (proxy, injector), child)
}

/// The same, where the prune is killed and its deletion is carried out all the same.
async fn killed_after_a_deletion() -> (Bucket, Proxy) {
    let (bucket, (proxy, injector), mut child) = about_to_delete().await;
    child.kill().expect("a process");
    child.wait().expect("a process");
    injector.go_on();
    while bucket.keys(RESULTS).await.len() == 3 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    (bucket, proxy)
}

async fn all_is_current(bucket: &Bucket) {
    let ended = bucket.done(&["s3://uploads", "--only-missing"]).await;
    assert_eq!(ended.count("already_done"), 1, "{ended:?}");
    assert_eq!(bucket.keys(RESULTS).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_comes_back_while_its_results_are_deleted_has_them_again() {
    let (bucket, (_proxy, injector), child) = about_to_delete().await;
    injector.go_on();
    let output = tokio::task::spawn_blocking(|| child.wait_with_output()).await;
    let ended = Ended::of(output.expect("no panic").expect("an output"));
    assert_eq!((ended.code, ended.count("made_again")), (Some(0), 1), "{ended:?}");
    all_is_current(&bucket).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_prune_that_dies_right_after_a_deletion_makes_up_for_it_later() {
    let (bucket, proxy) = killed_after_a_deletion().await;
    let again = ["s3://uploads", "--prune", "--state", "p.json"];
    let ended = bucket.run_at(proxy.endpoint(), &again).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.stderr.contains("Going on from p.json"), "{ended:?}");
    assert_eq!(ended.count("made_again"), 1, "{ended:?}");
    all_is_current(&bucket).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_bill_has_every_request_that_came_by_in_spite_of_slow_down() {
    let bucket = Bucket::new(CONFIG).await;
    let uploads = (0..30).map(|number| (format!("{number}.jpg"), pictures()[number % 4].clone()));
    bucket.put_all(uploads).await;
    let plan = FaultPlan::Random { seed: 3, one_in: 20, only: Some(FaultKind::SlowDown) };
    let (proxy, injector) = proxy(&bucket, plan).await;
    for option in [&[][..], &["--only-missing"], &["--prune"]] {
        injector.record();
        let ended = bucket.run_at(proxy.endpoint(), &[&["s3://uploads"], option].concat()).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let mut sent: BTreeMap<&str, u64> = BTreeMap::new();
        for request in injector.recorded() {
            let (method, path) = request.split_once(' ').expect("a method and a path");
            let kind = match method {
                "GET" if path.contains("list-type=2") => "LIST",
                "GET" => "GET",
                "HEAD" => "HEAD",
                "PUT" => "PUT",
                _ => "DELETE",
            };
            *sent.entry(kind).or_default() += 1;
        }
        for (kind, count) in sent {
            assert_eq!(ended.sent(kind), count, "{option:?} {kind}: {ended:?}");
        }
    }
    let slowed = injector.counts()[&FaultKind::SlowDown];
    assert!(slowed > 5, "{slowed} of so many requests");
    assert_eq!(bucket.keys(RESULTS).await.len(), 90);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rollback_stops_a_prune() {
    let bucket = changed().await;
    let path = "/uploads/a.jpg".to_owned();
    let plan = FaultPlan::Once { kind: FaultKind::Held, method: "HEAD", path };
    let (proxy, injector) = proxy(&bucket, plan).await;
    let prune = ["s3://uploads", "--prune", "--config", "new.toml", "--state", "p.json"];
    let child = bucket.spawn_at(proxy.endpoint(), &prune);
    held(&injector).await;
    bucket.done(&["s3://uploads"]).await;
    let before = bucket.keys(RESULTS).await;
    injector.go_on();
    let output = tokio::task::spawn_blocking(|| child.wait_with_output()).await;
    let ended = Ended::of(output.expect("no panic").expect("an output"));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("another configuration began to write"), "{ended:?}");
    assert_eq!(bucket.keys(RESULTS).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn objects_that_failed_before_a_run_ended_early_are_tried_again() {
    let bucket = Bucket::new(CONFIG).await;
    let key = |number: usize| format!("{number:02}.jpg");
    bucket.put(UPLOADS, &key(0), &pictures()[0]).await;
    for number in 1..30 {
        let put = bucket.client.put_object().bucket(UPLOADS).key(key(number));
        let put = put.server_side_encryption(ServerSideEncryption::AwsKms);
        let put = put.ssekms_key_id("alias/denied");
        put.body(pictures()[1].clone().into()).send().await.expect("an upload");
    }
    // One that is under way while the others fail ends well after them.
    let path = "/uploads/00.jpg".to_owned();
    let plan = FaultPlan::Once { kind: FaultKind::Held, method: "GET", path };
    let (proxy, injector) = proxy(&bucket, plan).await;
    let child = bucket.spawn_at(proxy.endpoint(), &["s3://uploads", "--state", "s.json"]);
    held(&injector).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    injector.go_on();
    let output = tokio::task::spawn_blocking(|| child.wait_with_output()).await;
    let ended = Ended::of(output.expect("no panic").expect("an output"));
    let counts = (ended.code, ended.count("stored"), ended.count("setup"));
    assert_eq!(counts, (Some(1), 1, 0), "{ended:?}");
    assert!(ended.stderr.contains("the same command goes on from"), "{ended:?}");

    bucket.put_all((1..30).map(|number| (key(number), pictures()[1].clone()))).await;
    let again = ["s3://uploads", "--state", "s.json"];
    let ended = bucket.run_at(proxy.endpoint(), &again).await;
    assert_eq!((ended.code, ended.count("stored")), (Some(0), 30), "{ended:?}");
    assert_eq!(bucket.keys(RESULTS).await.len(), 90);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_fails_where_no_object_can_be_read() {
    let bucket = Bucket::new(CONFIG).await;
    let denied = bucket.client.put_object().bucket(UPLOADS).key("denied.jpg");
    let denied = denied.server_side_encryption(ServerSideEncryption::AwsKms);
    let denied = denied.ssekms_key_id("alias/denied").body(pictures()[0].clone().into());
    denied.send().await.expect("an upload");
    let ended = bucket.run(&["s3://uploads", "--dry-run"]).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    bucket.put(UPLOADS, "fine.jpg", &pictures()[0]).await;
    let ended = bucket.run(&["s3://uploads", "--dry-run"]).await;
    assert_eq!(ended.code, Some(0), "one of two can be read: {ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dry_run_makes_up_for_nothing() {
    let (bucket, proxy) = killed_after_a_deletion().await;
    let state = || std::fs::read_to_string(bucket.path("p.json")).expect("a state");
    let before = state();
    let dry = ["s3://uploads", "--prune", "--dry-run", "--state", "p.json"];
    for (option, said) in [(&[][..], "of a prune under way"), (&["--restart"], "cannot be used")] {
        let ended = bucket.run_at(proxy.endpoint(), &[&dry, option].concat()).await;
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.stderr.contains(said), "{ended:?}");
    }
    // Nor does other work take the list of what was deleted away.
    let other = ["s3://uploads", "--only-missing", "--restart", "--state", "p.json"];
    let ended = bucket.run_at(proxy.endpoint(), &other).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("give that command again first"), "{ended:?}");
    assert_eq!((state(), bucket.keys(RESULTS).await.len()), (before, 2));
}
