//! A harness with its objects in memory, and the comparison of all stored objects with the expected
//! ones.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::EncodingType;
use futures::stream::{self, StreamExt, TryStreamExt};
use s3_local::form_decode;
use tokio::time::{Duration, Instant, sleep};

use super::stored::Stored;
use super::tally::Tally;
use crate::commands::CommandError;
use crate::harness::{Harness, HarnessError, HarnessOptions};
use crate::proxy::{FaultPlan, MAX_LATENESS};
use lambda_local::Function;
use lambda_local::event_source::RetryDelay;

use resizer::ledger::LEDGER_KEY;

/// The output bucket of the default configuration.
pub(crate) const RESULTS: &str = "uploads-variants";

/// The longest time without progress.
const STALL_TIMEOUT: Duration = Duration::from_secs(120);

/// Concurrent requests of the harness's own client.
pub(super) const PARALLEL: usize = 8;

/// Messages in the queue above which uploads wait.
const MAX_WAITING: usize = 200;

/// How much longer than the longest delay of a late request the queue waits before a redelivery.
const COMEBACK_MARGIN: Duration = Duration::from_millis(200);

/// Two small variants and a manifest; requests to S3 time out after a quarter of a second.
pub(crate) const CONFIG: &str = r#"
[limits]
s3_timeout_ms = 250
[[rule]]
output.manifest = "manifests/{key}.json"
[[rule.variant]]
name = "a"
width = 16
[[rule.variant]]
name = "b"
width = 8
"#;

/// A harness with its objects in memory, where the system has a file system for that.
#[derive(Debug)]
pub(crate) struct Trial {
    pub(crate) harness: Harness,
    pub(crate) tally: Tally,
    directory: PathBuf,
}

impl Trial {
    /// Starts one with this configuration of the function.
    pub(crate) async fn start(
        mut options: HarnessOptions,
        config: &str,
    ) -> Result<Self, CommandError> {
        let directory = scratch_directory()?;
        options.data_dir.clone_from(&directory);
        options.env.push(("RESIZER_CONFIG".to_owned(), config.to_owned()));
        // A redelivery must come after the late requests of its last delivery.
        let has_late_requests = matches!(options.faults, Some(FaultPlan::Random { .. }));
        options.retry_delay = RetryDelay::constant(if has_late_requests {
            MAX_LATENESS + COMEBACK_MARGIN
        } else {
            Duration::from_millis(50)
        });
        options.queue.max_receive_count = 1000;
        let mut harness = Harness::start(options).await?;
        let tally = Tally::start(&mut harness);
        Ok(Self { harness, tally, directory })
    }

    pub(crate) async fn put(&self, key: &str, body: &[u8]) -> Result<(), CommandError> {
        while self.harness.queue.unfinished() > MAX_WAITING {
            sleep(Duration::from_millis(5)).await;
        }
        let body = ByteStream::from(body.to_vec());
        let put = self.harness.client.put_object().bucket("uploads").key(key).body(body);
        put.send().await.map(|_| ()).map_err(|error| failed(&format!("PUT of {key:?}"), error))
    }

    pub(crate) async fn delete(&self, key: &str) -> Result<(), CommandError> {
        let delete = self.harness.client.delete_object().bucket("uploads").key(key);
        delete.send().await.map(|_| ()).map_err(|error| failed("DELETE", error))
    }

    /// Waits until every event is done.
    ///
    /// # Errors
    /// `Check` where nothing gets done for two minutes, or events became dead letters.
    pub(crate) async fn finish(&self) -> Result<(), CommandError> {
        let (mut unfinished, mut since) = (0, Instant::now());
        loop {
            let now = (self.harness.queue.unfinished(), self.tally.deliveries());
            if now.0 == 0 {
                break;
            }
            if now != (unfinished, self.tally.deliveries()) {
                (unfinished, since) = (now.0, Instant::now());
            }
            if since.elapsed() > STALL_TIMEOUT {
                return Err(check(format!(
                    "no progress for {} s; {unfinished} events are not done",
                    STALL_TIMEOUT.as_secs()
                )));
            }
            sleep(Duration::from_millis(5)).await;
        }
        match self.harness.queue.dead_letters().len() {
            0 => Ok(()),
            dead => Err(check(format!("{dead} events became dead letters"))),
        }
    }

