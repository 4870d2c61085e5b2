//! The parts of a multipart upload: uploaded, copied and listed.

use std::io::{Seek, SeekFrom};
use std::ops::Range;
use std::sync::Arc;

use futures::TryStreamExt;
use s3s::dto::{
    self, ChecksumAlgorithm, ChecksumType, CopyPartResult, ListPartsInput, ListPartsOutput, Part,
    StorageClass, StreamingBlob, UploadPartCopyInput, UploadPartCopyOutput, UploadPartInput,
    UploadPartOutput,
};
use s3s::{Body, S3Request, S3Result, s3_error};

use super::copying::{Source, open_source, source_conditions};
use super::listing::limit;
use super::members::{owner, refuse_customer_keys, set_checksums, signed, take_checksums};
use crate::blocking::blocking;
use crate::checksums::{Algorithm, StoredChecksum};
use crate::conditions::{quoted, timestamp};
use crate::intake::claims::Claims;
use crate::intake::{Received, broken_body, receive, take_file};
use crate::names::{UploadName, check_part_number};
use crate::records::{PartRecord, now_s};
use crate::store::Store;

pub(super) async fn upload(
    store: &Arc<Store>,
    mut request: S3Request<UploadPartInput>,
) -> S3Result<UploadPartOutput> {
    let trailing = request.trailing_headers.take();
    let mut input = request.input;
    check_part_number(input.part_number)?;
    refuse_customer_keys(input.sse_customer_algorithm.as_deref())?;
    let bucket = store.bucket(&input.bucket)?;
    let name = UploadName { key: input.key, upload_id: input.upload_id };
    let kept = bucket.upload(&name)?.record.checksum;
    let claims = Claims::new(input.content_md5.take(), take_checksums!(input)).with_request(
        input.checksum_algorithm.as_ref(),
        &request.headers,
        trailing,
    )?;
    let claimed = claims.algorithm()?.unwrap_or(kept.algorithm);
    if kept.requested && claimed != kept.algorithm {
        let (expected, actual) = (kept.algorithm.name(), claimed.name());
        return Err(s3_error!(
            InvalidRequest,
            "Checksum Type mismatch occurred, expected checksum Type: {expected}, actual \
             checksum Type: {actual}"
        ));
    }
    let body = input.body.unwrap_or_else(|| StreamingBlob::from(Body::empty()));
    let algorithms = vec![kept.algorithm, claimed];
    let received = receive(store, body.map_err(broken_body), algorithms).await?;
    claims.verify(&received)?;
    let record = part_record(&received, kept.algorithm);
    let mut output =
        UploadPartOutput { e_tag: Some(quoted(&record.etag)), ..UploadPartOutput::default() };
    set_checksums!(output, StoredChecksum::full(claimed, &received.sums));
    let (at, part) = (Arc::clone(store), (input.part_number, received.scratch, record));
    blocking(move || at.put_part(&bucket, &name, part)).await?;
    Ok(output)
}

pub(super) async fn copy(
    store: &Arc<Store>,
    request: S3Request<UploadPartCopyInput>,
) -> S3Result<UploadPartCopyOutput> {
    let mut input = request.input;
    check_part_number(input.part_number)?;
    refuse_customer_keys(input.copy_source_sse_customer_algorithm.as_deref())?;
    let bucket = store.bucket(&input.bucket)?;
    let name = UploadName { key: input.key, upload_id: input.upload_id };
    let algorithm = bucket.upload(&name)?.record.checksum.algorithm;
    let conditions = source_conditions!(input);
    let Source { bucket: source_bucket, object, .. } =
        open_source(store, input.copy_source, &conditions).await?;
    let source_version = source_bucket.versioning().shown(object.record.version_id);
    let bytes = source_range(input.copy_source_range.as_deref(), object.record.size_bytes)?;
    let (at, number) = (Arc::clone(store), input.part_number);
    let record = blocking(move || {
        let mut file = object.file;
        file.seek(SeekFrom::Start(bytes.start))?;
        let received = take_file(&at, &file, bytes.end - bytes.start, &[algorithm])?;
        let record = part_record(&received, algorithm);
        at.put_part(&bucket, &name, (number, received.scratch, record.clone()))?;
        Ok(record)
    });
    let record = record.await?;
    let mut result = CopyPartResult {
        e_tag: Some(quoted(&record.etag)),
        last_modified: Some(timestamp(record.last_modified_s)),
        ..CopyPartResult::default()
    };
    set_checksums!(result, record.checksum);
    Ok(UploadPartCopyOutput {
        copy_part_result: Some(result),
        copy_source_version_id: source_version,
        ..UploadPartCopyOutput::default()
    })
}

fn part_record(received: &Received, algorithm: Algorithm) -> PartRecord {
    PartRecord {
        size_bytes: received.size_bytes,
        etag: received.etag(),
        last_modified_s: now_s(),
        checksum: StoredChecksum::full(algorithm, &received.sums),
    }
}

/// The bytes of the source that become the part; S3 takes only `bytes=first-last` within it.
fn source_range(header: Option<&str>, size_bytes: u64) -> S3Result<Range<u64>> {
    let Some(header) = header else { return Ok(0..size_bytes) };
    match dto::Range::parse(header) {
        Ok(dto::Range::Int { first, last: Some(last) }) if last < size_bytes => Ok(first..last + 1),
        Ok(dto::Range::Int { last: Some(_), .. }) => Err(s3_error!(
            InvalidArgument,
            "Range specified is not valid for source object of size: {size_bytes}"
        )),
        _ => Err(s3_error!(
            InvalidArgument,
            "The x-amz-copy-source-range value must be of the form bytes=first-last"
        )),
    }
}

pub(super) async fn list(
    store: &Arc<Store>,
    request: S3Request<ListPartsInput>,
) -> S3Result<ListPartsOutput> {
    let input = request.input;
    let name = UploadName { key: input.key, upload_id: input.upload_id };
    let upload = store.bucket(&input.bucket)?.upload(&name)?;
    let (max_parts, max_items) = limit(input.max_parts)?;
    let marker = input.part_number_marker.unwrap_or_default();
    let mut later = upload.parts.range(marker.saturating_add(1)..);
    let parts: Vec<Part> =
        later.by_ref().take(max_items).map(|(number, part)| listed(*number, part)).collect();
    let truncated = max_items > 0 && later.next().is_some();
    let requested = Some(upload.record.checksum).filter(|checksum| checksum.requested);
    let storage_class = upload.record.description.storage_class().to_owned();
    Ok(ListPartsOutput {
        bucket: Some(input.bucket),
        checksum_algorithm: requested.map(|c| ChecksumAlgorithm::from_static(c.algorithm.name())),
        checksum_type: requested.map(|c| ChecksumType::from_static(c.coverage.name())),
        is_truncated: Some(truncated),
        key: Some(name.key),
        max_parts: Some(max_parts),
        next_part_number_marker: parts.last().and_then(|part| part.part_number),
        owner: Some(owner()),
        part_number_marker: Some(marker),
        parts: Some(parts),
        storage_class: Some(StorageClass::from(storage_class)),
        upload_id: Some(name.upload_id),
        ..ListPartsOutput::default()
    })
}

fn listed(number: i32, record: &PartRecord) -> Part {
    let mut part = Part {
        e_tag: Some(quoted(&record.etag)),
        last_modified: Some(timestamp(record.last_modified_s)),
        part_number: Some(number),
        size: Some(signed(record.size_bytes)),
        ..Part::default()
    };
    set_checksums!(part, record.checksum);
    part
}
