//! The only file that speaks to S3: get, head, put, copy, delete. Errors come out as `Fault`,
//! absence, excess and unmet conditions as values. Every request is counted and retried in
//! `attempts`, and no body leaves here that was not checked in `body`.

mod attempts;
mod body;
mod clock;
mod conditional;
mod faults;
mod focal_point;
mod listing;
mod picture;
mod state;
mod unreadable;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::operation::head_object::{HeadObjectError, HeadObjectOutput};
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::types::{Delete, ObjectIdentifier, ServerSideEncryption, StorageClass};
use bytes::Bytes;
use resizer_engine::{Quantity, Reject};

use crate::error::{Fault, Phase};
use crate::event::ObjectRef;
use crate::object_properties::ObjectProperties;
use crate::percent::encoded;
use crate::refusal::Refusal;
use attempts::{Kind, Traffic};
use faults::{failure, kind_of};

pub use attempts::Requests;
pub use conditional::Condition;
pub(crate) use focal_point::share;
pub use focal_point::{FOCAL_POINT_METADATA, FocalPoint};
pub use listing::{Listed, Page};
pub use picture::StoredPicture;
pub use state::{FINGERPRINT_METADATA, ProvenanceTag, State, origin};

/// The metadata name of a refusal's code, on its record.
pub const REFUSAL_METADATA: &str = "resizer-refusal";

/// S3's own limit for one request.
const MAX_DELETED_KEYS: usize = 1000;

/// S3 through one client, made once per process.
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
    timeout: Duration,
    traffic: Arc<Traffic>,
}

/// What a GET of the source found.
#[derive(Debug)]
pub enum Fetched {
    /// There is no such object.
    Gone,
    /// One of the function's own results.
    OwnResult(State),
    /// An object that is there and cannot be read.
    Unreadable(Refusal),
    /// An upload that needs memory which is not free; no more than its beginning was read.
    NoMemory,
    /// An upload.
    Upload(SourceObject),
}

/// An object as it was at one moment.
#[derive(Debug)]
pub struct SourceObject {
    /// What S3 says of it.
    pub state: State,
    /// What the uploader said of it: the `x-amz-meta-` headers, without that.
    pub metadata: BTreeMap<String, String>,
    /// Its Content-Encoding, where that says anything.
    pub encoding: Option<String>,
    /// All bytes, or why they are not read.
    pub content: Result<Vec<u8>, Refusal>,
}

/// What a HEAD says of an object that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// What S3 says of it.
    pub state: State,
    /// What it was made by and from, where the function made it.
    pub tag: Option<ProvenanceTag>,
    /// The `x-amz-meta-` headers, without that; the tag's among them.
    pub metadata: BTreeMap<String, String>,
}

/// An object to write.
#[derive(Debug, Clone)]
pub struct NewObject {
    /// Bucket and key.
    pub object: ObjectRef,
    /// The whole body.
    pub body: Bytes,
    /// Content-Type.
    pub content_type: &'static str,
    /// What else is said of it.
    pub storage: ObjectProperties,
    /// What it takes along from its source.
    pub metadata: BTreeMap<String, String>,
    /// What it is made by and from.
    pub tag: ProvenanceTag,
}

impl Store {
    /// Takes a client that is set up for region, endpoint and credentials, and how long one of its
    /// answers is waited for.
    pub fn new(client: Client, timeout: Duration) -> Self {
        Self { client, timeout, traffic: Arc::default() }
    }

    /// The same client with a count and a budget of its own.
    #[must_use]
    pub fn for_one_upload(&self) -> Self {
        Self { traffic: Arc::default(), ..self.clone() }
    }

    /// What was asked of S3 through this store.
    pub fn requests(&self) -> Requests {
        self.traffic.requests()
    }

    /// Whether S3 may still carry out a write of which an attempt got no answer, also where a later
    /// attempt succeeded.
    pub fn has_unanswered_write(&self) -> bool {
        self.traffic.has_unanswered_write()
    }

