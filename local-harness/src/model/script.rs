//! Scripts: what can happen in a model, and how often.

/// What can happen, and how often.
#[derive(Debug, Clone)]
pub struct Script {
    /// Its name in the output.
    pub name: &'static str,
    /// The kind of each upload and its number of repetitions, in any order.
    pub uploads: Vec<(Kind, u8)>,
    /// Deletions by a user.
    pub deletions: u8,
    /// Duplicated events.
    pub duplicates: u8,
    /// Crashes of workers between two requests.
    pub crashes: u8,
    /// Writes that get no response and take effect after their retry.
    pub late_writes: u8,
    /// The rule of the function.
    pub rule: RuleText,
    /// The rule that a deployment replaces it with, between deliveries.
    pub next_rule: Option<RuleText>,
    /// The part of the protocol that a checker mutant lacks.
    pub without: Option<Omission>,
}

/// The kind of an upload, which decides its results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A JPEG file.
    Jpeg,
    /// A PNG file.
    Png,
    /// Not a picture: it gets a failure record.
    Bad,
    /// A picture that is refused under the limits of [`RuleText::Limited`], and no others.
    Large,
    /// A copy of one of the function's own results.
    OwnResult,
}

/// One of the model's rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleText {
    /// Two variants, of which one follows the upload's format, and a manifest.
    Full,
    /// One variant in the upload's format: fewer results for scripts with a clock, which multiplies
    /// states.
    Small,
    /// The same as `Small`, under a lower limit of pixels.
    Limited,
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
    /// The wait before an original is removed.
    Wait,
    /// The ages of results: the age of the source decides in their place.
    ResultAges,
    /// The parts of a source's state other than its ETag.
    StateBesideEtag,
    /// The layouts of earlier configurations.
    EarlierLayouts,
    /// The limits in the fingerprint of refusals.
    LimitsOfRefusals,
    /// The redelivery after a write without a response.
    Comeback,
    /// The check of the provenance tag before a PUT to a shared key.
    TagBeforePut,
    /// The check of the provenance tag before a DELETE of a shared key.
    TagBeforeDelete,
    /// The condition of a write to a shared key.
    ClaimCondition,
    /// The closing check of shared places.
    ClosingCheck,
    /// The closing check of a delivery that stored; only refusals look again.
    ClosingCheckOfStored,
    /// The look of a refusal at the place that was taken.
    TakenPlace,
}

impl Script {
    /// Whether time matters: originals wait, or writes are late.
    pub fn has_clock(&self) -> bool {
        self.rule == RuleText::Moving || self.late_writes > 0
    }
}

impl RuleText {
    /// The configuration's text.
    pub(crate) fn toml(self) -> &'static str {
        match self {
            Self::Full => {
                "[[rule]]\noutput.manifest = \"manifests/{key}.json\"\n\
                 [[rule.variant]]\nname = \"a\"\nwidth = 1\n\
                 [[rule.variant]]\nname = \"b\"\nwidth = 2\nformats = [\"jpeg\"]\n"
            }
            Self::Small => "[[rule]]\n[[rule.variant]]\nname = \"a\"\nwidth = 1\n",
            Self::Limited => {
                "[limits]\nmax_megapixels = 1\n\
                 [[rule]]\n[[rule.variant]]\nname = \"a\"\nwidth = 1\n"
            }
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
