//! The worker's webhook: who is let in, every recorded push, faults, and a worker that is killed.

use std::path::Path;

use local_harness::proxy::{FaultKind, FaultPlan};
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Duration, sleep, timeout};

use crate::http::{Answer, Post};
use crate::support::{Bench, Worker, photo};

pub(crate) const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const NEXT_TOKEN: &str = "fedcba9876543210fedcba9876543210";

/// Its key needs every kind of encoding.
const KEY: &str = "holiday photos/Grüße + Käse & 100%.jpg";

/// A worker without a queue. Nothing that an earlier process sent to S3 is late by more than this.
pub(crate) fn receiver(bench: &Bench, variables: &[(&str, &str)]) -> Worker {
    let tokens = format!("{TOKEN},{NEXT_TOKEN}");
    let config = crate::support::CONFIG.replace("late_request_ms = 1000", "late_request_ms = 0");
    let own = [
        ("RESIZER_QUEUE_URL", ""),
        ("RESIZER_HTTP_ADDRESS", "127.0.0.1:0"),
        ("RESIZER_WEBHOOK_TOKENS", tokens.as_str()),
        ("RESIZER_CONFIG", config.as_str()),
    ];
    bench.worker_with(&["--http"], &[&own, variables].concat())
}

/// Nothing becomes a message: events come as a test pushes them.
async fn quiet() -> Bench {
    Bench::with(|options| options.is_watched = false).await
}

pub(crate) async fn address(worker: &Worker) -> String {
    let start = worker.said("event", "start").await;
    start["http"].as_str().expect("it serves HTTP").to_owned()
}

async fn post(worker: &Worker, body: &str) -> Answer {
    let authorization = format!("Bearer {TOKEN}");
    let headers = [("authorization", authorization.as_str())];
    Post { path: "/events", headers: &headers, body }.send(&address(worker).await).await
}

