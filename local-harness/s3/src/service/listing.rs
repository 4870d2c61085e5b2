//! ListObjects in both versions.

use std::borrow::Cow;
use std::ops::Bound;
use std::sync::Arc;

use base64_simd::URL_SAFE_NO_PAD as TOKEN;
use s3s::dto::{
    ChecksumAlgorithm, ChecksumType, CommonPrefix, EncodingType, ListObjectsInput,
    ListObjectsOutput, ListObjectsV2Input, ListObjectsV2Output, Object, ObjectStorageClass,
};
use s3s::{S3Request, S3Result, s3_error};

use super::members::{owner, signed};
use crate::conditions::{quoted, timestamp};
use crate::paging::{Page, PageQuery, page};
use crate::records::ObjectRecord;
use crate::store::Store;
use crate::store::bucket::Bucket;
use crate::urls::form_urlencode;

/// The most items of one page.
const MAX_ITEMS: i32 = 1000;

pub(super) async fn version_1(
    store: &Arc<Store>,
    request: S3Request<ListObjectsInput>,
) -> S3Result<ListObjectsOutput> {
    let input = request.input;
    let encoding = Encoding::requested(input.encoding_type.as_ref())?;
    let (max_keys, max_items) = limit(input.max_keys)?;
    let query = PageQuery {
        prefix: input.prefix.as_deref().unwrap_or_default(),
        delimiter: input.delimiter.as_deref(),
        after: input.marker.as_deref().filter(|marker| !marker.is_empty()),
        max_items,
    };
    let page = objects_page(&*store.bucket(&input.bucket)?, query);
    // S3 names the next marker only where a delimiter keeps the client from knowing it.
    let delimited = query.delimiter.is_some_and(|delimiter| !delimiter.is_empty());
    let next_marker = page.next_after.as_deref().filter(|_| delimited);
    Ok(ListObjectsOutput {
        is_truncated: Some(page.next_after.is_some()),
        next_marker: next_marker.map(|next| encoding.apply(next)),
        contents: Some(page.entries.iter().map(|object| encoding.object(object, true)).collect()),
        common_prefixes: Some(encoding.prefixes(&page.common_prefixes)),
        name: Some(input.bucket),
        prefix: Some(encoding.apply(query.prefix)),
        marker: Some(encoding.apply(query.after.unwrap_or_default())),
        delimiter: query.delimiter.map(|delimiter| encoding.apply(delimiter)),
        max_keys: Some(max_keys),
        encoding_type: input.encoding_type,
        request_charged: None,
    })
}

pub(super) async fn version_2(
    store: &Arc<Store>,
    request: S3Request<ListObjectsV2Input>,
) -> S3Result<ListObjectsV2Output> {
    let input = request.input;
    let encoding = Encoding::requested(input.encoding_type.as_ref())?;
    let (max_keys, max_items) = limit(input.max_keys)?;
    let token = input.continuation_token.as_deref().map(decode_token).transpose()?;
    let query = PageQuery {
        prefix: input.prefix.as_deref().unwrap_or_default(),
        delimiter: input.delimiter.as_deref(),
        after: token.as_deref().or(input.start_after.as_deref()).filter(|s| !s.is_empty()),
        max_items,
    };
    let page = objects_page(&*store.bucket(&input.bucket)?, query);
    let with_owner = input.fetch_owner.unwrap_or_default();
    let count = page.entries.len() + page.common_prefixes.len();
    let contents = page.entries.iter().map(|object| encoding.object(object, with_owner));
    Ok(ListObjectsV2Output {
        is_truncated: Some(page.next_after.is_some()),
        next_continuation_token: page.next_after.as_deref().map(|n| TOKEN.encode_to_string(n)),
        contents: Some(contents.collect()),
        common_prefixes: Some(encoding.prefixes(&page.common_prefixes)),
        key_count: Some(i32::try_from(count).unwrap_or(max_keys)),
        prefix: Some(encoding.apply(query.prefix)),
        delimiter: query.delimiter.map(|delimiter| encoding.apply(delimiter)),
        start_after: input.start_after.as_deref().map(|after| encoding.apply(after)),
        name: Some(input.bucket),
        max_keys: Some(max_keys),
        continuation_token: input.continuation_token,
        encoding_type: input.encoding_type,
        request_charged: None,
    })
}

fn objects_page(bucket: &Bucket, query: PageQuery<'_>) -> Page<Arc<ObjectRecord>> {
    bucket.with_index(|index| {
        let start = match query.after {
            Some(after) if after >= query.prefix => Bound::Excluded(after),
            _ => Bound::Included(query.prefix),
        };
        let keys = index.range::<str, _>((start, Bound::Unbounded));
        // A key whose current version is a delete marker has no object.
        let objects = keys.filter_map(|(key, versions)| Some((key, versions.current()?)));
        page(objects.map(|(key, object)| (key.as_str(), Arc::clone(object))), query)
    })
}

/// The requested page size: for the answer, and as a number of items.
pub(super) fn limit(wanted: Option<i32>) -> S3Result<(i32, usize)> {
    let wanted = wanted.unwrap_or(MAX_ITEMS).min(MAX_ITEMS);
    let items = usize::try_from(wanted);
    let items = items.map_err(|_| s3_error!(InvalidArgument, "Argument max-keys is negative"))?;
    Ok((wanted, items))
}

fn decode_token(token: &str) -> S3Result<String> {
    let bytes = TOKEN.decode_to_vec(token).ok();
    bytes
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| s3_error!(InvalidArgument, "The continuation token provided is incorrect"))
}

/// How keys travel in a listing. XML cannot carry every character that a key can.
#[derive(Clone, Copy, Debug)]
pub(super) struct Encoding {
    url: bool,
}

impl Encoding {
    /// Errors: `InvalidArgument` for anything but `url`.
    pub(super) fn requested(wanted: Option<&EncodingType>) -> S3Result<Self> {
        match wanted.map(EncodingType::as_str) {
            None => Ok(Self { url: false }),
            Some(EncodingType::URL) => Ok(Self { url: true }),
            Some(_) => Err(s3_error!(InvalidArgument, "Invalid Encoding Method specified")),
        }
    }

    pub(super) fn apply(self, key: &str) -> String {
        let key = if self.url { Cow::Owned(form_urlencode(key)) } else { Cow::Borrowed(key) };
        key.into_owned()
    }

    pub(super) fn prefixes(self, prefixes: &[String]) -> Vec<CommonPrefix> {
        let prefixes = prefixes.iter();
        prefixes.map(|prefix| CommonPrefix { prefix: Some(self.apply(prefix)) }).collect()
    }

    fn object(self, object: &ObjectRecord, with_owner: bool) -> Object {
        let algorithm = ChecksumAlgorithm::from_static(object.checksum.algorithm.name());
        let storage_class = object.description.storage_class().to_owned();
        Object {
            checksum_algorithm: Some(vec![algorithm]),
            checksum_type: Some(ChecksumType::from_static(object.checksum.coverage.name())),
            e_tag: Some(quoted(&object.etag)),
            key: Some(self.apply(&object.key)),
            last_modified: Some(timestamp(object.last_modified_s)),
            owner: with_owner.then(owner),
            restore_status: None,
            size: Some(signed(object.size_bytes)),
            storage_class: Some(ObjectStorageClass::from(storage_class)),
        }
    }
}
