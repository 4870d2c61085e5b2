//! The worker leaves the same bucket as the function does, for the same events: shuffled and
//! duplicated, from the queue and by its webhook, and also when it is killed at any of its requests.

use std::sync::Arc;

use aws_sdk_s3::Client;
use lambda_local::queue::{Disorder, Queue};
use local_harness::bootstrap;
use local_harness::harness::{Harness, HarnessOptions};
use local_harness::proxy::{FaultKind, FaultPlan};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Duration;

use crate::http::Post;
use crate::support::{Bench, CONFIG, Objects, UPLOADS, VARIANTS, Worker, objects, photo, put};
use crate::webhook::{self, TOKEN};

/// How a worker gets its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Queue,
    Webhook,
}

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

/// Sends the messages of a queue to the webhook of the worker that lives, as a store does that
/// pushes at least once: again after a pause, until the answer is 200.
async fn push(queue: Arc<Queue>, address: watch::Receiver<String>) {
    let authorization = format!("Bearer {TOKEN}");
    let headers = [("authorization", authorization.as_str())];
    loop {
        for message in queue.receive(1).await {
            let to = address.borrow().clone();
            let post = Post { path: "/events", headers: &headers, body: &message.body };
            if post.try_send(&to).await.is_ok_and(|answer| answer.status == 200) {
                queue.delete(&message.receipt_handle);
            } else {
                queue.change_visibility(&message.receipt_handle, Duration::from_millis(500));
            }
        }
    }
}

async fn worker_behind(door: Door, bench: &Bench, address: &watch::Sender<String>) -> Worker {
    match door {
        Door::Queue => bench.worker(&[]),
        Door::Webhook => {
            let worker = webhook::receiver(bench, &[("RESIZER_CONFIG", CONFIG)]);
            address.send_replace(webhook::address(&worker).await);
            worker
        }
    }
}

/// What one worker or several leave, each of which is killed when the proxy wants it.
async fn of_killed_worker(door: Door, count: u64, kills: &[u64]) -> Objects {
    let mut bench = Bench::with(|options| {
        options.queue.disorder = disorder();
        // A worker answers its webhook 503 for a while after each start.
        options.queue.max_receive_count = 1000;
    })
    .await;
    let address = watch::Sender::new(String::new());
    let mut worker = worker_behind(door, &bench, &address).await;
    let mut senders = JoinSet::new();
    if door == Door::Webhook {
        for _ in 0..4 {
            senders.spawn(push(Arc::clone(&bench.backend.queue), address.subscribe()));
        }
    }
    change(bench.client(), count).await;
    let mut killed = 0;
    for (number, requests) in kills.iter().enumerate() {
        let kind = if number % 2 == 0 { FaultKind::KillAfter } else { FaultKind::KillBefore };
        bench.backend.injector.change(FaultPlan::At { kind, requests: vec![*requests] });
        tokio::select! {
            _ = bench.backend.kills.recv() => killed += 1,
            // Less was left to do than would have met the fault.
            () = bench.backend.queue.idle() => break,
        }
        worker.kill().await;
        worker = worker_behind(door, &bench, &address).await;
    }
    assert!(killed >= kills.len().min(3), "{killed} of {} kills", kills.len());
    bench.backend.injector.change(FaultPlan::None);
    bench.done().await;
    assert_eq!(bench.backend.queue.dead_letters(), []);
    comparable(bench.results().await)
}

#[tokio::test(flavor = "multi_thread")]
async fn worker_webhook_and_function_leave_the_same_bucket() {
    let of_worker = of_killed_worker(Door::Queue, 90, &[]);
    let of_webhook = of_killed_worker(Door::Webhook, 90, &[]);
    let (of_worker, of_webhook, of_function) = tokio::join!(of_worker, of_webhook, of_function(90));
    assert_same(&of_worker, &of_function);
    assert_same(&of_webhook, &of_function);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_worker_loses_nothing() {
    let kills = [3, 17, 40, 25, 8];
    let calm = of_killed_worker(Door::Queue, 90, &[]);
    let (killed, pushed, calm) = tokio::join!(
        of_killed_worker(Door::Queue, 90, &kills),
        of_killed_worker(Door::Webhook, 90, &kills),
        calm
    );
    assert_same(&killed, &calm);
    assert_same(&pushed, &calm);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs minutes: a thousand events, and twenty kills of each worker"]
async fn a_thousand_events_end_the_same() {
    let kills: Vec<u64> = (0..20).map(|number| 5 + number * 13 % 97).collect();
    let (killed, pushed, of_function) = tokio::join!(
        of_killed_worker(Door::Queue, 1000, &kills),
        of_killed_worker(Door::Webhook, 1000, &kills),
        of_function(1000)
    );
    assert_same(&killed, &of_function);
    assert_same(&pushed, &of_function);
}