fn created(key: &str) -> String {
    json!({"Records": [{
        "eventVersion": "2.0", "eventSource": "minio:s3", "eventName": "s3:ObjectCreated:Put",
        "s3": {"bucket": {"name": "uploads"}, "object": {"key": key}},
    }]})
    .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_recorded_push_is_done_before_it_is_answered() {
    let bench = quiet().await;
    bench.put(KEY, &photo(40, 30, 1)).await;
    let worker = receiver(&bench, &[]);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/pushes");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("the pushes are committed") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("UTF-8");
        let case: Value = serde_json::from_str(&text).expect("JSON");
        let authorization = format!("Bearer {NEXT_TOKEN}");
        let mut headers = vec![("authorization", authorization.as_str())];
        let own = case["headers"].as_object().into_iter().flatten();
        headers.extend(own.map(|(name, value)| (name.as_str(), value.as_str().expect("text"))));
        for key in bench.results().await.into_keys() {
            bench.delete_result(&key).await;
        }
        let body = case["body"].to_string();
        let push = Post { path: "/events", headers: &headers, body: &body };
        let answer = push.send(&address(&worker).await).await;
        assert_eq!(answer.status, 200, "{}: {}", path.display(), answer.body);
        let answer: Value = serde_json::from_str(&answer.body).expect("JSON");
        let objects = answer["objects"].as_array().expect("a list");
        if case["objects"] == json!([]) {
            assert_eq!(objects.len(), 0, "{}", path.display());
        } else {
            assert_eq!(objects[0]["key"], KEY, "{}", path.display());
            assert_eq!(objects[0]["outcome"], "stored", "{}", path.display());
            assert_eq!(bench.results().await.len(), 3, "{}", path.display());
        }
        count += 1;
    }
    assert!(count > 20, "{count}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_known_senders_are_let_in() {
    let bench = quiet().await;
    bench.put("a.jpg", &photo(40, 30, 1)).await;
    let secret = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0";
    let variables = [("RESIZER_WEBHOOK_SECRETS", secret), ("RESIZER_WEBHOOK_TOKEN_IN_URL", "true")];
    let worker = receiver(&bench, &variables);
    let address = address(&worker).await;
    let body = created("a.jpg");
    let send = async |path: &str, headers: &[(&str, &str)]| {
        Post { path, headers, body: &body }.send(&address).await.status
    };
    assert_eq!(send("/events", &[]).await, 401);
    assert_eq!(send("/events?token=x", &[]).await, 403);
    assert_eq!(send("/events", &[("authorization", "Basic eDp5")]).await, 401);
    assert_eq!(send("/events", &[("authorization", "Bearer x")]).await, 403);
    assert_eq!(send("/events", &[("x-hub-signature-256", "sha256=00")]).await, 403);
    assert_eq!(bench.results().await.len(), 0, "nothing of it was done");
    let in_url = format!("/events?token={TOKEN}");
    assert_eq!(send(&in_url, &[]).await, 200);
    // What signs it is computed by another program's rules: HMAC-SHA256, RFC 2104.
    let mut mac = <hmac::Hmac<sha2::Sha256> as hmac::KeyInit>::new_from_slice(secret.as_bytes())
        .expect("any length");
    hmac::Mac::update(&mut mac, body.as_bytes());
    let digest = hmac::Mac::finalize(mac).into_bytes();
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let signature = format!("v1={digest}");
    assert_eq!(send("/events", &[("x-bz-event-notification-signature", &signature)]).await, 200);
    assert_eq!(bench.results().await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_event_is_refused() {
    let bench = quiet().await;
    let worker = receiver(&bench, &[]);
    let answer = post(&worker, "{\"hello\": \"world\"}").await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.starts_with("unknown_event: unknown event: no trigger"), "{}", answer.body);
    assert_eq!(post(&worker, "no JSON").await.status, 400);
    assert_eq!(post(&worker, "").await.status, 400);
    let long = format!("{{\"x\": \"{}\"}}", "x".repeat(1 << 20));
    assert_eq!(post(&worker, &long).await.status, 413);
    // Names that no object of S3 has reach no client.
    let answer = post(&worker, &created(&"k".repeat(1025))).await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("a key has more than 1024 bytes"), "{}", answer.body);
    for bucket in ["uploads/a", "..", &"b".repeat(256)] {
        let body = created("a.jpg").replace("\"uploads\"", &format!("{bucket:?}"));
        let answer = post(&worker, &body).await;
        assert_eq!(answer.status, 400, "{bucket}");
        assert!(answer.body.contains("the name of a bucket"), "{}", answer.body);
    }
    let record: Value = serde_json::from_str(&created("a.jpg")).expect("JSON");
    let many = json!({"Records": vec![record["Records"][0].clone(); 1001]}).to_string();
    let answer = post(&worker, &many).await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("it names 1001 objects; send at most 1000"), "{}", answer.body);
    // A sender that looks for an answer only after its whole request sees it.
    let body = "x".repeat(3 << 20);
    let refused = Post { path: "/events", headers: &[], body: &body };
    assert_eq!(refused.send(&address(&worker).await).await.status, 401);
    let address = address(&worker).await;
    let (status, _) = crate::support::get(&address, "/events").await;
    assert_eq!(status, 405);
    // There is no endpoint in this configuration, and no status on this port.
    assert_eq!(crate::support::get(&address, "/metrics").await.0, 404);
    let asked = "OPTIONS /events HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
                 webhook-request-origin: eventgrid.azure.net\r\nwebhook-request-rate: 120\r\n\r\n";
    let answer = crate::http::raw(&address, asked).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("webhook-allowed-origin"), Some("eventgrid.azure.net"));
    assert_eq!(answer.header("webhook-allowed-rate"), Some("*"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_is_answered_503_and_the_event_may_come_again() {
    let bench = quiet().await;
    bench.put("a.jpg", &photo(40, 30, 1)).await;
    let config = crate::support::CONFIG.replace("late_request_ms = 1000", "late_request_ms = 2000");
    let worker = receiver(&bench, &[("RESIZER_CONFIG", &config)]);
    address(&worker).await;
    sleep(Duration::from_millis(2100)).await;
    let kind = FaultKind::InternalError;
    bench.backend.injector.change(FaultPlan::At { kind, requests: (0..4).collect() });
    let answer = post(&worker, &created("a.jpg")).await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("2")), "{}", answer.body);
    assert!(answer.body.contains("\"outcome\":\"io\""), "{}", answer.body);
    // S3 may still carry out what was asked of it.
    assert_eq!(post(&worker, &created("a.jpg")).await.status, 503);
    sleep(Duration::from_millis(2100)).await;
    let answer = post(&worker, &created("a.jpg")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(bench.results().await.len(), 3);
    assert_eq!(worker.uploads().len(), 2, "the second one was not begun");
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_kill_the_same_event_ends_in_the_same_bucket() {
    let bench = quiet().await;
    let (old, new) = (photo(40, 30, 1), photo(40, 30, 2));
    bench.put("a.jpg", &old).await;
    let late = crate::support::CONFIG.replace("late_request_ms = 1000", "late_request_ms = 6000");
    let variables = [("RESIZER_CONFIG", late.as_str())];
    let mut worker = receiver(&bench, &variables);
    // A write of the first worker arrives after it was killed.
    let (kind, path) = (FaultKind::Late, "variants".to_owned());
    bench.backend.injector.change(FaultPlan::Once { kind, method: "PUT", path });
    let killed = async {
        let late = || bench.backend.proxy.counts().get(&FaultKind::Late).copied().unwrap_or(0);
        crate::support::until("a write is late", || late() == 1).await;
    };
    let body = created("a.jpg");
    tokio::select! {
        answer = post(&worker, &body) => panic!("it is answered {}", answer.status),
        () = killed => {}
    }
    worker.kill().await;
    // Meanwhile the upload is replaced, and the events of both come to the next worker.
    bench.put("a.jpg", &new).await;
    let worker = receiver(&bench, &variables);
    for _ in 0..2 {
        let answer = post(&worker, &created("a.jpg")).await;
        assert_eq!(answer.status, 503, "it is done, but not for certain: {}", answer.body);
    }
    assert_eq!(bench.backend.proxy.release().await.expect("S3 answers"), 1);
    let answered = timeout(Duration::from_secs(120), async {
        while post(&worker, &created("a.jpg")).await.status != 200 {
            sleep(Duration::from_millis(200)).await;
        }
    });
    answered.await.expect("it is done for certain at last");
    let found = bench.results().await;
    let calm = quiet().await;
    calm.put("a.jpg", &new).await;
    let other = receiver(&calm, &[]);
    assert_eq!(post(&other, &created("a.jpg")).await.status, 200);
    assert_eq!(found, calm.results().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_sent_again_waits_and_finds_the_work_done() {
    let bench = quiet().await;
    bench.put("a.jpg", &photo(40, 30, 1)).await;
    let config = crate::support::CONFIG
        .replace("late_request_ms = 1000", "late_request_ms = 0\ns3_timeout_ms = 60000");
    let worker = receiver(&bench, &[("RESIZER_CONFIG", &config)]);
    let (kind, path) = (FaultKind::Held, "/uploads/a.jpg".to_owned());
    bench.backend.injector.change(FaultPlan::Once { kind, method: "GET", path });
    let body = created("a.jpg");
    let first = post(&worker, &body);
    let again = async {
        bench.held(1).await;
        let let_go = async {
            // Both are in, and neither has an answer.
            worker.counted(&["resizer_events_in_flight 1"]).await;
            sleep(Duration::from_millis(300)).await;
            bench.backend.injector.let_one_go_on();
        };
        let (second, third, ()) = tokio::join!(post(&worker, &body), post(&worker, &body), let_go);
        [second, third]
    };
    let (first, again) = tokio::join!(first, again);
    let outcome = |answer: &Answer| {
        let body: Value = serde_json::from_str(&answer.body).expect("JSON");
        (answer.status, body["objects"][0]["outcome"].as_str().map(str::to_owned))
    };
    assert_eq!(outcome(&first), (200, Some("stored".to_owned())));
    for answer in &again {
        assert_eq!(outcome(answer), (200, Some("already_done".to_owned())));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_that_hangs_up_ends_no_work() {
    let bench = quiet().await;
    bench.put("a.jpg", &photo(40, 30, 1)).await;
    let config = crate::support::CONFIG
        .replace("late_request_ms = 1000", "late_request_ms = 0\ns3_timeout_ms = 60000");
    let mut worker = receiver(&bench, &[("RESIZER_CONFIG", &config)]);
    let (kind, path) = (FaultKind::Held, "/uploads/a.jpg".to_owned());
    bench.backend.injector.change(FaultPlan::Once { kind, method: "GET", path });
    let address = address(&worker).await;
    let mut stream = TcpStream::connect(&address).await.expect("it listens");
    let authorization = format!("Bearer {TOKEN}");
    let headers = [("authorization", authorization.as_str())];
    let request = Post { path: "/events", headers: &headers, body: &created("a.jpg") }.text();
    stream.write_all(request.as_bytes()).await.expect("it reads");
    bench.held(1).await;
    drop(stream);
    worker.signal(Signal::TERM);
    worker.said("event", "drain").await;
    bench.backend.injector.let_one_go_on();
    assert_eq!(worker.ended().await.code(), Some(0));
    assert_eq!(bench.results().await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_heads_and_bodies_are_cut_off() {
    let bench = quiet().await;
    let worker = receiver(&bench, &[]);
    let address = address(&worker).await;
    let mut head = TcpStream::connect(&address).await.expect("it listens");
    head.write_all(b"POST /events HTTP/1.1\r\nhost: x\r\n").await.expect("it reads");
    let start = format!(
        "POST /events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {TOKEN}\r\n\
         content-length: 100\r\n\r\n{{"
    );
    let mut body = TcpStream::connect(&address).await.expect("it listens");
    body.write_all(start.as_bytes()).await.expect("it reads");
    let mut said = String::new();
    let cut_off = Duration::from_secs(120);
    timeout(cut_off, body.read_to_string(&mut said)).await.expect("an end").expect("an answer");
    assert!(said.starts_with("HTTP/1.1 408 "), "{said}");
    let mut rest = Vec::new();
    timeout(cut_off, head.read_to_end(&mut rest)).await.expect("an end").expect("an end");
    // Meanwhile others are served.
    assert_eq!(post(&worker, "no JSON").await.status, 400);
}
