//! DeleteObject and DeleteObjects.

use std::sync::Arc;

use s3s::dto::{
    DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject,
    ETagCondition, Error, ObjectIdentifier,
};
use s3s::{S3Error, S3Request, S3Result, s3_error};

use crate::blocking::blocking;
use crate::conditions::WriteConditions;
use crate::errors::no_such_version;
use crate::names::{ObjectName, check_key};
use crate::request::RequestInfo;
use crate::store::Store;
use crate::store::bucket::Bucket;
use crate::store::deletion::Deletion;

/// The most keys that one request may delete.
const MAX_KEYS: usize = 1000;

pub(super) async fn one(
    store: &Arc<Store>,
    request: S3Request<DeleteObjectInput>,
) -> S3Result<DeleteObjectOutput> {
    let request_info = RequestInfo::of(&request);
    let input = request.input;
    let name = ObjectName::new(input.key, input.version_id.as_deref())?;
    check_key(&name.key)?;
    let bucket = store.bucket(&input.bucket)?;
    let conditions = WriteConditions { if_match: input.if_match, only_if_absent: false };
    let at = Arc::clone(store);
    let deletion = blocking(move || at.delete(&bucket, &name, &conditions, &request_info)).await?;
    let (version_id, is_marker) = match deletion {
        Deletion::Emptied => (None, false),
        Deletion::Marked(id) => (Some(id), true),
        Deletion::Removed { id, was_marker } => (Some(id), was_marker),
    };
    Ok(DeleteObjectOutput {
        delete_marker: Some(is_marker).filter(|is_marker| *is_marker),
        version_id: version_id.map(|id| id.to_string()),
        request_charged: None,
    })
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
            let (key, version_id) = (object.key.clone(), object.version_id.clone());
            ((key, version_id), delete(&at, &bucket, object, &request_info))
        });
        Ok(outcomes.collect::<Vec<_>>())
    });
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    for (named, outcome) in outcomes.await? {
        match outcome {
            Ok(deletion) => deleted.push(done(named.0, deletion)),
            Err(error) => errors.push(failed(named, &error)),
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
) -> S3Result<Deletion> {
    // For one of many, S3 does not tell a malformed id from an unknown one.
    let name = ObjectName::new(object.key, object.version_id.as_deref());
    let name = name.map_err(|_| no_such_version())?;
    check_key(&name.key)?;
    let if_match = object.e_tag.map(|etag| match etag.value() {
        "*" => ETagCondition::Any,
        _ => ETagCondition::ETag(etag),
    });
    let conditions = WriteConditions { if_match, only_if_absent: false };
    Ok(store.delete(bucket, &name, &conditions, request)?)
}

fn done(key: String, deletion: Deletion) -> DeletedObject {
    let (version_id, marker_id) = match deletion {
        Deletion::Emptied => (None, None),
        Deletion::Marked(id) => (None, Some(id)),
        Deletion::Removed { id, was_marker } => (Some(id), was_marker.then_some(id)),
    };
    DeletedObject {
        delete_marker: marker_id.map(|_| true),
        delete_marker_version_id: marker_id.map(|id| id.to_string()),
        key: Some(key),
        version_id: version_id.map(|id| id.to_string()),
    }
}

fn failed((key, version_id): (String, Option<String>), error: &S3Error) -> Error {
    Error {
        code: Some(error.code().as_str().to_owned()),
        key: Some(key),
        message: error.message().map(str::to_owned),
        version_id,
    }
}
