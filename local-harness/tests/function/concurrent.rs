//! Several invocations at once in one process, as on Lambda Managed Instances.

use std::collections::BTreeMap;
use std::sync::Arc;

use local_harness::proxy::{FaultKind, FaultPlan};
use tokio::task::JoinSet;

use crate::after_success::service;
use crate::support::{Bench, LONGEST_TIMEOUT, UPLOADS, VARIANTS, created, photo};

const UPLOADS_AT_ONCE: usize = 16;
const MEMORY_SIZE_MB: u32 = 512;

/// Photos of several sizes, the largest of which takes a good part of the memory.
async fn put_photos(bench: &Bench) {
    for number in 0..UPLOADS_AT_ONCE {
        let (width, height) = (400 + 200 * (number as u32 % 8), 300 + 150 * (number as u32 % 8));
        bench.put(&format!("{number}.jpg"), &photo(width, height, number as u64)).await;
    }
}

/// Runs an invocation for each photo, all at once, and returns the most memory of any.
async fn invoke_all(bench: &Bench) -> u32 {
    let mut running = JoinSet::new();
    for number in 0..UPLOADS_AT_ONCE {
        let function = Arc::clone(&bench.harness.function);
        let event = created(UPLOADS, &format!("{number}.jpg")).to_string().into_bytes();
        running.spawn(async move { function.invoke(event).await });
    }
    let mut most_mb = 0;
    for invocation in running.join_all().await {
        invocation.result.expect("the upload is done");
        let lines = invocation.log.iter().filter(|line| line.contains(r#""outcome":"stored""#));
        assert_eq!(lines.count(), 1, "its own line and no other's: {:?}", invocation.log);
        most_mb = most_mb.max(invocation.report.max_memory_used_mb);
    }
    most_mb
}

async fn variants(bench: &Bench) -> BTreeMap<String, Vec<u8>> {
    let mut variants = BTreeMap::new();
    for key in bench.keys(VARIANTS).await {
        let bytes = bench.get(VARIANTS, &key).await.bytes;
        variants.insert(key, bytes);
    }
    variants
}

#[tokio::test(flavor = "multi_thread")]
async fn sixteen_uploads_at_once_share_the_memory_of_one_environment() {
    let start = async |(environments, in_each): (usize, usize)| {
        let bench = Bench::quiet("", |options| {
            options.memory_size_mb = MEMORY_SIZE_MB;
            options.timeout = LONGEST_TIMEOUT;
            options.max_concurrency = environments;
            options.environment_concurrency = in_each;
        });
        let bench = bench.await;
        put_photos(&bench).await;
        let most_mb = invoke_all(&bench).await;
        assert!(most_mb <= MEMORY_SIZE_MB, "{most_mb} MB");
        assert_eq!(bench.harness.function.process_ids().len(), environments);
        variants(&bench).await
    };
    let together = start((1, UPLOADS_AT_ONCE)).await;
    assert_eq!(together.len(), UPLOADS_AT_ONCE * 5);
    let one_by_one = start((1, 1)).await;
    assert!(together == one_by_one, "the same variants, byte by byte");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_uploads_of_two_invocations_are_fetched_at_the_same_time() {
    let bench = Bench::quiet("", |options| {
        options.timeout = LONGEST_TIMEOUT;
        (options.max_concurrency, options.environment_concurrency) = (1, 2);
    })
    .await;
    for key in ["a.jpg", "b.jpg"] {
        bench.put(key, &photo(40, 30, 1)).await;
    }
    bench.inject(FaultPlan::At { kind: FaultKind::Held, requests: vec![0, 1] });
    let (first, second) = (created(UPLOADS, "a.jpg"), created(UPLOADS, "b.jpg"));
    let both_held = async {
        bench.held(2).await;
        bench.fault_proxy().injector.go_on();
    };
    let (first, second, ()) = tokio::join!(bench.invoke(&first), bench.invoke(&second), both_held);
    assert!(first.is_ok() && second.is_ok(), "{first:?}, {second:?}");
    assert_eq!(bench.harness.function.process_ids().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_invocation_announces_with_its_own_trace() {
    let (endpoint, received) = service(r#"{"FailedEntryCount":0,"Entries":[{"EventId":"1"}]}"#);
    let config = "[completion]\nevent_bus = \"pictures\"\n\
                  [[rule]]\n[[rule.variant]]\nwidth = 8\n";
    let bench = Bench::quiet(config, |options| {
        options.timeout = LONGEST_TIMEOUT;
        options.env.push(("AWS_ENDPOINT_URL_EVENTBRIDGE".to_owned(), endpoint));
        (options.max_concurrency, options.environment_concurrency) = (1, 2);
    })
    .await;
    let invoke = async |key: &'static str| {
        bench.put(key, &photo(40, 30, 1)).await;
        let event = created(UPLOADS, key).to_string().into_bytes();
        let invocation = bench.harness.function.invoke(event).await;
        invocation.result.expect("the upload is done");
        (key, invocation.request_id.replace('-', ""))
    };
    let (first, second) = tokio::join!(invoke("a.jpg"), invoke("b.jpg"));
    let requests: Vec<String> = received.try_iter().collect();
    assert_eq!(requests.len(), 2);
    for (key, id) in [first, second] {
        let own = requests.iter().find(|request| request.contains(key)).expect("its message");
        assert!(own.contains(&format!("-{};Parent={}", &id[..24], &id[16..])), "{id}: {own}");
    }
}
