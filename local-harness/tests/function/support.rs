//! A harness around the workspace's own binary, and short words for what the tests ask of it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::EncodingType;
use image::DynamicImage;
use local_harness::bootstrap;
use local_harness::harness::{FaultProxy, Harness, HarnessError, HarnessOptions};
use local_harness::proxy::{FaultKind, FaultPlan};
use local_harness::upload_line::UploadLine;
use resizer::ledger::LEDGER_KEY;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::{Duration, sleep, timeout};

pub(crate) const UPLOADS: &str = "uploads";
pub(crate) const VARIANTS: &str = "uploads-variants";

/// Longer than any test's event takes on a busy machine; a lost event ends the test here.
const PATIENCE: Duration = Duration::from_secs(600);

/// The longest timeout that Lambda offers, for tests that are not about time.
pub(crate) const LONGEST_TIMEOUT: Duration = Duration::from_secs(900);

pub(crate) struct Bench {
    pub(crate) harness: Harness,
    _folder: TempDir,
}

/// One stored object.
pub(crate) struct Stored {
    pub(crate) bytes: Vec<u8>,
    pub(crate) content_type: String,
    pub(crate) cache_control: Option<String>,
    pub(crate) metadata: BTreeMap<String, String>,
}

pub(crate) fn binary() -> PathBuf {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| bootstrap::build().expect("the function builds")).clone()
}

