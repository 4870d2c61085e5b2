//! The body of a GET, into memory that is taken once, and nothing that differs from what S3 says
//! of it: its length, and its checksum or, where it has none, the MD5 in its ETag.

use std::time::Duration;

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::types::ServerSideEncryption;
use md5::{Digest, Md5};
use resizer_engine::{ImageFormat, Reject};

use super::faults::{Failure, failure};
use super::{Store, unquoted};
use crate::digest::hexadecimal;
use crate::error::{Fault, FaultKind, Phase};
use crate::event::ObjectRef;

/// Slower than this and the connection is given up; S3 gives one connection fifty times as much.
const MIN_BYTES_PER_SECOND: u64 = 1 << 20;

/// Bodies above this are read only once they have begun like an image. A smaller one is on its way
/// as a whole anyway, and its refusal rests on bytes that were checked.
const LOOKED_AT_FIRST_BYTES: u64 = 1 << 20;

/// What is enough to distinguish formats.
const START_BYTES: usize = 1024;

/// The Content-Encoding of an object, without what says nothing: `identity`, and `aws-chunked`,
/// which is about an upload's transfer and which some servers keep.
pub(super) fn encoding(output: &GetObjectOutput) -> Option<String> {
    let named = output.content_encoding()?.split(',').map(str::trim);
    let says_something = |name: &&str| !matches!(*name, "" | "identity" | "aws-chunked");
    let kept: Vec<&str> = named.filter(says_something).collect();
    (!kept.is_empty()).then(|| kept.join(", "))
}

/// What so many bytes may take, beside the wait for the first of them.
pub(super) fn time_to_read(bytes: u64) -> Duration {
    Duration::from_millis(bytes.saturating_mul(1000) / MIN_BYTES_PER_SECOND)
}

impl Store {
    /// The beginning of a large body if it is one of an image; nothing of a small one.
    pub(super) async fn start(
        &self,
        output: &mut GetObjectOutput,
        object: &ObjectRef,
        size_bytes: u64,
    ) -> Result<Result<Vec<u8>, Reject>, Fault> {
        let mut start = Vec::new();
        if size_bytes <= LOOKED_AT_FIRST_BYTES {
            return Ok(Ok(start));
        }
        let about = (Phase::Fetching, object);
        while start.len() < START_BYTES {
            let Some(chunk) = self.in_time(about, output.body.next()).await? else { break };
            start.extend_from_slice(&chunk.map_err(|error| failed(about, FaultKind::Io, error))?);
        }
        Ok(ImageFormat::sniff(&start).map(|_| start))
    }

    /// The response to a GET, whose body is still to come; `None` when there is no object.
    pub(super) async fn response(
        &self,
        object: &ObjectRef,
    ) -> Result<Option<GetObjectOutput>, Failure> {
        let about = (Phase::Fetching, object);
        let request = self.client.get_object().bucket(&object.bucket).key(&object.key);
        match self.in_time(about, request.send()).await? {
            Ok(output) => Ok(Some(output)),
            Err(error) if error.code() == Some("NoSuchKey") => Ok(None),
            Err(error) => Err(failure(about, error)),
        }
    }

    /// All `size_bytes` of the body, checked; `start` was read before.
    pub(super) async fn read(
        &self,
        output: GetObjectOutput,
        start: Vec<u8>,
        object: &ObjectRef,
        size_bytes: u64,
    ) -> Result<Vec<u8>, Fault> {
        let about = (Phase::Fetching, object);
        let time = time_to_read(size_bytes) + self.timeout;
        let md5 = md5_of_etag(&output);
        let size = usize::try_from(size_bytes).unwrap_or(usize::MAX);
        let reading = tokio::time::timeout(time, read_all(output, start, size, about)).await;
        let slow = || failed(about, FaultKind::Io, "the body came too slowly");
        let bytes = reading.unwrap_or_else(|_| Err(slow()))?;
        match md5 {
            Some(expected) if hexadecimal(&Md5::digest(&bytes)) != expected => {
                Err(failed(about, FaultKind::Integrity, "the body is not the one of its ETag"))
            }
            _ => Ok(bytes),
        }
    }
}

/// Memory is taken once, for the announced length, which is within the limit.
async fn read_all(
    output: GetObjectOutput,
    start: Vec<u8>,
    expected_bytes: usize,
    about: (Phase, &ObjectRef),
) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::with_capacity(expected_bytes);
    bytes.extend_from_slice(&start);
    drop(start);
    let mut body = output.body;
    while let Some(chunk) = body.next().await {
        // The client checks the checksum once the last byte is there.
        let complete = bytes.len() == expected_bytes;
        let kind = if complete { FaultKind::Integrity } else { FaultKind::Io };
        let chunk = chunk.map_err(|error| failed(about, kind, error))?;
        if bytes.len() + chunk.len() > expected_bytes {
            return Err(failed(about, FaultKind::Integrity, "more bytes than announced"));
        }
        bytes.extend_from_slice(&chunk);
    }
    if bytes.len() < expected_bytes {
        let cause = format!("{} of {expected_bytes} bytes came", bytes.len());
        return Err(failed(about, FaultKind::Integrity, cause));
    }
    Ok(bytes)
}

/// The MD5 of the object, where its ETag is one and the client has no checksum to check.
/// Source: Amazon S3 API Reference, "Object": neither the ETag of a multipart upload nor one under
/// another encryption than SSE-S3 is an MD5, and the checksum of parts cannot be checked.
fn md5_of_etag(output: &GetObjectOutput) -> Option<String> {
    let checksums = [
        output.checksum_crc32(),
        output.checksum_crc32_c(),
        output.checksum_crc64_nvme(),
        output.checksum_sha1(),
        output.checksum_sha256(),
    ];
    let is_checked = checksums.into_iter().flatten().any(|checksum| !checksum.contains('-'));
    let is_plain =
        matches!(output.server_side_encryption(), None | Some(ServerSideEncryption::Aes256))
            && output.sse_customer_algorithm().is_none();
    let etag = unquoted(output.e_tag());
    let is_md5 = etag.len() == 32 && etag.bytes().all(|byte| byte.is_ascii_hexdigit());
    (!is_checked && is_plain && is_md5).then_some(etag)
}

fn failed(
    (phase, object): (Phase, &ObjectRef),
    kind: FaultKind,
    cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> Fault {
    Fault { kind, phase, object: object.clone(), cause: cause.into() }
}
