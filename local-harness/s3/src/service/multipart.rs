//! Multipart uploads from their start to their end.

use std::sync::Arc;

use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, ChecksumAlgorithm, ChecksumType,
    CompleteMultipartUploadInput, CompleteMultipartUploadOutput, CompletedPart,
    CreateMultipartUploadInput, CreateMultipartUploadOutput, Initiator, ListMultipartUploadsInput,
    ListMultipartUploadsOutput, MultipartUpload, StorageClass,
};
use s3s::{S3Request, S3Result, s3_error};

use super::listing::{Encoding, limit};
use super::members::{describe, owner, set_checksums, take_checksums};
use crate::blocking::blocking;
use crate::checksums::PartedChecksum;
use crate::conditions::{WriteConditions, quoted, timestamp};
use crate::locks::hold;
use crate::names::{UploadName, check_key};
use crate::notify::event::EventName;
use crate::paging::{PageQuery, page};
use crate::records::{UploadRecord, now_s};
use crate::request::RequestInfo;
use crate::store::Store;
use crate::store::completion::{Completion, ListedPart};
use crate::store::objects::WriteCause;
use crate::urls::location;

pub(super) async fn create(
    store: &Arc<Store>,
    request: S3Request<CreateMultipartUploadInput>,
) -> S3Result<CreateMultipartUploadOutput> {
    let mut input = request.input;
    check_key(&input.key)?;
    let bucket = store.bucket(&input.bucket)?;
    let checksum =
        PartedChecksum::requested(input.checksum_algorithm.as_ref(), input.checksum_type.as_ref())?;
    let record = UploadRecord {
        key: input.key.clone(),
        initiated_s: now_s(),
        checksum,
        description: describe!(input)?,
    };
    let at = Arc::clone(store);
    let upload_id = blocking(move || at.create_upload(&bucket, record)).await?;
    Ok(CreateMultipartUploadOutput {
        bucket: Some(input.bucket),
        checksum_type: input
            .checksum_algorithm
            .is_some()
            .then(|| ChecksumType::from_static(checksum.coverage.name())),
        checksum_algorithm: input.checksum_algorithm,
        key: Some(input.key),
        upload_id: Some(upload_id),
        ..CreateMultipartUploadOutput::default()
    })
}

pub(super) async fn complete(
    store: &Arc<Store>,
    request: S3Request<CompleteMultipartUploadInput>,
) -> S3Result<CompleteMultipartUploadOutput> {
    let request_info = RequestInfo::of(&request);
    let mut input = request.input;
    let bucket = store.bucket(&input.bucket)?;
    let parts = input.multipart_upload.take().and_then(|upload| upload.parts).unwrap_or_default();
    let parts: S3Result<Vec<ListedPart>> = parts.into_iter().map(listed).collect();
    let size = input.mpu_object_size;
    let completion = Completion {
        parts: parts?,
        checksums: take_checksums!(input),
        size_bytes: size.map(|size| u64::try_from(size).unwrap_or(u64::MAX)),
    };
    let cause = WriteCause {
        conditions: WriteConditions::of_write(input.if_match.take(), input.if_none_match.take())?,
        event: EventName::CreatedCompleteMultipartUpload,
        request: request_info,
    };
    let name = UploadName { key: input.key.clone(), upload_id: input.upload_id };
    let at = Arc::clone(store);
    let record = blocking(move || at.complete_upload(&bucket, &name, &completion, &cause)).await?;
    let mut output = CompleteMultipartUploadOutput {
        location: Some(location(&request.headers, &input.bucket, &input.key)),
        bucket: Some(input.bucket),
        key: Some(input.key),
        e_tag: Some(quoted(&record.etag)),
        version_id: record.version_id.unique_text(),
        checksum_type: Some(ChecksumType::from_static(record.checksum.coverage.name())),
        ..CompleteMultipartUploadOutput::default()
    };
    set_checksums!(output, record.checksum);
    Ok(output)
}

