//! The SDK's errors in, `Fault`s out: who is to blame, and whether a retry may help.

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

use super::unreadable::is_about_a_key;
use crate::error::{Fault, FaultKind, Phase};
use crate::event::ObjectRef;

/// A failed request.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) fault: Fault,
    /// Whether S3 may carry it out later: it was sent, and nothing came back. An error that S3
    /// answers is an answer.
    pub(super) may_come_late: bool,
}

impl From<Fault> for Failure {
    /// Of what S3 answered.
    fn from(fault: Fault) -> Self {
        Self { fault, may_come_late: false }
    }
}

/// What a failed request means for an upload.
pub(super) fn failure<E>(about: (Phase, &ObjectRef), error: SdkError<E>) -> Failure
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    let was_sent = !matches!(error, SdkError::ConstructionFailure(_));
    let may_come_late = was_sent && error.raw_response().is_none();
    Failure { fault: fault(about, error), may_come_late }
}

fn fault<E>((phase, object): (Phase, &ObjectRef), error: SdkError<E>) -> Fault
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    let status = error.raw_response().map(|response| response.status().as_u16());
    let kind = kind_of(error.code(), status);
    let object = object.clone();
    let cause: Box<dyn std::error::Error + Send + Sync> = match (error.code(), error.message()) {
        // The service's own message says more than the client's wrapping of it.
        (Some(code), message) => format!("{code}: {}", message.unwrap_or("no message")).into(),
        (None, _) => match status {
            Some(status) => format!("S3 answered {status}").into(),
            None => error.into(),
        },
    };
    Fault { kind, phase, object, cause }
}

/// By S3's error code where there is one; a HEAD has no body and hence only a status.
pub(super) fn kind_of(code: Option<&str>, status: Option<u16>) -> FaultKind {
    match (code, status) {
        (
            Some(
                "NoSuchBucket"
                | "InvalidBucketName"
                | "AccessDenied"
                | "InvalidAccessKeyId"
                | "SignatureDoesNotMatch"
                | "ExpiredToken"
                | "InvalidToken"
                | "PermanentRedirect"
                | "AllAccessDisabled"
                | "InvalidStorageClass",
            ),
            _,
        ) => FaultKind::Setup,
        (Some("SlowDown" | "TooManyRequests" | "ThrottlingException"), _) => FaultKind::Throttle,
        (
            Some("BadDigest" | "InvalidDigest" | "XAmzContentSHA256Mismatch" | "IncompleteBody"),
            _,
        ) => FaultKind::Integrity,
        // A key that is not there, is disabled, or is of another region.
        (Some(code), _) if is_about_a_key(code) => FaultKind::Setup,
        // Clocks part and meet again.
        (Some("RequestTimeTooSkewed"), _) => FaultKind::Io,
        (_, Some(429 | 503)) => FaultKind::Throttle,
        (_, Some(301 | 401 | 403)) => FaultKind::Setup,
        _ => FaultKind::Io,
    }
}
