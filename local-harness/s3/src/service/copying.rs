//! CopyObject, and finding the source of any copy.

use std::sync::Arc;

use hyper::header::{HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH};
use s3s::dto::{
    ChecksumType, CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource, ETagCondition,
    MetadataDirective, TaggingDirective,
};
use s3s::{S3Request, S3Result, s3_error};

use super::access::check_bytes;
use super::members::{describe, refuse_customer_keys, set_checksums, set_encryption};
use crate::blocking::blocking;
use crate::checksums::{Algorithm, StoredChecksum};
use crate::conditions::{ReadConditions, ReadVerdict, WriteConditions, quoted, timestamp};
use crate::description::check;
use crate::errors::absence::Absence;
use crate::errors::{StoreError, precondition_failed};
use crate::intake::take_file;
use crate::names::{ObjectName, check_key};
use crate::notify::event::EventName;
use crate::records::{Description, ObjectRecord, Versioning};
use crate::request::RequestInfo;
use crate::store::Store;
use crate::store::bucket::{Bucket, OpenObject};
use crate::store::objects::{NewObject, WriteCause};

/// Takes the conditions on the source out of an input.
macro_rules! source_conditions {
    ($input:expr) => {
        $crate::conditions::ReadConditions {
            if_match: $input.copy_source_if_match.take(),
            if_none_match: $input.copy_source_if_none_match.take(),
            if_modified_since: $input.copy_source_if_modified_since.take(),
            if_unmodified_since: $input.copy_source_if_unmodified_since.take(),
        }
    };
}
pub(super) use source_conditions;

/// The source of a copy, opened.
pub(super) struct Source {
    pub(super) bucket: Arc<Bucket>,
    pub(super) object: OpenObject,
    /// Whether the request says which version it means.
    pub(super) is_version: bool,
}

/// Opens the source of a copy if its conditions hold.
///
/// Errors: `NoSuchBucket`, `NoSuchKey`, `NoSuchVersion`, `InvalidRequest` for a delete marker,
/// `PreconditionFailed`, `NotImplemented` for access points.
pub(super) async fn open_source(
    store: &Arc<Store>,
    source: CopySource,
    conditions: &ReadConditions,
) -> S3Result<Source> {
    let CopySource::Bucket { bucket, key, version_id } = source else {
        return Err(s3_error!(NotImplemented, "Access points are not implemented."));
    };
    let name = ObjectName::new(key.into_string(), version_id.as_deref())?;
    let is_version = name.version_id.is_some();
    let bucket = store.bucket(&bucket)?;
    let at = Arc::clone(&bucket);
    let object = match blocking(move || at.open(&name)).await {
        Err(StoreError::Absent(Absence::NamedMarker(_))) => {
            let message = "The source of a copy request may not specifically refer to a delete \
                           marker by version id.";
            return Err(s3_error!(InvalidRequest, "{message}"));
        }
        opened => opened?,
    };
    check_bytes(&object.record.description, None)?;
    match conditions.weigh(&object.record) {
        ReadVerdict::Proceed => Ok(Source { bucket, object, is_version }),
        ReadVerdict::NotModified | ReadVerdict::Failed => Err(precondition_failed()),
    }
}

/// The conditions on the target, which s3s does not read.
///
/// Errors: `InvalidArgument`, and those of a PUT.
fn target_conditions(headers: &HeaderMap) -> S3Result<WriteConditions> {
    let condition = |name: HeaderName| match headers.get(name) {
        None => Ok(None),
        Some(value) => match ETagCondition::parse_http_header(value.as_bytes()) {
            Ok(condition) => Ok(Some(condition)),
            Err(_) => Err(s3_error!(InvalidArgument, "The condition is no entity tag.")),
        },
    };
    WriteConditions::of_write(condition(IF_MATCH)?, condition(IF_NONE_MATCH)?)
}

