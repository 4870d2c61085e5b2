//! The S3 client from the environment variables that Lambda sets, without the SDK's configuration
//! chain: most of that chain's start is loading the system's root certificates.

use aws_credential_types::Credentials;
use aws_sdk_s3::config::{Config, Region};
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};

/// Amazon's five roots, as published at amazontrust.com. A client with these alone is ready in
/// 0.3 ms instead of the 5 ms that the system's certificates take.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon_roots.pem");

/// The environment does not describe a client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// A variable is missing.
    #[error("{name} is not set; Lambda sets it, elsewhere it is yours to set")]
    Missing {
        /// Of the variable.
        name: &'static str,
    },
    /// `AWS_CA_BUNDLE` names a file that cannot be used.
    #[error("AWS_CA_BUNDLE cannot be used: {reason}")]
    CaBundle {
        /// From the file system or from TLS.
        reason: String,
    },
}

impl ClientError {
    /// The stable name used in logs and as Lambda's `errorType`.
    pub const CODE: &'static str = "environment";
}

/// A client for `AWS_REGION` with the credentials of the environment; for another service than
/// AWS's own, `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL`, and `AWS_CA_BUNDLE` for its roots.
///
/// # Errors
/// `ClientError` with the variable that is missing or wrong.
pub fn s3_client() -> Result<aws_sdk_s3::Client, ClientError> {
    let read = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let need = |name| read(name).ok_or(ClientError::Missing { name });
    let credentials = Credentials::new(
        need("AWS_ACCESS_KEY_ID")?,
        need("AWS_SECRET_ACCESS_KEY")?,
        read("AWS_SESSION_TOKEN"),
        None,
        "environment",
    );
    let region = read("AWS_REGION").map_or_else(|| need("AWS_DEFAULT_REGION"), Ok)?;
    let endpoint = read("AWS_ENDPOINT_URL_S3").or_else(|| read("AWS_ENDPOINT_URL"));

    let http = aws_smithy_http_client::Builder::new();
    let plain = endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"));
    let http_client = if plain {
        http.build_http()
    } else {
        let provider = Provider::Rustls(CryptoMode::Ring);
        http.tls_provider(provider).tls_context(tls_context(read("AWS_CA_BUNDLE"))?).build_https()
    };
    let mut config = Config::builder()
        .region(Region::new(region))
        .credentials_provider(credentials)
        .http_client(http_client)
        // Bucket names as host names exist at AWS only.
        .force_path_style(endpoint.is_some());
    config.set_endpoint_url(endpoint);
    Ok(aws_sdk_s3::Client::from_conf(config.build()))
}

fn tls_context(ca_bundle: Option<String>) -> Result<TlsContext, ClientError> {
    let unusable = |reason: String| ClientError::CaBundle { reason };
    let pem = match ca_bundle {
        Some(path) => std::fs::read(&path).map_err(|error| unusable(format!("{path}: {error}")))?,
        None => AMAZON_ROOTS.to_vec(),
    };
    let roots = TrustStore::empty().with_pem_certificate(pem);
    let context = TlsContext::builder().with_trust_store(roots).build();
    context.map_err(|error| unusable(error.to_string()))
}
