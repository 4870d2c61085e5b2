//! Watches the configuration's file. A valid change starts new environments; one that is not is
//! told, and the old configuration stays in use.

use std::sync::{Arc, RwLock};
use std::time::Duration;

use aws_sdk_s3::Client;
use lambda_local::Function;
use s3_local::S3Server;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinHandle;

use super::configuration::{Buckets, CheckedConfig, ConfigSource};
use super::cors;
use crate::harness::{HarnessError, create_buckets, unwatch_bucket, watch_bucket};

/// Between two looks at the file.
const PAUSE: Duration = Duration::from_millis(300);

/// What a change of the configuration changes.
#[derive(Debug)]
pub(super) struct Reloading {
    /// How the file is read.
    pub(super) source: ConfigSource,
    /// `--bucket`.
    pub(super) chosen_bucket: Option<String>,
    /// Gets the new configuration.
    pub(super) function: Arc<Function>,
    /// Creates buckets.
    pub(super) client: Client,
    /// Its output buckets may be public.
    pub(super) s3: Arc<S3Server>,
    /// Who may read and write its buckets from a browser.
    pub(super) origins: Vec<String>,
    /// `--public-read`.
    pub(super) is_public: bool,
    /// The text in use, for the page.
    pub(super) text: Arc<RwLock<String>>,
    /// Lines for the terminal.
    pub(super) lines: UnboundedSender<String>,
}

/// Ends with this.
#[derive(Debug)]
pub(super) struct Watching(JoinHandle<()>);

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Reloading {
    /// Looks at the file from time to time.
    pub(super) fn start(self) -> Watching {
        Watching(tokio::spawn(self.watch()))
    }

    async fn watch(self) {
        let mut seen = self.current();
        let mut last = Some(Ok(seen.clone()));
        loop {
            tokio::time::sleep(PAUSE).await;
            let text = self.read().await;
            // A file that is being written changes from look to look.
            let is_new = last.as_ref() != Some(&text);
            let is_at_rest = !is_new;
            last = Some(text.clone());
            let name = self.source.name();
            let text = match text {
                Ok(text) if is_at_rest && text != seen => text,
                Ok(_) => continue,
                Err(error) => {
                    if is_new {
                        let line =
                            format!("{name} cannot be read, and the old one stays in use: {error}");
                        let _ = self.lines.send(line);
                    }
                    continue;
                }
            };
            seen.clone_from(&text);
            let line = match self.source.check(text) {
                Ok(checked) if checked.text.trim().is_empty() => {
                    format!("{name} is empty, and the old one stays in use")
                }
                Ok(checked) => match self.use_it(checked).await {
                    Ok(()) => format!("{name} has changed and applies from the next upload on"),
                    Err(why) => format!("{name} has changed, but the old one stays in use: {why}"),
                },
                Err(error) => {
                    let problems: String =
                        error.problems.iter().map(|one| format!("\n  - {one}")).collect();
                    format!("{name} has changed, but the old one stays in use:{problems}")
                }
            };
            // The terminal is gone when the harness ends.
            let _ = self.lines.send(line);
        }
    }

    /// The text of the file, or why it cannot be read.
    async fn read(&self) -> Result<String, String> {
        let Some(path) = &self.source.path else { return Ok(self.current()) };
        tokio::fs::read_to_string(path).await.map_err(|error| error.to_string())
    }

    fn current(&self) -> String {
        self.text.read().expect("nothing panics while it holds the text").clone()
    }

    async fn use_it(&self, checked: CheckedConfig) -> Result<(), String> {
        let buckets = Buckets::of(&checked.config, self.chosen_bucket.as_deref());
        self.prepare(&buckets).await.map_err(|error| error.to_string())?;
        let mut env = self.function.options().env.clone();
        env.retain(|(name, _)| name != "RESIZER_CONFIG");
        if !checked.text.trim().is_empty() {
            env.push(("RESIZER_CONFIG".to_owned(), checked.text.clone()));
        }
        self.function.update_env(env).await.map_err(|error| error.to_string())?;
        *self.text.write().expect("nothing panics while it holds the text") = checked.text;
        Ok(())
    }

    async fn prepare(&self, buckets: &Buckets) -> Result<(), HarnessError> {
        let all = buckets.all();
        create_buckets(&self.client, &all).await?;
        for bucket in &buckets.uploads {
            watch_bucket(&self.client, bucket).await?;
        }
        let before = self.source.check(self.current()).map(|checked| checked.config);
        let before =
            before.map(|config| Buckets::of(&config, self.chosen_bucket.as_deref()).uploads);
        for bucket in before.unwrap_or_default() {
            if !buckets.uploads.contains(&bucket) {
                unwatch_bucket(&self.client, &bucket).await?;
            }
        }
        if self.is_public {
            self.s3.set_public_read(&buckets.outputs);
        }
        cors::allow(&self.client, &all, &self.origins).await
    }
}
