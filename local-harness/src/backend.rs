//! S3 and a queue without a function, for a process that takes its work from the queue itself, such
//! as the worker: upload bucket -> notifications -> queue.

use std::sync::Arc;

use aws_sdk_s3::Client;
use s3_local::S3Server;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinHandle;

use crate::forwarding::{forward, open_queue};
use crate::harness::{
    ACCESS_KEY, HarnessError, HarnessOptions, REGION, SECRET_KEY, create_buckets, s3_client,
    start_proxy, start_s3, watch_bucket,
};
use crate::proxy::{FaultInjector, FaultPlan, Proxy};
use lambda_local::queue::Queue;
use lambda_local::queue::api::{QueueApi, QueueApiOptions};

/// The running services. Dropping it ends them.
#[derive(Debug)]
pub struct Backend {
    /// The real SDK's client for the embedded S3, past the proxy.
    pub client: Client,
    /// What the process takes its work from.
    pub queue: Arc<Queue>,
    /// Between the process and S3.
    pub proxy: Proxy,
    /// Decides its faults.
    pub injector: Arc<FaultInjector>,
    /// One message for each time that the proxy wants the process killed.
    pub kills: UnboundedReceiver<()>,
    api: QueueApi,
    forwarding: JoinHandle<()>,
    s3: S3Server,
}

impl Backend {
    /// Starts both; of the options those of the function and the mapping say nothing here. The
    /// visibility timeout of the queue is that of its options.
    ///
    /// # Errors
    /// `S3` for the port or the folder, `Request` for a bucket.
    pub async fn start(options: &HarnessOptions) -> Result<Self, HarnessError> {
        let (notify, notifications) = unbounded_channel();
        let s3 = start_s3(options, notify).await?;
        let (kill, kills) = unbounded_channel();
        let plan = options.faults.clone().unwrap_or(FaultPlan::None);
        let (proxy, injector) = start_proxy(options, &s3, plan, kill).await?;
        let client = s3_client(s3.endpoint());
        create_buckets(&client, options.other_buckets.iter().chain([&options.bucket])).await?;
        let queue = Arc::new(open_queue(options.queue.clone(), &options.data_dir)?);
        let forwarding = tokio::spawn(forward(notifications, Arc::clone(&queue)));
        if options.is_watched {
            watch_bucket(&client, &options.bucket).await?;
        }
        let api = QueueApiOptions {
            listen: 0.into(),
            region: REGION.to_owned(),
            access_key: ACCESS_KEY.to_owned(),
        };
        let api = QueueApi::start(Arc::clone(&queue), api).await;
        let api = api.map_err(|source| HarnessError::Queue { source })?;
        Ok(Self { client, queue, proxy, injector, kills, api, forwarding, s3 })
    }

    /// The URL of S3, past the proxy.
    pub fn s3_endpoint(&self) -> &str {
        self.s3.endpoint()
    }

    /// The URL of the queue's service.
    pub fn sqs_endpoint(&self) -> String {
        self.api.endpoint()
    }

    /// The URL that names the queue.
    pub fn queue_url(&self) -> String {
        self.api.queue_url()
    }

    /// What a process needs to know: region, credentials, endpoints and the queue.
    pub fn env(&self) -> Vec<(String, String)> {
        let sqs = self.api.endpoint();
        let queue_url = self.queue_url();
        let variables = [
            ("AWS_REGION", REGION),
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
            ("AWS_ENDPOINT_URL_S3", self.proxy.endpoint()),
            ("AWS_ENDPOINT_URL_SQS", &sqs),
            ("RESIZER_QUEUE_URL", &queue_url),
        ];
        variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.forwarding.abort();
    }
}
