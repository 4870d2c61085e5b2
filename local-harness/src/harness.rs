//! S3, queue, event source mapping and function, connected as in `infra/template.yaml`: upload
//! bucket -> notifications -> queue -> function -> output bucket.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Config, Region};
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_s3::types::{Event, NotificationConfiguration, QueueConfiguration};
use s3_local::{Notification, S3Options, S3Server};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

use crate::proxy::{FaultInjector, FaultPlan, Proxy};
use lambda_local::event_source::{Batch, EventSource, EventSourceOptions, RetryDelay};
use lambda_local::failure::{InitError, StartError};
use lambda_local::queue::{Queue, QueueOptions};
use lambda_local::{Function, FunctionOptions, LogLine};

/// The only access key.
pub const ACCESS_KEY: &str = "local-harness";
/// Its secret. It protects nothing: the server listens on loopback only.
pub const SECRET_KEY: &str = "local-harness-secret";
/// The region of buckets, queue and function.
pub const REGION: &str = "us-east-1";
/// The queue of the upload bucket.
pub(crate) const QUEUE_ARN: &str = "arn:aws:sqs:us-east-1:000000000000:uploads";

/// What the harness runs, and where.
#[derive(Debug, Clone)]
pub struct HarnessOptions {
    /// The function's binary.
    pub bootstrap: PathBuf,
    /// The folder that keeps the objects.
    pub data_dir: PathBuf,
    /// Port of the S3 endpoint on loopback; 0 for any.
    pub port: u16,
    /// The upload bucket. Default `uploads`.
    pub bucket: String,
    /// Whether its changes become messages in the queue. Default true.
    pub is_watched: bool,
    /// Other buckets to create. Default the uploads bucket with `-variants`.
    pub other_buckets: Vec<String>,
    /// The function's memory. Default 1,769 MB, which is one vCPU on Lambda.
    pub memory_size_mb: u32,
    /// The function's timeout. Default 60 s.
    pub timeout: Duration,
    /// Execution environments at the same time. Default 2.
    pub max_concurrency: usize,
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
            bucket: "uploads".to_owned(),
            is_watched: true,
            other_buckets: vec!["uploads-variants".to_owned()],
            memory_size_mb: 1769,
            timeout: Duration::from_secs(60),
            max_concurrency: 2,
            batch_size: 10,
            env: Vec::new(),
            queue: QueueOptions::default(),
            retry_delay: RetryDelay::constant(Duration::from_secs(1)),
            faults: None,
        }
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
    /// The queue's API could not start.
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
    /// A request of the harness's own client failed.
    #[error("{request} failed: {cause}")]
    Request {
        /// The request.
        request: String,
        /// Why it failed.
        cause: String,
    },
}

/// S3 and the function, without queue and mapping.
#[derive(Debug)]
pub struct Parts {
    /// The real SDK's client for the embedded S3.
    pub client: Client,
    /// Serves as long as it is kept.
    pub s3: S3Server,
    /// The notifications of the buckets.
    pub notifications: UnboundedReceiver<Notification>,
    /// The shipped binary in its environments.
    pub function: Arc<Function>,
    /// All lines of the function's log, START, END and REPORT among them.
    pub log: UnboundedReceiver<LogLine>,
    /// The proxy between the function and S3, if faults are to be injected.
    pub proxy: Option<FaultProxy>,
}

/// A proxy and its faults.
#[derive(Debug)]
pub struct FaultProxy {
    /// Serves as long as it is kept.
    pub proxy: Proxy,
    /// Decides the faults; its plan can be changed.
    pub injector: Arc<FaultInjector>,
    killing: JoinHandle<()>,
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.killing.abort();
    }
}

