//! Objects that are there and that a GET does not give: what S3 says of them in, a refusal out; and
//! what they are, by HEAD or, where S3 keeps even that to itself, by a listing of their key.

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::operation::head_object::HeadObjectError;
use aws_sdk_s3::types::{EncodingType, IntelligentTieringAccessTier, StorageClass};

use super::attempts::Kind;
use super::faults::failure;
use super::listing::plain_key;
use super::{Presence, State, Store, presence, seconds, size, unquoted};
use crate::error::{Fault, Phase};
use crate::event::ObjectRef;
use crate::refusal::{Key, Refusal};

/// Why a GET that failed always will, until a person restores the object, gives a right, or
/// uploads it in another way; `None` for every other failure.
/// Source: Amazon S3 API Reference, GetObject and "Error responses".
pub(super) fn refusal(error: &SdkError<GetObjectError>) -> Option<Refusal> {
    let message = error.message().unwrap_or_default();
    match error.code()? {
        "InvalidObjectState" => {
            let class = match error.as_service_error() {
                Some(GetObjectError::InvalidObjectState(state)) => state
                    .access_tier()
                    .map(IntelligentTieringAccessTier::as_str)
                    .or(state.storage_class().map(StorageClass::as_str)),
                _ => None,
            };
            Some(Refusal::Archived { class: class.unwrap_or("S3 does not say which").to_owned() })
        }
        "InvalidRequest" if message.contains("Server Side Encryption") => {
            Some(Refusal::Encrypted { by: Key::Customer })
        }
        code if code == "AccessDenied" && message.contains("kms:") || is_about_a_key(code) => {
            Some(Refusal::Encrypted { by: Key::Kms { answer: format!("{code}: {message}") } })
        }
        _ => None,
    }
}

/// Codes of KMS that speak of a key which is disabled, gone or of another region, and not of KMS's
/// own troubles.
pub(super) fn is_about_a_key(code: &str) -> bool {
    let troubles = ["Internal", "Timeout", "Throttl", "Unavailable"];
    code.starts_with("KMS.") && !troubles.iter().any(|trouble| code.contains(trouble))
}

/// What a HEAD of a source showed.
enum Looked {
    Present(Presence),
    Absent,
    /// S3 answers 400 for objects under a key of the customer, and 403 where the function may not
    /// know even what is said of them. A HEAD's answer has no body that would say more.
    Closed,
}

impl Store {
    /// HEAD of a source: as it is now, `None` when it is gone. One that S3 says nothing of is
    /// looked up in its bucket's listing, which has no metadata.
    ///
    /// # Errors
    /// Any `Fault` but `Integrity`, `Deadline`, `NotQuiescent` and `Bug`.
    pub async fn head_source(&self, object: &ObjectRef) -> Result<Option<Presence>, Fault> {
        let about = (Phase::Verifying, object);
        let looked = self.attempt(Kind::Head, about, self.timeout, || async {
            let request = self.client.head_object().bucket(&object.bucket).key(&object.key);
            match request.send().await {
                Ok(output) => Ok(Looked::Present(presence(&output))),
                Err(error)
                    if error.as_service_error().is_some_and(HeadObjectError::is_not_found) =>
                {
                    Ok(Looked::Absent)
                }
                Err(error) => match error.raw_response().map(|raw| raw.status().as_u16()) {
                    Some(400 | 403) => Ok(Looked::Closed),
                    _ => Err(failure(about, error)),
                },
            }
        });
        match looked.await? {
            Looked::Present(presence) => Ok(Some(presence)),
            Looked::Absent => Ok(None),
            Looked::Closed => self.listed(object).await,
        }
    }

    /// ListObjectsV2 for the key alone: it is the first of all that begin with it.
    async fn listed(&self, object: &ObjectRef) -> Result<Option<Presence>, Fault> {
        let about = (Phase::Verifying, object);
        self.attempt(Kind::List, about, self.timeout, || async {
            let request = self.client.list_objects_v2().bucket(&object.bucket);
            // XML 1.0 lacks characters that keys have.
            let request = request.encoding_type(EncodingType::Url).prefix(&object.key).max_keys(1);
            let output = request.send().await.map_err(|error| failure(about, error))?;
            let encoding = output.encoding_type();
            let is_it = |key: &str| plain_key(key, encoding).is_ok_and(|key| key == object.key);
            let found = output.contents().iter().find(|one| one.key().is_some_and(is_it));
            Ok(found.map(|found| Presence {
                state: State {
                    etag: unquoted(found.e_tag()),
                    last_modified_s: seconds(found.last_modified()),
                    size_bytes: size(found.size()),
                    version_id: None,
                    focal_point: None,
                },
                tag: None,
                metadata: Default::default(),
            }))
        })
        .await
    }
}
