//! S3, a queue, and a function, connected as in the harness, but with notifications of the output
//! bucket, too: they say when a variant was stored.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::types::{Event, NotificationConfiguration, QueueConfiguration};
use lambda_local::event_source::{Batch, EventSource, EventSourceOptions, RetryDelay};
use lambda_local::queue::{Queue, QueueOptions};
use local_harness::harness::{HarnessOptions, Parts};
use s3_local::Notification;
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use crate::FunctionPlan;

const UPLOADS: &str = "uploads";
const VARIANTS: &str = "uploads-variants";
const ARN: &str = "arn:aws:sqs:us-east-1:000000000000:";

/// The longest that an invocation may take.
const TIMEOUT: Duration = Duration::from_secs(60);

/// How much longer its batch may take to end.
const MARGIN: Duration = Duration::from_secs(30);

/// An object that was stored.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) at: Instant,
    bucket: String,
    pub(crate) key: String,
}

/// A function with its upload bucket. Dropping it ends all of it.
pub(crate) struct Platform {
    pub(crate) parts: Parts,
    batches: UnboundedReceiver<Batch>,
    stored: UnboundedReceiver<Stored>,
    _mapping: EventSource,
    tasks: Vec<JoinHandle<()>>,
}

/// What became of an upload.
#[derive(Debug)]
pub(crate) struct Processed {
    pub(crate) batch: Batch,
    /// When the event was in the queue.
    pub(crate) queued: Instant,
    /// The variants in the order in which they were stored.
    pub(crate) variants: Vec<Stored>,
}

impl Platform {
    /// Starts all of it, the first environment of the function included.
    pub(crate) async fn start(
        function: &FunctionPlan,
        program: &Path,
        memory_mb: u32,
        folder: &Path,
    ) -> Result<Self, Box<dyn Error>> {
        let mut options = HarnessOptions::new(program.to_owned(), folder.to_owned());
        options.memory_size_mb = memory_mb;
        options.limits_cpu = true;
        options.timeout = TIMEOUT;
        options.max_concurrency = 1;
        options.env.clone_from(&function.env);
        let mut parts = Parts::start(&options).await?;
        if let Some(Err(reason)) = parts.function.cpu_limit() {
            return Err(format!("processor time cannot be limited: {reason}").into());
        }
        for bucket in [UPLOADS, VARIANTS] {
            watch(&parts, bucket).await?;
        }
        let queue = Queue::new(QueueOptions { max_receive_count: 1, ..QueueOptions::default() });
        let queue = Arc::new(queue);
        let notifications = std::mem::replace(&mut parts.notifications, unbounded_channel().1);
        let mut log = std::mem::replace(&mut parts.log, lambda_local::log().1);
        let (store, stored) = unbounded_channel();
        let tasks = vec![
            tokio::spawn(forward(notifications, Arc::clone(&queue), store)),
            // Nobody reads the lines here: they are in the batches, too.
            tokio::spawn(async move { while log.recv().await.is_some() {} }),
        ];
        let mapping = EventSourceOptions {
            batch_size: 1,
            max_concurrency: 1,
            retry_delay: Some(RetryDelay::constant(TIMEOUT)),
            ..EventSourceOptions::default()
        };
        let (finished, batches) = unbounded_channel();
        let function = Arc::clone(&parts.function);
        let _mapping = EventSource::start(queue, function, mapping, finished);
        Ok(Self { parts, batches, stored, _mapping, tasks })
    }

    /// Uploads a picture, and waits for the end of its event and for its variants.
    pub(crate) async fn process(
        &mut self,
        key: &str,
        picture: &[u8],
        variants: usize,
    ) -> Result<Processed, Box<dyn Error>> {
        let put = self.parts.client.put_object().bucket(UPLOADS).key(key);
        put.content_type("image/jpeg").body(picture.to_vec().into()).send().await?;
        let batch = timeout(TIMEOUT + MARGIN, self.batches.recv()).await?;
        let batch = batch.ok_or("the mapping has ended")?;
        if let Err(error) = &batch.invocation.result {
            return Err(error.error_type.clone().into());
        }
        let (mut queued, mut done) = (None, Vec::new());
        while done.len() < variants {
            let next = timeout(MARGIN, self.stored.recv()).await;
            let Ok(Some(stored)) = next else {
                return Err(format!("{} of {variants} variants were stored", done.len()).into());
            };
            if stored.bucket == UPLOADS {
                queued = Some(stored.at);
            } else if stored.key.ends_with(".jpg") {
                done.push(stored);
            }
        }
        let queued = queued.ok_or("no event of the upload")?;
        Ok(Processed { batch, queued, variants: done })
    }

    /// The bytes of a variant.
    pub(crate) async fn read(&self, key: &str) -> Result<Vec<u8>, Box<dyn Error>> {
        let object = self.parts.client.get_object().bucket(VARIANTS).key(key).send().await?;
        Ok(object.body.collect().await?.to_vec())
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// Sends what is created in a bucket to the ARN that ends with its name.
async fn watch(parts: &Parts, bucket: &str) -> Result<(), Box<dyn Error>> {
    let queue = QueueConfiguration::builder()
        .queue_arn(format!("{ARN}{bucket}"))
        .events(Event::S3ObjectCreated)
        .build()?;
    let configuration = NotificationConfiguration::builder().queue_configurations(queue).build();
    let put = parts.client.put_bucket_notification_configuration().bucket(bucket);
    put.notification_configuration(configuration).send().await?;
    Ok(())
}

/// Uploads become events in the queue; of all objects it is told when they were stored.
async fn forward(
    mut notifications: UnboundedReceiver<Notification>,
    queue: Arc<Queue>,
    store: UnboundedSender<Stored>,
) {
    while let Some(notification) = notifications.recv().await {
        let at = Instant::now();
        let body: Value = serde_json::from_str(&notification.body).unwrap_or_default();
        let name = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let (bucket, key) = (name("/Records/0/s3/bucket/name"), name("/Records/0/s3/object/key"));
        // Without them it is the test event of a new configuration.
        if let (Some(bucket), Some(key)) = (bucket, key) {
            let is_upload = bucket == UPLOADS;
            // The receiver may have ended already.
            let _ = store.send(Stored { at, bucket, key });
            if is_upload && let Err(error) = queue.send(notification.body.clone()) {
                eprintln!("an event is lost: {error}");
            }
        }
        if let Err(error) = notification.delivered() {
            eprintln!("a notification stays in S3: {error}");
        }
    }
}
