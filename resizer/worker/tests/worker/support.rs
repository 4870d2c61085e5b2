//! A backend, workers in front of it, and short words for what the tests ask of both.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use local_harness::backend::Backend;
use local_harness::harness::HarnessOptions;
use local_harness::upload_line::UploadLine;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

pub(crate) const UPLOADS: &str = "uploads";
pub(crate) const VARIANTS: &str = "uploads-variants";

/// Longer than anything takes on a busy machine; what is lost ends the test here.
const PATIENCE: Duration = Duration::from_secs(300);

/// Two small variants; requests that got no answer are carried out within a second.
pub(crate) const CONFIG: &str = r#"
[limits]
late_request_ms = 1000
[[rule]]
output.manifest = "manifests/{key}.json"
[[rule.variant]]
name = "a"
width = 16
[[rule.variant]]
name = "b"
width = 8
"#;

/// S3 and a queue.
pub(crate) struct Bench {
    pub(crate) backend: Backend,
    _folder: TempDir,
}

/// One process.
pub(crate) struct Worker {
    child: Child,
    /// All lines so far.
    log: Arc<Mutex<Vec<String>>>,
}

/// Objects by key: bytes and Content-Type.
pub(crate) type Objects = BTreeMap<String, (Vec<u8>, String)>;

impl Bench {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut HarnessOptions)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        // No function is started, so that it needs no binary.
        let mut options = HarnessOptions::new("none".into(), folder.path().join("s3"));
        // As long as messages must be hidden by the worker, not by the queue.
        options.queue.visibility_timeout = Duration::from_secs(600);
        options.queue.max_receive_count = 100;
        change(&mut options);
        let backend = Backend::start(&options).await.expect("the backend starts");
        Self { backend, _folder: folder }
    }

    /// A worker with quick retries and these variables.
    pub(crate) fn worker(&self, variables: &[(&str, &str)]) -> Worker {
        self.worker_with(&[], variables)
    }

    /// The same with arguments.
    pub(crate) fn worker_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Worker {
        let quick = [
            ("RESIZER_CONFIG", CONFIG),
            ("RESIZER_VISIBILITY_S", "4"),
            ("RESIZER_RETRY_DELAY_S", "1"),
            ("RESIZER_RETRY_DELAY_MAX_S", "1"),
            ("RESIZER_STATUS_ADDRESS", "127.0.0.1:0"),
        ];
        let mut command = Command::new(env!("CARGO_BIN_EXE_resizer-worker"));
        command.args(arguments).env_clear().envs(self.backend.env()).envs(quick);
        Worker::start(command.envs(variables.iter().copied()))
    }

    pub(crate) fn client(&self) -> &Client {
        &self.backend.client
    }

    pub(crate) async fn put(&self, key: &str, bytes: &[u8]) {
        put(self.client(), key, bytes).await;
    }

    /// Waits until no message is left.
    pub(crate) async fn done(&self) {
        let idle = timeout(PATIENCE, self.backend.queue.idle()).await;
        idle.unwrap_or_else(|_| panic!("{} messages are left", self.backend.queue.unfinished()));
    }

    /// Waits until the proxy holds so many requests.
    pub(crate) async fn held(&self, count: u64) {
        let kind = local_harness::proxy::FaultKind::Held;
        let held = || self.backend.proxy.counts().get(&kind).copied().unwrap_or_default();
        until("requests are held", || held() >= count).await;
    }

    pub(crate) async fn delete_result(&self, key: &str) {
        let delete = self.client().delete_object().bucket(VARIANTS).key(key);
        delete.send().await.expect("a deletion");
    }

    pub(crate) async fn results(&self) -> Objects {
        objects(self.client(), VARIANTS).await
    }
}

