//! The CORS rule with which `up` lets its own page, and the origins that the user allows, use a
//! bucket. Rules that somebody else has put stay.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_s3::types::{CorsConfiguration, CorsRule};

use crate::harness::HarnessError;

/// Names the rule, so that a later start replaces it.
const RULE_ID: &str = "local-harness-up";

/// Puts the rule into the configuration of each bucket.
///
/// # Errors
/// `Request`.
pub(super) async fn allow(
    client: &Client,
    buckets: &[String],
    origins: &[String],
) -> Result<(), HarnessError> {
    for bucket in buckets {
        let mut rules = vec![rule(origins)];
        let found = client.get_bucket_cors().bucket(bucket).send().await;
        match found {
            Ok(found) => {
                let others = found.cors_rules.unwrap_or_default().into_iter();
                rules.extend(others.filter(|rule| rule.id() != Some(RULE_ID)));
            }
            Err(error) if error.code() == Some("NoSuchCORSConfiguration") => {}
            Err(error) => return Err(failed(bucket, &error)),
        }
        let configuration = CorsConfiguration::builder().set_cors_rules(Some(rules)).build();
        let configuration = configuration.expect("it has rules");
        let put = client.put_bucket_cors().bucket(bucket).cors_configuration(configuration);
        put.send().await.map_err(|error| failed(bucket, &error))?;
    }
    Ok(())
}

fn rule(origins: &[String]) -> CorsRule {
    let methods = ["GET", "HEAD", "PUT", "POST"].map(str::to_owned);
    let rule = CorsRule::builder()
        .id(RULE_ID)
        .set_allowed_origins(Some(origins.to_vec()))
        .set_allowed_methods(Some(methods.to_vec()))
        .allowed_headers("*")
        .expose_headers("ETag")
        .max_age_seconds(300);
    rule.build().expect("it has origins and methods")
}

fn failed(bucket: &str, error: &dyn std::error::Error) -> HarnessError {
    let cause = DisplayErrorContext(error).to_string();
    HarnessError::Request { request: format!("setting CORS of {bucket}"), cause }
}