pub(super) async fn copy(
    store: &Arc<Store>,
    request: S3Request<CopyObjectInput>,
) -> S3Result<CopyObjectOutput> {
    let request_info = RequestInfo::of(&request);
    let write_conditions = target_conditions(&request.headers)?;
    let mut input = request.input;
    check_key(&input.key)?;
    refuse_customer_keys(input.copy_source_sse_customer_algorithm.as_deref())?;
    let bucket = store.bucket(&input.bucket)?;
    let conditions = source_conditions!(input);
    let Source { bucket: source_bucket, object, is_version } =
        open_source(store, input.copy_source.clone(), &conditions).await?;
    write_conditions.check_before(bucket.object(&input.key).as_deref())?;
    let source = Arc::clone(&object.record);
    let source_version = source_bucket.versioning().shown(source.version_id);
    // A version that is named is brought back by a copy, so that is no copy onto itself.
    let is_restored = is_version && bucket.versioning() != Versioning::Unversioned;
    let onto_itself =
        source_bucket.name() == bucket.name() && source.key == input.key && !is_restored;
    let description = copied_description(&mut input, &source, onto_itself)?;
    let algorithm = match &input.checksum_algorithm {
        Some(name) => Algorithm::parse(name.as_str())?,
        None => source.checksum.algorithm,
    };
    let cause = WriteCause {
        conditions: write_conditions,
        event: EventName::CreatedCopy,
        request: request_info,
    };
    let (at, key) = (Arc::clone(store), input.key);
    let copied = blocking(move || {
        let new = copy_object(&at, &object, algorithm)?;
        at.commit(&bucket, NewObject { key, description, ..new }, &cause)
    });
    let copied = copied.await?;
    let mut result = CopyObjectResult {
        checksum_type: Some(ChecksumType::from_static(copied.checksum.coverage.name())),
        e_tag: Some(quoted(&copied.etag)),
        last_modified: Some(timestamp(copied.last_modified_s)),
        ..CopyObjectResult::default()
    };
    set_checksums!(result, copied.checksum);
    let mut output = CopyObjectOutput {
        copy_object_result: Some(result),
        copy_source_version_id: source_version,
        version_id: copied.version_id.unique_text(),
        ..CopyObjectOutput::default()
    };
    set_encryption!(output, copied.description);
    Ok(output)
}

/// A copy is a new object in one piece, also of a source that came in parts.
fn copy_object(
    store: &Store,
    source: &OpenObject,
    algorithm: Algorithm,
) -> Result<NewObject, StoreError> {
    let size_bytes = source.record.size_bytes;
    let received = take_file(store, &source.file, size_bytes, &[algorithm])?;
    Ok(NewObject {
        key: String::new(),
        size_bytes,
        etag: received.etag(),
        checksum: StoredChecksum::full(algorithm, &received.sums),
        part_sizes_bytes: Vec::new(),
        dated_s: None,
        description: Description::default(),
        body: received.scratch,
    })
}

/// The description of the copy: the source's or the request's, as the directives say.
/// Storage class, encryption and website redirect are never copied.
fn copied_description(
    input: &mut CopyObjectInput,
    source: &ObjectRecord,
    onto_itself: bool,
) -> S3Result<Description> {
    let replace_metadata = match input.metadata_directive.as_ref().map(MetadataDirective::as_str) {
        None | Some(MetadataDirective::COPY) => false,
        Some(MetadataDirective::REPLACE) => true,
        Some(_) => return Err(s3_error!(InvalidArgument, "Unknown metadata directive.")),
    };
    let replace_tags = match input.tagging_directive.as_ref().map(TaggingDirective::as_str) {
        None | Some(TaggingDirective::COPY) => false,
        Some(TaggingDirective::REPLACE) => true,
        Some(_) => return Err(s3_error!(InvalidArgument, "Unknown tagging directive.")),
    };
    let changes = replace_metadata
        || input.storage_class.is_some()
        || input.website_redirect_location.is_some()
        || input.server_side_encryption.is_some();
    if onto_itself && !changes {
        return Err(s3_error!(
            InvalidRequest,
            "This copy request is illegal because it is trying to copy an object to itself \
             without changing the object's metadata, storage class, website redirect location \
             or encryption attributes."
        ));
    }
    let mut requested = describe!(input)?;
    if !replace_tags {
        requested.tags = source.description.tags.clone();
    }
    if replace_metadata {
        return check(requested);
    }
    check(Description {
        storage_class: requested.storage_class,
        website_redirect_location: requested.website_redirect_location,
        tags: requested.tags,
        encryption: requested.encryption,
        customer_key_md5: None,
        restored: false,
        ..source.description.clone()
    })
}
