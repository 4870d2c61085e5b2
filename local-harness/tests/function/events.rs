//! Events in their envelopes: recorded ones, batches with good and bad messages, the command line.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::{Bench, UPLOADS, created, photo};

fn message(id: usize, body: &str) -> Value {
    json!({"messageId": format!("message-{id}"), "eventSource": "aws:sqs", "body": body})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_answered_message_by_message() {
    let mut bench = Bench::start().await;
    bench.put("good.jpg", &photo(40, 30, 1)).await;
    bench.put("bad.jpg", b"text").await;
    bench.lines(2).await;
    let bodies = [
        (created(UPLOADS, "good.jpg").to_string(), true),
        ("no JSON".to_owned(), false),
        (created(UPLOADS, "bad.jpg").to_string(), true),
        (json!({"Event": "s3:TestEvent"}).to_string(), true),
        (created("nowhere", "a.jpg").to_string(), false),
        (created(UPLOADS, "vanished.jpg").to_string(), true),
        (json!({"Records": [{"eventName": "x"}]}).to_string(), false),
    ];
    let records: Vec<Value> =
        bodies.iter().enumerate().map(|(id, (body, _))| message(id, body)).collect();
    let answer = bench.invoke(&json!({ "Records": records })).await.expect("a partial answer");
    let failures: Vec<Value> = (0..bodies.len())
        .filter(|id| !bodies[*id].1)
        .map(|id| json!({"itemIdentifier": format!("message-{id}")}))
        .collect();
    assert_eq!(answer, json!({ "batchItemFailures": failures }));
}

#[tokio::test(flavor = "multi_thread")]
async fn several_records_fail_together_outside_a_batch() {
    let bench = Bench::start().await;
    let mut event = created("nowhere", "one.jpg");
    let other = created(UPLOADS, "vanished.jpg")["Records"][0].clone();
    event["Records"].as_array_mut().expect("records").push(other);
    let (code, message) = bench.invoke(&event).await.expect_err("one of two failed");
    assert_eq!(code, "setup");
    assert!(message.contains("one.jpg") && !message.contains("vanished.jpg"), "{message}");
}

#[test]
fn the_command_line_replays_recorded_events() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let events = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/events");
    let replayed = Command::new(env!("CARGO_BIN_EXE_local-harness"))
        .args(["replay", events, "--data-dir"])
        .arg(folder.path())
        .output()
        .expect("the harness starts");
    let text = String::from_utf8_lossy(&replayed.stdout);
    let count = std::fs::read_dir(events).expect("the events").count();
    let sum = format!("--- {count} events: {} answered, 2 ended in an error", count - 2);
    assert!(text.contains(&sum), "{text}");
    assert!(text.contains("error: unknown_event"), "{text}");
    assert!(text.contains("REPORT RequestId: "), "{text}");
    assert!(!replayed.status.success(), "errors show in the exit code");
}

#[test]
fn the_command_line_replays_in_disorder_and_reports() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let log = folder.path().join("export.log");
    let line = |number: u32| {
        let key = format!("gone/{number}.jpg");
        let line = json!({"level": "INFO", "event": "upload", "bucket": UPLOADS, "key": key});
        format!("2026-11-29T10:00:00.000Z {line}\n")
    };
    let lines: String = (0..20).map(line).collect();
    std::fs::write(&log, lines).expect("a file");
    let replayed = Command::new(env!("CARGO_BIN_EXE_local-harness"))
        .args(["replay", "--shuffle", "--duplicate", "2", "--delay", "0.1", "--seed", "3"])
        .arg(&log)
        .arg("--data-dir")
        .arg(folder.path().join("s3"))
        .output()
        .expect("the harness starts");
    let text = String::from_utf8_lossy(&replayed.stdout);
    assert!(replayed.status.success(), "{text}");
    let total = text.matches("\n--- ").count() + usize::from(text.starts_with("--- ")) - 1;
    assert!((21..=40).contains(&total), "some come twice: {total}");
    assert!(text.contains(&format!("outcomes    deleted {total}\n")), "{text}");
    assert!(text.contains(&format!("--- {total} events: {total} answered, 0 ended")), "{text}");
    let origins: Vec<&str> = text.lines().filter(|line| line.contains("export.log:")).collect();
    let places: Vec<u32> =
        origins.iter().filter_map(|line| line.rsplit(':').next()?.parse().ok()).collect();
    assert!(places.len() == total && !places.is_sorted(), "{places:?}");
}

#[test]
fn the_command_line_explains_itself_and_its_errors() {
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_local-harness"));
        command.args(arguments).output().expect("the harness starts")
    };
    let help = run(&["--help"]);
    let text = String::from_utf8_lossy(&help.stdout).into_owned();
    for command in ["demo", "up", "replay"] {
        assert!(text.contains(command), "{text}");
    }
    let missing = run(&["replay", "no-such-file", "--bootstrap", "/no/such/bootstrap"]);
    assert!(!missing.status.success());
    assert!(String::from_utf8_lossy(&missing.stderr).contains("no-such-file"));
}
