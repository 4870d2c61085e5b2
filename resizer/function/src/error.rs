//! `Fault`: what the world did to one upload. It may pass, so the record is reported as failed
//! and the queue brings it back. What would be the same tomorrow is a `Refusal`.

use crate::event::ObjectRef;

/// A failure that is not the input's fault.
#[derive(Debug, thiserror::Error)]
#[error("{kind} while {phase} s3://{}/{}: {}", object.bucket, object.key, with_sources(&**cause))]
pub struct Fault {
    /// What happened; decides the stable code.
    pub kind: FaultKind,
    /// What was being done.
    pub phase: Phase,
    /// To which object.
    pub object: ObjectRef,
    /// Why, down to the first cause.
    pub cause: Box<dyn std::error::Error + Send + Sync>,
}

/// The kinds of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// S3 asked to slow down.
    Throttle,
    /// The request failed on its way, or S3 failed.
    Io,
    /// Bytes are missing, or the source kept changing.
    Integrity,
    /// The function's time ran out.
    Deadline,
    /// A bucket or a permission is missing; retries help once a person has set it right.
    Setup,
    /// All is stored, but the original may not be moved or deleted yet. Nothing is wrong.
    NotQuiescent,
    /// All is written, but one of the writes got no answer and may still arrive. Nothing is wrong
    /// yet; the next delivery checks everything.
    Unanswered,
    /// This project's own mistake, a panic; the log has its place.
    Bug,
}

/// The parts of the work that can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// GET of the source.
    Fetching,
    /// Decoding, resizing, encoding.
    Rendering,
    /// PUT of variants, manifest or failure record.
    Storing,
    /// DELETE of what must not be there.
    Deleting,
    /// Looking for keys.
    Listing,
    /// HEAD of the source after writing, or of everything before.
    Verifying,
    /// Copy and DELETE of an original.
    Retiring,
    /// Telling others that an upload is done.
    Announcing,
}

impl FaultKind {
    /// The stable name used in logs, metrics and as Lambda's `errorType`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Throttle => "throttle",
            Self::Io => "io",
            Self::Integrity => "integrity",
            Self::Deadline => "deadline",
            Self::Setup => "setup",
            Self::NotQuiescent => "not_quiescent",
            Self::Unanswered => "unanswered",
            Self::Bug => "bug",
        }
    }
}

impl FaultKind {
    /// Whether the same request may succeed a moment later.
    pub fn may_pass_at_once(self) -> bool {
        matches!(self, Self::Throttle | Self::Io | Self::Integrity)
    }
}

impl std::fmt::Display for FaultKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Fetching => "fetching",
            Self::Rendering => "rendering",
            Self::Storing => "storing",
            Self::Deleting => "deleting",
            Self::Listing => "listing",
            Self::Verifying => "verifying",
            Self::Retiring => "retiring",
            Self::Announcing => "announcing",
        })
    }
}

/// An error's message and those of its sources, without the ones that only repeat.
pub fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let message = error.to_string();
        if !text.contains(&message) {
            text.push_str(": ");
            text.push_str(&message);
        }
        source = error.source();
    }
    text
}
