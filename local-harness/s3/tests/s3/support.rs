//! A server on a temporary directory, AWS's client for it, and plain HTTP.

use std::fmt::Debug;

use aws_credential_types::Credentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{BehaviorVersion, Config, Region};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::put_object::PutObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_http_client::Builder;
use s3_local::{Notification, S3Options, S3Server};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

pub(crate) const BUCKET: &str = "uploads";
pub(crate) const REGION: &str = "eu-west-1";
/// These keys also made the signed policies of the form tests.
pub(crate) const ACCESS_KEY: &str = "test-access";
pub(crate) const SECRET_KEY: &str = "test-secret";

/// A server, its client and its notifications.
pub(crate) struct Harness {
    pub(crate) client: Client,
    pub(crate) notifications: UnboundedReceiver<Notification>,
    server: Option<S3Server>,
    directory: TempDir,
}

impl Harness {
    /// A server without buckets.
    pub(crate) async fn empty() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (server, notifications) = serve(&directory).await;
        let client = client(server.endpoint(), ACCESS_KEY, SECRET_KEY);
        Self { client, notifications, server: Some(server), directory }
    }

    /// A server with the bucket [`BUCKET`].
    pub(crate) async fn start() -> Self {
        let harness = Self::empty().await;
        harness.client.create_bucket().bucket(BUCKET).send().await.unwrap();
        harness
    }

    /// Stops the server and starts another one on the same directory.
    pub(crate) async fn restart(&mut self) {
        self.server = None;
        let (server, notifications) = serve(&self.directory).await;
        self.client = client(server.endpoint(), ACCESS_KEY, SECRET_KEY);
        self.notifications = notifications;
        self.server = Some(server);
    }

    /// Host and port.
    pub(crate) fn authority(&self) -> &str {
        let endpoint = self.server.as_ref().unwrap().endpoint();
        endpoint.strip_prefix("http://").unwrap()
    }

    pub(crate) fn server(&self) -> &S3Server {
        self.server.as_ref().unwrap()
    }

    pub(crate) fn directory(&self) -> &std::path::Path {
        self.directory.path()
    }

    pub(crate) async fn put(&self, key: &str, body: impl Into<Vec<u8>>) -> PutObjectOutput {
        let body = ByteStream::from(body.into());
        self.client.put_object().bucket(BUCKET).key(key).body(body).send().await.unwrap()
    }

    pub(crate) async fn get(&self, key: &str) -> Vec<u8> {
        let output = self.client.get_object().bucket(BUCKET).key(key).send().await.unwrap();
        output.body.collect().await.unwrap().to_vec()
    }

    /// All keys of the bucket, in the order of the listing.
    pub(crate) async fn keys(&self) -> Vec<String> {
        let listing = self.client.list_objects_v2().bucket(BUCKET).send().await.unwrap();
        listing.contents().iter().map(|object| object.key().unwrap().to_owned()).collect()
    }
}

async fn serve(directory: &TempDir) -> (S3Server, UnboundedReceiver<Notification>) {
    let (sender, receiver) = unbounded_channel();
    let options = S3Options {
        data_dir: directory.path().join("data"),
        address: "127.0.0.1:0".parse().unwrap(),
        region: REGION.to_owned(),
        access_key: ACCESS_KEY.to_owned(),
        secret_key: SECRET_KEY.to_owned(),
        access: s3_local::Access::default(),
        wrong_keys: None,
    };
    (S3Server::start(options, sender).await.unwrap(), receiver)
}

/// A client without retries.
pub(crate) fn client(endpoint: &str, access_key: &str, secret_key: &str) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::new(REGION))
        .force_path_style(true)
        .credentials_provider(Credentials::new(access_key, secret_key, None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .http_client(Builder::new().build_http())
        .build();
    Client::from_conf(config)
}

/// The S3 error code of a call that must have failed, or its HTTP status if it has no code.
pub(crate) fn code<T: Debug, E: ProvideErrorMetadata>(result: Result<T, SdkError<E>>) -> String {
    match result {
        Ok(output) => panic!("this should have been refused: {output:?}"),
        Err(error) => {
            let status = error.raw_response().map(|response| response.status().as_u16());
            let code = error.code().map(str::to_owned);
            code.unwrap_or_else(|| status.map_or("no answer".to_owned(), |s| s.to_string()))
        }
    }
}

/// An answer to a plain request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// Sends one plain HTTP request; `head` is the request line and headers without Host.
pub(crate) async fn http(authority: &str, head: &str, body: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(authority).await.unwrap();
    let length = body.len();
    let head = format!(
        "{}\r\nHost: {authority}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n",
        head.trim_end()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

/// Bytes that do not repeat, the same for the same seed.
pub(crate) fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut random = Random::new(seed);
    (0..length).map(|_| random.below(256) as u8).collect()
}

/// Repeatable random numbers (SplitMix64).
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % limit as u64) as usize
    }
}
