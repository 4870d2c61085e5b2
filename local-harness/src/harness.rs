//! S3, queue, event source mapping and function, connected as in `infra/template.yaml`: upload
//! bucket -> notifications -> queue -> function -> output bucket.

mod buckets;
mod options;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::Client;
use s3_local::{Notification, S3Options, S3Server};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{JoinHandle, JoinSet};

pub(crate) use self::buckets::{create_buckets, unwatch_bucket, watch_bucket};
pub use self::buckets::{s3_client, s3_client_with};
pub use self::options::{HarnessError, HarnessOptions, Keys};
use crate::forwarding::{QUEUE_ARN, QUEUE_NAME, forward, open_queue};
use crate::proxy::{FaultInjector, FaultPlan, Proxy};
use lambda_local::event_source::{Batch, EventSource, EventSourceOptions};
use lambda_local::failure::InitError;
use lambda_local::queue::Queue;
use lambda_local::{Function, FunctionOptions, LogLines, LogSink};

/// The access key unless a user names another one.
pub const ACCESS_KEY: &str = "local-harness";
/// Its secret for tests and for commands that end by themselves. `up` makes one of its own.
pub const SECRET_KEY: &str = "local-harness-secret";
/// The region of buckets, queue and function.
pub const REGION: &str = "us-east-1";

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
    pub log: LogLines,
    /// The proxy between the function and S3, if faults are to be injected.
    pub proxy: Option<FaultProxy>,
    init: Init,
}

