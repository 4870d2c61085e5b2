//! PutObject.

use std::sync::Arc;

use futures::TryStreamExt;
use s3s::dto::{ChecksumType, PutObjectInput, PutObjectOutput, StreamingBlob};
use s3s::{Body, S3Request, S3Result};

use super::access::take_customer_key;
use super::members::{describe, set_checksums, set_encryption, take_checksums};
use crate::conditions::{WriteConditions, quoted};
use crate::intake::broken_body;
use crate::intake::claims::Claims;
use crate::names::check_key;
use crate::notify::event::EventName;
use crate::records::Description;
use crate::request::RequestInfo;
use crate::single_upload::{Upload, store_upload};
use crate::store::Store;
use crate::store::objects::WriteCause;

pub(super) async fn put(
    store: &Arc<Store>,
    mut request: S3Request<PutObjectInput>,
) -> S3Result<PutObjectOutput> {
    let request_info = RequestInfo::of(&request);
    let trailing = request.trailing_headers.take();
    let mut input = request.input;
    let bucket = store.bucket(&input.bucket)?;
    check_key(&input.key)?;
    let claims = Claims::new(input.content_md5.take(), take_checksums!(input)).with_request(
        input.checksum_algorithm.as_ref(),
        &request.headers,
        trailing,
    )?;
    let conditions = WriteConditions::of_write(input.if_match.take(), input.if_none_match.take())?;
    conditions.check_before(bucket.object(&input.key).as_deref())?;
    let customer_key_md5 = take_customer_key!(input)?;
    let description = Description { customer_key_md5, ..describe!(input)? };
    let upload = Upload { key: input.key.clone(), claims, description };
    let cause = WriteCause { conditions, event: EventName::CreatedPut, request: request_info };
    let body = input.body.unwrap_or_else(|| StreamingBlob::from(Body::empty()));
    let record = store_upload(store, &bucket, upload, (body.map_err(broken_body), cause)).await?;
    let mut output = PutObjectOutput {
        checksum_type: Some(ChecksumType::from_static(record.checksum.coverage.name())),
        e_tag: Some(quoted(&record.etag)),
        version_id: record.version_id.unique_text(),
        ..PutObjectOutput::default()
    };
    set_checksums!(output, record.checksum);
    set_encryption!(output, record.description);
    Ok(output)
}
