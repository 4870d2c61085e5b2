//! The only file that speaks to S3: get, head, put, delete. Errors come out as `Fault`, absence
//! and excess as values.

use std::collections::HashMap;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use resizer_engine::error::{Quantity, Reject};

use crate::error::{Fault, FaultKind, Step};
use crate::event::ObjectRef;

/// The metadata name whose presence says that the function wrote an object.
pub const RECIPE_METADATA: &str = "resizer-recipe";

/// The metadata name of the source's ETag.
pub const SOURCE_ETAG_METADATA: &str = "resizer-source-etag";

/// S3's own limit for one request.
const MAX_DELETED_KEYS: usize = 1000;

/// S3 through one client, made once per process.
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
}

/// What a GET of the source found.
#[derive(Debug)]
pub enum Fetched {
    /// There is no such object.
    Gone,
    /// One of the function's own results.
    OwnMark {
        /// Without quotes.
        etag: String,
    },
    /// An upload.
    Object(SourceObject),
}

/// An object as it was at one moment.
#[derive(Debug)]
pub struct SourceObject {
    /// Without quotes.
    pub etag: String,
    /// All bytes, or `TooLarge` without having read them.
    pub content: Result<Vec<u8>, Reject>,
}

/// An object to write.
#[derive(Debug, Clone)]
pub struct NewObject {
    /// Bucket and key.
    pub object: ObjectRef,
    /// The whole body.
    pub body: Vec<u8>,
    /// Content-Type.
    pub content_type: &'static str,
    /// Cache-Control.
    pub cache_control: Option<String>,
    /// The mark: recipe and the source's ETag.
    pub mark: Mark,
}

/// Names what an output was made by and from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The rule's fingerprint.
    pub recipe: String,
    /// The source's ETag, without quotes.
    pub source_etag: String,
}

impl Store {
    /// Takes a client that is set up for region, endpoint and credentials.
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// GET: the object as it is now, at most `max_bytes` of it.
    ///
    /// # Errors
    /// Any `Fault` but `Deadline` and `Bug`; `Integrity` when fewer bytes came than announced.
    pub async fn fetch(&self, object: &ObjectRef, max_bytes: u64) -> Result<Fetched, Fault> {
        let request = self.client.get_object().bucket(&object.bucket).key(&object.key);
        let output = match request.send().await {
            Ok(output) => output,
            Err(error) if error.code() == Some("NoSuchKey") => return Ok(Fetched::Gone),
            Err(error) => return Err(fault(Step::Fetching, object, error)),
        };
        let etag = unquoted(output.e_tag());
        if output.metadata().is_some_and(|metadata| metadata.contains_key(RECIPE_METADATA)) {
            return Ok(Fetched::OwnMark { etag });
        }
        let size_bytes = u64::try_from(output.content_length().unwrap_or(0)).unwrap_or(0);
        let content = if size_bytes > max_bytes {
            let quantity = Quantity::SourceBytes;
            Err(Reject::TooLarge { quantity, value: size_bytes, limit: max_bytes })
        } else {
            Ok(read_body(output, object, size_bytes).await?)
        };
        Ok(Fetched::Object(SourceObject { etag, content }))
    }

    /// HEAD: the object's present ETag without quotes, `None` when it is gone.
    ///
    /// # Errors
    /// Any `Fault` but `Integrity`, `Deadline` and `Bug`.
    pub async fn etag(&self, object: &ObjectRef) -> Result<Option<String>, Fault> {
        let request = self.client.head_object().bucket(&object.bucket).key(&object.key);
        match request.send().await {
            Ok(output) => Ok(Some(unquoted(output.e_tag()))),
            Err(error) if error.as_service_error().is_some_and(|e| e.is_not_found()) => Ok(None),
            Err(error) => Err(fault(Step::Verifying, object, error)),
        }
    }

    /// PUT of a whole object.
    ///
    /// # Errors
    /// Any `Fault` but `Integrity`, `Deadline` and `Bug`.
    pub async fn put(&self, new: NewObject) -> Result<(), Fault> {
        let metadata = HashMap::from([
            (RECIPE_METADATA.to_owned(), new.mark.recipe),
            (SOURCE_ETAG_METADATA.to_owned(), new.mark.source_etag),
        ]);
        let request = self
            .client
            .put_object()
            .bucket(&new.object.bucket)
            .key(&new.object.key)
            .content_type(new.content_type)
            .set_cache_control(new.cache_control)
            .set_metadata(Some(metadata))
            .body(ByteStream::from(new.body));
        request.send().await.map_err(|error| fault(Step::Storing, &new.object, error))?;
        Ok(())
    }

