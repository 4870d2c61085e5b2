//! One body becomes one object: what PutObject and browser forms have in common.

use std::sync::Arc;

use bytes::Bytes;
use futures::Stream;
use s3s::S3Error;

use super::blocking::blocking;
use super::checksums::{DEFAULT_ALGORITHM, StoredChecksum};
use super::errors::StoreError;
use super::intake::claims::Claims;
use super::intake::receive;
use super::records::{Description, ObjectRecord};
use super::store::Store;
use super::store::bucket::Bucket;
use super::store::objects::{NewObject, WriteCause};

/// An upload before its body.
#[derive(Debug)]
pub(crate) struct Upload {
    pub(crate) key: String,
    pub(crate) claims: Claims,
    pub(crate) description: Description,
}

/// Receives the body, holds it against the claims and puts the object in its place.
///
/// Errors: those of the body, of [`Claims::verify`] and of [`Store::commit`].
pub(crate) async fn store_upload(
    store: &Arc<Store>,
    bucket: &Arc<Bucket>,
    upload: Upload,
    (body, cause): (impl Stream<Item = Result<Bytes, S3Error>> + Unpin, WriteCause),
) -> Result<Arc<ObjectRecord>, StoreError> {
    let algorithm = upload.claims.algorithm()?.unwrap_or(DEFAULT_ALGORITHM);
    let received = receive(store, body, vec![algorithm]).await?;
    upload.claims.verify(&received)?;
    let new = NewObject {
        key: upload.key,
        size_bytes: received.size_bytes,
        etag: received.etag(),
        checksum: StoredChecksum::full(algorithm, &received.sums),
        part_sizes_bytes: Vec::new(),
        dated_s: None,
        description: upload.description,
        body: received.scratch,
    };
    let (store, bucket) = (Arc::clone(store), Arc::clone(bucket));
    blocking(move || store.commit(&bucket, new, &cause)).await
}
