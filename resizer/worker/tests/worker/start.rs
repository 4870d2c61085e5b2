//! How the worker starts, or says why it does not; and what it says of itself.

use tokio::process::Command;

use crate::support::{Bench, Worker, bare};

/// Runs it to its end; its exit code and the message of its last line.
async fn refused(variables: &[(&str, &str)]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = bare(folder.path(), variables).output().await.expect("it starts");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let line = text.lines().last().expect("a line");
    let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
    let member = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
    (output.status.code(), member("code"), member("message"))
}

#[tokio::test]
async fn what_is_missing_is_said_at_once() {
    let (code, name, message) = refused(&[("RESIZER_DEADLINE_S", "soon")]).await;
    assert_eq!((code, name.as_str()), (Some(1), "settings"));
    assert!(message.contains("RESIZER_QUEUE_URL is not set"), "{message}");
    assert!(message.contains("RESIZER_DEADLINE_S is \"soon\"; it may be 1 to 39600"), "{message}");

    let queue = ("RESIZER_QUEUE_URL", "http://127.0.0.1:9/000000000000/uploads");
    let (code, name, message) = refused(&[queue]).await;
    assert_eq!((code, name.as_str()), (Some(1), "environment"));
    assert!(message.contains("AWS_REGION is not set"), "{message}");

    let (code, name, message) = refused(&[queue, ("RESIZER_CONFIG", "[[rul]]")]).await;
    assert_eq!((code, name.as_str()), (Some(1), "config"));
    assert!(message.contains("rul"), "{message}");

    let region = ("AWS_REGION", "eu-west-1");
    let style = ("RESIZER_S3_PATH_STYLE", "maybe");
    let (code, name, message) = refused(&[queue, region, style]).await;
    assert_eq!((code, name.as_str()), (Some(1), "environment"));
    assert_eq!(message, "RESIZER_S3_PATH_STYLE is \"maybe\"; it may be true or false");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_is_not_there_is_named_and_the_worker_is_not_ready() {
    let bench = Bench::start().await;
    let wrong = format!("{}-wrong", bench.backend.queue_url());
    let worker = bench.worker(&[("RESIZER_QUEUE_URL", &wrong)]);
    let advice = "RESIZER_QUEUE_URL names no queue of this account and region";
    let said = worker.said("level", "ERROR").await;
    assert!(said["message"].as_str().is_some_and(|text| text.contains(advice)), "{said}");
    let (status, body) = worker.page("/readyz").await;
    assert_eq!(status, 503);
    assert!(body.contains(advice), "{body}");
    assert_eq!(worker.page("/healthz").await, (200, "alive\n".to_owned()));
    let (_, metrics) = worker.page("/metrics").await;
    assert!(metrics.contains("resizer_queue_errors_total{operation=\"receive\"}"), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_health_check_tells_a_worker_that_is_alive() {
    let bench = Bench::start().await;
    let mut worker = bench.worker(&[]);
    worker.ready().await;
    let start = worker.said("event", "start").await;
    let address = start["status"].as_str().expect("an address").to_owned();
    let check = async || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_resizer-worker"));
        command.arg("health").env_clear().env("RESIZER_STATUS_ADDRESS", &address);
        let output = command.output().await.expect("it starts");
        (output.status.code(), String::from_utf8(output.stderr).expect("UTF-8"))
    };
    assert_eq!(check().await, (Some(0), String::new()));
    worker.kill().await;
    let (code, said) = check().await;
    assert_eq!(code, Some(1));
    assert!(said.starts_with(&format!("no worker answers at {address}: ")), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_taken_is_named() {
    let bench = Bench::start().await;
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let mut worker: Worker = bench.worker(&[("RESIZER_STATUS_ADDRESS", &address)]);
    assert_eq!(worker.ended().await.code(), Some(1));
    let said = worker.said("code", "listen").await;
    let message = said["message"].as_str().unwrap_or_default();
    assert!(message.contains("(RESIZER_STATUS_ADDRESS): "), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_says_what_a_store_can_do() {
    let bench = Bench::start().await;
    let probe = async |bucket: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_resizer-worker"));
        command.args(["probe", bucket]).env_clear().envs(bench.backend.env());
        let output = command.output().await.expect("it starts");
        (output.status.code(), String::from_utf8(output.stdout).expect("UTF-8"))
    };
    let (code, said) = probe("uploads-variants").await;
    let answers: Vec<&str> =
        said.lines().filter_map(|line| line.split("  ").last()).map(str::trim).collect();
    assert_eq!((code, answers.as_slice()), (Some(0), &["yes"; 6][..]), "{said}");
    assert_eq!(bench.results().await.len(), 0, "nothing is left behind");
    let kind = local_harness::proxy::FaultKind::PreconditionFailed;
    let plan = local_harness::proxy::FaultPlan::At { kind, requests: vec![0] };
    bench.backend.injector.change(plan);
    let (code, said) = probe("uploads-variants").await;
    assert_eq!(code, Some(1));
    assert!(said.contains("no: PUT: PreconditionFailed"), "{said}");
    let (code, said) = probe("no-such-bucket").await;
    assert_eq!(code, Some(1));
    assert!(said.contains("no: PUT: NoSuchBucket"), "{said}");
}
