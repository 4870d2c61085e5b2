//! What a harness is started with, and how that fails.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

use lambda_local::event_source::RetryDelay;
use lambda_local::failure::{InitError, StartError};
use lambda_local::queue::QueueOptions;
use s3_local::{Access, WrongKey};
use tokio::sync::mpsc::Sender;

use super::{ACCESS_KEY, SECRET_KEY};
use crate::proxy::FaultPlan;

/// What S3's requests are signed with.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    /// The access key.
    pub access_key: String,
    /// Its secret.
    pub secret_key: String,
}

impl Default for Keys {
    /// The constant ones, for tests and for commands that end by themselves.
    fn default() -> Self {
        Self { access_key: ACCESS_KEY.to_owned(), secret_key: SECRET_KEY.to_owned() }
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("access_key", &self.access_key).finish_non_exhaustive()
    }
}

/// What the harness runs, and where.
#[derive(Debug, Clone)]
pub struct HarnessOptions {
    /// The function's binary.
    pub bootstrap: PathBuf,
    /// The folder that keeps the objects.
    pub data_dir: PathBuf,
    /// Port of the S3 endpoint; 0 for any.
    pub port: u16,
    /// The address that the S3 endpoint listens on. Default 127.0.0.1.
    pub host: IpAddr,
    /// Whose browsers may use the S3 endpoint. Default this machine's pages alone.
    pub access: Access,
    /// What its requests are signed with. Default the constant ones.
    pub keys: Keys,
    /// Hears of requests to S3 that were signed with other keys. Default nobody.
    pub wrong_keys: Option<Sender<WrongKey>>,
    /// The upload bucket. Default `uploads`.
    pub bucket: String,
    /// Further upload buckets. Default none.
    pub more_upload_buckets: Vec<String>,
    /// Whether its changes become messages in the queue. Default true.
    pub is_watched: bool,
    /// Other buckets to create. Default the uploads bucket with `-variants`.
    pub other_buckets: Vec<String>,
    /// The function's memory. Default 1,769 MB, which is one vCPU on Lambda.
    pub memory_size_mb: u32,
    /// Whether an environment gets the processor time of its memory only. Default false.
    pub limits_cpu: bool,
    /// The function's timeout. Default 60 s.
    pub timeout: Duration,
    /// Execution environments at the same time. Default 2.
    pub max_concurrency: usize,
    /// Invocations at the same time in each of them; more than 1 as on Lambda Managed Instances.
    /// Default 1.
    pub environment_concurrency: usize,
    /// Messages per invocation. Default 10.
    pub batch_size: usize,
    /// The function's own environment variables, besides region, endpoint and credentials.
    pub env: Vec<(String, String)>,
    /// The queue's receive count and disorder; its visibility timeout follows from `timeout`.
    pub queue: QueueOptions,
    /// How long a failed message stays hidden. Default 1 s after every delivery: a user who watches
    /// should not wait for the visibility timeout.
    pub retry_delay: RetryDelay,
    /// Faults to inject between the function and S3. Default none, and no proxy.
    pub faults: Option<FaultPlan>,
}

impl HarnessOptions {
    /// The defaults for this binary and folder.
    pub fn new(bootstrap: PathBuf, data_dir: PathBuf) -> Self {
        Self {
            bootstrap,
            data_dir,
            port: 0,
            host: Ipv4Addr::LOCALHOST.into(),
            access: Access::default(),
            keys: Keys::default(),
            wrong_keys: None,
            bucket: "uploads".to_owned(),
            more_upload_buckets: Vec::new(),
            is_watched: true,
            other_buckets: vec!["uploads-variants".to_owned()],
            memory_size_mb: 1769,
            limits_cpu: false,
            timeout: Duration::from_secs(60),
            max_concurrency: 2,
            environment_concurrency: 1,
            batch_size: 10,
            env: Vec::new(),
            queue: QueueOptions::default(),
            retry_delay: RetryDelay::constant(Duration::from_secs(1)),
            faults: None,
        }
    }

    /// All upload buckets.
    pub fn upload_buckets(&self) -> impl Iterator<Item = &String> {
        [&self.bucket].into_iter().chain(&self.more_upload_buckets)
    }
}

/// Why the harness cannot start.
#[derive(Debug, thiserror::Error)]
pub enum HarnessError {
    /// The S3 server could not start.
    #[error("S3 cannot serve {} on port {port}: {source}", data_dir.display())]
    S3 {
        /// The folder for objects.
        data_dir: PathBuf,
        /// The requested port.
        port: u16,
        /// From the operating system.
        source: io::Error,
    },
    /// Another harness runs on the folder.
    #[error(
        "another harness uses the folder {}; end it, or choose another folder with --data-dir",
        data_dir.display()
    )]
    DataDir {
        /// The folder for objects.
        data_dir: PathBuf,
    },
    /// The queue could not be opened, or its API could not start.
    #[error("the queue cannot be served: {source}")]
    Queue {
        /// From the operating system.
        source: io::Error,
    },
    /// The function's binary cannot be run.
    #[error(transparent)]
    Function(#[from] StartError),
    /// The function's first process did not start, for example because of its configuration.
    #[error(transparent)]
    Init(#[from] InitError),
    /// S3 allows no bucket of this name.
    #[error(
        "S3 allows no bucket named {name:?}: a name has 3 to 63 lower-case letters, digits, dots, \
         and hyphens; change the option or the setting that names this bucket"
    )]
    BucketName {
        /// The name.
        name: String,
    },
    /// A request of the harness's own client failed.
    #[error("{request} failed: {cause}")]
    Request {
        /// The request.
        request: String,
        /// Why it failed.
        cause: String,
    },
}
