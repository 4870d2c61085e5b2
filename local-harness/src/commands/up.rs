//! `up`: everything stays, prints how to use it and then the function's log.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use super::CommandError;
use crate::harness::{ACCESS_KEY, Harness, HarnessOptions, REGION, SECRET_KEY};
use crate::lambda::front::Front;

/// Runs until the caller drops it.
///
/// # Errors
/// Where a port, a folder or the binary cannot be used.
pub async fn run(options: HarnessOptions, lambda_port: u16) -> Result<(), CommandError> {
    let bucket = options.bucket.clone();
    let output = options.other_buckets.join(", ");
    let data_dir = options.data_dir.clone();
    let mut harness = Harness::start(options).await?;
    let front = Front::start(Arc::clone(&harness.function), lambda_port);
    let front =
        front.await.map_err(|source| CommandError::LambdaPort { port: lambda_port, source })?;
    let lambda = SocketAddr::from((Ipv4Addr::LOCALHOST, front.address().port()));
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
    while let Some(line) = harness.log.recv().await {
        println!("{}", line.text.trim_end());
    }
    Ok(())
}
