//! TOML text in, `Config` out, or every problem in one message. Read once, at start.
//!
//! `RESIZER_CONFIG` holds the text itself, `RESIZER_CONFIG_FILE` a path to it; with neither the
//! default applies. docs/configuration.md says what may stand in it.

mod checks;
mod declare;
mod kinds;
mod loops;
mod problems;
mod read;
mod reader;
mod reference;
mod schema;
mod settings;
mod similar;
mod syntax;
mod warnings;

use std::path::PathBuf;
use std::time::Duration;

use resizer_engine::Limits;

pub use self::reference::reference;
pub use self::schema::schema;
use crate::budget::Capacity;
use crate::completion::Channel;
use crate::endpoint::Endpoint;
use crate::event::ObjectRef;
use crate::fingerprint;
use crate::rules::{self, Ignored, Rule};

/// What the function was told to do.
#[derive(Debug, Clone)]
pub struct Config {
    /// Limits of the engine.
    pub limits: Limits,
    /// Threads that engines may work on, all together.
    pub threads: usize,
    /// The part of a processor that the function's memory pays for, 1 for a whole one or more.
    pub processor_share: f64,
    /// Objects with more bytes than this are not read; default 256 MiB.
    pub max_source_bytes: u64,
    /// How long one answer of S3 is waited for before the request is sent again; default 5 s.
    pub s3_timeout: Duration,
    /// The longest between a request that got no answer and its effect; default 60 s.
    pub late_requests: Duration,
    /// Who is told of every upload that is done; default nobody.
    pub completion: Option<Channel>,
    /// The CloudWatch namespace of the metrics in log lines; default none.
    pub metrics_namespace: Option<String>,
    /// What is served over HTTP; default nothing.
    pub endpoint: Option<Endpoint>,
    /// What is valid but probably a mistake, one sentence each with its line; logged at start.
    pub warnings: Vec<String>,
    /// In the order of the file; the first that takes an object counts.
    pub rules: Vec<Rule>,
}

/// A configuration that cannot be used. Its message lists every problem found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the configuration ({origin}) cannot be used:{}", listed(problems))]
pub struct ConfigError {
    /// Where the text came from.
    pub origin: String,
    /// One sentence each, with its line.
    pub problems: Vec<String>,
}

impl ConfigError {
    /// The stable name used in logs and as Lambda's `errorType`.
    pub const CODE: &'static str = "config";
}

/// The environment variables that a configuration depends on.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// `RESIZER_CONFIG`: the TOML text.
    pub text: Option<String>,
    /// `RESIZER_CONFIG_FILE`: a path to it.
    pub file: Option<PathBuf>,
    /// `RESIZER_OUTPUT_BUCKET`: the output bucket of rules that name none.
    pub output_bucket: Option<String>,
    /// `RESIZER_UPLOAD_BUCKET`: the only bucket of rules that name none. Without it they take
    /// uploads of every bucket.
    pub upload_bucket: Option<String>,
    /// `AWS_LAMBDA_FUNCTION_MEMORY_SIZE` in MiB.
    pub memory_size_mib: Option<u64>,
    /// `RESIZER_SIGNING_KEYS`: what signs URLs of the endpoint.
    pub signing_keys: Option<Secret>,
    /// Processors that the process may use, also a part of one; without it, those that Lambda
    /// gives with the memory.
    pub processors: Option<f64>,
}

/// A text that no message and no log may show.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
}

/// The output bucket where nobody names one.
const DEFAULT_OUTPUT_BUCKET: &str = "{bucket}-variants";

impl Settings {
    /// Reads the process's environment.
    pub fn from_env() -> Self {
        let read = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        Self {
            text: read("RESIZER_CONFIG"),
            file: read("RESIZER_CONFIG_FILE").map(PathBuf::from),
            output_bucket: read("RESIZER_OUTPUT_BUCKET"),
            upload_bucket: read("RESIZER_UPLOAD_BUCKET"),
            memory_size_mib: read("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
                .and_then(|mebibytes| mebibytes.parse().ok()),
            signing_keys: read("RESIZER_SIGNING_KEYS").map(Secret),
            processors: None,
        }
    }
}

impl Config {
    /// Reads and checks the configuration.
    ///
    /// # Errors
    /// `ConfigError` with all problems of the text, or with why it could not be read.
    pub fn load(settings: &Settings) -> Result<Self, ConfigError> {
        let problem = |origin: &str, problem: String| ConfigError {
            origin: origin.to_owned(),
            problems: vec![problem],
        };
        let (origin, text) = match (&settings.text, &settings.file) {
            (Some(_), Some(_)) => {
                let both = "both are set; unset one of them".to_owned();
                return Err(problem("RESIZER_CONFIG and RESIZER_CONFIG_FILE", both));
            }
            (Some(text), None) => ("RESIZER_CONFIG".to_owned(), text.clone()),
            (None, Some(path)) => {
                let text = std::fs::read_to_string(path).map_err(|error| {
                    problem("RESIZER_CONFIG_FILE", format!("{}: {error}", path.display()))
                })?;
                (path.display().to_string(), text)
            }
            (None, None) => ("built-in default".to_owned(), String::new()),
        };
        let output_bucket = settings.output_bucket.as_deref().unwrap_or(DEFAULT_OUTPUT_BUCKET);
        let capacity = Capacity::of(settings.memory_size_mib, settings.processors);
        let defaults = read::Defaults {
            output_bucket,
            upload_bucket: settings.upload_bucket.as_deref(),
            memory_bytes: capacity.memory_bytes.unwrap_or(Limits::default().max_memory_bytes),
            signing_keys: settings.signing_keys.as_ref().map(|keys| keys.0.as_str()),
        };
        let mut config =
            read::parse(&text, defaults).map_err(|problems| ConfigError { origin, problems })?;
        config.threads = capacity.threads;
        config.processor_share = capacity.processor_share;
        if let Some(available_bytes) = capacity.memory_bytes {
            config.limits.max_memory_bytes = config.limits.max_memory_bytes.min(available_bytes);
            // What would not fit by itself is not even read.
            config.max_source_bytes = config.max_source_bytes.min(available_bytes);
        }
        for rule in &mut config.rules {
            rule.fingerprint = fingerprint::of_results(&rule.request, &rule.output);
            rule.refusal_fingerprint = fingerprint::of_refusals(
                &rule.fingerprint,
                &config.limits,
                config.max_source_bytes,
            );
        }
        Ok(config)
    }

    /// The rule that takes an object.
    ///
    /// # Errors
    /// Why none does; `OwnKey` also for what the endpoint stores.
    pub fn rule_for(&self, object: &ObjectRef) -> Result<&Rule, Ignored> {
        if self.endpoint.as_ref().is_some_and(|endpoint| endpoint.results.hold(object)) {
            return Err(Ignored::OwnKey);
        }
        rules::find(&self.rules, object)
    }

    /// Whether an object of that name can be an upload at all: it is neither the ledger nor where a
    /// rule or the endpoint could have written.
    pub fn may_be_upload(&self, object: &ObjectRef) -> bool {
        !matches!(self.rule_for(object), Err(Ignored::OwnKey))
            && !self.rules.iter().any(|rule| rule.could_have_written(object))
    }
}

fn listed(problems: &[String]) -> String {
    problems.iter().map(|problem| format!("\n  - {problem}")).collect()
}