    /// DELETE of keys of one bucket, present or not: one request for all that XML can carry, and
    /// one for each other.
    ///
    /// # Errors
    /// Any `Fault` but `Integrity`, `Deadline` and `Bug`; also when S3 refuses one of the keys.
    pub async fn delete(&self, bucket: &str, keys: &[String]) -> Result<(), Fault> {
        // XML 1.0 lacks these characters, even escaped; keys have them.
        let foreign = |c: char| c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}');
        let fits_xml = |key: &&String| !key.chars().any(foreign);
        let (listed, single): (Vec<&String>, Vec<&String>) = keys.iter().partition(fits_xml);
        for key in single {
            let object = named(bucket, key);
            let request = self.client.delete_object().bucket(bucket).key(key);
            request.send().await.map_err(|error| fault(Step::Deleting, &object, error))?;
        }
        for keys in listed.chunks(MAX_DELETED_KEYS) {
            self.delete_listed(bucket, keys).await?;
        }
        Ok(())
    }

    async fn delete_listed(&self, bucket: &str, keys: &[&String]) -> Result<(), Fault> {
        let identifiers = keys.iter().map(|key| ObjectIdentifier::builder().key(*key).build());
        let identifiers: Result<Vec<_>, _> = identifiers.collect();
        let identifiers = identifiers.expect("every identifier is given its key");
        let delete = Delete::builder().set_objects(Some(identifiers)).quiet(true).build();
        let delete = delete.expect("the list of objects is given");
        let request = self.client.delete_objects().bucket(bucket).delete(delete);
        let output = request
            .send()
            .await
            .map_err(|error| fault(Step::Deleting, &named(bucket, keys[0]), error))?;
        let Some(refused) = output.errors().first() else { return Ok(()) };
        let kind = kind_of(refused.code(), None);
        let object = named(bucket, refused.key().unwrap_or_default());
        let cause = refused.message().unwrap_or("refused without a reason").to_owned();
        Err(Fault { kind, step: Step::Deleting, object, cause: cause.into() })
    }
}

fn named(bucket: &str, key: &str) -> ObjectRef {
    ObjectRef { bucket: bucket.to_owned(), key: key.to_owned() }
}

/// The body, into memory that is taken once. The announced length is already within the limit.
async fn read_body(
    output: GetObjectOutput,
    object: &ObjectRef,
    size_bytes: u64,
) -> Result<Vec<u8>, Fault> {
    let failed = |kind, cause| Fault { kind, step: Step::Fetching, object: object.clone(), cause };
    let expected_bytes = usize::try_from(size_bytes).unwrap_or(usize::MAX);
    let mut bytes = Vec::with_capacity(expected_bytes);
    let mut body = output.body;
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|error| failed(FaultKind::Io, error.into()))?;
        if bytes.len() + chunk.len() > expected_bytes {
            return Err(failed(FaultKind::Integrity, "more bytes than announced".into()));
        }
        bytes.extend_from_slice(&chunk);
    }
    if bytes.len() < expected_bytes {
        let cause = format!("{} of {expected_bytes} bytes came", bytes.len());
        return Err(failed(FaultKind::Integrity, cause.into()));
    }
    Ok(bytes)
}

fn unquoted(etag: Option<&str>) -> String {
    etag.unwrap_or_default().trim_matches('"').to_owned()
}

fn fault<E>(step: Step, object: &ObjectRef, error: SdkError<E>) -> Fault
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    let status = error.raw_response().map(|response| response.status().as_u16());
    let kind = kind_of(error.code(), status);
    let object = object.clone();
    let cause: Box<dyn std::error::Error + Send + Sync> = match (error.code(), error.message()) {
        // The words of the service say more than the client's wrapping of them.
        (Some(code), message) => format!("{code}: {}", message.unwrap_or("no message")).into(),
        (None, _) => match status {
            Some(status) => format!("S3 answered {status}").into(),
            None => error.into(),
        },
    };
    Fault { kind, step, object, cause }
}

/// By S3's error code where there is one; a HEAD has no body and hence only a status.
fn kind_of(code: Option<&str>, status: Option<u16>) -> FaultKind {
    match (code, status) {
        (
            Some(
                "NoSuchBucket"
                | "InvalidBucketName"
                | "AccessDenied"
                | "InvalidAccessKeyId"
                | "SignatureDoesNotMatch"
                | "ExpiredToken"
                | "InvalidToken"
                | "PermanentRedirect"
                | "AllAccessDisabled",
            ),
            _,
        ) => FaultKind::Setup,
        (Some("SlowDown" | "TooManyRequests" | "ThrottlingException"), _) => FaultKind::Throttle,
        (_, Some(429 | 503)) => FaultKind::Throttle,
        (_, Some(301 | 401 | 403)) => FaultKind::Setup,
        _ => FaultKind::Io,
    }
}
