//! `Report`: what became of one upload, folded once from what its steps returned. `log_line` prints
//! it, `completion` announces its outcome, `answer` answers with it.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::error::Fault;
use crate::event::ObjectRef;
use crate::manifest::Manifest;
use crate::refusal::Refusal;
use crate::rules::Ignored;
use crate::store::{Requests, State};
use crate::times::StageTimes;

/// Everything worth knowing about one upload.
#[derive(Debug)]
pub struct Report {
    /// Which object.
    pub object: ObjectRef,
    /// Which delivery of its event this was, from 1; 1 where nobody counts.
    pub delivery: u32,
    /// How it ended.
    pub outcome: Outcome,
    /// What became of the original, where it did not stay.
    pub original: Option<Retired>,
    /// What it took.
    pub effort: Effort,
}

/// How one upload ended.
#[derive(Debug)]
pub enum Outcome {
    /// All variants are stored and the source is still the one they were made of.
    Stored(Box<Stored>),
    /// All variants were there already, each with the provenance tag of this source and rule.
    AlreadyDone,
    /// The source is gone, and so are its variants.
    Deleted,
    /// Nothing to do.
    Ignored {
        /// Why.
        ignored: Ignored,
        /// A more precise reason than that of `ignored`, where there is more to say.
        reason: Option<String>,
    },
    /// The source will never have variants; a failure record says why.
    Refused(Refusal),
    /// It was refused before, and nothing that its record depends on has changed since.
    StillRefused {
        /// The refusal's stable name.
        code: String,
    },
    /// Not done; the delivery must come back.
    Failed {
        /// Why.
        fault: Fault,
        /// What is stored nevertheless: the fault is not about that.
        stored: Option<Box<Stored>>,
    },
}

/// What was made of an upload and stored.
#[derive(Debug)]
pub struct Stored {
    /// Whether or not the rule keeps it.
    pub manifest: Manifest,
    /// Names of the source's metadata that variants had no room for.
    pub dropped_metadata: Vec<String>,
    /// Of the variants that do not show the whole source.
    pub crops: Vec<Crop>,
}

/// The part of the upright source that a variant shows, in pixels of the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crop {
    /// The variant's name.
    pub variant: String,
    /// The left column.
    pub x: u32,
    /// The top row.
    pub y: u32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

/// How an original went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retired {
    /// To the place that its rule names.
    Moved,
    /// For good.
    Deleted,
}

/// What one upload took.
#[derive(Debug, Clone, Copy, Default)]
pub struct Effort {
    /// How often the source was looked at.
    pub rounds: u8,
    /// Requests to S3.
    pub requests: Requests,
    /// Milliseconds per stage.
    pub times: StageTimes,
}

/// What S3 showed of a source, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// In milliseconds since 1970 by this machine's clock.
    pub at_ms: u64,
    /// Its state; nothing where it was gone.
    pub state: Option<State>,
}

impl Observed {
    /// At this moment.
    pub fn now(state: Option<State>) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { at_ms: u64::try_from(now.as_millis()).unwrap_or(u64::MAX), state }
    }
}

impl Retired {
    /// The stable name used in logs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Moved => "moved",
            Self::Deleted => "deleted",
        }
    }
}

impl From<Ignored> for Outcome {
    fn from(ignored: Ignored) -> Self {
        Self::Ignored { ignored, reason: None }
    }
}

impl From<Fault> for Outcome {
    fn from(fault: Fault) -> Self {
        Self::Failed { fault, stored: None }
    }
}

impl Outcome {
    /// The stable name: `stored`, `deleted`, `ignored_*`, or the code of the refusal or fault.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Stored(_) => "stored",
            Self::AlreadyDone => "already_done",
            Self::Deleted => "deleted",
            Self::Ignored { ignored, .. } => ignored.code(),
            Self::Refused(refusal) => refusal.code(),
            Self::StillRefused { .. } => "still_refused",
            Self::Failed { fault, .. } => fault.kind.code(),
        }
    }

    /// Why, for all that was not stored.
    pub fn message(&self) -> Option<String> {
        match self {
            Self::Stored(_) | Self::AlreadyDone | Self::Deleted => None,
            Self::Ignored { reason: Some(reason), .. } => Some(reason.clone()),
            Self::Ignored { ignored, .. } => Some(ignored.reason().to_owned()),
            Self::Refused(refusal) => Some(refusal.to_string()),
            Self::StillRefused { code } => {
                Some(format!("{code}: an earlier delivery refused it; its failure record says why"))
            }
            Self::Failed { fault, .. } => Some(fault.to_string()),
        }
    }

    /// What is stored.
    pub fn stored(&self) -> Option<&Stored> {
        match self {
            Self::Stored(stored) => Some(stored),
            Self::Failed { stored, .. } => stored.as_deref(),
            _ => None,
        }
    }

    /// The same, but for a fault that comes on top.
    #[must_use]
    pub fn but(self, fault: Fault) -> Self {
        let stored = match self {
            Self::Stored(stored) => Some(stored),
            Self::Failed { stored, .. } => stored,
            _ => None,
        };
        Self::Failed { fault, stored }
    }

    /// Whether something changed that others may want to know.
    pub fn is_news(&self) -> bool {
        matches!(self, Self::Stored(_) | Self::Deleted | Self::Refused(_))
    }
}
