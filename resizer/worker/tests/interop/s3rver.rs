//! s3rver, an S3 server from npm that has no conditional writes, pushes its events to the webhook.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Credentials, RequestChecksumCalculation};
use local_harness::harness::{REGION, s3_client};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use crate::support::{CONFIG, VARIANTS, Worker, objects};
use crate::tools::stdout_of;
use crate::{PATIENCE, assert_same, expected, first_result, upload};

const PACKAGE: &str = "s3rver@3.7.1";
/// The only access key that it knows, and its secret.
const KEY: &str = "S3RVER";
const TOKEN: &str = "0123456789abcdef0123456789abcdef";

struct Store {
    _process: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    endpoint: String,
}

/// Installed below the target directory by the first test that asks.
async fn installed() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    let target = test.ancestors().nth(3).expect("cargo puts tests three levels deep");
    let folder = target.join("interop-npm");
    fs::create_dir_all(&folder).expect("target can be written");
    // Two runs of the tests at once share the target directory; the lock ends with the file.
    let lock = File::create(folder.join("lock")).expect("a file in target");
    lock.lock().expect("files can be locked");
    if !folder.join("node_modules/s3rver/package.json").exists() {
        let mut npm = Command::new("npm");
        npm.args([
            "install",
            "--no-save",
            "--no-audit",
            "--no-fund",
            "--ignore-scripts",
            "--prefix",
        ]);
        stdout_of(npm.arg(&folder).arg(PACKAGE)).await;
    }
    folder.join("node_modules")
}

impl Store {
    async fn start(folder: &Path) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/s3rver.cjs");
        let mut node = Command::new("node");
        node.arg(script).arg(folder).arg(TOKEN).env("NODE_PATH", installed().await);
        node.stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut process = node.spawn().expect("node is installed");
        let input = process.stdin.take().expect("it is piped");
        let output = BufReader::new(process.stdout.take().expect("it is piped")).lines();
        let mut store = Self { _process: process, input, output, endpoint: String::new() };
        store.endpoint = format!("http://127.0.0.1:{}", store.line().await["port"]);
        store
    }

    async fn line(&mut self) -> Value {
        let line = timeout(PATIENCE, self.output.next_line()).await.expect("s3rver prints a line");
        serde_json::from_str(&line.expect("UTF-8").expect("it runs")).expect("JSON")
    }

    /// A worker that gets this store's events from now on.
    async fn worker(&mut self) -> Worker {
        let mut command = Command::new(env!("CARGO_BIN_EXE_resizer-worker"));
        command.arg("--http").env_clear().envs([
            ("AWS_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", KEY),
            ("AWS_SECRET_ACCESS_KEY", KEY),
            ("AWS_ENDPOINT_URL_S3", &self.endpoint),
            ("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required"),
            ("RESIZER_CONFIG", CONFIG),
            ("RESIZER_HTTP_ADDRESS", "127.0.0.1:0"),
            ("RESIZER_STATUS_ADDRESS", "127.0.0.1:0"),
            ("RESIZER_WEBHOOK_TOKENS", TOKEN),
        ]);
        let worker = Worker::start(&mut command);
        let start = worker.said("event", "start").await;
        let url = format!("http://{}/events\n", start["http"].as_str().expect("it serves HTTP"));
        self.input.write_all(url.as_bytes()).await.expect("s3rver reads");
        worker
    }

    fn client(&self) -> Client {
        let config = s3_client(&self.endpoint).config().to_builder();
        let config = config
            .credentials_provider(Credentials::new(KEY, KEY, None, None, "s3rver"))
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired);
        Client::from_conf(config.build())
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs npm and other people's tools: cargo interop"]
async fn events_that_s3rver_pushes_are_done_though_the_worker_is_killed() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut store = Store::start(folder.path()).await;
    let client = store.client();
    let mut worker = store.worker().await;
    let uploading = upload(&client);
    let (mut taken, killing) = (0, first_result(&client));
    tokio::join!(uploading, killing);
    worker.kill().await;
    let worker = store.worker().await;
    while taken < 6 {
        let line = store.line().await;
        assert!(line["taken"].is_string(), "{line}");
        taken += 1;
    }
    let again = worker.uploads();
    assert!(!again.is_empty(), "it was killed in the middle");
    assert_same(&objects(&client, VARIANTS).await, &expected().await);
}