    /// All keys of a bucket.
    pub(crate) async fn keys(&self, bucket: &str) -> Result<Vec<String>, CommandError> {
        let mut keys = Vec::new();
        let request = self.harness.client.list_objects_v2().bucket(bucket);
        let mut pages = request.encoding_type(EncodingType::Url).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failed("listing", error))?;
            let listed = page.contents().iter().filter_map(|object| object.key());
            // The ledger of layouts is no result.
            keys.extend(listed.map(form_decode).filter(|key| key != LEDGER_KEY));
        }
        Ok(keys)
    }

    /// All objects of the output bucket.
    pub(crate) async fn results(&self) -> Result<BTreeMap<String, Stored>, CommandError> {
        let keys = self.keys(RESULTS).await?;
        let gets = keys.into_iter().map(async |key| {
            let stored = self.get(&key).await?;
            Ok((key, stored))
        });
        stream::iter(gets).buffer_unordered(PARALLEL).try_collect().await
    }

    pub(crate) async fn get(&self, key: &str) -> Result<Stored, CommandError> {
        let get = self.harness.client.get_object().bucket(RESULTS).key(key);
        let object = get.send().await.map_err(|error| failed("GET", error))?;
        let content_type = object.content_type().unwrap_or_default().to_owned();
        let metadata = object.metadata().cloned().unwrap_or_default().into_iter().collect();
        let body = object.body.collect().await.map_err(|error| failed("GET", error))?;
        Ok(Stored { bytes: body.to_vec(), content_type, metadata }.without_provenance())
    }

    /// Compares all results with the expected ones, byte for byte. Returns their number.
    pub(crate) async fn compare(
        &self,
        expected: &BTreeMap<String, Stored>,
    ) -> Result<usize, CommandError> {
        let found = self.results().await?;
        let missing = expected.keys().find(|key| !found.contains_key(*key));
        let surplus = found.keys().find(|key| !expected.contains_key(*key));
        let differs = found.iter().find(|(key, stored)| expected.get(*key) != Some(*stored));
        match (missing, surplus, differs) {
            (Some(key), _, _) => Err(check(format!("{key:?} is missing"))),
            (None, Some(key), _) => Err(check(format!("{key:?} is unexpected"))),
            (None, None, Some((key, found))) => {
                let expected = &expected[key];
                Err(check(format!("{key:?} is {found}; expected {expected}")))
            }
            (None, None, None) => Ok(found.len()),
        }
    }

    /// Checks that no multipart upload is open.
    pub(crate) async fn no_open_uploads(&self) -> Result<(), CommandError> {
        for bucket in ["uploads", RESULTS] {
            let listing = self.harness.client.list_multipart_uploads().bucket(bucket).send().await;
            let open = listing.map_err(|error| failed("listing", error))?.uploads().len();
            if open > 0 {
                return Err(check(format!("{open} multipart uploads are open in {bucket}")));
            }
        }
        Ok(())
    }

    pub(crate) fn function(&self) -> &Arc<Function> {
        &self.harness.function
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        remove(&self.directory);
    }
}

fn scratch_directory() -> Result<PathBuf, CommandError> {
    let memory = Path::new("/dev/shm");
    let base = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    let pid = std::process::id();
    let free = |number: &u32| !base.join(format!("local-harness-{pid}-{number}")).exists();
    let number = (0..u32::MAX).find(free).unwrap_or_default();
    let directory = base.join(format!("local-harness-{pid}-{number}"));
    std::fs::create_dir(&directory).map_err(CommandError::file(&directory))?;
    Ok(directory)
}

fn remove(directory: &Path) {
    // Another run takes another name, so leftovers do no harm.
    let _ = std::fs::remove_dir_all(directory);
}

pub(crate) fn check(problem: String) -> CommandError {
    CommandError::Check { what: "the stored objects".to_owned(), problem }
}

pub(crate) fn failed(what: &str, error: impl std::error::Error) -> CommandError {
    let cause = aws_sdk_s3::error::DisplayErrorContext(error).to_string();
    HarnessError::Request { request: what.to_owned(), cause }.into()
}
