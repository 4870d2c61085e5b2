//! Presigned URLs with which a browser reads an upload and its variants.

use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::presigning::PresigningConfig;

use crate::activity::UploadRecord;

/// Longer than a browser shows the page, and less than the week that S3 allows.
const VALID_FOR: Duration = Duration::from_hours(24);

/// Gives a record's source and variants their URLs. `client` has the endpoint that browsers use.
pub async fn add(client: &Client, upload: &mut UploadRecord) {
    if let Some(source) = upload.source.as_mut().filter(|_| upload.original.is_none()) {
        source.url = presigned(client, &upload.bucket, &upload.key).await;
    }
    for variant in &mut upload.variants {
        variant.url = presigned(client, &variant.bucket, &variant.key).await;
    }
}

/// A GET; none for a name that no URL can hold.
pub async fn presigned(client: &Client, bucket: &str, key: &str) -> Option<String> {
    let terms = PresigningConfig::expires_in(VALID_FOR).ok()?;
    let request = client.get_object().bucket(bucket).key(key).presigned(terms).await.ok()?;
    Some(request.uri().to_owned())
}
