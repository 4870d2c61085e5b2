//! One POST to an AWS service that is no S3: signed with SigV4, and with the trace that AWS's own
//! loop detection follows. In: headers and a body. Out: status and body.

use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_s3::primitives::ByteStream;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SigningInstructions, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use tokio::sync::Mutex;

use crate::error::with_sources;

/// How long an answer is waited for.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A service in one region.
#[derive(Debug)]
pub struct SignedClient {
    pub(crate) connector: Connector,
    pub(crate) credentials: RenewedCredentials,
    pub(crate) region: String,
    /// The signing name, such as `events`.
    pub(crate) service: &'static str,
    /// With scheme and without a path.
    pub(crate) endpoint: String,
}

/// How long before their end credentials are renewed.
const RENEWED_BEFORE: Duration = Duration::from_secs(300);

/// Credentials that are asked for once, and again before they expire.
#[derive(Debug)]
pub(crate) struct RenewedCredentials {
    provider: SharedCredentialsProvider,
    current: Mutex<Option<Credentials>>,
}

impl RenewedCredentials {
    pub(crate) fn new(provider: SharedCredentialsProvider) -> Self {
        Self { provider, current: Mutex::default() }
    }

    async fn get(&self) -> Result<Credentials, String> {
        let mut current = self.current.lock().await;
        let lasts = |credentials: &&Credentials| {
            credentials.expiry().is_none_or(|end| end > SystemTime::now() + RENEWED_BEFORE)
        };
        if let Some(credentials) = current.as_ref().filter(lasts) {
            return Ok(credentials.clone());
        }
        let credentials = self.provider.provide_credentials().await;
        let credentials = credentials.map_err(|error| with_sources(&error))?;
        Ok(current.insert(credentials).clone())
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// HTTP's.
    pub status: u16,
    /// All of it.
    pub body: Vec<u8>,
}

impl SignedClient {
    /// POST to the service's root.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn post(
        &self,
        headers: &[(&'static str, &'static str)],
        trace_id: Option<&str>,
        body: String,
    ) -> Result<Answer, String> {
        let sent = tokio::time::timeout(TIMEOUT, self.send(headers, trace_id, body)).await;
        sent.unwrap_or_else(|_| Err(format!("{} did not answer in time", self.service)))
    }

    async fn send(
        &self,
        headers: &[(&'static str, &'static str)],
        trace_id: Option<&str>,
        body: String,
    ) -> Result<Answer, String> {
        let uri = format!("{}/", self.endpoint);
        let signed = self.sign(&uri, headers, &body).await?;
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method("POST").map_err(|error| error.to_string())?;
        request.set_uri(uri).map_err(|error| error.to_string())?;
        for (name, value) in headers {
            request.headers_mut().insert(*name, *value);
        }
        for (name, value) in signed.headers() {
            request.headers_mut().insert(name.to_owned(), value.to_owned());
        }
        if let Some(trace_id) = trace_id {
            request.headers_mut().insert("x-amzn-trace-id", trace_id.to_owned());
        }
        let answer = self.connector.call(request).await.map_err(|error| error.to_string())?;
        let status = answer.status().as_u16();
        let body = ByteStream::new(answer.into_body()).collect().await;
        Ok(Answer { status, body: body.map_err(|error| error.to_string())?.to_vec() })
    }

    async fn sign(
        &self,
        uri: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<SigningInstructions, String> {
        let identity = self.credentials.get().await?.into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(self.service)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .expect("every parameter is given");
        let body = SignableBody::Bytes(body.as_bytes());
        let request = SignableRequest::new("POST", uri, headers.iter().copied(), body);
        let request = request.map_err(|error| error.to_string())?;
        let signed = sign(request, &parameters.into()).map_err(|error| error.to_string())?;
        Ok(signed.into_parts().0)
    }
}
