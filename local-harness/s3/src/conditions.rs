//! Conditional requests: what `If-Match` and its kin say about an object, for reads and writes.
//! Knows records and headers' values; answers in S3's codes.

use hyper::header::HeaderValue;
use s3s::dto::{ETag, ETagCondition, Timestamp, TimestampFormat};
use s3s::{S3Error, S3Result, s3_error};
use time::OffsetDateTime;

use super::errors::{no_such_key, precondition_failed};
use super::records::ObjectRecord;

/// The conditions of a GET, a HEAD or the source of a copy.
#[derive(Debug, Default)]
pub(crate) struct ReadConditions {
    pub(crate) if_match: Option<ETagCondition>,
    pub(crate) if_none_match: Option<ETagCondition>,
    pub(crate) if_modified_since: Option<Timestamp>,
    pub(crate) if_unmodified_since: Option<Timestamp>,
}

/// What [`ReadConditions`] make of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReadVerdict {
    Proceed,
    /// A GET answers 304, a copy 412.
    NotModified,
    Failed,
}

impl ReadConditions {
    /// Weighs the conditions in the order of RFC 9110, section 13.2.2.
    pub(crate) fn weigh(&self, object: &ObjectRecord) -> ReadVerdict {
        let unchanged_since = |time: &Timestamp| {
            object.last_modified_s <= OffsetDateTime::from(time.clone()).unix_timestamp()
        };
        let met = match (&self.if_match, &self.if_unmodified_since) {
            (Some(condition), _) => matches(condition, &object.etag),
            (None, Some(time)) => unchanged_since(time),
            (None, None) => true,
        };
        if !met {
            return ReadVerdict::Failed;
        }
        let not_modified = match (&self.if_none_match, &self.if_modified_since) {
            (Some(condition), _) => matches(condition, &object.etag),
            (None, Some(time)) => unchanged_since(time),
            (None, None) => false,
        };
        if not_modified { ReadVerdict::NotModified } else { ReadVerdict::Proceed }
    }
}

/// The conditions of a write or a delete.
#[derive(Clone, Debug, Default)]
pub(crate) struct WriteConditions {
    pub(crate) if_match: Option<ETagCondition>,
    /// `If-None-Match: *`; S3 takes no other value on a write.
    pub(crate) only_if_absent: bool,
}

impl WriteConditions {
    /// The conditions of a PUT or a CompleteMultipartUpload.
    pub(crate) fn of_write(
        if_match: Option<ETagCondition>,
        if_none_match: Option<ETagCondition>,
    ) -> S3Result<Self> {
        let only_if_absent = match if_none_match {
            None => false,
            Some(ETagCondition::Any) => true,
            Some(ETagCondition::ETag(_)) => {
                let message = "If-None-Match on a write takes only the value *.";
                return Err(s3_error!(NotImplemented, "{message}"));
            }
        };
        Ok(Self { if_match, only_if_absent })
    }

    /// Checks a write before its body is read: 412, or 404 for `If-Match` without an object.
    pub(crate) fn check_before(&self, current: Option<&ObjectRecord>) -> S3Result<()> {
        self.check(current, precondition_failed)
    }

    /// Checks a write again when its body is complete and nobody else can write the key.
    /// It passed [`Self::check_before`], so a mismatch is another writer's doing: 409.
    pub(crate) fn check_again(&self, current: Option<&ObjectRecord>) -> S3Result<()> {
        self.check(current, || {
            s3_error!(
                ConditionalRequestConflict,
                "The conditional request cannot succeed due to a conflicting operation against \
                 this resource."
            )
        })
    }

    fn check(
        &self,
        current: Option<&ObjectRecord>,
        mismatch: impl Fn() -> S3Error,
    ) -> S3Result<()> {
        if self.only_if_absent && current.is_some() {
            return Err(precondition_failed());
        }
        match (&self.if_match, current) {
            (None, _) => Ok(()),
            (Some(_), None) => Err(no_such_key()),
            (Some(condition), Some(object)) if matches(condition, &object.etag) => Ok(()),
            (Some(_), Some(_)) => Err(mismatch()),
        }
    }

    /// Checks a delete: `*` asks for any object, an ETag for that one.
    pub(crate) fn check_delete(&self, current: Option<&ObjectRecord>) -> S3Result<()> {
        match (&self.if_match, current) {
            (Some(ETagCondition::Any), None) => Err(precondition_failed()),
            _ => self.check(current, precondition_failed),
        }
    }
}

fn matches(condition: &ETagCondition, etag: &str) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(wanted) => wanted.value() == etag,
    }
}

/// A stored ETag as it travels, in quotes.
pub(crate) fn quoted(etag: &str) -> ETag {
    ETag::Strong(etag.to_owned())
}

/// A stored time as the value of a header of HTTP.
pub(crate) fn http_date(unix_s: i64) -> Option<HeaderValue> {
    let mut date = Vec::new();
    timestamp(unix_s).format(TimestampFormat::HttpDate, &mut date).ok()?;
    HeaderValue::from_bytes(&date).ok()
}

/// A stored time as it travels.
pub(crate) fn timestamp(unix_s: i64) -> Timestamp {
    Timestamp::from(
        OffsetDateTime::from_unix_timestamp(unix_s).unwrap_or(OffsetDateTime::UNIX_EPOCH),
    )
}
