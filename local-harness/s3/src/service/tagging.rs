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
use crate::errors::no_such_key;
use crate::names::check_version;
use crate::store::Store;

pub(super) async fn get(
    store: &Arc<Store>,
    request: S3Request<GetObjectTaggingInput>,
) -> S3Result<GetObjectTaggingOutput> {
    let input = request.input;
    check_version(input.version_id.as_deref())?;
    let object = store.bucket(&input.bucket)?.object(&input.key).ok_or_else(no_such_key)?;
    let tags = object.description.tags.clone().into_iter();
    let tag_set = tags.map(|(key, value)| Tag { key: Some(key), value: Some(value) }).collect();
    Ok(GetObjectTaggingOutput { tag_set, version_id: None })
}

pub(super) async fn put(
    store: &Arc<Store>,
    request: S3Request<PutObjectTaggingInput>,
) -> S3Result<PutObjectTaggingOutput> {
    let input = request.input;
    check_version(input.version_id.as_deref())?;
    let mut tags = BTreeMap::new();
    for tag in input.tagging.tag_set {
        add_tag(&mut tags, tag.key.unwrap_or_default(), tag.value.unwrap_or_default())?;
    }
    check_tags(&tags)?;
    replace(store, &input.bucket, input.key, tags).await?;
    Ok(PutObjectTaggingOutput { version_id: None })
}

pub(super) async fn delete(
    store: &Arc<Store>,
    request: S3Request<DeleteObjectTaggingInput>,
) -> S3Result<DeleteObjectTaggingOutput> {
    let input = request.input;
    check_version(input.version_id.as_deref())?;
    replace(store, &input.bucket, input.key, BTreeMap::new()).await?;
    Ok(DeleteObjectTaggingOutput { version_id: None })
}

async fn replace(
    store: &Arc<Store>,
    bucket: &str,
    key: String,
    tags: BTreeMap<String, String>,
) -> S3Result<()> {
    let (store, bucket) = (Arc::clone(store), store.bucket(bucket)?);
    Ok(blocking(move || store.redescribe(&bucket, &key, |description| description.tags = tags))
        .await?)
}
