//! `Refusal`: why an object will never have variants as things stand. It is done: it leaves a
//! record and does not come back. The file's own faults are the engine's `Reject`; the others are
//! what only the function sees of an object.

use resizer_engine::error::Reject;

use crate::event::ObjectRef;

/// Why an object gets no variants. Every message says who is to blame and what to do next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The engine refuses the file.
    #[error(transparent)]
    File(#[from] Reject),
    /// S3 keeps the object in an archive, from where it cannot be read.
    #[error(
        "archived: S3 keeps the object in an archive ({class}), from where it cannot be read; \
         restore it, and its variants are made when the restoration is completed"
    )]
    Archived {
        /// S3's name of the class or of the archive tier.
        class: String,
    },
    /// The object is encrypted with a key that the function may not use.
    #[error("encrypted: {by}")]
    Encrypted {
        /// Whose key it is.
        by: Key,
    },
    /// The object has a Content-Encoding that cannot be undone.
    #[error("the object's Content-Encoding {encoding:?} {problem}")]
    ContentEncoding {
        /// As the uploader named it.
        encoding: String,
        /// What is wrong with it, and what to do.
        problem: String,
    },
    /// Where one of its results would lie, another source has one, or an object that is no result.
    #[error(
        "key taken: s3://{}/{} is {owner}; give the uploads names that lead to different keys, or \
         the rule a key with {{bucket}} or {{key}} in it, and invoke the function for this object \
         again", place.bucket, place.key
    )]
    KeyTaken {
        /// The place.
        place: ObjectRef,
        /// Whose object lies there.
        owner: String,
    },
    /// The function's time does not suffice, however often the upload comes back.
    #[error(
        "too slow: {spent_ms} ms of work on this file alone did not finish it, in delivery \
         {delivery}; give the function more memory, which brings more of a processor, or more \
         time, and invoke it for this object again"
    )]
    TooSlow {
        /// How long the engine worked on it in the last delivery; what its header says it takes
        /// at least, where that is more than a function has.
        spent_ms: u64,
        /// Which delivery that was, from 1.
        delivery: u32,
    },
    /// The engine panicked, in delivery after delivery.
    #[error(
        "the resizer crashed on this file in delivery {delivery}, which is the resizer's mistake \
         and not the file's: {panic}; please report it with the file"
    )]
    Crashed {
        /// What the panic said.
        panic: String,
        /// Which delivery that was, from 1.
        delivery: u32,
    },
}

/// Whose key an object is encrypted with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Key {
    /// The uploader's own (SSE-C), which S3 does not keep.
    #[error(
        "the uploader encrypted the object with a key of their own (SSE-C), without which nobody \
         can read it; upload it without one"
    )]
    Customer,
    /// A key of KMS that the function may not or cannot use.
    #[error(
        "the function may not use the KMS key of the object; give its role kms:Decrypt for the \
         key (parameter UploadsKmsKeyArn of the template) and upload the object or invoke the \
         function for it again; S3 says {answer}"
    )]
    Kms {
        /// S3's code and message.
        answer: String,
    },
}

impl Refusal {
    /// The stable name used in logs, failure records, completion messages and jobs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::File(reject) => reject.code(),
            Self::Archived { .. } => "archived",
            Self::Encrypted { .. } => "encrypted",
            Self::ContentEncoding { .. } => "content_encoding",
            Self::KeyTaken { .. } => "key_taken",
            Self::TooSlow { .. } => "too_slow",
            Self::Crashed { .. } => "crashed",
        }
    }

    /// Whether bytes, rule, limits and build alone lead to it, so that its record says as long as
    /// those stay the same that asking again is of no use.
    pub fn follows_from_file(&self) -> bool {
        matches!(self, Self::File(_) | Self::ContentEncoding { .. })
    }
}
