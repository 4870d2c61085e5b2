//! What is made of an upload as objects to write, with the manifest that lists them.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::Upload;
use super::render::Made;
use crate::budget::Memory;
use crate::manifest::{Manifest, ManifestPlaceholders, ManifestSource, ManifestVariant};
use crate::object_properties::CopiedMetadata;
use crate::report::Stored;
use crate::rules::Targets;
use crate::store::{NewObject, ProvenanceTag};

/// What is to be written of an upload.
pub(super) struct Description {
    /// A variant each, in the order of the rule.
    pub(super) puts: Vec<NewObject>,
    pub(super) stored: Stored,
    /// What the bodies lie in.
    pub(super) memory: Memory,
}

impl Upload<'_> {
    pub(super) fn describe(
        &self,
        targets: &Targets,
        made: Made,
        metadata: &BTreeMap<String, String>,
        tag: &ProvenanceTag,
    ) -> Description {
        let source = self.source_facts(tag, &made);
        let Made { rendered, sha256, memory, .. } = made;
        let output = &self.rule.output;
        let copied = CopiedMetadata::new(metadata, &tag.metadata());
        let mut copies = false;
        let (mut variants, mut puts) = (Vec::new(), Vec::new());
        for (variant, sha256) in rendered.variants.into_iter().zip(sha256) {
            let key = targets.key_of(&variant.name, variant.format);
            let storage = output.storage_of(&variant.name).clone();
            let url = output.url(key, &variant.bytes);
            let (bytes, media_type) = (variant.bytes.len() as u64, variant.format.media_type());
            copies |= storage.copies_metadata;
            let metadata =
                if storage.copies_metadata { copied.kept.clone() } else { BTreeMap::new() };
            puts.push(NewObject {
                object: targets.object(key),
                body: Bytes::from(variant.bytes),
                content_type: media_type,
                metadata,
                storage,
                tag: tag.clone(),
            });
            variants.push(ManifestVariant {
                bucket: targets.bucket.clone(),
                url,
                key: key.to_owned(),
                name: variant.name,
                media_type: media_type.to_owned(),
                animated: variant.is_animated,
                width: variant.size.width(),
                height: variant.size.height(),
                bytes,
                sha256,
            });
        }
        let dropped_metadata = if copies { copied.dropped } else { Vec::new() };
        let placeholders = rendered.placeholders.map(ManifestPlaceholders::from);
        let manifest = Manifest::new(source, tag.fingerprint.clone(), placeholders, variants);
        Description { puts, stored: Stored { manifest, dropped_metadata }, memory }
    }

    fn source_facts(&self, tag: &ProvenanceTag, made: &Made) -> ManifestSource {
        let facts = &made.rendered.source;
        ManifestSource {
            bucket: self.run.object.bucket.clone(),
            key: self.run.object.key.clone(),
            etag: tag.source_etag.clone(),
            sha256: made.source_sha256.clone(),
            bytes: made.source_bytes,
            format: facts.format.to_string(),
            width: facts.size.width(),
            height: facts.size.height(),
        }
    }
}
