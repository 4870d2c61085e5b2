//! What distinguishes one state of a source from the next, as far as results depend on it.

use std::collections::BTreeMap;

use super::Upload;
use crate::event::ObjectRef;
use crate::object_properties::CopiedMetadata;
use crate::rules::{Output, Targets};
use crate::store::{Presence, ProvenanceTag, State};

/// A state of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
    /// What S3 says of it.
    pub(super) state: State,
    /// The uploader's metadata, where variants take them along: other metadata on the same bytes
    /// are another state then, also within one second. Nothing where they do not, or where the
    /// object is no upload.
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) kind: Kind,
}

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Upload,
    /// It has a provenance tag.
    OwnResult,
    /// What consoles make of a new folder: no bytes under a key that ends in a slash.
    Folder,
}

impl Version {
    /// Of an object without a provenance tag, read under a rule with this output.
    pub(super) fn new(
        object: &ObjectRef,
        state: State,
        metadata: &BTreeMap<String, String>,
        output: &Output,
    ) -> Self {
        if object.key.ends_with('/') && state.size_bytes == 0 {
            return Self { state, metadata: BTreeMap::new(), kind: Kind::Folder };
        }
        let copied = output.copies_metadata();
        let metadata = if copied { metadata.clone() } else { BTreeMap::new() };
        Self { state, metadata, kind: Kind::Upload }
    }

    /// Of one that has a provenance tag.
    pub(super) fn of_result(state: State) -> Self {
        Self { state, metadata: BTreeMap::new(), kind: Kind::OwnResult }
    }

    /// Of whatever a HEAD found.
    pub(super) fn of_presence(object: &ObjectRef, present: Presence, output: &Output) -> Self {
        match present.tag {
            Some(_) => Self::of_result(present.state),
            None => Self::new(object, present.state, &present.metadata, output),
        }
    }
}

impl Upload<'_> {
    /// The provenance tag of what this rule makes of this state.
    pub(super) fn tag(&self, state: &State) -> ProvenanceTag {
        ProvenanceTag::new(self.rule.fingerprint.clone(), self.run.object, state)
    }

    /// Whether the object under a result's key has the metadata that this source gives it.
    pub(super) fn has_metadata_of(
        &self,
        source: &Version,
        (targets, key): (&Targets, &str),
        result: &Presence,
    ) -> bool {
        let mut variants = targets.variants.iter().filter(|target| target.key == key);
        let output = &self.rule.output;
        if !variants.any(|target| output.storage_of(&target.variant).copies_metadata) {
            return true;
        }
        let own = self.tag(&source.state).metadata();
        let copied = CopiedMetadata::new(&source.metadata, &own).kept;
        let others = result.metadata.iter().filter(|(name, _)| !own.contains_key(*name));
        others.eq(copied.iter())
    }
}
