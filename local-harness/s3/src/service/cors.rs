//! A bucket's CORS configuration, put, read back and deleted.

use std::sync::Arc;

use s3s::dto::{
    CORSConfiguration, CORSRule, DeleteBucketCorsInput, DeleteBucketCorsOutput, GetBucketCorsInput,
    GetBucketCorsOutput, PutBucketCorsInput, PutBucketCorsOutput,
};
use s3s::{S3Request, S3Result};

use crate::blocking::blocking;
use crate::cors::{CorsRule, check_rules};
use crate::errors::no_such_cors;
use crate::store::Store;

pub(super) async fn put(
    store: &Arc<Store>,
    request: S3Request<PutBucketCorsInput>,
) -> S3Result<PutBucketCorsOutput> {
    let input = request.input;
    let CORSConfiguration { cors_rules } = input.cors_configuration;
    let rules: Vec<CorsRule> = cors_rules.into_iter().map(rule).collect();
    check_rules(&rules)?;
    replace(store, &input.bucket, rules).await?;
    Ok(PutBucketCorsOutput::default())
}

pub(super) async fn get(
    store: &Arc<Store>,
    request: S3Request<GetBucketCorsInput>,
) -> S3Result<GetBucketCorsOutput> {
    let rules = store.bucket(&request.input.bucket)?.cors();
    if rules.is_empty() {
        return Err(no_such_cors());
    }
    Ok(GetBucketCorsOutput { cors_rules: Some(rules.into_iter().map(dto).collect()) })
}

pub(super) async fn delete(
    store: &Arc<Store>,
    request: S3Request<DeleteBucketCorsInput>,
) -> S3Result<DeleteBucketCorsOutput> {
    replace(store, &request.input.bucket, Vec::new()).await?;
    Ok(DeleteBucketCorsOutput::default())
}

async fn replace(store: &Arc<Store>, bucket: &str, rules: Vec<CorsRule>) -> S3Result<()> {
    let bucket = store.bucket(bucket)?;
    let at = Arc::clone(store);
    Ok(blocking(move || at.configure(&bucket, |record| record.cors = rules)).await?)
}

fn rule(rule: CORSRule) -> CorsRule {
    CorsRule {
        id: rule.id,
        allowed_origins: rule.allowed_origins,
        allowed_methods: rule.allowed_methods,
        allowed_headers: rule.allowed_headers.unwrap_or_default(),
        expose_headers: rule.expose_headers.unwrap_or_default(),
        max_age_s: rule.max_age_seconds,
    }
}

fn dto(rule: CorsRule) -> CORSRule {
    let listed = |list: Vec<String>| (!list.is_empty()).then_some(list);
    CORSRule {
        id: rule.id,
        allowed_origins: rule.allowed_origins,
        allowed_methods: rule.allowed_methods,
        allowed_headers: listed(rule.allowed_headers),
        expose_headers: listed(rule.expose_headers),
        max_age_seconds: rule.max_age_s,
    }
}