impl Parts {
    /// Starts S3 and the function's first process, and creates the buckets that do not exist yet.
    /// So a wrong configuration is an error here. Further processes start with their first event.
    ///
    /// # Errors
    /// `S3` for the port or the folder, `Function` for the binary, `Init` for a function that does
    /// not start, `Request` for a bucket.
    pub async fn start(options: &HarnessOptions) -> Result<Self, HarnessError> {
        let (notify, notifications) = unbounded_channel();
        let s3 = start_s3(options, notify).await?;
        let (log_sink, log) = unbounded_channel();
        let (kill, kills) = unbounded_channel();
        let front = match &options.faults {
            Some(plan) => Some(start_proxy(options, &s3, plan.clone(), kill).await?),
            None => None,
        };
        let endpoint = front.as_ref().map_or(s3.endpoint(), |(proxy, _)| proxy.endpoint());
        let function = Function::new(function_options(options, endpoint, log_sink))?;
        let function = Arc::new(function);
        function.warm_up().await?;
        let proxy = front.map(|(proxy, injector)| {
            let killing = tokio::spawn(kill_on_request(kills, Arc::clone(&function)));
            FaultProxy { proxy, injector, killing }
        });
        let client = s3_client(s3.endpoint());
        create_buckets(&client, options).await?;
        Ok(Self { client, s3, notifications, function, log, proxy })
    }
}

pub(crate) async fn start_proxy(
    options: &HarnessOptions,
    s3: &S3Server,
    plan: FaultPlan,
    kill: UnboundedSender<()>,
) -> Result<(Proxy, Arc<FaultInjector>), HarnessError> {
    let failed = |source| {
        let data_dir = options.data_dir.clone();
        HarnessError::S3 { data_dir, port: options.port, source }
    };
    let address = s3.endpoint().trim_start_matches("http://").parse();
    let address = address.map_err(|error| failed(io::Error::other(error)))?;
    let injector = Arc::new(FaultInjector::new(plan, kill));
    let proxy = Proxy::start(address, Arc::clone(&injector)).await.map_err(failed)?;
    Ok((proxy, injector))
}

async fn kill_on_request(mut kills: UnboundedReceiver<()>, function: Arc<Function>) {
    while kills.recv().await.is_some() {
        function.kill();
    }
}

/// The running harness. Dropping it ends all of it at once.
#[derive(Debug)]
pub struct Harness {
    /// The real SDK's client for the embedded S3.
    pub client: Client,
    /// Between S3 and the function.
    pub queue: Arc<Queue>,
    /// The shipped binary in its environments.
    pub function: Arc<Function>,
    /// Finished batches, in the order of their end.
    pub batches: UnboundedReceiver<Batch>,
    /// All lines of the function's log, START, END and REPORT among them.
    pub log: UnboundedReceiver<LogLine>,
    /// The proxy between the function and S3, if faults are to be injected.
    pub proxy: Option<FaultProxy>,
    s3: S3Server,
    _mapping: EventSource,
    forwarding: JoinHandle<()>,
}

impl Harness {
    /// Starts S3 and function, sets up notifications and starts to poll.
    ///
    /// # Errors
    /// Those of [`Parts::start`].
    pub async fn start(options: HarnessOptions) -> Result<Self, HarnessError> {
        let parts = Parts::start(&options).await?;
        let Parts { client, s3, notifications, function, log, proxy } = parts;
        let mut queue_options = options.queue.clone();
        // As AWS recommends: a batch that is still running must not be delivered a second time.
        queue_options.visibility_timeout = 6 * options.timeout;
        let queue = Arc::new(Queue::new(queue_options));
        let forwarding = tokio::spawn(forward(notifications, Arc::clone(&queue)));
        if options.is_watched {
            watch_bucket(&client, &options.bucket).await?;
        }

        let (finished, batches) = unbounded_channel();
        let mapping_options = EventSourceOptions {
            queue_arn: QUEUE_ARN.to_owned(),
            batch_size: options.batch_size,
            max_concurrency: options.max_concurrency,
            retry_delay: Some(options.retry_delay),
        };
        let mapping = EventSource::start(
            Arc::clone(&queue),
            Arc::clone(&function),
            mapping_options,
            finished,
        );
        let _mapping = mapping;
        Ok(Self { client, queue, function, batches, log, proxy, s3, _mapping, forwarding })
    }

    /// The URL of the embedded S3.
    pub fn endpoint(&self) -> &str {
        self.s3.endpoint()
    }
}

