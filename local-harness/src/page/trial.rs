//! A trial: one stored upload rendered by another configuration. The function of a trial has an S3
//! of its own, which holds that upload alone, so whatever the configuration moves, deletes or
//! overwrites is gone with it. Only the variants are copied, to the trial's bucket.

use std::path::PathBuf;
use std::sync::Arc;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::DisplayErrorContext;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use lambda_local::{Function, FunctionOptions, Invocation};
use s3_local::{S3Options, S3Server};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc::unbounded_channel;

use super::{Context, links};
use crate::activity::{Ended, UploadRecord, now_ms};
use crate::commands::up::configuration::{Buckets, CheckedConfig};
use crate::harness::{REGION, create_buckets, function_env, s3_client_with};
use crate::upload_line::UploadLine;

/// What the page wants to try.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    bucket: String,
    key: String,
    toml: String,
}

/// Why there is no result.
#[derive(Debug)]
pub(super) enum TrialError {
    /// The configuration has these problems.
    Config(Vec<String>),
    /// Another trial is running.
    Busy,
    /// There is no such upload.
    Gone,
    /// The harness or the function failed, for this reason.
    Failed(String),
}

/// The S3 of one trial, with its folder.
struct Isolated {
    server: S3Server,
    client: Client,
    folder: PathBuf,
}

impl Drop for Isolated {
    fn drop(&mut self) {
        // The next trial removes what could not be removed now.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Renders the upload. The result is what the page gets.
pub(super) async fn run(context: &Arc<Context>, wanted: Wanted) -> Result<Value, TrialError> {
    let checked = context.source.check(wanted.toml.clone());
    let checked = checked.map_err(|error| TrialError::Config(error.problems))?;
    let _only = context.trial.try_lock().map_err(|_| TrialError::Busy)?;
    let get = context.client.get_object().bucket(&wanted.bucket).key(&wanted.key).send().await;
    let upload = get.map_err(|_| TrialError::Gone)?;
    let isolated = isolate(context, &wanted, &checked).await?;
    store(&isolated.client, &wanted, upload).await?;
    let invocation = invoke(context, &isolated, &wanted, checked.text).await?;
    let uploads = invocation.log.iter().filter_map(|line| UploadLine::parse(line)).collect();
    let reason = invocation.result.err().map(|error| error.message);
    let ended = Ended { at_ms: now_ms(), report: invocation.report, log: Vec::new(), uploads };
    let record = UploadRecord::of_invocation(&ended, &context.rates).pop();
    let mut record = record.ok_or_else(|| {
        TrialError::Failed(reason.unwrap_or_else(|| "the function did not answer".to_owned()))
    })?;
    publish(context, &isolated.client, &mut record).await?;
    Ok(json!({
        "upload": record,
        "crops": crops(&record),
        "placeholders": record.placeholders,
    }))
}

async fn isolate(
    context: &Context,
    wanted: &Wanted,
    checked: &CheckedConfig,
) -> Result<Isolated, TrialError> {
    let folder = context.data_dir.join("trial");
    // What a killed harness left.
    let _ = tokio::fs::remove_dir_all(&folder).await;
    let options = S3Options {
        data_dir: folder.clone(),
        address: ([127, 0, 0, 1], 0).into(),
        region: REGION.to_owned(),
        access_key: context.keys.access_key.clone(),
        secret_key: context.keys.secret_key.clone(),
        access: s3_local::Access::default(),
        wrong_keys: None,
    };
    let (notifications, _) = unbounded_channel();
    let server = S3Server::start(options, notifications).await.map_err(failed)?;
    let client = s3_client_with(server.endpoint(), &context.keys);
    let isolated = Isolated { server, client, folder };
    let buckets = Buckets::of(&checked.config, Some(&wanted.bucket)).all();
    create_buckets(&isolated.client, &buckets).await.map_err(failed)?;
    Ok(isolated)
}

/// The upload under its own name, with what was said of it.
async fn store(
    client: &Client,
    wanted: &Wanted,
    upload: GetObjectOutput,
) -> Result<(), TrialError> {
    let put = client
        .put_object()
        .bucket(&wanted.bucket)
        .key(&wanted.key)
        .set_content_type(upload.content_type)
        .set_content_encoding(upload.content_encoding)
        .set_metadata(upload.metadata);
    let body = upload.body.collect().await.map_err(failed)?.into_bytes();
    put.body(ByteStream::from(body)).send().await.map_err(failed)?;
    Ok(())
}

async fn invoke(
    context: &Context,
    isolated: &Isolated,
    wanted: &Wanted,
    text: String,
) -> Result<Invocation, TrialError> {
    let mut env = function_env(isolated.server.endpoint(), &context.keys);
    let own = context.function.options();
    let signing = own.env.iter().filter(|(name, _)| name == "RESIZER_SIGNING_KEYS").cloned();
    env.extend(signing);
    env.push(("RESIZER_CONFIG".to_owned(), text));
    // Nobody reads the log as it is written.
    let (log, _) = lambda_local::log();
    let (max_concurrency, environment_concurrency) = (1, 1);
    let own = FunctionOptions::clone(&own);
    let options = FunctionOptions { env, log, max_concurrency, environment_concurrency, ..own };
    let function = Function::new(options).map_err(failed)?;
    let event = json!({ "bucket": wanted.bucket, "key": wanted.key });
    let invocation = function.invoke(event.to_string().into_bytes()).await;
    function.shutdown().await;
    Ok(invocation)
}

/// Copies the variants to the bucket of trials, in place of those of the last one.
async fn publish(
    context: &Context,
    isolated: &Client,
    record: &mut UploadRecord,
) -> Result<(), TrialError> {
    let bucket = format!("{}-trial", context.upload_bucket);
    let client = &context.client;
    create_buckets(client, [&bucket]).await.map_err(failed)?;
    let listed = client.list_objects_v2().bucket(&bucket).send().await.map_err(failed)?;
    for object in listed.contents() {
        let key = object.key().unwrap_or_default();
        client.delete_object().bucket(&bucket).key(key).send().await.map_err(failed)?;
    }
    links::add(client, record).await;
    for variant in &mut record.variants {
        let get = isolated.get_object().bucket(&variant.bucket).key(&variant.key).send();
        let body = get.await.map_err(failed)?.body.collect().await.map_err(failed)?;
        let put = client.put_object().bucket(&bucket).key(&variant.key);
        let put = put.content_type(&variant.media_type);
        put.body(ByteStream::from(body.into_bytes())).send().await.map_err(failed)?;
        variant.bucket.clone_from(&bucket);
        variant.url = links::presigned(client, &bucket, &variant.key).await;
    }
    Ok(())
}

/// The window of each variant that does not show the whole source, in fractions of its sides.
fn crops(record: &UploadRecord) -> Map<String, Value> {
    let Some(source) = &record.source else { return Map::new() };
    let (width, height) = (f64::from(source.width), f64::from(source.height));
    let crops = record.crops.iter().map(|crop| {
        let window = json!({
            "x": f64::from(crop.x) / width,
            "y": f64::from(crop.y) / height,
            "width": f64::from(crop.width) / width,
            "height": f64::from(crop.height) / height,
        });
        (crop.variant.clone(), window)
    });
    crops.collect()
}

fn failed(error: impl std::error::Error) -> TrialError {
    TrialError::Failed(format!("the trial failed: {}", DisplayErrorContext(error)))
}
