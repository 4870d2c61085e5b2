//! The command `probe`: tries on objects of its own what the worker asks of a store, and says what
//! the store cannot do or only seems to do. In: a bucket. Out: a line for each ability.

use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::head_object::HeadObjectError;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use resizer::client::{Environment, region};
use resizer::error::with_sources;
use resizer::logging;
use tokio::time::timeout;

use crate::queue;

/// How long all requests together may take.
const LONGEST_TIME: Duration = Duration::from_secs(60);

/// No object has it.
const OTHER_ETAG: &str = "\"00000000000000000000000000000000\"";

/// An ability, who needs it, and whether the store has it.
type Found = (&'static str, &'static str, Result<(), String>);

/// Prints what the store can do; 0 where that is everything.
pub(crate) fn run(bucket: &str) -> ExitCode {
    logging::install();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a process that just started can have a timer and an IO driver");
    let probed = runtime.block_on(async { timeout(LONGEST_TIME, probe(bucket)).await });
    let probed = probed.unwrap_or_else(|_| {
        let limit_s = LONGEST_TIME.as_secs();
        Err(format!("the store did not answer everything within {limit_s} s"))
    });
    let found = match probed {
        Ok(found) => found,
        Err(problem) => {
            eprintln!("{problem}");
            return ExitCode::FAILURE;
        }
    };
    let width = found.iter().map(|(ability, ..)| ability.len()).max().unwrap_or(0);
    for (ability, user, result) in &found {
        match result {
            Ok(()) => println!("{ability:width$}  yes"),
            Err(reason) => println!("{ability:width$}  no: {reason}; {user}"),
        }
    }
    let all = found.iter().all(|(_, _, result)| result.is_ok());
    if all { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn probe(bucket: &str) -> Result<Vec<Found>, String> {
    let region = region().map_err(|error| error.to_string())?;
    let credentials = queue::credentials(&region).await.map_err(|error| error.to_string())?;
    let environment = Environment::with_credentials(credentials, region);
    let client = environment.s3().map_err(|error| error.to_string())?;
    // Another probe may run in another container, where its process has the same number.
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let key = format!("resizer/probe-{}-{}", std::process::id(), now.as_nanos());
    let probe = Probe { client, bucket, key };
    let nobody_works = "nothing works without it";
    let shared = "rules with shared keys are not safe, and the ledger may lose layouts";
    let originals = "rules that move or delete originals are not safe";
    let written = probe.write_and_read().await;
    let is_writable = written.is_ok();
    if !is_writable {
        // It may have been written all the same.
        let _ = probe.delete().await;
    }
    let mut found = vec![("PUT with metadata, HEAD, GET", nobody_works, written)];
    if is_writable {
        found.push(("ListObjectsV2", nobody_works, probe.list().await));
        found.push(("PUT with If-None-Match and If-Match", shared, probe.put_if().await));
        found.push(("copy with x-amz-copy-source-if-match", originals, probe.copy_if().await));
        found.push(("DELETE with If-Match", originals, probe.delete_if().await));
        found.push(("DELETE of several objects", nobody_works, probe.delete().await));
    }
    Ok(found)
}

/// An object that only the probe knows.
struct Probe<'a> {
    client: Client,
    bucket: &'a str,
    key: String,
}

impl Probe<'_> {
    fn body() -> ByteStream {
        ByteStream::from_static(b"resizer-worker probe")
    }

    async fn write_and_read(&self) -> Result<(), String> {
        let put = self.client.put_object().bucket(self.bucket).key(&self.key);
        let put = put.metadata("resizer-probe", "yes").body(Self::body());
        put.send().await.map_err(|error| format!("PUT: {}", said(error)))?;
        let head = self.client.head_object().bucket(self.bucket).key(&self.key).send().await;
        let head = head.map_err(|error| format!("HEAD: {}", said(error)))?;
        let kept = head.metadata().and_then(|metadata| metadata.get("resizer-probe"));
        if kept.map(String::as_str) != Some("yes") {
            return Err("user metadata is lost".to_owned());
        }
        let get = self.client.get_object().bucket(self.bucket).key(&self.key).send().await;
        let get = get.map_err(|error| format!("GET: {}", said(error)))?;
        let bytes = get.body.collect().await.map_err(|error| error.to_string())?;
        if bytes.to_vec() != b"resizer-worker probe" {
            return Err("other bytes came back".to_owned());
        }
        Ok(())
    }

    async fn list(&self) -> Result<(), String> {
        let request = self.client.list_objects_v2().bucket(self.bucket).prefix(&self.key);
        let listing = request.send().await.map_err(said)?;
        let listed = listing.contents().iter().any(|object| object.key() == Some(&self.key));
        if listed { Ok(()) } else { Err("an object is not listed".to_owned()) }
    }

    async fn put_if(&self) -> Result<(), String> {
        let put = || self.client.put_object().bucket(self.bucket).key(&self.key);
        let put = || put().metadata("resizer-probe", "yes").body(Self::body());
        unmet("If-None-Match: *", put().if_none_match("*").send().await)?;
        unmet("If-Match of another object", put().if_match(OTHER_ETAG).send().await)?;
        let met = put().if_match(self.etag(&self.key).await?).send().await;
        met.map(|_| ()).map_err(|error| format!("a condition that is met: {}", said(error)))
    }

    async fn copy_if(&self) -> Result<(), String> {
        let source = format!("{}/{}", self.bucket, self.key);
        let copy = || self.client.copy_object().bucket(self.bucket).key(self.copied());
        let copy = |etag: &str| copy().copy_source(&source).copy_source_if_match(etag).send();
        unmet("a copy of another object", copy(OTHER_ETAG).await)?;
        let met = copy(&self.etag(&self.key).await?).await;
        met.map(|_| ()).map_err(|error| format!("a condition that is met: {}", said(error)))
    }

    /// Deletes an object of its own, because the copy may have failed.
    async fn delete_if(&self) -> Result<(), String> {
        let key = format!("{}-delete", self.key);
        let put = self.client.put_object().bucket(self.bucket).key(&key).body(Self::body());
        put.send().await.map_err(|error| format!("PUT: {}", said(error)))?;
        let delete = || self.client.delete_object().bucket(self.bucket).key(&key);
        let ignored = unmet("DELETE of another object", delete().if_match(OTHER_ETAG).send().await);
        let found = self.etag(&key).await;
        let met = match &found {
            Ok(etag) => delete().if_match(etag).send().await,
            Err(_) => delete().send().await,
        };
        ignored?;
        found.map_err(|_| "it was answered 412, and carried out".to_owned())?;
        met.map(|_| ()).map_err(|error| format!("a condition that is met: {}", said(error)))
    }

    async fn etag(&self, key: &str) -> Result<String, String> {
        let head = self.client.head_object().bucket(self.bucket).key(key).send().await;
        Ok(head.map_err(said)?.e_tag().unwrap_or_default().to_owned())
    }

    async fn delete(&self) -> Result<(), String> {
        let named = |key: String| ObjectIdentifier::builder().key(key).build().expect("a key");
        let objects = [named(self.key.clone()), named(self.copied())];
        let delete = Delete::builder().set_objects(Some(objects.into())).build().expect("objects");
        let request = self.client.delete_objects().bucket(self.bucket).delete(delete);
        request.send().await.map_err(said)?;
        let head = self.client.head_object().bucket(self.bucket).key(&self.key).send().await;
        match head {
            Ok(_) => Err("an object is still there".to_owned()),
            Err(error) if error.as_service_error().is_some_and(HeadObjectError::is_not_found) => {
                Ok(())
            }
            Err(error) => Err(format!("HEAD of what is gone: {}", said(error))),
        }
    }

    fn copied(&self) -> String {
        format!("{}-copy", self.key)
    }
}

/// A request whose condition does not hold must be answered 412 (or 409, while others write).
fn unmet<T, E>(what: &str, sent: Result<T, SdkError<E>>) -> Result<(), String>
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    match sent {
        Ok(_) => Err(format!("{what} was ignored")),
        Err(error) => match error.raw_response().map(|response| response.status().as_u16()) {
            Some(412 | 409) => Ok(()),
            _ => Err(format!("{what}: {}", said(error))),
        },
    }
}

fn said<E>(error: SdkError<E>) -> String
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    match (error.code(), error.raw_response()) {
        (Some(code), _) => format!("{code}: {}", error.message().unwrap_or("no message")),
        (None, Some(response)) => format!("status {}", response.status().as_u16()),
        (None, None) => with_sources(&error),
    }
}
