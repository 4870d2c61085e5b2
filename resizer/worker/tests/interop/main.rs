//! The worker's binary beside other people's stores and queues: moto's S3 and SQS, and s3rver,
//! whose events come to the webhook. It leaves what it leaves in the embedded S3, also when it is
//! killed in the middle.

mod moto;
mod s3rver;
#[path = "../worker/support.rs"]
#[expect(dead_code, reason = "the worker's own tests need all of it")]
mod support;
#[path = "../../../../local-harness/tests/interop/tools.rs"]
#[expect(dead_code, reason = "the harness's own tests need all of it")]
mod tools;

use aws_sdk_s3::Client;
use tokio::time::{Duration, sleep};

use support::{Bench, Objects, UPLOADS, VARIANTS, objects, photo, put};

/// Longer than a worker takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// Both buckets, and uploads whose keys need encoding. One is replaced, and one is broken.
async fn upload(client: &Client) {
    for (key, bytes) in [
        ("in/a b.jpg", photo(40, 30, 1)),
        ("in/ä.jpg", photo(30, 40, 2)),
        ("in/c.jpg", photo(20, 20, 3)),
        ("in/broken.jpg", photo(40, 30, 4)[..200].to_vec()),
        ("in/a b.jpg", photo(24, 24, 5)),
        ("in/d.jpg", photo(50, 20, 6)),
    ] {
        put(client, key, &bytes).await;
    }
}

/// What a worker makes of these uploads in the embedded S3.
async fn expected() -> Objects {
    let bench = Bench::start().await;
    let _worker = bench.worker(&[]);
    upload(bench.client()).await;
    bench.done().await;
    bench.results().await
}

fn assert_same(found: &Objects, expected: &Objects) {
    assert_eq!(expected.len(), 4 * 3 + 1, "two variants and a manifest each, and a record");
    let keys = |objects: &Objects| objects.keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(found), keys(expected));
    for (key, object) in expected {
        assert!(object == &found[key], "{key} differs");
    }
}

/// Waits until a store has a result.
async fn first_result(client: &Client) {
    for _ in 0..PATIENCE.as_millis() / 20 {
        if !objects(client, VARIANTS).await.is_empty() {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("no result in {UPLOADS}' output bucket");
}
