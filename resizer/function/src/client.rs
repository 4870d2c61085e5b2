//! Clients from the environment variables that Lambda sets, without the SDK's configuration chain:
//! most of that chain's start is loading the system's root certificates.

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{
    Config, Region, RequestChecksumCalculation, ResponseChecksumValidation,
    StalledStreamProtectionConfig,
};
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use crate::signed::{RenewedCredentials, SignedClient};

const TLS: Provider = Provider::Rustls(CryptoMode::Ring);

/// Amazon's five roots, as published at amazontrust.com. A client with these alone is ready in
/// 0.3 ms instead of the 5 ms that the system's certificates take.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon_roots.pem");

/// The environment does not describe a client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// A variable is missing.
    #[error("{name} is not set; outside of Lambda, you set it, or AWS_DEFAULT_REGION for a region")]
    Missing {
        /// Of the variable.
        name: &'static str,
    },
    /// A variable has a value that it does not know.
    #[error("{name} is \"{value}\"; it may be {choices}")]
    Invalid {
        /// Of the variable.
        name: &'static str,
        /// Its value.
        value: String,
        /// What it may be.
        choices: &'static str,
    },
    /// The URL of a service cannot be one.
    #[error("{url:?} is no endpoint; write AWS_ENDPOINT_URL as http://HOST:PORT or https://HOST")]
    Endpoint {
        /// As it was given.
        url: String,
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

/// What all clients have in common.
#[derive(Debug, Clone)]
pub struct Environment {
    credentials: SharedCredentialsProvider,
    region: String,
    s3_endpoint: Option<String>,
    path_style: bool,
    ca_bundle: Option<String>,
    function_name: String,
}

impl Environment {
    /// Credentials, `AWS_REGION`, `AWS_LAMBDA_FUNCTION_NAME`, and `AWS_CA_BUNDLE` for the roots of
    /// services that are not AWS's own.
    ///
    /// # Errors
    /// `Missing` with the variable's name.
    pub fn read() -> Result<Self, ClientError> {
        let need = |name| variable(name).ok_or(ClientError::Missing { name });
        let region = region()?;
        let credentials = Credentials::new(
            need("AWS_ACCESS_KEY_ID")?,
            need("AWS_SECRET_ACCESS_KEY")?,
            variable("AWS_SESSION_TOKEN"),
            None,
            "environment",
        );
        Ok(Self::with_credentials(SharedCredentialsProvider::new(credentials), region))
    }

    /// The same with credentials from elsewhere, which may be renewed from time to time.
    pub fn with_credentials(credentials: SharedCredentialsProvider, region: String) -> Self {
        let s3_endpoint = endpoint("S3");
        Self {
            credentials,
            region,
            // Bucket names as host names exist at AWS only.
            path_style: s3_endpoint.is_some(),
            s3_endpoint,
            ca_bundle: variable("AWS_CA_BUNDLE"),
            function_name: variable("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default(),
        }
    }

    /// With S3 at another place than the environment says.
    #[must_use]
    pub fn with_s3_at(self, url: String) -> Self {
        Self { s3_endpoint: Some(url), path_style: true, ..self }
    }

    /// With bucket names in the path, or in the host name.
    #[must_use]
    pub fn with_path_style(self, path_style: bool) -> Self {
        Self { path_style, ..self }
    }

    /// With this name of the function, for a process that is not on Lambda.
    #[must_use]
    pub fn with_function_name(self, function_name: String) -> Self {
        Self { function_name, ..self }
    }

    /// The name of the function on Lambda, empty elsewhere.
    pub fn function_name(&self) -> &str {
        &self.function_name
    }

    /// S3, at `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL` where one is set. For servers that are
    /// not AWS's, `RESIZER_S3_PATH_STYLE` and the SDK's `AWS_REQUEST_CHECKSUM_CALCULATION` and
    /// `AWS_RESPONSE_CHECKSUM_VALIDATION` are read.
    ///
    /// # Errors
    /// `CaBundle` where TLS cannot be set up, `Endpoint` for what is no URL, `Invalid` for one of
    /// these variables.
    pub fn s3(&self) -> Result<aws_sdk_s3::Client, ClientError> {
        let endpoint = self.s3_endpoint.clone();
        let dialect = S3Dialect::read()?;
        let http_client = self.http_client(endpoint.as_deref())?;
        let mut config = Config::builder()
            .region(Region::new(self.region.clone()))
            .credentials_provider(self.credentials.clone())
            .http_client(http_client)
            // `store` retries and watches over slow bodies, each in one place.
            .retry_config(RetryConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .force_path_style(dialect.path_style.unwrap_or(self.path_style));
        config.set_endpoint_url(endpoint);
        config.set_request_checksum_calculation(dialect.request_checksums);
        config.set_response_checksum_validation(dialect.response_checksums);
        Ok(aws_sdk_s3::Client::from_conf(config.build()))
    }

    /// Another service by its signing name, at `AWS_ENDPOINT_URL_` and `variable` where that is
    /// set; in this region unless another is given.
    ///
    /// # Errors
    /// `CaBundle` where TLS cannot be set up.
    pub fn service(
        &self,
        service: &'static str,
        variable: &str,
        region: Option<&str>,
    ) -> Result<SignedClient, ClientError> {
        let region = region.unwrap_or(&self.region).to_owned();
        let domain = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        let endpoint = endpoint(variable);
        let connector = if is_plain(endpoint.as_deref())? {
            Connector::builder().build_http()
        } else {
            let tls = tls_context(self.ca_bundle.as_deref(), endpoint.as_deref())?;
            Connector::builder().tls_provider(TLS).tls_context(tls).build()
        };
        let endpoint = endpoint.unwrap_or_else(|| format!("https://{service}.{region}.{domain}"));
        let endpoint = endpoint.trim_end_matches('/').to_owned();
        let credentials = RenewedCredentials::new(self.credentials.clone());
        Ok(SignedClient { connector, credentials, region, service, endpoint })
    }

    /// The HTTP client of the SDK for a service at this endpoint, or at AWS's own.
    ///
    /// # Errors
    /// `CaBundle` where TLS cannot be set up.
    pub fn http_client(&self, endpoint: Option<&str>) -> Result<SharedHttpClient, ClientError> {
        let http = aws_smithy_http_client::Builder::new();
        if is_plain(endpoint)? {
            return Ok(http.build_http());
        }
        let tls = tls_context(self.ca_bundle.as_deref(), endpoint)?;
        Ok(http.tls_provider(TLS).tls_context(tls).build_https())
    }
}

/// What an S3 server other than AWS may want otherwise.
#[derive(Debug, Clone, Default)]
struct S3Dialect {
    path_style: Option<bool>,
    request_checksums: Option<RequestChecksumCalculation>,
    response_checksums: Option<ResponseChecksumValidation>,
}

impl S3Dialect {
    fn read() -> Result<Self, ClientError> {
        const CHECKSUMS: &str = "when_supported or when_required";
        let path_style = choice("RESIZER_S3_PATH_STYLE", "true or false", |text| match text {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        })?;
        let request_checksums =
            choice("AWS_REQUEST_CHECKSUM_CALCULATION", CHECKSUMS, |text| match text {
                "when_supported" => Some(RequestChecksumCalculation::WhenSupported),
                "when_required" => Some(RequestChecksumCalculation::WhenRequired),
                _ => None,
            })?;
        let response_checksums =
            choice("AWS_RESPONSE_CHECKSUM_VALIDATION", CHECKSUMS, |text| match text {
                "when_supported" => Some(ResponseChecksumValidation::WhenSupported),
                "when_required" => Some(ResponseChecksumValidation::WhenRequired),
                _ => None,
            })?;
        Ok(Self { path_style, request_checksums, response_checksums })
    }
}

/// The value of a variable that may have few.
fn choice<T>(
    name: &'static str,
    choices: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, ClientError> {
    let Some(value) = variable(name) else { return Ok(None) };
    match parse(&value.to_ascii_lowercase()) {
        Some(parsed) => Ok(Some(parsed)),
        None => Err(ClientError::Invalid { name, value, choices }),
    }
}

/// A client for other requests of the AWS SDK than S3's, such as those for credentials.
///
/// # Errors
/// `CaBundle` where TLS cannot be set up.
pub fn https_client() -> Result<SharedHttpClient, ClientError> {
    let context = tls_context(variable("AWS_CA_BUNDLE").as_deref(), None)?;
    let http = aws_smithy_http_client::Builder::new();
    Ok(http.tls_provider(TLS).tls_context(context).build_https())
}

/// Amazon's own roots at AWS, the system's at an endpoint of its own, those of a bundle where there
/// is one.
fn tls_context(ca_bundle: Option<&str>, endpoint: Option<&str>) -> Result<TlsContext, ClientError> {
    let unusable = |reason: String| ClientError::CaBundle { reason };
    let roots = match (ca_bundle, endpoint) {
        (Some(path), _) => {
            let pem = std::fs::read(path).map_err(|error| unusable(format!("{path}: {error}")))?;
            if !String::from_utf8_lossy(&pem).contains("-----BEGIN CERTIFICATE-----") {
                return Err(unusable(format!("{path} has no certificate in PEM form")));
            }
            TrustStore::empty().with_pem_certificate(pem)
        }
        (None, None) => TrustStore::empty().with_pem_certificate(AMAZON_ROOTS),
        (None, Some(_)) => TrustStore::default(),
    };
    let context = TlsContext::builder().with_trust_store(roots).build();
    context.map_err(|error| unusable(error.to_string()))
}

/// `AWS_REGION`, or else `AWS_DEFAULT_REGION`.
///
/// # Errors
/// `Missing` where neither is set, `Invalid` for what cannot be the name of a region.
pub fn region() -> Result<String, ClientError> {
    let name = "AWS_REGION";
    let value = variable(name).or_else(|| variable("AWS_DEFAULT_REGION"));
    let value = value.ok_or(ClientError::Missing { name })?;
    if !value.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return Err(ClientError::Invalid { name, value, choices: "a name such as eu-west-1" });
    }
    Ok(value)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Where a service is, if not at AWS: `AWS_ENDPOINT_URL_` and its name, or `AWS_ENDPOINT_URL`.
pub fn endpoint(service: &str) -> Option<String> {
    variable(&format!("AWS_ENDPOINT_URL_{service}")).or_else(|| variable("AWS_ENDPOINT_URL"))
}

/// Whether requests go without TLS.
fn is_plain(endpoint: Option<&str>) -> Result<bool, ClientError> {
    let Some(text) = endpoint else { return Ok(false) };
    let url: Option<http::Uri> = text.parse().ok();
    match url.filter(|url| url.host().is_some()).as_ref().and_then(http::Uri::scheme_str) {
        Some("http") => Ok(true),
        Some("https") => Ok(false),
        _ => Err(ClientError::Endpoint { url: text.to_owned() }),
    }
}
