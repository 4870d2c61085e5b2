//! The harness's own client, and what it asks of S3: buckets and their notifications.

use aws_credential_types::Credentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Config, Region};
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_s3::types::{Event, NotificationConfiguration, QueueConfiguration};

use super::REGION;
use super::options::{HarnessError, Keys};
use crate::forwarding::QUEUE_ARN;

/// A client of an embedded S3 with the constant keys.
pub fn s3_client(endpoint: &str) -> Client {
    s3_client_with(endpoint, &Keys::default())
}

/// A client of an embedded S3 with keys of its own.
pub fn s3_client_with(endpoint: &str, keys: &Keys) -> Client {
    let Keys { access_key, secret_key } = keys;
    let credentials = Credentials::new(access_key, secret_key, None, None, "local-harness");
    let config = Config::builder()
        .region(Region::new(REGION))
        .endpoint_url(endpoint)
        .force_path_style(true)
        .credentials_provider(credentials)
        .http_client(aws_smithy_http_client::Builder::new().build_http());
    Client::from_conf(config.build())
}

/// Creates the buckets that do not exist yet.
pub(crate) async fn create_buckets(
    client: &Client,
    buckets: impl IntoIterator<Item = &String>,
) -> Result<(), HarnessError> {
    for bucket in buckets {
        let created = client.create_bucket().bucket(bucket).send().await;
        match created {
            Err(error) if error.code() == Some("BucketAlreadyOwnedByYou") => {}
            Err(error) if error.code() == Some("InvalidBucketName") => {
                return Err(HarnessError::BucketName { name: bucket.clone() });
            }
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

/// Sends the changes in the bucket to the queue no longer.
pub(crate) async fn unwatch_bucket(client: &Client, bucket: &str) -> Result<(), HarnessError> {
    let request = client
        .put_bucket_notification_configuration()
        .bucket(bucket)
        .notification_configuration(NotificationConfiguration::builder().build());
    let put = request.send().await;
    put.map_err(|error| failed(format!("notifications of {bucket}"), &error))?;
    Ok(())
}

fn failed(request: String, error: impl std::error::Error) -> HarnessError {
    HarnessError::Request { request, cause: DisplayErrorContext(error).to_string() }
}