fn listed(mut part: CompletedPart) -> S3Result<ListedPart> {
    match (part.part_number, part.e_tag.take()) {
        (Some(number), Some(etag)) => {
            Ok(ListedPart { number, etag: etag.into_value(), checksums: take_checksums!(part) })
        }
        _ => Err(s3_error!(MalformedXML, "Every part needs a PartNumber and an ETag.")),
    }
}

pub(super) async fn abort(
    store: &Arc<Store>,
    request: S3Request<AbortMultipartUploadInput>,
) -> S3Result<AbortMultipartUploadOutput> {
    let input = request.input;
    let bucket = store.bucket(&input.bucket)?;
    let name = UploadName { key: input.key, upload_id: input.upload_id };
    let at = Arc::clone(store);
    blocking(move || at.abort_upload(&bucket, &name)).await?;
    Ok(AbortMultipartUploadOutput::default())
}

pub(super) async fn list(
    store: &Arc<Store>,
    request: S3Request<ListMultipartUploadsInput>,
) -> S3Result<ListMultipartUploadsOutput> {
    let input = request.input;
    let encoding = Encoding::requested(input.encoding_type.as_ref())?;
    let (max_uploads, max_items) = limit(input.max_uploads)?;
    let bucket = store.bucket(&input.bucket)?;
    let key_marker = input.key_marker.as_deref().filter(|marker| !marker.is_empty());
    let id_marker = input.upload_id_marker.as_deref().filter(|_| key_marker.is_some());
    let uploads = hold(&bucket.uploads).clone();
    let mut uploads: Vec<(&str, &str, &UploadRecord)> = uploads
        .iter()
        .map(|(id, upload)| (upload.record.key.as_str(), id.as_str(), &upload.record))
        .filter(|(key, id, _)| match (key_marker, id_marker) {
            (Some(marker), Some(id_marker)) => (*key, *id) > (marker, id_marker),
            (Some(marker), None) => *key > marker,
            (None, _) => true,
        })
        .collect();
    uploads.sort_by_key(|(key, id, _)| (*key, *id));
    let query = PageQuery {
        prefix: input.prefix.as_deref().unwrap_or_default(),
        delimiter: input.delimiter.as_deref(),
        after: key_marker,
        max_items,
    };
    let page = page(uploads.into_iter().map(|upload| (upload.0, upload)), query);
    let last_id = page.entries.last().filter(|(key, _, _)| page.next_after.as_deref() == Some(key));
    let entry =
        |(key, id, record): &(&str, &str, &UploadRecord)| upload(encoding.apply(key), id, record);
    Ok(ListMultipartUploadsOutput {
        is_truncated: Some(page.next_after.is_some()),
        next_key_marker: page.next_after.as_deref().map(|next| encoding.apply(next)),
        next_upload_id_marker: last_id.map(|(_, id, _)| (*id).to_owned()),
        uploads: Some(page.entries.iter().map(entry).collect()),
        common_prefixes: Some(encoding.prefixes(&page.common_prefixes)),
        prefix: input.prefix.as_deref().map(|prefix| encoding.apply(prefix)),
        delimiter: input.delimiter.as_deref().map(|delimiter| encoding.apply(delimiter)),
        key_marker: Some(encoding.apply(key_marker.unwrap_or_default())),
        upload_id_marker: Some(id_marker.unwrap_or_default().to_owned()),
        bucket: Some(input.bucket),
        encoding_type: input.encoding_type,
        max_uploads: Some(max_uploads),
        request_charged: None,
    })
}

fn upload(key: String, id: &str, record: &UploadRecord) -> MultipartUpload {
    let requested = record.checksum.requested.then_some(record.checksum);
    let everything = owner();
    MultipartUpload {
        checksum_algorithm: requested.map(|c| ChecksumAlgorithm::from_static(c.algorithm.name())),
        checksum_type: requested.map(|c| ChecksumType::from_static(c.coverage.name())),
        initiated: Some(timestamp(record.initiated_s)),
        initiator: Some(Initiator {
            display_name: everything.display_name.clone(),
            id: everything.id.clone(),
        }),
        key: Some(key),
        owner: Some(everything),
        storage_class: Some(StorageClass::from(record.description.storage_class().to_owned())),
        upload_id: Some(id.to_owned()),
    }
}
