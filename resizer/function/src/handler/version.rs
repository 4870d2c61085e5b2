//! What tells one state of a source from the next, as far as results depend on it.

use std::collections::BTreeMap;

use super::Upload;
use crate::rules::Output;
use crate::storage::CopiedMetadata;
use crate::store::{Mark, Presence};

/// A state of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
    /// Without quotes.
    pub(super) etag: String,
    /// The uploader's words, where variants take them along: other words on the same bytes are
    /// another state then. Nothing where they do not, or where the object is a result.
    pub(super) metadata: BTreeMap<String, String>,
}

impl Version {
    /// Of a source that was read under a rule with this output.
    pub(super) fn new(etag: String, metadata: &BTreeMap<String, String>, output: &Output) -> Self {
        let copied = output.copies_metadata();
        let metadata = if copied { metadata.clone() } else { BTreeMap::new() };
        Self { etag, metadata }
    }

    /// Of whatever a HEAD found.
    pub(super) fn of_presence(present: Presence, output: &Output) -> Self {
        match present.mark {
            Some(_) => Self { etag: present.etag, metadata: BTreeMap::new() },
            None => Self::new(present.etag, &present.metadata, output),
        }
    }
}

impl Upload<'_> {
    /// Whether the object under a result's key has the metadata that this source gives it.
    pub(super) fn has_words_of(&self, source: &Version, key: &str, result: &Presence) -> bool {
        let mut targets = self.targets.variants.iter().filter(|target| target.key == key);
        let output = &self.rule.output;
        if !targets.any(|target| output.storage_of(&target.variant).copies_metadata) {
            return true;
        }
        let mark = Mark { recipe: self.rule.recipe.clone(), source_etag: source.etag.clone() };
        let own = mark.metadata();
        let copied = CopiedMetadata::new(&source.metadata, &own).kept;
        let words = result.metadata.iter().filter(|(name, _)| !own.contains_key(*name));
        words.eq(copied.iter())
    }
}
