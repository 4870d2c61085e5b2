//! The embedded S3 with an upload bucket and its output bucket, and the binary beside it.

use std::collections::BTreeMap;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::EncodingType;
use futures::stream::{self, StreamExt};
use local_harness::harness::{ACCESS_KEY, REGION, SECRET_KEY, s3_client};
use resizer::ledger::LEDGER_KEY;
use s3_local::{S3Options, S3Server, form_decode};
use tempfile::TempDir;
use tokio::sync::mpsc::unbounded_channel;

pub(crate) const UPLOADS: &str = "uploads";
pub(crate) const RESULTS: &str = "uploads-variants";

/// Two small variants and a manifest. A request that takes long on a busy machine is not sent again,
/// so that counts of requests are exact.
pub(crate) const CONFIG: &str = r#"
[limits]
s3_timeout_ms = 60000

[[rule]]
suffix = [".jpg", ".txt"]
formats = ["jpeg"]
output.manifest = "manifests/{key}.json"
[[rule.variant]]
name = "a"
width = 16
[[rule.variant]]
name = "b"
width = 8
"#;

/// Requests of the tests' own client at the same time.
const PARALLEL: usize = 16;

pub(crate) struct Bucket {
    pub(crate) client: Client,
    server: S3Server,
    folder: TempDir,
}

/// What an object is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Object {
    pub(crate) bytes: Vec<u8>,
    pub(crate) metadata: BTreeMap<String, String>,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Bucket {
    /// Both buckets, empty, and `resizer.toml` beside them.
    pub(crate) async fn new(config: &str) -> Self {
        let memory = Path::new("/dev/shm");
        let folder =
            if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
        let folder = folder.expect("a temporary folder");
        fs::write(folder.path().join("resizer.toml"), config).expect("a file");
        let options = S3Options {
            data_dir: folder.path().join("s3"),
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            region: REGION.to_owned(),
            access_key: ACCESS_KEY.to_owned(),
            secret_key: SECRET_KEY.to_owned(),
            access: s3_local::Access::default(),
            wrong_keys: None,
        };
        let server = S3Server::start(options, unbounded_channel().0).await.expect("S3 starts");
        let client = s3_client(server.endpoint());
        let bucket = Self { client, server, folder };
        for name in [UPLOADS, RESULTS] {
            bucket.create(name).await;
        }
        bucket
    }

    pub(crate) async fn create(&self, name: &str) {
        self.client.create_bucket().bucket(name).send().await.expect("a bucket");
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn endpoint(&self) -> &str {
        self.server.endpoint()
    }

    pub(crate) async fn put(&self, bucket: &str, key: &str, bytes: &[u8]) {
        let body = ByteStream::from(bytes.to_vec());
        let put = self.client.put_object().bucket(bucket).key(key).body(body);
        put.send().await.expect("an upload");
    }

    /// Many uploads, several at a time.
    pub(crate) async fn put_all(&self, uploads: impl IntoIterator<Item = (String, Vec<u8>)>) {
        let puts = uploads.into_iter().map(async |(key, bytes)| {
            self.put(UPLOADS, &key, &bytes).await;
        });
        stream::iter(puts).buffer_unordered(PARALLEL).collect::<Vec<()>>().await;
    }

    /// An object with metadata, such as a result with a tag.
    pub(crate) async fn put_tagged(&self, key: &str, metadata: BTreeMap<String, String>) {
        let put = self.client.put_object().bucket(RESULTS).key(key);
        let put = put.set_metadata(Some(metadata.into_iter().collect()));
        put.body(ByteStream::from_static(b"result")).send().await.expect("a result");
    }

    pub(crate) async fn delete(&self, bucket: &str, key: &str) {
        self.client.delete_object().bucket(bucket).key(key).send().await.expect("a deletion");
    }

    /// All keys but the ledger's.
    pub(crate) async fn keys(&self, bucket: &str) -> Vec<String> {
        let request = self.client.list_objects_v2().bucket(bucket);
        let mut pages = request.encoding_type(EncodingType::Url).into_paginator().send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.expect("a page");
            keys.extend(page.contents().iter().filter_map(|one| one.key()).map(form_decode));
        }
        keys.retain(|key| key != LEDGER_KEY);
        keys
    }

    pub(crate) async fn get(&self, key: &str) -> Object {
        let object = self.client.get_object().bucket(RESULTS).key(key).send().await;
        let object = object.unwrap_or_else(|error| panic!("{key}: {error:?}"));
        let metadata = object.metadata().cloned().unwrap_or_default().into_iter().collect();
        let bytes = object.body.collect().await.expect("a body").to_vec();
        Object { bytes, metadata }
    }

    /// Every result.
    pub(crate) async fn results(&self) -> BTreeMap<String, Object> {
        let keys = self.keys(RESULTS).await;
        let gets = keys.into_iter().map(async |key| {
            let object = self.get(&key).await;
            (key, object)
        });
        stream::iter(gets).buffer_unordered(PARALLEL).collect().await
    }

    /// Gives a result other bytes under its own tag, so that it is seen whether it is made again.
    pub(crate) async fn mark(&self, key: &str, bytes: &[u8]) {
        let Object { metadata, .. } = self.get(key).await;
        let put = self.client.put_object().bucket(RESULTS).key(key);
        let put = put.set_metadata(Some(metadata.into_iter().collect()));
        put.body(ByteStream::from(bytes.to_vec())).send().await.expect("a result");
    }

    /// The binary against an endpoint, which may be a proxy's.
    fn command_at(&self, endpoint: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_resizer"));
        command.arg("backfill").args(arguments).current_dir(self.folder.path());
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if name.starts_with("AWS_") || name.starts_with("RESIZER_") {
                command.env_remove(name);
            }
        }
        let nowhere = self.path("no-such-file");
        command
            .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
            .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
            .env("AWS_REGION", REGION)
            .env("AWS_CONFIG_FILE", &nowhere)
            .env("AWS_SHARED_CREDENTIALS_FILE", &nowhere)
            .env("RESIZER_CONFIG_FILE", self.path("resizer.toml"))
            .args(["--endpoint-url", endpoint]);
        command
    }

    pub(crate) async fn run(&self, arguments: &[&str]) -> Ended {
        self.run_at(self.endpoint(), arguments).await
    }

    pub(crate) async fn run_at(&self, endpoint: &str, arguments: &[&str]) -> Ended {
        let mut command = self.command_at(endpoint, arguments);
        // On another thread: the server is on this one.
        let output = tokio::task::spawn_blocking(move || command.output()).await;
        Ended::of(output.expect("no panic").expect("the binary starts"))
    }

    /// A run that must end with 0.
    pub(crate) async fn done(&self, arguments: &[&str]) -> Ended {
        let ended = self.run(arguments).await;
        assert_eq!(ended.code, Some(0), "{arguments:?}: {ended:?}");
        ended
    }

    pub(crate) fn spawn(&self, arguments: &[&str]) -> Child {
        self.spawn_at(self.endpoint(), arguments)
    }

    pub(crate) fn spawn_at(&self, endpoint: &str, arguments: &[&str]) -> Child {
        let mut command = self.command_at(endpoint, arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts")
    }
}

