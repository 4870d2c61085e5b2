//! ListObjectVersions.

use std::ops::Bound;
use std::sync::Arc;

use s3s::dto::{
    ChecksumAlgorithm, ChecksumType, DeleteMarkerEntry, ListObjectVersionsInput,
    ListObjectVersionsOutput, ObjectVersion, ObjectVersionStorageClass,
};
use s3s::{S3Request, S3Result, s3_error};

use super::listing::{Encoding, limit};
use super::members::{owner, signed};
use crate::conditions::{quoted, timestamp};
use crate::paging::{PageQuery, page};
use crate::records::ObjectRecord;
use crate::records::version::{MarkerRecord, Version};
use crate::store::Store;
use crate::store::bucket::Index;
use crate::version_id::VersionId;

/// A version in its place.
struct Entry {
    version: Version,
    is_latest: bool,
}

pub(super) async fn list(
    store: &Arc<Store>,
    request: S3Request<ListObjectVersionsInput>,
) -> S3Result<ListObjectVersionsOutput> {
    let input = request.input;
    let encoding = Encoding::requested(input.encoding_type.as_ref())?;
    let (max_keys, max_items) = limit(input.max_keys)?;
    let query = PageQuery {
        prefix: input.prefix.as_deref().unwrap_or_default(),
        delimiter: input.delimiter.as_deref(),
        after: input.key_marker.as_deref().filter(|marker| !marker.is_empty()),
        max_items,
    };
    let last_id = input.version_id_marker.as_deref().map(VersionId::parse).transpose()?;
    if last_id.is_some() && query.after.is_none() {
        let message = "A version-id marker cannot be specified without a key marker.";
        return Err(s3_error!(InvalidArgument, "{message}"));
    }
    let bucket = store.bucket(&input.bucket)?;
    let page = bucket.with_index(|index| page(ordered(index, query, last_id), query));

    let last = page.entries.last().map(|entry| &entry.version);
    let next_id = last.filter(|version| page.next_after.as_deref() == Some(version.key()));
    let next_version_id_marker = next_id.map(|version| version.id().to_string());
    let (mut versions, mut delete_markers) = (Vec::new(), Vec::new());
    for Entry { version, is_latest } in page.entries {
        match version {
            Version::Object(record) => versions.push(object(&record, is_latest, encoding)),
            Version::Marker(record) => delete_markers.push(marker(&record, is_latest, encoding)),
        }
    }
    Ok(ListObjectVersionsOutput {
        is_truncated: Some(page.next_after.is_some()),
        next_key_marker: page.next_after.as_deref().map(|next| encoding.apply(next)),
        next_version_id_marker,
        versions: Some(versions),
        delete_markers: Some(delete_markers),
        common_prefixes: Some(encoding.prefixes(&page.common_prefixes)),
        prefix: Some(encoding.apply(query.prefix)),
        delimiter: query.delimiter.map(|delimiter| encoding.apply(delimiter)),
        key_marker: Some(encoding.apply(query.after.unwrap_or_default())),
        version_id_marker: Some(input.version_id_marker.unwrap_or_default()),
        name: Some(input.bucket),
        max_keys: Some(max_keys),
        encoding_type: input.encoding_type,
        request_charged: None,
    })
}

/// The versions after the key of the query, or after this version of it: keys ascending, and of
/// each the newest version first. If the version was removed since, all of its key are left.
fn ordered<'i>(
    index: &'i Index,
    query: PageQuery<'i>,
    last_id: Option<VersionId>,
) -> impl Iterator<Item = (&'i str, Entry)> {
    let start = match query.after.filter(|after| *after >= query.prefix) {
        Some(after) if last_id.is_some() => Bound::Included(after),
        Some(after) => Bound::Excluded(after),
        None => Bound::Included(query.prefix),
    };
    let later = index.range::<str, _>((start, Bound::Unbounded));
    later.flat_map(move |(key, versions)| {
        let last_id = last_id.filter(|_| query.after == Some(key));
        let last = last_id.and_then(|id| versions.newest_first().position(|v| v.id() == id));
        let left = versions.newest_first().enumerate().skip(last.map_or(0, |place| place + 1));
        left.map(move |(place, version)| {
            (key.as_str(), Entry { version: version.clone(), is_latest: place == 0 })
        })
    })
}

fn object(record: &ObjectRecord, is_latest: bool, encoding: Encoding) -> ObjectVersion {
    let algorithm = ChecksumAlgorithm::from_static(record.checksum.algorithm.name());
    let storage_class = record.description.storage_class().to_owned();
    ObjectVersion {
        checksum_algorithm: Some(vec![algorithm]),
        checksum_type: Some(ChecksumType::from_static(record.checksum.coverage.name())),
        e_tag: Some(quoted(&record.etag)),
        is_latest: Some(is_latest),
        key: Some(encoding.apply(&record.key)),
        last_modified: Some(timestamp(record.last_modified_s)),
        owner: Some(owner()),
        restore_status: None,
        size: Some(signed(record.size_bytes)),
        storage_class: Some(ObjectVersionStorageClass::from(storage_class)),
        version_id: Some(record.version_id.to_string()),
    }
}

fn marker(record: &MarkerRecord, is_latest: bool, encoding: Encoding) -> DeleteMarkerEntry {
    DeleteMarkerEntry {
        is_latest: Some(is_latest),
        key: Some(encoding.apply(&record.key)),
        last_modified: Some(timestamp(record.last_modified_s)),
        owner: Some(owner()),
        version_id: Some(record.version_id.to_string()),
    }
}