impl Drop for Harness {
    fn drop(&mut self) {
        self.forwarding.abort();
    }
}

pub(crate) async fn start_s3(
    options: &HarnessOptions,
    notify: UnboundedSender<Notification>,
) -> Result<S3Server, HarnessError> {
    let (data_dir, port) = (options.data_dir.clone(), options.port);
    let s3_options = S3Options {
        data_dir: data_dir.clone(),
        address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        region: REGION.to_owned(),
        access_key: ACCESS_KEY.to_owned(),
        secret_key: SECRET_KEY.to_owned(),
        access: s3_local::Access::default(),
        wrong_keys: None,
    };
    let started = S3Server::start(s3_options, notify).await;
    started.map_err(|source| HarnessError::S3 { data_dir, port, source })
}

/// As in infra/template.yaml: without it, the allocator keeps up to 64 MB of freed memory.
const GLIBC_TUNABLES: &str =
    "glibc.malloc.mmap_threshold=4194304:glibc.malloc.trim_threshold=8388608";

fn function_options(
    options: &HarnessOptions,
    endpoint: &str,
    log: UnboundedSender<LogLine>,
) -> FunctionOptions {
    let mut function = FunctionOptions::new(options.bootstrap.clone(), log);
    function.name = "resizer".to_owned();
    function.memory_size_mb = options.memory_size_mb;
    function.timeout = options.timeout;
    function.max_concurrency = options.max_concurrency;
    let own = [
        ("AWS_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY),
        ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
        ("AWS_ENDPOINT_URL_S3", endpoint),
        ("GLIBC_TUNABLES", GLIBC_TUNABLES),
    ];
    function.env = own.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    function.env.extend(options.env.iter().cloned());
    function
}

/// A client of the embedded S3.
pub fn s3_client(endpoint: &str) -> Client {
    let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "local-harness");
    let config = Config::builder()
        .region(Region::new(REGION))
        .endpoint_url(endpoint)
        .force_path_style(true)
        .credentials_provider(credentials)
        .http_client(aws_smithy_http_client::Builder::new().build_http());
    Client::from_conf(config.build())
}

pub(crate) async fn forward(mut notifications: UnboundedReceiver<Notification>, queue: Arc<Queue>) {
    while let Some(notification) = notifications.recv().await {
        if notification.destination_arn != QUEUE_ARN {
            tracing::warn!(arn = notification.destination_arn, "no queue has this ARN");
        } else if let Err(error) = queue.send(notification.body) {
            tracing::error!("{error}");
        }
    }
}

pub(crate) async fn create_buckets(
    client: &Client,
    options: &HarnessOptions,
) -> Result<(), HarnessError> {
    for bucket in options.other_buckets.iter().chain([&options.bucket]) {
        let created = client.create_bucket().bucket(bucket).send().await;
        match created {
            Err(error) if error.code() == Some("BucketAlreadyOwnedByYou") => {}
            Err(error) => return Err(failed(format!("creating bucket {bucket}"), &error)),
            Ok(_) => {}
        }
    }
    Ok(())
}

/// Sends every change in the bucket to the queue.
pub(crate) async fn watch_bucket(client: &Client, bucket: &str) -> Result<(), HarnessError> {
    let queue = QueueConfiguration::builder()
        .id("to-the-resizer")
        .queue_arn(QUEUE_ARN)
        .events(Event::S3ObjectCreated)
        .events(Event::S3ObjectRemoved)
        .events(Event::S3LifecycleExpiration)
        .events(Event::S3ObjectRestoreCompleted)
        .build()
        .expect("the ARN and the events are given");
    let configuration = NotificationConfiguration::builder().queue_configurations(queue).build();
    let request = client
        .put_bucket_notification_configuration()
        .bucket(bucket)
        .notification_configuration(configuration);
    let put = request.send().await;
    put.map_err(|error| failed(format!("notifications of {bucket}"), &error))?;
    Ok(())
}

fn failed(request: String, error: impl std::error::Error) -> HarnessError {
    HarnessError::Request { request, cause: DisplayErrorContext(error).to_string() }
}
