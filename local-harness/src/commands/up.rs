//! `up`: everything stays, prints how to use it and then the function's log.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use super::CommandError;
use crate::harness::{ACCESS_KEY, Harness, HarnessOptions, REGION, SECRET_KEY};
use crate::lambda::invoke_api::InvokeApi;

/// Runs until `stop`.
///
/// # Errors
/// Where a port, a folder or the binary cannot be used.
pub async fn run(
    options: HarnessOptions,
    lambda_port: u16,
    stop: impl Future<Output = ()>,
) -> Result<(), CommandError> {
    let bucket = options.bucket.clone();
    let output = options.other_buckets.join(", ");
    let data_dir = options.data_dir.clone();
    let mut harness = Harness::start(options).await?;
    let invoke_api = InvokeApi::start(Arc::clone(&harness.function), lambda_port);
    let invoke_api = invoke_api
        .await
        .map_err(|source| CommandError::LambdaPort { port: lambda_port, source })?;
    let lambda = SocketAddr::from((Ipv4Addr::LOCALHOST, invoke_api.address().port()));
    let endpoint = harness.endpoint();
    println!(
        "\
S3 endpoint   {endpoint}   (path style, region {REGION})
Lambda        http://{lambda}   (function `resizer`)
Buckets       {bucket} -> {output}
Objects in    {}

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
    let mut given_up = 0;
    loop {
        tokio::select! {
            Some(line) = harness.log.recv() => println!("{}", line.text.trim_end()),
            Some(_) = harness.batches.recv() => {
                for message in harness.queue.dead_letters().iter().skip(given_up) {
                    let deliveries = message.receive_count;
                    println!("given up after {deliveries} deliveries: {}", message.body);
                    given_up += 1;
                }
            }
            () = &mut stop => break,
        }
    }
    let unfinished = harness.queue.unfinished();
    drop(harness);
    eprintln!("\nstopped; the function's processes are ended, the objects are kept");
    if unfinished > 0 {
        eprintln!("{unfinished} events were not done and are lost: upload these objects again");
    }
    Ok(())
}
