//! The tags of an object, read and replaced.

use std::collections::BTreeMap;
use std::sync::Arc;

use s3s::dto::{
    DeleteObjectTaggingInput, DeleteObjectTaggingOutput, GetObjectTaggingInput,
    GetObjectTaggingOutput, PutObjectTaggingInput, PutObjectTaggingOutput, Tag,
};
use s3s::{S3Request, S3Result};

use crate::blocking::blocking;
use crate::description::{add_tag, check_tags};
use crate::names::ObjectName;
use crate::store::Store;

pub(super) async fn get(
    store: &Arc<Store>,
    request: S3Request<GetObjectTaggingInput>,
) -> S3Result<GetObjectTaggingOutput> {
    let input = request.input;
    let name = ObjectName::new(input.key, input.version_id.as_deref())?;
    let bucket = store.bucket(&input.bucket)?;
    let object = bucket.find(&name)?;
    let tags = object.description.tags.clone().into_iter();
    let tag_set = tags.map(|(key, value)| Tag { key: Some(key), value: Some(value) }).collect();
    let version_id = bucket.versioning().shown(object.version_id);
    Ok(GetObjectTaggingOutput { tag_set, version_id })
}

pub(super) async fn put(
    store: &Arc<Store>,
    request: S3Request<PutObjectTaggingInput>,
) -> S3Result<PutObjectTaggingOutput> {
    let input = request.input;
    let name = ObjectName::new(input.key, input.version_id.as_deref())?;
    let mut tags = BTreeMap::new();
    for tag in input.tagging.tag_set {
        add_tag(&mut tags, tag.key.unwrap_or_default(), tag.value.unwrap_or_default())?;
    }
    check_tags(&tags)?;
    let version_id = replace(store, &input.bucket, name, tags).await?;
    Ok(PutObjectTaggingOutput { version_id })
}

pub(super) async fn delete(
    store: &Arc<Store>,
    request: S3Request<DeleteObjectTaggingInput>,
) -> S3Result<DeleteObjectTaggingOutput> {
    let input = request.input;
    let name = ObjectName::new(input.key, input.version_id.as_deref())?;
    let version_id = replace(store, &input.bucket, name, BTreeMap::new()).await?;
    Ok(DeleteObjectTaggingOutput { version_id })
}

/// Returns the id of the version, where the bucket has any.
async fn replace(
    store: &Arc<Store>,
    bucket: &str,
    name: ObjectName,
    tags: BTreeMap<String, String>,
) -> S3Result<Option<String>> {
    let (store, bucket) = (Arc::clone(store), store.bucket(bucket)?);
    let versioning = bucket.versioning();
    let change = move || store.redescribe(&bucket, &name, |description| description.tags = tags);
    let object = blocking(change).await?;
    Ok(versioning.shown(object.version_id))
}
