//! Stage times and sizes of one upload, and the one structured log line that tells them.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use resizer_engine::pipeline::Stage;
use serde::{Deserialize, Serialize};

use crate::error::{Fault, FaultKind, Phase};
use crate::event::ObjectRef;
use crate::manifest::{Manifest, ManifestPlaceholders, ManifestSource, ManifestVariant};
use crate::refusal::Refusal;
use crate::rules::Ignored;
use crate::store::{Requests, State};

/// What S3 showed of a source, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// In milliseconds since 1970 by this machine's clock.
    pub at_ms: u64,
    /// Its state; nothing where it was gone.
    pub state: Option<State>,
}

impl Checked {
    /// At this moment.
    pub fn now(state: Option<State>) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { at_ms: u64::try_from(now.as_millis()).unwrap_or(u64::MAX), state }
    }
}

/// How one upload ended.
#[derive(Debug)]
pub enum Outcome {
    /// All variants are stored and the source is still the one they were made of.
    Stored,
    /// All variants were there already, each with the mark of this source and recipe.
    Proved,
    /// The source is gone, and so are its variants.
    Deleted,
    /// Nothing to do.
    Ignored(Ignored),
    /// The source will never have variants; a failure record says why.
    Refused(Refusal),
    /// It was refused before, and nothing that its record depends on has changed since.
    StillRefused {
        /// The refusal's stable name.
        code: String,
    },
    /// Not done; the record must come back.
    Failed(Fault),
}

/// Everything worth knowing about one upload.
#[derive(Debug)]
pub struct Report {
    /// Which object.
    pub object: ObjectRef,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it was ignored, where that is more than its outcome says.
    pub reason: Option<String>,
    /// What was being done last.
    pub phase: Phase,
    /// What was read and stored, once it was; whether or not the rule keeps it.
    pub manifest: Option<Manifest>,
    /// The source as S3 showed it last.
    pub checked: Option<Checked>,
    /// Names of the source's metadata that variants had no room for.
    pub dropped_metadata: Vec<String>,
    /// The fingerprint of the object's rule, if it has one.
    pub recipe: String,
    /// What became of the original, where it did not stay: `moved` or `deleted`.
    pub original: Option<&'static str>,
    /// How often the source was looked at.
    pub rounds: u8,
    /// What was asked of S3.
    pub requests: Requests,
    /// Milliseconds per stage, over all rounds.
    pub times: StageTimes,
}

/// Milliseconds of wall time per stage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct StageTimes {
    /// GET, body included.
    pub fetch_ms: f64,
    /// Recognising, header, limits, plan.
    pub plan_ms: f64,
    /// All pixels of the source.
    pub decode_ms: f64,
    /// All variants.
    pub resize_ms: f64,
    /// All files.
    pub encode_ms: f64,
    /// All PUTs and DELETEs.
    pub store_ms: f64,
    /// HEADs, of the source and in proofs.
    pub verify_ms: f64,
    /// From the event to the last answer.
    pub total_ms: f64,
}

impl StageTimes {
    /// To hundredths of a millisecond, which is more than the clock is good for.
    #[must_use]
    pub fn rounded(self) -> Self {
        let rounded = |milliseconds: f64| (milliseconds * 100.0).round() / 100.0;
        Self {
            fetch_ms: rounded(self.fetch_ms),
            plan_ms: rounded(self.plan_ms),
            decode_ms: rounded(self.decode_ms),
            resize_ms: rounded(self.resize_ms),
            encode_ms: rounded(self.encode_ms),
            store_ms: rounded(self.store_ms),
            verify_ms: rounded(self.verify_ms),
            total_ms: rounded(self.total_ms),
        }
    }

    /// Where the engine's time is counted.
    pub fn of_stage(&mut self, stage: Stage) -> &mut f64 {
        match stage {
            Stage::Plan => &mut self.plan_ms,
            Stage::Decode => &mut self.decode_ms,
            Stage::Resize => &mut self.resize_ms,
            Stage::Encode => &mut self.encode_ms,
        }
    }
}

