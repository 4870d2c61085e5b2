//! GetObject and HeadObject.

use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures::stream;
use hyper::header::{CONTENT_RANGE, ETAG, HeaderValue, LAST_MODIFIED};
use hyper::{HeaderMap, StatusCode};
use s3s::dto::{
    self, ChecksumMode, ChecksumType, GetObjectInput, GetObjectOutput, HeadObjectInput,
    HeadObjectOutput, StorageClass, StreamingBlob,
};
use s3s::{S3Error, S3Request, S3Result, s3_error};

use super::access::{check_bytes, check_key, restoration, take_customer_key};
use super::members::{set_checksums, set_encryption, signed};
use crate::blocking::blocking;
use crate::conditions::{ReadConditions, ReadVerdict, http_date, quoted, timestamp};
use crate::errors::{precondition_failed, unnamed};
use crate::names::ObjectName;
use crate::records::{ObjectRecord, STANDARD};
use crate::store::Store;
use crate::store::bucket::OpenObject;

/// How much of a body is read at once.
const CHUNK_BYTES: u64 = 256 << 10;

/// Fills the members that GetObjectOutput and HeadObjectOutput have in common.
macro_rules! describe_object {
    ($output:expr, $record:expr, $selection:expr, $input:expr) => {{
        let (record, selection): (&ObjectRecord, &Selection) = ($record, $selection);
        let description = &record.description;
        let metadata = description.metadata.clone().into_iter().collect();
        $output.accept_ranges = Some("bytes".to_owned());
        $output.cache_control = description.cache_control.clone();
        $output.content_disposition = description.content_disposition.clone();
        $output.content_encoding = description.content_encoding.clone();
        $output.content_language = description.content_language.clone();
        $output.content_length = Some(signed(selection.bytes.end - selection.bytes.start));
        $output.content_range = selection.content_range(record.size_bytes);
        $output.content_type = Some(content_type(record));
        $output.e_tag = Some(quoted(&record.etag));
        $output.expires = description.expires_s.map(timestamp);
        $output.last_modified = Some(timestamp(record.last_modified_s));
        $output.metadata = Some(metadata);
        set_encryption!($output, description);
        $output.parts_count = selection.parts_count;
        $output.restore = restoration(description);
        $output.storage_class = Some(description.storage_class())
            .filter(|class| *class != STANDARD)
            .map(|class| StorageClass::from(class.to_owned()));
        $output.website_redirect_location = description.website_redirect_location.clone();
        // The stored value is about the whole object; a range could not be held against it.
        let mode = $input.checksum_mode.as_ref().map(ChecksumMode::as_str);
        if mode == Some(ChecksumMode::ENABLED) && !selection.partial {
            set_checksums!($output, record.checksum);
            let coverage = record.checksum.coverage.name();
            $output.checksum_type = Some(ChecksumType::from_static(coverage));
        }
    }};
}

/// Takes the conditions out of an input.
macro_rules! read_conditions {
    ($input:expr) => {
        ReadConditions {
            if_match: $input.if_match.take(),
            if_none_match: $input.if_none_match.take(),
            if_modified_since: $input.if_modified_since.take(),
            if_unmodified_since: $input.if_unmodified_since.take(),
        }
    };
}

pub(super) async fn get(
    store: &Arc<Store>,
    request: S3Request<GetObjectInput>,
) -> S3Result<GetObjectOutput> {
    let mut input = request.input;
    let name = ObjectName::new(input.key, input.version_id.as_deref())?;
    let bucket = store.bucket(&input.bucket)?;
    let versioning = bucket.versioning();
    let OpenObject { record, file } = blocking(move || bucket.open(&name)).await?;
    check_bytes(&record.description, take_customer_key!(input)?.as_deref())?;
    check_conditions(&read_conditions!(input), &record)?;
    let selection = Selection::new(&record, input.range, input.part_number)?;
    let mut output = GetObjectOutput::default();
    describe_object!(output, &record, &selection, input);
    output.version_id = versioning.shown(record.version_id);
    let tags = i32::try_from(record.description.tags.len()).unwrap_or_default();
    output.tag_count = Some(tags).filter(|count| *count > 0);
    output.body = Some(body(file, selection.bytes));
    Ok(output)
}