/// The init of the function's first process.
type Init = JoinSet<Result<(), InitError>>;

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
        let mut parts = Self::begin(options).await?;
        wait_for(&mut parts.init).await?;
        Ok(parts)
    }

    /// Like `start`, but returns while the init is still running.
    async fn begin(options: &HarnessOptions) -> Result<Self, HarnessError> {
        let (notify, notifications) = unbounded_channel();
        let s3 = start_s3(options, notify).await?;
        let (log_sink, log) = lambda_local::log();
        let (kill, kills) = unbounded_channel();
        let front = match &options.faults {
            Some(plan) => Some(start_proxy(options, &s3, plan.clone(), kill).await?),
            None => None,
        };
        let endpoint = front.as_ref().map_or(s3.endpoint(), |(proxy, _)| proxy.endpoint());
        let function = Function::new(function_options(options, endpoint, log_sink))?;
        let function = Arc::new(function);
        let mut init = Init::new();
        let warmed = Arc::clone(&function);
        init.spawn(async move { warmed.warm_up().await });
        let proxy = front.map(|(proxy, injector)| {
            let killing = tokio::spawn(kill_on_request(kills, Arc::clone(&function)));
            FaultProxy { proxy, injector, killing }
        });
        let client = s3_client_with(s3.endpoint(), &options.keys);
        create_buckets(&client, options.upload_buckets().chain(&options.other_buckets)).await?;
        Ok(Self { client, s3, notifications, function, log, proxy, init })
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

async fn wait_for(init: &mut Init) -> Result<(), HarnessError> {
    while let Some(warmed) = init.join_next().await {
        warmed.expect("nothing aborts or panics in an init")?;
    }
    Ok(())
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
    pub log: LogLines,
    /// The proxy between the function and S3, if faults are to be injected.
    pub proxy: Option<FaultProxy>,
    /// Events of earlier runs that had no result yet when this one started.
    pub left_events: usize,
    init: Init,
    s3: Arc<S3Server>,
    /// Polling starts after the init; otherwise the first event would start a second process.
    pending: Option<(EventSourceOptions, UnboundedSender<Batch>)>,
    polling: Option<EventSource>,
    forwarding: JoinHandle<()>,
}

impl Harness {
    /// Starts S3 and function, sets up notifications and starts to poll.
    ///
    /// # Errors
    /// Those of [`Parts::start`].
    pub async fn start(options: HarnessOptions) -> Result<Self, HarnessError> {
        let mut harness = Self::begin(options).await?;
        harness.finish_init().await?;
        Ok(harness)
    }

    /// Like [`Harness::start`], but returns while the init is still running: call
    /// [`Harness::finish_init`] next.
    ///
    /// # Errors
    /// Those of [`Parts::start`], without `Init`.
    pub async fn begin(options: HarnessOptions) -> Result<Self, HarnessError> {
        let parts = Parts::begin(&options).await?;
        let Parts { client, s3, notifications, function, log, proxy, init } = parts;
        let mut queue_options = options.queue.clone();
        QUEUE_NAME.clone_into(&mut queue_options.name);
        // As AWS recommends: a batch that is still running must not be delivered a second time.
        queue_options.visibility_timeout = 6 * options.timeout;
        let queue = Arc::new(open_queue(queue_options, &options.data_dir)?);
        let left_events = queue.unfinished() + notifications.len();
        let forwarding = tokio::spawn(forward(notifications, Arc::clone(&queue)));
        if options.is_watched {
            for bucket in options.upload_buckets() {
                watch_bucket(&client, bucket).await?;
            }
        }

        let (finished, batches) = unbounded_channel();
        let mapping_options = EventSourceOptions {
            queue_arn: QUEUE_ARN.to_owned(),
            batch_size: options.batch_size,
            batch_window: Duration::ZERO,
            max_concurrency: options.max_concurrency * options.environment_concurrency,
            retry_delay: Some(options.retry_delay),
        };
        let pending = Some((mapping_options, finished));
        let s3 = Arc::new(s3);
        Ok(Self {
            client,
            queue,
            function,
            batches,
            log,
            proxy,
            left_events,
            init,
            s3,
            pending,
            polling: None,
            forwarding,
        })
    }

    /// Waits for the end of the init, and starts to poll.
    ///
    /// # Errors
    /// `Init` for a function that does not start.
    pub async fn finish_init(&mut self) -> Result<(), HarnessError> {
        wait_for(&mut self.init).await?;
        if let Some((options, finished)) = self.pending.take() {
            let (queue, function) = (Arc::clone(&self.queue), Arc::clone(&self.function));
            self.polling = Some(EventSource::start(queue, function, options, finished));
        }
        Ok(())
    }

    /// Creates the buckets that do not exist yet, and sends the changes of upload buckets to the
    /// queue.
    ///
    /// # Errors
    /// `BucketName`, `Request`.
    pub async fn add_buckets(
        &self,
        upload_buckets: &[String],
        other_buckets: &[String],
    ) -> Result<(), HarnessError> {
        create_buckets(&self.client, upload_buckets.iter().chain(other_buckets)).await?;
        for bucket in upload_buckets {
            watch_bucket(&self.client, bucket).await?;
        }
        Ok(())
    }

    /// The embedded S3.
    pub fn s3(&self) -> &Arc<S3Server> {
        &self.s3
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
        address: SocketAddr::from((options.host, port)),
        region: REGION.to_owned(),
        access_key: options.keys.access_key.clone(),
        secret_key: options.keys.secret_key.clone(),
        access: options.access.clone(),
        wrong_keys: options.wrong_keys.clone(),
    };
    let started = S3Server::start(s3_options, notify).await;
    started.map_err(|source| match source.kind() {
        io::ErrorKind::ResourceBusy => HarnessError::DataDir { data_dir },
        _ => HarnessError::S3 { data_dir, port, source },
    })
}

/// As in infra/template.yaml: without it, the allocator keeps up to 64 MB of freed memory.
const GLIBC_TUNABLES: &str =
    "glibc.malloc.mmap_threshold=1048576:glibc.malloc.trim_threshold=2097152";

fn function_options(options: &HarnessOptions, endpoint: &str, log: LogSink) -> FunctionOptions {
    let mut function = FunctionOptions::new(options.bootstrap.clone(), log);
    function.name = "resizer".to_owned();
    function.memory_size_mb = options.memory_size_mb;
    function.limits_cpu = options.limits_cpu;
    function.timeout = options.timeout;
    function.max_concurrency = options.max_concurrency;
    function.environment_concurrency = options.environment_concurrency;
    function.env = function_env(endpoint, &options.keys);
    function.env.extend(options.env.iter().cloned());
    function
}

/// The variables that every function of the harness has.
pub(crate) fn function_env(endpoint: &str, keys: &Keys) -> Vec<(String, String)> {
    let variables = [
        ("AWS_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", &keys.access_key),
        ("AWS_SECRET_ACCESS_KEY", &keys.secret_key),
        ("AWS_ENDPOINT_URL_S3", endpoint),
        ("GLIBC_TUNABLES", GLIBC_TUNABLES),
    ];
    variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}