/// Milliseconds since the last lap.
#[derive(Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since the last lap or the start.
    pub fn lap_ms(&mut self) -> f64 {
        let elapsed = self.0.elapsed();
        self.0 += elapsed;
        elapsed.as_secs_f64() * 1000.0
    }
}

impl Outcome {
    /// The stable name: `stored`, `deleted`, `ignored_*`, or the code of the refusal or fault.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Proved => "already_done",
            Self::Deleted => "deleted",
            Self::Ignored(ignored) => ignored.code(),
            Self::Refused(refusal) => refusal.code(),
            Self::StillRefused { .. } => "still_refused",
            Self::Failed(fault) => fault.kind.code(),
        }
    }

    fn level(&self) -> &'static str {
        match self {
            Self::Stored
            | Self::Proved
            | Self::Deleted
            | Self::Ignored(_)
            | Self::StillRefused { .. } => "INFO",
            Self::Refused(_) => "WARN",
            Self::Failed(fault) if fault.kind == FaultKind::Settling => "INFO",
            // Everything is written; the next delivery only checks it.
            Self::Failed(fault) if fault.kind == FaultKind::Unanswered => "WARN",
            Self::Failed(_) => "ERROR",
        }
    }

    /// Why, for refusals and faults, and for what is ignored.
    pub fn message(&self) -> Option<String> {
        match self {
            Self::Stored | Self::Proved | Self::Deleted => None,
            Self::Ignored(ignored) => Some(ignored.reason().to_owned()),
            Self::Refused(refusal) => Some(refusal.to_string()),
            Self::StillRefused { code } => {
                Some(format!("{code}: an earlier delivery refused it; its failure record says why"))
            }
            Self::Failed(fault) => Some(fault.to_string()),
        }
    }
}

impl Report {
    /// Of an upload that nothing has been done about.
    pub fn new(object: ObjectRef) -> Self {
        Self {
            object,
            outcome: Outcome::Ignored(Ignored::NoRule),
            reason: None,
            phase: Phase::Fetching,
            manifest: None,
            checked: None,
            dropped_metadata: Vec::new(),
            recipe: String::new(),
            original: None,
            rounds: 0,
            requests: Requests::default(),
            times: StageTimes::default(),
        }
    }

    /// What was stored is no more: something else is about to be.
    pub fn forget_results(&mut self) {
        (self.manifest, self.dropped_metadata) = (None, Vec::new());
    }

    /// Why it ended so, for all that was not stored.
    pub fn message(&self) -> Option<String> {
        let ignored = matches!(self.outcome, Outcome::Ignored(_));
        self.reason.clone().filter(|_| ignored).or_else(|| self.outcome.message())
    }

    /// The log line, as JSON.
    pub fn to_json(&self, request_id: &str, timestamp: &str) -> String {
        let manifest = self.manifest.as_ref();
        let line = Line {
            timestamp,
            level: self.outcome.level(),
            request_id,
            event: "upload",
            bucket: &self.object.bucket,
            key: &self.object.key,
            outcome: self.outcome.code(),
            message: self.message(),
            original: self.original,
            rounds: self.rounds,
            requests: self.requests,
            times: self.times.rounded(),
            dropped_metadata: &self.dropped_metadata,
            source: manifest.map(|manifest| &manifest.source),
            placeholders: manifest.and_then(|manifest| manifest.placeholders.as_ref()),
            variants: manifest.map_or(&[], |manifest| &manifest.variants),
        };
        serde_json::to_string(&line).expect("strings and finite numbers serialise")
    }
}

#[derive(Serialize)]
struct Line<'a> {
    timestamp: &'a str,
    level: &'static str,
    #[serde(rename = "requestId")]
    request_id: &'a str,
    event: &'static str,
    bucket: &'a str,
    key: &'a str,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    original: Option<&'static str>,
    rounds: u8,
    requests: Requests,
    times: StageTimes,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    dropped_metadata: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a ManifestSource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    placeholders: Option<&'a ManifestPlaceholders>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    variants: &'a [ManifestVariant],
}
