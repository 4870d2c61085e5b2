//! What tells one state of a source from the next, as far as results depend on it.

use std::collections::BTreeMap;

use super::Upload;
use crate::rules::Output;
use crate::storage::CopiedMetadata;
use crate::store::{Mark, Presence, State};

/// A state of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
    /// What S3 tells of it.
    pub(super) state: State,
    /// The uploader's metadata, where variants take them along: other metadata on the same bytes
    /// are another state then, also within one second. Nothing where they do not, or where the
    /// object is a result.
    pub(super) metadata: BTreeMap<String, String>,
}

impl Version {
    /// Of a source that was read under a rule with this output.
    pub(super) fn new(state: State, metadata: &BTreeMap<String, String>, output: &Output) -> Self {
        let copied = output.copies_metadata();
        let metadata = if copied { metadata.clone() } else { BTreeMap::new() };
        Self { state, metadata }
    }

    /// Of whatever a HEAD found.
    pub(super) fn of_presence(present: Presence, output: &Output) -> Self {
        match present.mark {
            Some(_) => Self { state: present.state, metadata: BTreeMap::new() },
            None => Self::new(present.state, &present.metadata, output),
        }
    }
}

impl Upload<'_> {
    /// The provenance tag of what this rule makes of this state.
    pub(super) fn mark(&self, state: &State) -> Mark {
        Mark::new(self.rule.recipe.clone(), &self.report.object, state)
    }

    /// Whether the object under a result's key has the metadata that this source gives it.
    pub(super) fn has_words_of(&self, source: &Version, key: &str, result: &Presence) -> bool {
        let mut targets = self.targets.variants.iter().filter(|target| target.key == key);
        let output = &self.rule.output;
        if !targets.any(|target| output.storage_of(&target.variant).copies_metadata) {
            return true;
        }
        let own = self.mark(&source.state).metadata();
        let copied = CopiedMetadata::new(&source.metadata, &own).kept;
        let words = result.metadata.iter().filter(|(name, _)| !own.contains_key(*name));
        words.eq(copied.iter())
    }
}
