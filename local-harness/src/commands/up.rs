//! `up`: runs everything until it is stopped, prints how to use it and then the function's log.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use super::CommandError;
use crate::harness::{ACCESS_KEY, Harness, HarnessOptions, REGION, SECRET_KEY};
use lambda_local::AsynchronousOptions;
use lambda_local::event_source::RetryDelay;
use lambda_local::function_url::FunctionUrl;
use lambda_local::invoke_api::InvokeApi;

/// The delay after the first delivery of an event that failed; it doubles with each further one.
const FIRST_RETRY_DELAY: Duration = Duration::from_secs(1);

/// Deliveries before an event is given up. With the default delays the last one is 3.5 minutes
/// after the first, which an original needs that is moved or deleted: 2.5 minutes with default
/// times.
const MAX_DELIVERIES: u32 = 12;

/// Options that only `up` has.
#[derive(Debug, Clone, Copy)]
pub struct UpOptions {
    /// Port of Lambda's Invoke API on loopback; 0 for any.
    pub lambda_port: u16,
    /// Port of the function URL on loopback; 0 for any.
    pub url_port: u16,
    /// The longest delay before a failed event is delivered again.
    pub max_retry_delay: Duration,
}

/// Runs until `stop`.
///
/// # Errors
/// `Harness` for a port, a folder, the binary, or a function that does not start, which is how a
/// wrong configuration shows; `LambdaPort` for the other port.
pub async fn run(
    mut options: HarnessOptions,
    UpOptions { lambda_port, url_port, max_retry_delay }: UpOptions,
    stop: impl Future<Output = ()>,
) -> Result<(), CommandError> {
    let first = FIRST_RETRY_DELAY.min(max_retry_delay);
    options.retry_delay = RetryDelay { first, max: max_retry_delay };
    options.queue.max_receive_count = MAX_DELIVERIES;
    let bucket = options.bucket.clone();
    let other_buckets = options.other_buckets.join(", ");
    let data_dir = options.data_dir.clone();
    let mut harness = Harness::start(options).await?;
    // Short delays, as a user watches.
    let asynchronous = AsynchronousOptions {
        retry_delays: vec![FIRST_RETRY_DELAY, 2 * FIRST_RETRY_DELAY],
        journal: Some(data_dir.join("asynchronous.journal")),
        ..AsynchronousOptions::default()
    };
    let invoke_api = InvokeApi::start(Arc::clone(&harness.function), asynchronous, lambda_port);
    let invoke_api = invoke_api
        .await
        .map_err(|source| CommandError::LambdaPort { port: lambda_port, source })?;
    let lambda = SocketAddr::from((Ipv4Addr::LOCALHOST, invoke_api.address().port()));
    let function_url = FunctionUrl::start(Arc::clone(&harness.function), url_port).await;
    let function_url =
        function_url.map_err(|source| CommandError::UrlPort { port: url_port, source })?;
    let url = function_url.address();
    let endpoint = harness.endpoint();
    println!(
        "\
S3 endpoint      {endpoint}   (path style, region {REGION})
Lambda endpoint  http://{lambda}   (function `resizer`)
Function URL     http://{url}   (answers if the configuration has [endpoint])
Upload bucket    {bucket}
Other buckets    {other_buckets}
Objects kept in  {}

Try it, in another terminal:

  export AWS_ACCESS_KEY_ID={ACCESS_KEY} AWS_SECRET_ACCESS_KEY={SECRET_KEY}
  export AWS_DEFAULT_REGION={REGION} AWS_ENDPOINT_URL={endpoint}
  aws s3 cp photo.jpg s3://{bucket}/
  aws s3 ls --recursive s3://{bucket}-variants/

Ctrl-C stops everything. The function's log follows.
",
        data_dir.display()
    );
    let mut stop = std::pin::pin!(stop);
    let mut reported = 0;
    loop {
        tokio::select! {
            Some(line) = harness.log.recv() => println!("{}", line.text.trim_end()),
            Some(_) = harness.batches.recv() => {
                for message in harness.queue.dead_letters().iter().skip(reported) {
                    let deliveries = message.receive_count;
                    println!("dead letter after {deliveries} deliveries: {}", message.body);
                    reported += 1;
                }
            }
            () = &mut stop => break,
        }
    }
    let unfinished = harness.queue.unfinished();
    drop(harness);
    eprintln!("\nStopped: the function's processes have ended, the objects are kept.");
    if unfinished > 0 {
        eprintln!(
            "The queue still has {unfinished} events. They are delivered after the next start."
        );
    }
    Ok(())
}
