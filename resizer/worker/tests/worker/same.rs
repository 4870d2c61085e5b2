//! The worker leaves the same bucket as the function does, for the same events: shuffled and
//! duplicated, and also when it is killed at any of its requests.

use aws_sdk_s3::Client;
use local_harness::bootstrap;
use local_harness::harness::{Harness, HarnessOptions};
use local_harness::proxy::{FaultKind, FaultPlan};
use local_harness::queue::Disorder;
use tokio::time::Duration;

use crate::support::{Bench, CONFIG, Objects, UPLOADS, VARIANTS, objects, photo, put};

/// Duplicates, delays and reordering, always the same.
fn disorder() -> Disorder {
    Disorder {
        seed: 16,
        duplicate_one_in: 3,
        delay_one_in: 4,
        delay_max: Duration::from_millis(300),
        is_reordered: true,
    }
}

/// About as many changes as asked for, over a third as many keys: uploads, replacements, broken
/// files and deletions. The bytes of one number are always the same.
async fn change(client: &Client, count: u64) {
    let mut chance = count;
    for number in 0..count {
        chance =
            chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let key = format!("folder {}/k+{}.jpg", number % 3, (chance >> 33) % (count / 3).max(1));
        match (chance >> 7) % 8 {
            0 => {
                let delete = client.delete_object().bucket(UPLOADS).key(&key);
                delete.send().await.expect("a deletion");
            }
            1 => put(client, &key, b"no picture at all").await,
            2 => put(client, &key, &photo(40, 30, number)[..200]).await,
            _ => put(client, &key, &photo(20 + (number % 20) as u32, 30, number)).await,
        }
    }
}

/// What the function on the emulated Lambda leaves.
async fn of_function(count: u64) -> Objects {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let binary = bootstrap::build().expect("the function builds");
    let mut options = HarnessOptions::new(binary, folder.path().join("s3"));
    options.env.push(("RESIZER_CONFIG".to_owned(), CONFIG.to_owned()));
    options.queue.disorder = disorder();
    let harness = Harness::start(options).await.expect("the harness starts");
    change(&harness.client, count).await;
    harness.queue.idle().await;
    comparable(objects(&harness.client, VARIANTS).await)
}

/// Failure records and manifests name the ETag of a source, which is that of its bytes.
fn comparable(objects: Objects) -> Objects {
    assert!(objects.len() > 10, "too few to tell: {}", objects.len());
    objects
}

fn assert_same(of_worker: &Objects, of_function: &Objects) {
    let keys = |objects: &Objects| objects.keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(of_worker), keys(of_function));
    for (key, object) in of_worker {
        assert!(object == &of_function[key], "{key} differs");
    }
}

/// What one worker or several leave, each of which is killed when the proxy wants it.
async fn of_killed_worker(count: u64, kills: &[u64]) -> Objects {
    let mut bench = Bench::with(|options| options.queue.disorder = disorder()).await;
    let mut worker = bench.worker(&[]);
    change(bench.client(), count).await;
    for (number, requests) in kills.iter().enumerate() {
        let kind = if number % 2 == 0 { FaultKind::KillAfter } else { FaultKind::KillBefore };
        bench.backend.injector.change(FaultPlan::At { kind, requests: vec![*requests] });
        tokio::select! {
            _ = bench.backend.kills.recv() => {}
            // Less was left to do than would have met the fault.
            () = bench.backend.queue.idle() => break,
        }
        worker.kill().await;
        worker = bench.worker(&[]);
    }
    bench.backend.injector.change(FaultPlan::None);
    bench.done().await;
    assert_eq!(bench.backend.queue.dead_letters(), []);
    comparable(bench.results().await)
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_and_function_leave_the_same_bucket() {
    let (of_worker, of_function) = tokio::join!(of_killed_worker(90, &[]), of_function(90));
    assert_same(&of_worker, &of_function);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_worker_loses_nothing() {
    let kills = [3, 17, 40, 25, 8];
    let (killed, calm) = tokio::join!(of_killed_worker(90, &kills), of_killed_worker(90, &[]));
    assert_same(&killed, &calm);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs minutes: a thousand events, and twenty kills"]
async fn a_thousand_events_end_the_same() {
    let kills: Vec<u64> = (0..20).map(|number| 5 + number * 13 % 97).collect();
    let (killed, of_function) = tokio::join!(of_killed_worker(1000, &kills), of_function(1000));
    assert_same(&killed, &of_function);
}
