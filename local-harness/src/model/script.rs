//! What may happen in a world, and how often.

/// What may happen, and how often.
#[derive(Debug, Clone)]
pub struct Script {
    /// For the report.
    pub name: &'static str,
    /// What each upload is and how often it comes, in no order: the world chooses one.
    pub uploads: Vec<(Kind, u8)>,
    /// Deletions by a person.
    pub deletions: u8,
    /// Events that arrive once more than they were sent.
    pub duplicates: u8,
    /// Workers that die between two requests.
    pub crashes: u8,
    /// Writes that get no answer and arrive after their retry.
    pub late_writes: u8,
    /// The rule of the function.
    pub rule: RuleText,
    /// The rule that a deployment puts in its place, between deliveries.
    pub next_rule: Option<RuleText>,
    /// What is left out on purpose, to see that it is missed.
    pub without: Option<Omission>,
}

/// What an upload is; it decides which results it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Jpeg,
    Png,
    /// Not a picture: it gets a failure record.
    Bad,
    /// A copy of one of the function's own results.
    OwnResult,
}

/// One of the model's rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleText {
    /// Two variants, of which one follows the upload's format, and a manifest.
    Full,
    /// One variant in the upload's format: fewer results, where time multiplies states.
    Small,
    /// One variant of another name, and a manifest.
    Renamed,
    /// One variant as JPEG, and originals that are moved.
    Moving,
}

/// A part of the protocol that a checker mutant lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Omission {
    /// The HEAD after writing.
    Verify,
    /// The wait before an original goes.
    Wait,
    /// Ages of results: the source's own decides.
    ResultAges,
    /// What tells two states of one ETag apart.
    StateBesideEtag,
    /// What an earlier configuration could have written.
    EarlierLayouts,
    /// The return of a delivery whose write got no answer.
    Comeback,
    /// The provenance tag before a PUT to a shared place: whatever lies there counts as own.
    TagBeforePut,
    /// The same before a DELETE.
    TagBeforeDelete,
    /// The condition of a write to a shared place: the HEAD before it is believed.
    ClaimCondition,
    /// The closing check of shared places.
    ClosingCheck,
    /// The closing check of a delivery that stored; only refusals look again.
    ClosingCheckOfStored,
    /// The look of a refusal at the place that was taken.
    TakenPlace,
}

impl Script {
    /// Whether time means anything: where originals wait, or writes are late.
    pub fn has_clock(&self) -> bool {
        self.rule == RuleText::Moving || self.late_writes > 0
    }
}

impl RuleText {
    /// As a configuration has it.
    pub(crate) fn toml(self) -> &'static str {
        match self {
            Self::Full => {
                "[[rule]]\noutput.manifest = \"manifests/{key}.json\"\n\
                 [[rule.variant]]\nname = \"a\"\nwidth = 1\n\
                 [[rule.variant]]\nname = \"b\"\nwidth = 2\nformats = [\"jpeg\"]\n"
            }
            Self::Small => "[[rule]]\n[[rule.variant]]\nname = \"a\"\nwidth = 1\n",
            Self::Renamed => {
                "[[rule]]\noutput.manifest = \"manifests/{key}.json\"\n\
                 [[rule.variant]]\nname = \"c\"\nwidth = 1\nformats = [\"jpeg\"]\n"
            }
            Self::Moving => {
                "[[rule]]\noriginals = { after = \"move\" }\n\
                 [[rule.variant]]\nname = \"a\"\nwidth = 1\nformats = [\"jpeg\"]\n"
            }
        }
    }
}