pub(super) async fn head(
    store: &Arc<Store>,
    request: S3Request<HeadObjectInput>,
) -> S3Result<HeadObjectOutput> {
    let mut input = request.input;
    let name = ObjectName::new(input.key, input.version_id.as_deref())?;
    let bucket = store.bucket(&input.bucket)?;
    let record = bucket.find(&name)?;
    check_key(&record.description, take_customer_key!(input)?.as_deref())?;
    check_conditions(&read_conditions!(input), &record)?;
    let selection = Selection::new(&record, input.range, input.part_number)?;
    let mut output = HeadObjectOutput::default();
    describe_object!(output, &record, &selection, input);
    output.version_id = bucket.versioning().shown(record.version_id);
    Ok(output)
}

fn check_conditions(conditions: &ReadConditions, record: &ObjectRecord) -> S3Result<()> {
    match conditions.weigh(record) {
        ReadVerdict::Proceed => Ok(()),
        ReadVerdict::Failed => Err(precondition_failed()),
        ReadVerdict::NotModified => {
            let mut headers = HeaderMap::new();
            if let Ok(etag) = quoted(&record.etag).to_http_header() {
                headers.insert(ETAG, etag);
            }
            if let Some(date) = http_date(record.last_modified_s) {
                headers.insert(LAST_MODIFIED, date);
            }
            let mut answer = s3_error!(NotModified);
            answer.set_headers(headers);
            Err(answer)
        }
    }
}

fn content_type(record: &ObjectRecord) -> String {
    let named = record.description.content_type.as_deref();
    named.unwrap_or("binary/octet-stream").to_owned()
}

/// Which bytes of an object a request is about.
#[derive(Debug)]
struct Selection {
    bytes: Range<u64>,
    partial: bool,
    parts_count: Option<i32>,
}

impl Selection {
    /// Errors: `InvalidRange`, `InvalidPartNumber`, `InvalidRequest` for range and part at once.
    fn new(
        record: &ObjectRecord,
        range: Option<dto::Range>,
        part_number: Option<i32>,
    ) -> S3Result<Self> {
        match (range, part_number) {
            (None, None) => {
                Ok(Self { bytes: 0..record.size_bytes, partial: false, parts_count: None })
            }
            (Some(range), None) => {
                let bytes = range.check(record.size_bytes);
                let bytes = bytes.map_err(|_| range_not_satisfiable(record.size_bytes))?;
                Ok(Self { bytes, partial: true, parts_count: None })
            }
            (None, Some(number)) => Self::part(record, number),
            (Some(_), Some(_)) => {
                let message = "Cannot specify both Range header and partNumber query parameter";
                Err(s3_error!(InvalidRequest, "{message}"))
            }
        }
    }

    fn part(record: &ObjectRecord, number: i32) -> S3Result<Self> {
        let whole = [record.size_bytes];
        let multipart = !record.part_sizes_bytes.is_empty();
        let sizes = if multipart { record.part_sizes_bytes.as_slice() } else { &whole };
        let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        let Some(index) = index.filter(|index| *index < sizes.len()) else {
            let message = "The requested partnumber is not satisfiable";
            let status = StatusCode::RANGE_NOT_SATISFIABLE;
            return Err(unnamed("InvalidPartNumber", status, message));
        };
        let start = sizes[..index].iter().sum();
        let parts_count = i32::try_from(sizes.len()).ok().filter(|_| multipart);
        Ok(Self { bytes: start..start + sizes[index], partial: true, parts_count })
    }

    fn content_range(&self, size_bytes: u64) -> Option<String> {
        let Range { start, end } = self.bytes;
        (self.partial && end > start).then(|| format!("bytes {start}-{}/{size_bytes}", end - 1))
    }
}

fn range_not_satisfiable(size_bytes: u64) -> S3Error {
    let mut answer = s3_error!(InvalidRange, "The requested range is not satisfiable");
    if let Ok(value) = HeaderValue::try_from(format!("bytes */{size_bytes}")) {
        answer.set_headers(HeaderMap::from_iter([(CONTENT_RANGE, value)]));
    }
    answer
}

/// Streams these bytes of a file.
fn body(file: std::fs::File, bytes: Range<u64>) -> StreamingBlob {
    let start = (file, bytes);
    StreamingBlob::wrap(stream::try_unfold(start, |(mut file, bytes)| async move {
        if bytes.is_empty() {
            return Ok::<_, S3Error>(None);
        }
        let read = blocking(move || {
            let length = CHUNK_BYTES.min(bytes.end - bytes.start);
            let mut chunk = vec![0; usize::try_from(length).expect("a chunk is small")];
            file.seek(SeekFrom::Start(bytes.start))?;
            file.read_exact(&mut chunk)?;
            Ok((Bytes::from(chunk), (file, bytes.start + length..bytes.end)))
        });
        Ok(Some(read.await?))
    }))
}
