//! Receives a body: hashes and writes it in one pass, never whole in memory.
//! In: a stream or a file. Out: a scratch file with its size, MD5 and checksums.

pub(crate) mod claims;

use std::fs::File;
use std::io::Read;
use std::sync::Arc;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use hyper::StatusCode;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Md5};
use s3s::dto::Checksum;
use s3s::{S3Error, StdError, s3_error};

use super::blocking::blocking;
use super::checksums::Algorithm;
use super::errors::{StoreError, unnamed};
use super::files::Scratch;
use super::names::hex;
use super::store::Store;

/// How much is collected before it is handed to a thread that may block.
const BATCH_BYTES: usize = 1 << 20;
/// The largest body of one request.
const MAX_BODY_BYTES: u64 = 5 << 30;

/// A body being written.
struct Intake {
    scratch: Scratch,
    size_bytes: u64,
    md5: Md5,
    sums: ChecksumHasher,
}

/// A body that arrived whole.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) scratch: Scratch,
    pub(crate) size_bytes: u64,
    pub(crate) md5: [u8; 16],
    /// The requested checksums.
    pub(crate) sums: Checksum,
}

impl Received {
    /// The ETag of a body that came in one piece, without quotes.
    pub(crate) fn etag(&self) -> String {
        hex(&self.md5)
    }
}

impl Intake {
    fn new(store: &Store, algorithms: &[Algorithm]) -> Result<Self, StoreError> {
        let mut sums = ChecksumHasher::default();
        algorithms.iter().for_each(|algorithm| algorithm.enable(&mut sums));
        Ok(Self { scratch: store.scratch()?, size_bytes: 0, md5: Md5::new(), sums })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.size_bytes += bytes.len() as u64;
        if self.size_bytes > MAX_BODY_BYTES {
            let message = "Your proposed upload exceeds the maximum allowed object size.";
            return Err(s3_error!(EntityTooLarge, "{message}").into());
        }
        self.md5.update(bytes);
        self.sums.update(bytes);
        Ok(self.scratch.write(bytes)?)
    }

    fn finish(self) -> Received {
        let Self { scratch, size_bytes, md5, sums } = self;
        Received { scratch, size_bytes, md5: md5.finalize(), sums: sums.finalize() }
    }
}

/// Receives a stream to its end.
///
/// Errors: the stream's own, `EntityTooLarge`, or a disk error.
pub(crate) async fn receive(
    store: &Arc<Store>,
    mut body: impl Stream<Item = Result<Bytes, S3Error>> + Unpin,
    algorithms: Vec<Algorithm>,
) -> Result<Received, StoreError> {
    let at = Arc::clone(store);
    let mut intake: Option<Intake> = None;
    let mut open = Some(move || Intake::new(&at, &algorithms));
    loop {
        let mut batch = Vec::new();
        let mut batch_bytes = 0;
        let mut ended = true;
        while let Some(chunk) = body.next().await {
            let chunk = chunk?;
            batch_bytes += chunk.len();
            batch.push(chunk);
            if batch_bytes >= BATCH_BYTES {
                ended = false;
                break;
            }
        }
        // The file is created together with the first write: one hop for a small body.
        let (state, create) = (intake.take(), open.take());
        let written = blocking(move || {
            let mut intake = match (state, create) {
                (Some(intake), _) => intake,
                (None, create) => create.expect("the first round opens the file")()?,
            };
            batch.iter().try_for_each(|chunk| intake.write(chunk))?;
            Ok(intake)
        });
        let written = written.await?;
        if ended {
            return Ok(written.finish());
        }
        intake = Some(written);
    }
}

/// Takes `size_bytes` of a file from where it stands. Blocks.
pub(crate) fn take_file(
    store: &Store,
    source: &File,
    size_bytes: u64,
    algorithms: &[Algorithm],
) -> Result<Received, StoreError> {
    let mut intake = Intake::new(store, algorithms)?;
    let mut source = source.take(size_bytes);
    let mut buffer = vec![0; BATCH_BYTES];
    loop {
        let length = source.read(&mut buffer)?;
        if length == 0 {
            return Ok(intake.finish());
        }
        intake.write(&buffer[..length])?;
    }
}

/// The answer to a request whose body is truncated or not the signed one.
pub(crate) fn broken_body(cause: StdError) -> S3Error {
    // s3s does not export its own type for this.
    if cause.to_string().contains("Sha256Mismatch") {
        let message =
            "The provided 'x-amz-content-sha256' header does not match what was computed.";
        return unnamed("XAmzContentSHA256Mismatch", StatusCode::BAD_REQUEST, message);
    }
    let mut answer =
        s3_error!(IncompleteBody, "The request body is incomplete or altered: {cause}");
    answer.set_source(cause);
    answer
}