impl Ended {
    pub(crate) fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        Self { code: output.status.code(), stdout, stderr }
    }

    /// The number behind a name in a table.
    pub(crate) fn count(&self, name: &str) -> u64 {
        let mut lines = self.stdout.lines();
        let line = lines.find(|line| line.split_whitespace().next() == Some(name));
        let number = line.and_then(|line| line.split_whitespace().nth(1));
        number.map_or(0, |number| number.replace(',', "").parse().expect("a number"))
    }

    /// How many requests of this name were sent, or would be.
    pub(crate) fn sent(&self, name: &str) -> u64 {
        let line = self.line("requests: ");
        let found = line.split(", ").find_map(|one| one.strip_prefix(name));
        let number = found.map(|number| number.trim().replace(',', ""));
        number.map_or(0, |number| number.parse().expect("a number"))
    }

    /// The bill in dollars.
    pub(crate) fn bill(&self) -> f64 {
        let line = self.line("bill: $");
        let number = line.split(' ').next().unwrap_or_default();
        number.parse().expect("dollars")
    }

    fn line(&self, start: &str) -> String {
        let line = self.stdout.lines().find_map(|line| line.strip_prefix(start));
        line.unwrap_or_else(|| panic!("{start}: {self:?}")).to_owned()
    }
}

/// Sends SIGINT and waits for the end.
pub(crate) async fn interrupted(child: Child) -> Ended {
    let id = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &id]).status();
    assert!(sent.expect("kill runs").success());
    let output = tokio::task::spawn_blocking(|| child.wait_with_output()).await;
    Ended::of(output.expect("no panic").expect("an output"))
}

/// A few small pictures.
pub(crate) fn pictures() -> Vec<Vec<u8>> {
    let jpeg = |width, height, seed| {
        let scene = fixtures::scene::photograph(width, height, seed);
        fixtures::jpeg::jpeg(&scene, &fixtures::jpeg::JpegOptions::default())
    };
    vec![jpeg(40, 24, 1), jpeg(24, 24, 2), jpeg(20, 30, 3), jpeg(32, 16, 4)]
}
