//! Results for whoever looks at them: GET of a picture, and URLs of those that are too large for an
//! answer.

use std::time::Duration;

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::presigning::PresigningConfig;
use bytes::Bytes;
use resizer_engine::spec::OutputFormat;

use super::attempts::Kind;
use super::{ProvenanceTag, Store, body, size, unquoted};
use crate::error::{Fault, FaultKind, Phase};
use crate::event::ObjectRef;

/// A picture that the function stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPicture {
    /// What it was made by and from.
    pub tag: ProvenanceTag,
    /// Its format, as its Content-Type has it.
    pub format: OutputFormat,
    /// Its ETag in S3, without quotes.
    pub etag: String,
    /// Its Cache-Control.
    pub cache_control: Option<String>,
    /// All bytes; `None` where there are more than were wanted.
    pub bytes: Option<Bytes>,
}

impl Store {
    /// GET of a result; `None` where there is none, or an object that is no picture of the
    /// function's own. The bytes come along if they are at most `max_bytes`.
    ///
    /// # Errors
    /// Any `Fault` but `Deadline`, `NotQuiescent` and `Bug`; `Integrity` when other bytes came than
    /// were announced.
    pub async fn get_picture(
        &self,
        object: &ObjectRef,
        max_bytes: u64,
    ) -> Result<Option<StoredPicture>, Fault> {
        let about = (Phase::Fetching, object);
        let time = body::time_to_read(max_bytes) + self.timeout;
        self.attempt(Kind::Get, about, time, || async {
            let Some(output) = self.response(object).await? else { return Ok(None) };
            let Some(head) = head(&output) else { return Ok(None) };
            let size_bytes = size(output.content_length());
            if size_bytes > max_bytes {
                return Ok(Some(head));
            }
            let bytes = self.read(output, Vec::new(), object, size_bytes).await?.into();
            Ok(Some(StoredPicture { bytes: Some(bytes), ..head }))
        })
        .await
    }

    /// A URL with which anyone can GET the object for so long.
    ///
    /// # Errors
    /// `Setup` where it cannot be signed.
    pub async fn presigned(&self, object: &ObjectRef, valid: Duration) -> Result<String, Fault> {
        let fault = |cause: String| Fault {
            kind: FaultKind::Setup,
            phase: Phase::Fetching,
            object: object.clone(),
            cause: cause.into(),
        };
        let config = PresigningConfig::expires_in(valid);
        let config = config.map_err(|error| fault(error.to_string()))?;
        let request = self.client.get_object().bucket(&object.bucket).key(&object.key);
        let signed = request.presigned(config).await;
        signed.map(|signed| signed.uri().to_owned()).map_err(|error| fault(error.to_string()))
    }
}

/// What the head of the response says of a picture.
fn head(output: &GetObjectOutput) -> Option<StoredPicture> {
    let metadata = output.metadata().cloned().unwrap_or_default().into_iter().collect();
    let media_type = output.content_type().unwrap_or_default();
    Some(StoredPicture {
        tag: ProvenanceTag::read(&metadata)?,
        format: OutputFormat::ALL.into_iter().find(|one| one.media_type() == media_type)?,
        etag: unquoted(output.e_tag()),
        cache_control: output.cache_control().map(str::to_owned),
        bytes: None,
    })
}