    /// GET: the object as it is now, `TooLarge` beyond `max_bytes`. Once the head of the response
    /// says the object's length, `admit` is asked for so much memory; it answers with what there
    /// is, or `None` where a wait may bring more. Of a large object that does not begin like an
    /// image only the beginning is read.
    ///
    /// # Errors
    /// Any `Fault` but `Deadline`, `NotQuiescent` and `Bug`; `Integrity` when other bytes came than
    /// were announced.
    pub async fn fetch(
        &self,
        object: &ObjectRef,
        max_bytes: u64,
        mut admit: impl FnMut(u64) -> Option<u64>,
    ) -> Result<Fetched, Fault> {
        let about = (Phase::Fetching, object);
        let time = body::time_to_read(max_bytes) + self.timeout;
        self.attempt(Kind::Get, about, time, async || {
            let request = self.client.get_object().bucket(&object.bucket).key(&object.key);
            let mut output = match self.in_time(about, request.send()).await? {
                Ok(output) => output,
                Err(error) if error.code() == Some("NoSuchKey") => return Ok(Fetched::Gone),
                Err(error) => match unreadable::refusal(&error) {
                    Some(refusal) => return Ok(Fetched::Unreadable(refusal)),
                    None => return Err(failure(about, error)),
                },
            };
            let metadata = output.metadata().cloned().unwrap_or_default();
            let metadata: BTreeMap<String, String> = metadata.into_iter().collect();
            let state = State {
                etag: unquoted(output.e_tag()),
                last_modified_s: seconds(output.last_modified()),
                size_bytes: size(output.content_length()),
                version_id: output.version_id().map(str::to_owned),
                focal_point: FocalPoint::read(&metadata),
            };
            if metadata.contains_key(FINGERPRINT_METADATA) {
                return Ok(Fetched::OwnResult(state));
            }
            let encoding = body::encoding(&output);
            let size_bytes = state.size_bytes;
            let content = if size_bytes > max_bytes {
                Err(Refusal::SourceTooLarge { size_bytes, limit_bytes: max_bytes })
            } else {
                let start = match &encoding {
                    None => self.start(&mut output, object, size_bytes).await?,
                    Some(_) => Ok(Vec::new()),
                };
                match (start, admit(size_bytes)) {
                    (Err(reject), _) => Err(reject.into()),
                    (Ok(_), None) => return Ok(Fetched::NoMemory),
                    (Ok(_), Some(limit)) if size_bytes > limit => {
                        Err(out_of_memory(size_bytes, limit))
                    }
                    (Ok(start), Some(_)) => {
                        Ok(self.read(output, start, object, size_bytes).await?)
                    }
                }
            };
            Ok(Fetched::Upload(SourceObject { state, metadata, encoding, content }))
        })
        .await
    }

    /// HEAD: the object as it is now, `None` when it is gone.
    ///
    /// # Errors
    /// Any `Fault` but `Integrity`, `Deadline`, `NotQuiescent` and `Bug`.
    pub async fn head(&self, object: &ObjectRef) -> Result<Option<Presence>, Fault> {
        let about = (Phase::Verifying, object);
        self.attempt(Kind::Head, about, self.timeout, || async {
            let request = self.client.head_object().bucket(&object.bucket).key(&object.key);
            match request.send().await {
                Ok(output) => Ok(Some(presence(&output))),
                Err(error)
                    if error.as_service_error().is_some_and(HeadObjectError::is_not_found) =>
                {
                    Ok(None)
                }
                Err(error) => Err(failure(about, error)),
            }
        })
        .await
    }

    /// Copy within S3, metadata and tags included, if the source is still the one with this ETag.
    /// False when it is not.
    ///
    /// # Errors
    /// Any `Fault` but `Integrity`, `Deadline`, `NotQuiescent` and `Bug`.
    pub async fn copy(&self, from: &ObjectRef, etag: &str, to: &ObjectRef) -> Result<bool, Fault> {
        let about = (Phase::Retiring, to);
        let source = encoded(&format!("{}/{}", from.bucket, from.key));
        self.attempt(Kind::Copy, about, self.timeout * 4, || async {
            let request = self.client.copy_object().bucket(&to.bucket).key(&to.key);
            let request = request.copy_source(&source).copy_source_if_match(quoted(etag));
            match request.send().await {
                Ok(_) => Ok(true),
                Err(error) if is_unmet(error.code()) => Ok(false),
                Err(error) => Err(failure(about, error)),
            }
        })
        .await
    }

    /// DELETE of one object if it is still the one with this ETag. False when it is not.
    ///
    /// # Errors
    /// Any `Fault` but `Integrity`, `Deadline`, `NotQuiescent` and `Bug`.
    pub async fn delete_only(&self, object: &ObjectRef, etag: &str) -> Result<bool, Fault> {
        let about = (Phase::Retiring, object);
        self.attempt(Kind::Delete, about, self.timeout, || async {
            let request = self.client.delete_object().bucket(&object.bucket).key(&object.key);
            match request.if_match(quoted(etag)).send().await {
                Ok(_) => Ok(true),
                Err(error) if is_unmet(error.code()) => Ok(false),
                Err(error) => Err(failure(about, error)),
            }
        })
        .await
    }

