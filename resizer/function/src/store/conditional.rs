//! Requests on conditions, and small objects: what places that others share need, and the ledger.

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;

use super::attempts::Kind;
use super::faults::failure;
use super::{NewObject, Store, body, described, is_unmet, quoted, size, unquoted};
use crate::error::{Fault, FaultKind, Phase};
use crate::event::ObjectRef;

/// What must be under a key for a PUT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Whatever is there.
    None,
    /// Nothing.
    Absent,
    /// The object with this ETag.
    Is(String),
}

impl Store {
    /// PUT of a whole object where the condition is met: its ETag, or `None` where it is not.
    ///
    /// # Errors
    /// Any `Fault` but `Deadline`, `NotQuiescent` and `Bug`; `Integrity` when other bytes reached
    /// S3.
    pub async fn put_if(
        &self,
        new: &NewObject,
        condition: &Condition,
    ) -> Result<Option<String>, Fault> {
        let about = (Phase::Storing, &new.object);
        let time = body::time_to_read(new.body.len() as u64) + self.timeout;
        self.attempt(Kind::Put, about, time, || async {
            let request = self.client.put_object();
            let request = request.bucket(&new.object.bucket).key(&new.object.key);
            let request = request.content_type(new.content_type);
            let request = described(request, new).body(ByteStream::from(new.body.clone()));
            let request = match condition {
                Condition::None => request,
                Condition::Absent => request.if_none_match("*"),
                Condition::Is(etag) => request.if_match(quoted(etag)),
            };
            match request.send().await {
                Ok(output) => Ok(Some(unquoted(output.e_tag()))),
                Err(error) if *condition != Condition::None && is_unmet(error.code()) => Ok(None),
                Err(error) => Err(failure(about, error)),
            }
        })
        .await
    }

    /// GET of an object of at most `max_bytes`, with its ETag; `None` when it is not there.
    ///
    /// # Errors
    /// Any `Fault` but `Deadline`, `NotQuiescent` and `Bug`; `Setup` for a larger one; `Integrity`
    /// when other bytes came than were announced.
    pub async fn get_small(
        &self,
        object: &ObjectRef,
        max_bytes: u64,
    ) -> Result<Option<(String, Bytes)>, Fault> {
        let about = (Phase::Fetching, object);
        let time = body::time_to_read(max_bytes) + self.timeout;
        self.attempt(Kind::Get, about, time, || async {
            let Some(output) = self.response(object).await? else { return Ok(None) };
            let size_bytes = size(output.content_length());
            if size_bytes > max_bytes {
                let cause = format!("{size_bytes} bytes are more than {max_bytes}").into();
                let (kind, phase) = (FaultKind::Setup, Phase::Fetching);
                return Err(Fault { kind, phase, object: object.clone(), cause }.into());
            }
            let etag = unquoted(output.e_tag());
            let body = self.read(output, Vec::new(), object, size_bytes).await?;
            Ok(Some((etag, body.into())))
        })
        .await
    }
}
