//! What is made of an upload as objects to write, with the manifest that lists them.

use std::collections::BTreeMap;

use bytes::Bytes;
use resizer_engine::{Rendered, Variant};

use super::Upload;
use super::render::Rendering;
use crate::budget::Memory;
use crate::object_properties::CopiedMetadata;
use crate::report::{Crop, Stored};
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
        rendering: Rendering,
        metadata: &BTreeMap<String, String>,
        tag: &ProvenanceTag,
    ) -> Description {
        let Rendering { made, memory } = rendering;
        let crops = crops(&made.rendered);
        let manifest = made.manifest(self.run.object, &tag.source_etag, self.rule, targets);
        let output = &self.rule.output;
        let copied = CopiedMetadata::new(metadata, &tag.metadata());
        let mut copies = false;
        let mut puts = Vec::new();
        for (variant, listed) in made.rendered.variants.into_iter().zip(&manifest.variants) {
            let storage = output.storage_of(&variant.name).clone();
            copies |= storage.copies_metadata;
            let metadata =
                if storage.copies_metadata { copied.kept.clone() } else { BTreeMap::new() };
            puts.push(NewObject {
                object: targets.object(&listed.key),
                body: Bytes::from(variant.bytes),
                content_type: variant.format.media_type(),
                metadata,
                storage,
                tag: tag.clone(),
            });
        }
        let dropped_metadata = if copies { copied.dropped } else { Vec::new() };
        Description { puts, stored: Stored { manifest, dropped_metadata, crops }, memory }
    }
}

/// Those of the variants that do not show the whole source, once for all formats of each.
fn crops(rendered: &Rendered) -> Vec<Crop> {
    let whole = rendered.source.size;
    let mut crops: Vec<Crop> = Vec::new();
    for Variant { name, crop: [x, y, width, height], .. } in &rendered.variants {
        let is_known = crops.last().is_some_and(|crop| crop.variant == *name);
        if !is_known && (*width, *height) != (whole.width(), whole.height()) {
            let (x, y, width, height) = (*x, *y, *width, *height);
            crops.push(Crop { variant: name.clone(), x, y, width, height });
        }
    }
    crops
}
