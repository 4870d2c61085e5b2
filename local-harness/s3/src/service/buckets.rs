//! Operations on buckets as a whole.

use std::sync::Arc;

use s3s::dto::{
    Bucket, BucketLocationConstraint, CreateBucketInput, CreateBucketOutput, DeleteBucketInput,
    DeleteBucketOutput, GetBucketLocationInput, GetBucketLocationOutput, HeadBucketInput,
    HeadBucketOutput, ListBucketsInput, ListBucketsOutput,
};
use s3s::{S3Request, S3Result, s3_error};

use super::members::owner;
use crate::blocking::blocking;
use crate::conditions::timestamp;
use crate::paging::{PageQuery, page};
use crate::store::Store;

/// The region whose buckets have no location constraint.
const FIRST_REGION: &str = "us-east-1";
const MAX_BUCKETS: i32 = 10_000;

pub(super) async fn list(
    store: &Arc<Store>,
    request: S3Request<ListBucketsInput>,
) -> S3Result<ListBucketsOutput> {
    let input = request.input;
    let wanted = input.max_buckets.unwrap_or(MAX_BUCKETS);
    if !(1..=MAX_BUCKETS).contains(&wanted) {
        return Err(s3_error!(InvalidArgument, "max-buckets must be from 1 to 10000"));
    }
    let after = input.continuation_token.as_deref();
    let query = PageQuery {
        prefix: input.prefix.as_deref().unwrap_or_default(),
        delimiter: None,
        after,
        max_items: usize::try_from(wanted).unwrap_or_default(),
    };
    let buckets = store.buckets();
    let later = buckets.iter().filter(|bucket| after.is_none_or(|after| bucket.name() > after));
    let page = page(later.map(|bucket| (bucket.name(), bucket)), query);
    let region = store.notifier.region();
    let entries = page.entries.into_iter().map(|bucket| Bucket {
        bucket_region: Some(region.to_owned()),
        creation_date: Some(timestamp(bucket.created_s())),
        name: Some(bucket.name().to_owned()),
    });
    Ok(ListBucketsOutput {
        buckets: Some(entries.collect()),
        continuation_token: page.next_after,
        owner: Some(owner()),
        prefix: input.prefix,
    })
}

pub(super) async fn create(
    store: &Arc<Store>,
    request: S3Request<CreateBucketInput>,
) -> S3Result<CreateBucketOutput> {
    let input = request.input;
    let wanted = input.create_bucket_configuration.and_then(|wanted| wanted.location_constraint);
    let region = store.notifier.region().to_owned();
    // S3 insists on the constraint outside of us-east-1; here a bucket needs none.
    if wanted.is_some_and(|wanted| wanted.as_str() != region) {
        return Err(s3_error!(
            IllegalLocationConstraintException,
            "The location constraint is incompatible for the region specific endpoint this \
             request was sent to: {region}."
        ));
    }
    let name = input.bucket.clone();
    let at = Arc::clone(store);
    let created = blocking(move || at.create_bucket(&name)).await?;
    if !created && region != FIRST_REGION {
        return Err(s3_error!(
            BucketAlreadyOwnedByYou,
            "Your previous request to create the named bucket succeeded and you already own it."
        ));
    }
    Ok(CreateBucketOutput { location: Some(format!("/{}", input.bucket)) })
}

pub(super) async fn head(
    store: &Arc<Store>,
    request: S3Request<HeadBucketInput>,
) -> S3Result<HeadBucketOutput> {
    store.bucket(&request.input.bucket)?;
    let bucket_region = Some(store.notifier.region().to_owned());
    Ok(HeadBucketOutput { bucket_region, ..HeadBucketOutput::default() })
}

pub(super) async fn delete(
    store: &Arc<Store>,
    request: S3Request<DeleteBucketInput>,
) -> S3Result<DeleteBucketOutput> {
    let at = Arc::clone(store);
    blocking(move || at.delete_bucket(&request.input.bucket)).await?;
    Ok(DeleteBucketOutput {})
}

pub(super) async fn location(
    store: &Arc<Store>,
    request: S3Request<GetBucketLocationInput>,
) -> S3Result<GetBucketLocationOutput> {
    store.bucket(&request.input.bucket)?;
    let region = Some(store.notifier.region()).filter(|region| *region != FIRST_REGION);
    let location_constraint = region.map(|name| BucketLocationConstraint::from(name.to_owned()));
    Ok(GetBucketLocationOutput { location_constraint })
}