impl Bench {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with_config(config: &str) -> Self {
        Self::with(|options| options.env.push(("RESIZER_CONFIG".to_owned(), config.to_owned())))
            .await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut HarnessOptions)) -> Self {
        Self::try_with(change).await.expect("the harness starts")
    }

    pub(crate) async fn try_with(
        change: impl FnOnce(&mut HarnessOptions),
    ) -> Result<Self, HarnessError> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut options = HarnessOptions::new(binary(), folder.path().join("s3"));
        change(&mut options);
        let harness = Harness::start(options).await?;
        Ok(Self { harness, _folder: folder })
    }

    /// The same buckets under another function.
    pub(crate) async fn under(self, change: impl FnOnce(&mut HarnessOptions)) -> Self {
        let Self { harness, _folder: folder } = self;
        harness.function.shutdown().await;
        drop(harness);
        let mut options = HarnessOptions::new(binary(), folder.path().join("s3"));
        change(&mut options);
        let harness = Harness::start(options).await.expect("the harness starts again");
        Self { harness, _folder: folder }
    }

    /// Without notifications: only what a test itself tells the function happens.
    pub(crate) async fn quiet(config: &str, change: impl FnOnce(&mut HarnessOptions)) -> Self {
        Self::with(|options| {
            options.is_watched = false;
            options.faults = Some(FaultPlan::None);
            options.env.push(("RESIZER_CONFIG".to_owned(), config.to_owned()));
            change(options);
        })
        .await
    }

    /// The line of the delivery of one upload's message that was received so often, and whether
    /// the message comes back.
    pub(crate) async fn deliver(&self, key: &str, received: u32) -> (UploadLine, bool) {
        let event = json!({"Records": [{
            "messageId": "m", "eventSource": "aws:sqs", "body": created(UPLOADS, key).to_string(),
            "attributes": {"ApproximateReceiveCount": received.to_string()},
        }]});
        let invocation = self.harness.function.invoke(event.to_string().into_bytes()).await;
        let answer = invocation.result.expect("an answer");
        let answer: Value = serde_json::from_slice(&answer).expect("answers are JSON");
        let mut lines = invocation.log.iter().filter_map(|line| UploadLine::parse(line));
        let line = lines.next().expect("a line for the upload");
        (line, answer["batchItemFailures"] != json!([]))
    }

    /// From now on this trouble between function and S3.
    pub(crate) fn inject(&self, plan: FaultPlan) {
        self.fault_proxy().injector.change(plan);
    }

    pub(crate) fn fault_proxy(&self) -> &FaultProxy {
        self.harness.proxy.as_ref().expect("a quiet bench has a proxy")
    }

    /// Waits until so many requests are held.
    pub(crate) async fn held(&self, count: u64) {
        let held = || self.fault_proxy().proxy.counts().get(&FaultKind::Held).copied();
        while held().unwrap_or_default() < count {
            sleep(Duration::from_millis(5)).await;
        }
    }

    pub(crate) async fn put(&self, key: &str, bytes: &[u8]) {
        let body = ByteStream::from(bytes.to_vec());
        let put = self.harness.client.put_object().bucket(UPLOADS).key(key).body(body);
        put.send().await.expect("an upload succeeds");
    }

    pub(crate) async fn delete(&self, key: &str) {
        let delete = self.harness.client.delete_object().bucket(UPLOADS).key(key);
        delete.send().await.expect("a deletion succeeds");
    }

    /// Waits until the function has told of so many uploads.
    pub(crate) async fn lines(&mut self, count: usize) -> Vec<UploadLine> {
        let mut lines = Vec::new();
        while lines.len() < count {
            let batch = timeout(PATIENCE, self.harness.batches.recv()).await;
            let batch = batch.expect("no event is lost").expect("the mapping runs");
            lines.extend(batch.invocation.log.iter().filter_map(|line| UploadLine::parse(line)));
        }
        lines
    }

    pub(crate) async fn line(&mut self) -> UploadLine {
        self.lines(1).await.remove(0)
    }

    /// All keys of a bucket, in order.
    pub(crate) async fn keys(&self, bucket: &str) -> Vec<String> {
        // Encoded, because XML has no way to write some characters that keys have.
        let request = self.harness.client.list_objects_v2().bucket(bucket);
        let listing = request.encoding_type(EncodingType::Url).send().await;
        let listing = listing.expect("the bucket is listed");
        assert_ne!(listing.is_truncated(), Some(true), "tests keep fewer than a thousand objects");
        let keys = listing.contents().iter().filter_map(|object| object.key());
        let decoded = |key: &str| {
            let spaced = key.replace('+', " ");
            percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
        };
        // The ledger of layouts is nobody's result; its own tests look at it.
        keys.map(decoded).filter(|key| key != LEDGER_KEY).collect()
    }

    pub(crate) async fn get(&self, bucket: &str, key: &str) -> Stored {
        let object = self.harness.client.get_object().bucket(bucket).key(key).send().await;
        let object = object.unwrap_or_else(|error| panic!("{bucket}/{key}: {error:?}"));
        Stored {
            content_type: object.content_type().unwrap_or_default().to_owned(),
            cache_control: object.cache_control().map(str::to_owned),
            metadata: object.metadata().cloned().unwrap_or_default().into_iter().collect(),
            bytes: object.body.collect().await.expect("the whole body").to_vec(),
        }
    }

    pub(crate) async fn get_json(&self, bucket: &str, key: &str) -> Value {
        let stored = self.get(bucket, key).await;
        assert_eq!(stored.content_type, "application/json");
        serde_json::from_slice(&stored.bytes).expect("JSON")
    }

    /// The answer of a direct invocation, or its error's type and message.
    pub(crate) async fn invoke(&self, event: &Value) -> Result<Value, (String, String)> {
        let invocation = self.harness.function.invoke(event.to_string().into_bytes()).await;
        match invocation.result {
            Ok(answer) => Ok(serde_json::from_slice(&answer).expect("answers are JSON")),
            Err(error) => Err((error.error_type, error.message)),
        }
    }
}

impl Stored {
    /// The picture, opened by another decoder as the format that Content-Type names.
    pub(crate) fn picture(&self) -> DynamicImage {
        let format = image::ImageFormat::from_mime_type(&self.content_type);
        let format = format.expect("an image's Content-Type");
        image::load_from_memory_with_format(&self.bytes, format).expect("another decoder opens it")
    }
}

/// A record as S3 sends it, with the key form-urlencoded.
pub(crate) fn created(bucket: &str, encoded_key: &str) -> Value {
    json!({"Records": [{
        "eventVersion": "2.1", "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": bucket}, "object": {"key": encoded_key}}
    }]})
}

/// A small photograph as JPEG.
pub(crate) fn photo(width: u32, height: u32, seed: u64) -> Vec<u8> {
    let scene = fixtures::scene::photograph(width, height, seed);
    fixtures::jpeg::jpeg(&scene, &fixtures::jpeg::JpegOptions::default())
}