impl Worker {
    /// With all of its output kept.
    pub(crate) fn start(command: &mut Command) -> Self {
        let command = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).kill_on_drop(true);
        let mut child = command.spawn().expect("the worker starts");
        let stdout = child.stdout.take().expect("it is piped");
        let log = Arc::new(Mutex::new(Vec::new()));
        let lines = Arc::clone(&log);
        tokio::spawn(async move {
            let mut stdout = BufReader::new(stdout).lines();
            while let Ok(Some(line)) = stdout.next_line().await {
                lines.lock().expect("nobody panics with it").push(line);
            }
        });
        Self { child, log }
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().expect("nobody panics with it").clone()
    }

    pub(crate) fn uploads(&self) -> Vec<UploadLine> {
        self.log().iter().filter_map(|line| UploadLine::parse(line)).collect()
    }

    /// Waits for a line that has this member with this value.
    pub(crate) async fn said(&self, member: &str, value: &str) -> Value {
        let find = || {
            let lines = self.log();
            let mut lines = lines.iter().filter_map(|line| serde_json::from_str(line).ok());
            lines.find(|line: &Value| line[member] == value)
        };
        until(&format!("{member} is {value}"), || find().is_some()).await;
        find().expect("it was there")
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let id = self.child.id().expect("it runs");
        let pid = Pid::from_raw(id.cast_signed()).expect("no process has the number 0");
        kill_process(pid, signal).expect("it runs");
    }

    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.expect("it runs");
    }

    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let ended = timeout(PATIENCE, self.child.wait()).await;
        ended.unwrap_or_else(|_| panic!("it does not end: {:#?}", self.log())).expect("a status")
    }

    /// Status and body of a page of the status server.
    pub(crate) async fn page(&self, path: &str) -> (u16, String) {
        let start = self.said("event", "start").await;
        let address = start["status"].as_str().expect("its address").to_owned();
        get(&address, path).await
    }

    /// The metrics, once they have all of these lines. The worker counts after S3 and SQS have
    /// answered, so what a test sees there may not be counted yet.
    pub(crate) async fn counted(&self, lines: &[&str]) -> String {
        let mut metrics = String::new();
        let waiting = async {
            loop {
                metrics = self.page("/metrics").await.1;
                if lines.iter().all(|line| metrics.contains(line)) {
                    return;
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        let waited = timeout(PATIENCE, waiting).await;
        waited.unwrap_or_else(|_| panic!("{lines:?} are never in\n{metrics}"));
        metrics
    }

    /// Waits until the worker receives messages.
    pub(crate) async fn ready(&self) {
        for _ in 0..3000 {
            if self.page("/readyz").await.0 == 200 {
                return;
            }
            sleep(Duration::from_millis(20)).await;
        }
        panic!("it is never ready: {:#?}", self.log());
    }
}

/// Waits until a condition holds.
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let waiting = async {
        while !holds() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("it never is that {what}"));
}

pub(crate) async fn put(client: &Client, key: &str, bytes: &[u8]) {
    let put = client.put_object().bucket(UPLOADS).key(key);
    put.body(ByteStream::from(bytes.to_vec())).send().await.expect("an upload");
}

/// All objects of a bucket but the ledger, and without what names the state of a source.
pub(crate) async fn objects(client: &Client, bucket: &str) -> Objects {
    let mut pages = client.list_objects_v2().bucket(bucket).into_paginator().send();
    let mut objects = Objects::new();
    while let Some(page) = pages.next().await {
        let page = page.expect("a page of the listing");
        for key in page.contents().iter().filter_map(|object| object.key()) {
            if key == resizer::ledger::LEDGER_KEY {
                continue;
            }
            let object =
                client.get_object().bucket(bucket).key(key).send().await.expect("it is there");
            let content_type = object.content_type().unwrap_or_default().to_owned();
            let bytes = object.body.collect().await.expect("the whole body").to_vec();
            objects.insert(key.to_owned(), (bytes, content_type));
        }
    }
    objects
}

/// An HTTP request by hand.
pub(crate) async fn get(address: &str, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.expect("it listens");
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("it answers");
    let status = answer.get(9..12).and_then(|status| status.parse().ok()).expect("a status");
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
    (status, body.unwrap_or_default())
}

/// A small photograph as JPEG.
pub(crate) fn photo(width: u32, height: u32, seed: u64) -> Vec<u8> {
    let scene = fixtures::scene::photograph(width, height, seed);
    fixtures::jpeg::jpeg(&scene, &fixtures::jpeg::JpegOptions::default())
}

/// The command that runs the worker with nothing in its environment but this.
pub(crate) fn bare(folder: &Path, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_resizer-worker"));
    command.env_clear().envs(variables.iter().copied()).current_dir(folder);
    command
}