    /// DELETE of keys of one bucket, present or not: one request for all that XML can carry, and
    /// one for each other.
    ///
    /// # Errors
    /// Any `Fault` but `Deadline`, `NotQuiescent` and `Bug`; also when S3 refuses one of the keys.
    pub async fn delete(&self, bucket: &str, keys: &[String]) -> Result<(), Fault> {
        // XML 1.0 lacks these characters, even escaped; keys have them.
        let foreign = |c: char| c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}');
        let fits_xml = |key: &&String| !key.chars().any(foreign);
        let (listed, single): (Vec<&String>, Vec<&String>) = keys.iter().partition(fits_xml);
        for key in single {
            let object = named(bucket, key);
            let about = (Phase::Deleting, &object);
            self.attempt(Kind::Delete, about, self.timeout, || async {
                let request = self.client.delete_object().bucket(bucket).key(key);
                request.send().await.map_err(|error| failure(about, error))
            })
            .await?;
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
        let first = named(bucket, keys[0]);
        let about = (Phase::Deleting, &first);
        self.attempt(Kind::Delete, about, self.timeout, || async {
            let request = self.client.delete_objects().bucket(bucket).delete(delete.clone());
            let output = request.send().await.map_err(|error| failure(about, error))?;
            let Some(refused) = output.errors().first() else { return Ok(()) };
            let object = named(bucket, refused.key().unwrap_or_default());
            let cause = refused.message().unwrap_or("refused without a reason").to_owned();
            let kind = kind_of(refused.code(), None);
            Err(Fault { kind, phase: Phase::Deleting, object, cause: cause.into() }.into())
        })
        .await
    }
}

/// Codes that say that the object is another one, or gone.
fn is_unmet(code: Option<&str>) -> bool {
    matches!(code, Some("PreconditionFailed" | "NoSuchKey" | "ConditionalRequestConflict"))
}

/// The headers that are not about the bytes.
fn described(request: PutObjectFluentBuilder, new: &NewObject) -> PutObjectFluentBuilder {
    let ObjectProperties { cache_control, class, kms_key, .. } = &new.storage;
    let metadata = new.metadata.clone().into_iter().chain(new.tag.metadata());
    let request = request
        .set_metadata(Some(metadata.collect()))
        .set_cache_control(cache_control.clone())
        .set_tagging(new.storage.tagging())
        .set_storage_class(class.as_deref().map(StorageClass::from));
    let Some(key) = kms_key else { return request };
    let request = request.server_side_encryption(ServerSideEncryption::AwsKms);
    request.ssekms_key_id(&key.id).bucket_key_enabled(key.for_bucket)
}

fn out_of_memory(value: u64, limit: u64) -> Refusal {
    Reject::TooLarge { quantity: Quantity::MemoryBytes, value, limit }.into()
}

fn presence(output: &HeadObjectOutput) -> Presence {
    let metadata = output.metadata().cloned().unwrap_or_default();
    let metadata: BTreeMap<String, String> = metadata.into_iter().collect();
    let state = State {
        etag: unquoted(output.e_tag()),
        last_modified_s: seconds(output.last_modified()),
        size_bytes: size(output.content_length()),
        version_id: output.version_id().map(str::to_owned),
        focal_point: FocalPoint::read(&metadata),
    };
    Presence { state, tag: ProvenanceTag::read(&metadata), metadata }
}

/// S3 always says when; without it, an object counts as new.
fn seconds(last_modified: Option<&aws_sdk_s3::primitives::DateTime>) -> u64 {
    last_modified.map_or(u64::MAX / 4, |time| u64::try_from(time.secs()).unwrap_or(0))
}

fn size(content_length: Option<i64>) -> u64 {
    content_length.map_or(0, |bytes| u64::try_from(bytes).unwrap_or(0))
}

fn named(bucket: &str, key: &str) -> ObjectRef {
    ObjectRef { bucket: bucket.to_owned(), key: key.to_owned() }
}

fn unquoted(etag: Option<&str>) -> String {
    etag.unwrap_or_default().trim_matches('"').to_owned()
}

fn quoted(etag: &str) -> String {
    format!("\"{etag}\"")
}
