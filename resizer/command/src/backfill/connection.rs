//! Options and environment in, the function's `App` out.

use std::num::NonZero;
use std::thread::available_parallelism;

use aws_config::BehaviorVersion;
use aws_credential_types::provider::ProvideCredentials;
use resizer::client::{Environment, endpoint, https_client, region};
use resizer::config::{Config, ConfigError, Settings};
use resizer::digest;
use resizer::error::with_sources;
use resizer::handler::App;
use resizer::layout::Layout;

use super::arguments::{BackfillArguments, ConnectionArguments};
use super::state::{Mode, Plan};
use crate::Misuse;

/// The configuration, by the rules of the function's start. All processors of this machine may work
/// for it.
///
/// # Errors
/// The outer one where a file cannot be read, the inner one where its text cannot be used.
pub(crate) fn config(arguments: &BackfillArguments) -> Result<Result<Config, ConfigError>, Misuse> {
    let mut settings = Settings::from_env();
    let mut origin = None;
    if let Some(file) = &arguments.config {
        let shown = file.display().to_string();
        let text = std::fs::read_to_string(file)
            .map_err(|error| Misuse(format!("{shown} cannot be read: {error}")))?;
        (settings.text, settings.file, origin) = (Some(text), None, Some(shown));
    }
    let ConnectionArguments { output_bucket, memory, .. } = &arguments.connection;
    settings.output_bucket = output_bucket.clone().or(settings.output_bucket);
    settings.memory_size_mib = memory.or(settings.memory_size_mib);
    let bucket = || Some(arguments.target.bucket.clone());
    settings.upload_bucket = settings.upload_bucket.or_else(bucket);
    let config = Config::load(&settings).map(|config| Config {
        threads: available_parallelism().map_or(1, NonZero::get),
        processor_share: 1.0,
        ..config
    });
    Ok(config.map_err(|error| {
        let ConfigError { origin: default, problems } = error;
        ConfigError { origin: origin.unwrap_or(default), problems }
    }))
}

/// Whether nobody names a configuration.
pub(crate) fn is_built_in(arguments: &BackfillArguments) -> bool {
    let Settings { text, file, .. } = Settings::from_env();
    arguments.config.is_none() && text.is_none() && file.is_none()
}

/// The function's core with clients for the caller's credentials: those of the environment, a
/// profile, SSO, a container or an instance. Writes down the endpoint and the region that are used.
///
/// # Errors
/// `Misuse` where there is no region, the endpoint is no URL, or TLS cannot be set up.
pub(crate) async fn connect(
    config: Config,
    connection: &mut ConnectionArguments,
) -> Result<App, Misuse> {
    let misuse = |error: &dyn std::error::Error| Misuse(error.to_string());
    connection.endpoint_url = connection.endpoint_url.take().or_else(|| endpoint("S3"));
    let ConnectionArguments { endpoint_url, path_style, region: named, .. } = connection;
    let http_client = https_client().map_err(|error| misuse(&error))?;
    let loader = aws_config::defaults(BehaviorVersion::latest()).http_client(http_client);
    let found = loader.load().await;
    let configured = named.clone().or_else(|| found.region().map(ToString::to_string));
    let region = configured.map_or_else(region, Ok).map_err(|error| misuse(&error))?;
    let credentials = found.credentials_provider().ok_or_else(|| {
        Misuse("there are no credentials: set a profile or the variables of AWS".to_owned())
    })?;
    // Asked for once here, because the answer to a request would say less of what is missing.
    let usable = credentials.provide_credentials().await;
    usable.map_err(|error| {
        let problem = with_sources(&error);
        Misuse(format!(
            "there are no usable credentials; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and \
             AWS_SECRET_ACCESS_KEY: {problem}"
        ))
    })?;
    let mut environment = Environment::with_credentials(credentials, region.clone());
    *named = Some(region);
    if let Some(url) = endpoint_url {
        environment = environment.with_s3_at(url.clone());
    }
    if *path_style {
        environment = environment.with_path_style(true);
    }
    App::new(config, &environment).map_err(|error| misuse(&error))
}

/// Whether any rule takes uploads of the target's bucket.
///
/// # Errors
/// `Misuse` where none does.
pub(crate) fn check_bucket(config: &Config, bucket: &str) -> Result<(), Misuse> {
    let sources = || config.rules.iter().map(|rule| rule.source.bucket.as_deref());
    if sources().any(|source| source.is_none_or(|source| source == bucket)) {
        return Ok(());
    }
    let mut named: Vec<String> = sources().flatten().map(|name| format!("s3://{name}")).collect();
    named.sort_unstable();
    named.dedup();
    Err(Misuse(format!(
        "no rule takes uploads of s3://{bucket}, only of {}; name another target, or check the \
         `bucket` of the rules and RESIZER_UPLOAD_BUCKET",
        named.join(", ")
    )))
}

/// What is to be done, as the state file has it.
pub(crate) fn plan(config: &Config, arguments: &BackfillArguments, mode: Mode) -> Plan {
    let mut all = digest_of(config, &arguments.connection);
    arguments.earlier_output_bucket.iter().for_each(|bucket| all.push_str(&format!("\n{bucket}")));
    Plan {
        bucket: arguments.target.bucket.clone(),
        prefix: arguments.target.prefix.clone(),
        mode,
        configuration: digest::sha256(all.as_bytes())[..16].to_owned(),
    }
}

/// A digest of the rules, the endpoint, and the region.
pub(crate) fn digest_of(config: &Config, connection: &ConnectionArguments) -> String {
    let rule = |rule: &resizer::rules::Rule| {
        let layout = Layout::of(rule).to_text();
        let layout = serde_json::to_string(&layout).expect("strings serialize");
        let originals = format!("{:?}", rule.originals);
        [layout, originals, rule.fingerprint.clone(), rule.refusal_fingerprint.clone()].join("\n")
    };
    let rules: Vec<String> = config.rules.iter().map(rule).collect();
    let ConnectionArguments { endpoint_url, region, .. } = connection;
    let all = format!("{}\n{endpoint_url:?}\n{region:?}", rules.join("\n"));
    digest::sha256(all.as_bytes())[..16].to_owned()
}
