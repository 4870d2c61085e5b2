//! DeleteObject and DeleteObjects.

use std::sync::Arc;

use s3s::dto::{
    DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject,
    ETagCondition, Error, ObjectIdentifier,
};
use s3s::{S3Error, S3Request, S3Result, s3_error};

use crate::blocking::blocking;
use crate::conditions::WriteConditions;
use crate::names::{check_key, check_version};
use crate::request::RequestInfo;
use crate::store::Store;
use crate::store::bucket::Bucket;

/// The most keys that one request may delete.
const MAX_KEYS: usize = 1000;

pub(super) async fn one(
    store: &Arc<Store>,
    request: S3Request<DeleteObjectInput>,
) -> S3Result<DeleteObjectOutput> {
    let request_info = RequestInfo::of(&request);
    let input = request.input;
    check_version(input.version_id.as_deref())?;
    check_key(&input.key)?;
    let bucket = store.bucket(&input.bucket)?;
    let conditions = WriteConditions { if_match: input.if_match, only_if_absent: false };
    let at = Arc::clone(store);
    blocking(move || at.delete(&bucket, &input.key, &conditions, &request_info)).await?;
    Ok(DeleteObjectOutput::default())
}

pub(super) async fn many(
    store: &Arc<Store>,
    request: S3Request<DeleteObjectsInput>,
) -> S3Result<DeleteObjectsOutput> {
    let request_info = RequestInfo::of(&request);
    let input = request.input;
    let bucket = store.bucket(&input.bucket)?;
    let wanted = input.delete.objects;
    if wanted.is_empty() || wanted.len() > MAX_KEYS {
        let message = "The XML you provided was not well-formed: 1 to 1000 keys are allowed.";
        return Err(s3_error!(MalformedXML, "{message}"));
    }
    if !wanted.iter().all(|object| object.key.chars().all(is_xml_character)) {
        let message = "The XML you provided was not well-formed: a key has a control character.";
        return Err(s3_error!(MalformedXML, "{message}"));
    }
    let at = Arc::clone(store);
    let outcomes = blocking(move || {
        let outcomes = wanted.into_iter().map(|object| {
            let key = object.key.clone();
            (key, delete(&at, &bucket, object, &request_info))
        });
        Ok(outcomes.collect::<Vec<_>>())
    });
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    for (key, outcome) in outcomes.await? {
        match outcome {
            Ok(()) => deleted.push(DeletedObject { key: Some(key), ..DeletedObject::default() }),
            Err(error) => errors.push(failed(key, &error)),
        }
    }
    let quiet = input.delete.quiet.unwrap_or_default();
    Ok(DeleteObjectsOutput {
        deleted: Some(deleted).filter(|_| !quiet),
        errors: Some(errors),
        request_charged: None,
    })
}

/// XML 1.0, production 2. With any other the client could not read the answer either.
fn is_xml_character(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

fn delete(
    store: &Store,
    bucket: &Bucket,
    object: ObjectIdentifier,
    request: &RequestInfo,
) -> S3Result<()> {
    check_version(object.version_id.as_deref())?;
    check_key(&object.key)?;
    let if_match = object.e_tag.map(|etag| match etag.value() {
        "*" => ETagCondition::Any,
        _ => ETagCondition::ETag(etag),
    });
    let conditions = WriteConditions { if_match, only_if_absent: false };
    Ok(store.delete(bucket, &object.key, &conditions, request)?)
}

fn failed(key: String, error: &S3Error) -> Error {
    Error {
        code: Some(error.code().as_str().to_owned()),
        key: Some(key),
        message: error.message().map(str::to_owned),
        version_id: None,
    }
}
