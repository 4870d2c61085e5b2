//! `Refusal`: why an object will never have variants as things stand. It is done: it leaves a
//! record and does not come back. The file's own faults are the engine's `Reject`; the others are
//! what only the function sees of an object.

use resizer_engine::{Quantity, Reject};

use crate::event::ObjectRef;

/// Why an object gets no variants. Every message says who is to blame and what to do next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The engine refuses the file.
    #[error("{0}{next}", next = next_step(.0))]
    File(#[from] Reject),
    /// The object is larger than any that is read.
    #[error(
        "too large: {size_bytes} bytes in the file, at most {limit_bytes} are accepted; upload a \
         smaller file, or raise max_source_mib and the function's memory"
    )]
    SourceTooLarge {
        /// Of the object.
        size_bytes: u64,
        /// The configuration's, or what the function's memory allows.
        limit_bytes: u64,
    },
    /// A variant's key would be longer than S3 takes.
    #[error(
        "too large: {key_bytes} bytes in the key of a variant, at most {limit_bytes} are accepted; \
         upload it under a shorter key"
    )]
    KeyTooLong {
        /// Of the longest key.
        key_bytes: u64,
        /// S3's.
        limit_bytes: u64,
    },
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
        "key taken: s3://{}/{} is {owner}; rename one of the two uploads, or name {{key}} in the \
         rule's `key`, and {{bucket}} too if several buckets are watched; then invoke the function \
         for this object again", place.bucket, place.key
    )]
    KeyTaken {
        /// The place.
        place: ObjectRef,
        /// Whose object lies there.
        owner: String,
    },
    /// The function's time does not suffice, however often the upload comes back.
    #[error(
        "too slow: this file takes {spent_ms} ms of work or more, which delivery {delivery} did \
         not have; give the function more memory, which brings more of a processor, or a longer \
         timeout, and invoke it for this object again"
    )]
    TooSlow {
        /// How long the engine worked on it in the last delivery without finishing; or the least
        /// that it takes by its header, where that is more than a function has.
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
        "the uploader encrypted the object with a key of their own (SSE-C), and nobody else can \
         read it; upload it again without that key"
    )]
    Customer,
    /// A key of KMS that the function may not or cannot use.
    #[error(
        "the function cannot use the object's KMS key; enable the key, give the function's role \
         kms:Decrypt for it (parameter UploadsKmsKeyArn of the template), and upload the object or \
         invoke the function for it again; S3 says {answer}"
    )]
    Kms {
        /// S3's code and message.
        answer: String,
    },
}

/// What to do about a file that the engine refuses; the settings are those of `[limits]`.
fn next_step(reject: &Reject) -> &'static str {
    match reject {
        Reject::NotAnImage { .. } => "; upload a JPEG, PNG, WebP, AVIF or GIF instead",
        // The engine's message has it.
        Reject::Unsupported { .. } => "",
        Reject::Malformed { .. } => "; upload it again, or save the image anew",
        Reject::TooLarge { quantity, .. } => match quantity {
            Quantity::Pixels => "; upload a smaller image, or raise max_megapixels",
            Quantity::SidePixels => "; upload a smaller image, or raise max_side",
            Quantity::AnimationPixels => {
                "; upload fewer or smaller frames, or raise max_animation_megapixels"
            }
            Quantity::Scans => "; save the image with fewer scans, or raise max_scans",
            Quantity::Frames => "; upload fewer frames, or raise max_frames if it is an animation",
            Quantity::MemoryBytes => {
                "; upload a smaller image, or raise the function's memory and max_memory_mib"
            }
            Quantity::ScanBlocks
            | Quantity::CodedPixels
            | Quantity::Tiles
            | Quantity::TileBytes
            | Quantity::Entries
            | Quantity::ProfileBytes => "; save the image anew with another program",
        },
    }
}

impl Refusal {
    /// The stable name used in logs, failure records, completion messages and jobs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::File(reject) => reject.code(),
            Self::SourceTooLarge { .. } | Self::KeyTooLong { .. } => "too_large",
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
        match self {
            Self::File(_)
            | Self::SourceTooLarge { .. }
            | Self::KeyTooLong { .. }
            | Self::ContentEncoding { .. } => true,
            Self::Archived { .. }
            | Self::Encrypted { .. }
            | Self::KeyTaken { .. }
            | Self::TooSlow { .. }
            | Self::Crashed { .. } => false,
        }
    }
}
