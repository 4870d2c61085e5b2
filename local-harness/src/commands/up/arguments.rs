//! The options of `up`, and what is checked before anything starts.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

use lambda_local::event_source::RetryDelay;
use s3_local::Access;

use super::configuration::{Buckets, CheckedConfig, ConfigSource};
use super::ports::{self, Wanted};
use super::terminal::Redelivery;
use crate::activity::Rates;
use crate::bill::{Architecture, Prices};
use crate::commands::CommandError;
use crate::harness::ACCESS_KEY;

/// The delay after the first delivery of an event that failed; it doubles with each further one.
pub(super) const FIRST_RETRY_DELAY: Duration = Duration::from_secs(1);

/// Deliveries before an event is given up. With the default delays the last one is 3.5 minutes
/// after the first, which an original needs that is moved or deleted: 2.5 minutes with default
/// times.
const MAX_DELIVERIES: u32 = 12;

/// The options that only `up` has.
#[derive(Debug, Clone, clap::Args)]
pub struct UpArgs {
    /// Folder that keeps the objects and the secret key for the next time.
    #[arg(long, default_value = "target/harness")]
    pub data_dir: PathBuf,
    /// Address to listen on. Beyond loopback, everyone who reaches it can use the harness.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST), value_name = "ADDRESS")]
    pub host: IpAddr,
    /// Port of the S3 endpoint; 0 for any.
    #[arg(long, default_value_t = 9000)]
    pub port: u16,
    /// Port of Lambda's Invoke API; 0 for any.
    #[arg(long, default_value_t = 9001)]
    pub lambda_port: u16,
    /// Port of the function URL; 0 for any.
    #[arg(long, default_value_t = 9002)]
    pub url_port: u16,
    /// Port of the page; 0 for any.
    #[arg(long, default_value_t = 9003)]
    pub page_port: u16,
    /// Port of the queue, which speaks the SQS protocol; 0 for any.
    #[arg(long, default_value_t = 9004)]
    pub sqs_port: u16,
    /// Access key of the S3 endpoint.
    #[arg(long, default_value = ACCESS_KEY, value_name = "KEY", value_parser = access_key)]
    pub access_key: String,
    /// Secret key of the S3 endpoint. Default: a random one, which the data folder keeps.
    #[arg(long, value_name = "SECRET")]
    pub secret_key: Option<String>,
    /// Upload bucket besides those that the configuration names. Default `uploads`, if it names
    /// none.
    #[arg(long)]
    pub bucket: Option<String>,
    /// Further bucket to create. May be repeated.
    #[arg(long = "create-bucket", value_name = "BUCKET")]
    pub other_buckets: Vec<String>,
    /// Origin of a web application, such as http://localhost:3000, whose pages may use the buckets
    /// and the function URL from a browser. May be repeated.
    #[arg(long = "allow-origin", value_name = "URL", value_parser = origin)]
    pub allowed_origins: Vec<String>,
    /// Let anyone read the objects of output buckets without a signature.
    #[arg(long)]
    pub public_read: bool,
    /// Longest delay before a failed event is delivered again, in seconds. The first delay is 1
    /// second, each further one twice as long. (In the template, SQS waits 360 seconds.)
    #[arg(long, default_value_t = 30, value_name = "SECONDS",
          value_parser = clap::value_parser!(u64).range(0..=43_200))]
    pub max_retry_delay: u64,
    /// Print the function's own log lines instead of one line per upload.
    #[arg(long)]
    pub json: bool,
    /// Prices for the bill, a TOML file. Default: local-harness/prices.toml.
    #[arg(long, value_name = "FILE")]
    pub prices: Option<PathBuf>,
}

/// `up` with valid options and a valid configuration.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The options.
    pub args: UpArgs,
    /// How the configuration is read.
    pub source: ConfigSource,
    /// The configuration.
    pub checked: CheckedConfig,
    /// Its buckets.
    pub buckets: Buckets,
    /// What AWS would ask.
    pub rates: Rates,
    /// Timeout of an invocation, in seconds.
    pub timeout_s: u64,
    /// Execution environments at the same time.
    pub concurrency: usize,
}

impl Plan {
    /// Checks the configuration, the prices, and the ports.
    ///
    /// # Errors
    /// `Config`, `File`, `Prices`, `Port`.
    pub fn new(
        args: UpArgs,
        source: ConfigSource,
        (timeout_s, concurrency): (u64, usize),
    ) -> Result<Self, CommandError> {
        let checked = source.read()?;
        let buckets = Buckets::of(&checked.config, args.bucket.as_deref());
        let prices = Prices::read(args.prices.as_deref())?;
        let wanted = |option, what, port| Wanted { option, what, port };
        let ports = [
            wanted("--port", "the S3 endpoint", args.port),
            wanted("--lambda-port", "Lambda's Invoke API", args.lambda_port),
            wanted("--url-port", "the function URL", args.url_port),
            wanted("--page-port", "the page", args.page_port),
            wanted("--sqs-port", "the queue", args.sqs_port),
        ];
        ports::check(args.host, &ports)?;
        let rates = Rates { prices, architecture: Architecture::of_this_machine() };
        Ok(Self { args, source, checked, buckets, rates, timeout_s, concurrency })
    }

    /// When failed events are delivered again.
    pub(super) fn redelivery(&self) -> Redelivery {
        let max = Duration::from_secs(self.args.max_retry_delay);
        let delay = RetryDelay { first: FIRST_RETRY_DELAY.min(max), max };
        Redelivery { delay, max_deliveries: MAX_DELIVERIES }
    }

    /// Who may use a server; `origins` are those of web applications.
    pub fn access(&self, origins: &[String]) -> Access {
        let host = self.args.host;
        Access {
            host: (!host.is_loopback()).then_some(host),
            origins: origins.to_vec(),
            programs_only: false,
        }
    }
}

fn origin(text: &str) -> Result<String, String> {
    let origin = text.strip_suffix('/').unwrap_or(text).to_ascii_lowercase();
    let rest = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    let is_origin = rest.is_some_and(|host| {
        !host.is_empty() && !host.contains(['/', '?', '#', '@', '*', ' ', ','])
    });
    let example = "an origin has a scheme, a host and perhaps a port: http://localhost:3000";
    if is_origin { Ok(origin) } else { Err(example.to_owned()) }
}

fn access_key(text: &str) -> Result<String, String> {
    let is_key = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if is_key { Ok(text.to_owned()) } else { Err("use letters, digits, and hyphens".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn an_origin_is_no_page_and_no_pattern() {
        assert_eq!(origin("http://localhost:3000/"), Ok("http://localhost:3000".to_owned()));
        assert_eq!(origin("https://App.example.com"), Ok("https://app.example.com".to_owned()));
        for wrong in ["localhost:3000", "*", "http://*", "https://a/b", "http://", "null"] {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
    }
}
