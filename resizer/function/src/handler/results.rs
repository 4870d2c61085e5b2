//! What is written for one source: its variants and their manifest, or a failure record, each in
//! place of everything that could have been there before.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures::stream::{self, StreamExt, TryStreamExt};

use super::Upload;
use super::claims::{OF_LEDGER, Taken, delete_places, put_in_place};
use super::render::Made;
use super::source::{Admitted, Held};
use crate::budget::Memory;
use crate::closing::{Decision, Expectation};
use crate::error::{Fault, Phase};
use crate::manifest::{
    FailureRecord, Manifest, ManifestPlaceholders, ManifestSource, ManifestVariant,
};
use crate::metrics::{Outcome, Stopwatch};
use crate::refusal::Refusal;
use crate::rules::{Changes, Ignored, MAX_KEY_BYTES};
use crate::storage::CopiedMetadata;
use crate::store::{Mark, NewObject, REFUSAL_METADATA};

/// PUTs of one upload under way at the same time.
const PARALLEL_PUTS: usize = 8;

/// What must lie in which places of the output bucket when a delivery ends.
pub(super) type RestsOn = Vec<(String, Expectation)>;

/// What is to be written of an upload.
pub(super) struct Described {
    changes: Changes,
    puts: Vec<NewObject>,
    pub(super) manifest: Manifest,
    /// What the bodies lie in.
    memory: Memory,
}

impl Upload<'_> {
    /// Renders everything, then writes it. False when the source was refused; and what that rests
    /// on in places that are shared.
    pub(super) async fn replace(&mut self, held: Held) -> Result<(bool, RestsOn), Fault> {
        let Held { state, metadata, content } = held;
        self.report.forget_results();
        let mark = self.mark(&state);
        let made = match content.and_then(|admitted| self.fitting_keys(admitted)) {
            Ok(admitted) => self.render(admitted).await?,
            Err(refusal) => Err(refusal),
        };
        let (refusal, rests_on) = match made {
            Ok(made) => match self.store_variants(made, &metadata, mark.clone()).await? {
                (None, rests_on) => {
                    self.report.outcome = Outcome::Stored;
                    return Ok((true, rests_on));
                }
                (Some(Taken { place, owner }), rests_on) => {
                    self.report.forget_results();
                    (Refusal::KeyTaken { place, owner }, rests_on)
                }
            },
            Err(refusal) => (refusal, Vec::new()),
        };
        self.refuse(refusal, mark).await?;
        Ok((false, rests_on))
    }

    async fn refuse(&mut self, refusal: Refusal, mark: Mark) -> Result<(), Fault> {
        self.store_refusal(&refusal, mark).await?;
        self.report.outcome = Outcome::Refused(refusal);
        Ok(())
    }

    /// There is no upload under this key: nothing that was ever made of one stays.
    pub(super) async fn remove(&mut self, has_own_mark: bool) -> Result<(), Fault> {
        self.report.phase = Phase::Deleting;
        self.report.forget_results();
        self.write(&self.targets.of_nothing(!has_own_mark), Vec::new(), None).await?;
        self.report.outcome = match &self.report.outcome {
            _ if !has_own_mark => Outcome::Deleted,
            Outcome::Ignored(Ignored::Folder) => Outcome::Ignored(Ignored::Folder),
            _ => Outcome::Ignored(Ignored::OwnMark),
        };
        Ok(())
    }

    async fn store_variants(
        &mut self,
        made: Made,
        metadata: &BTreeMap<String, String>,
        mark: Mark,
    ) -> Result<(Option<Taken>, RestsOn), Fault> {
        let Described { changes, puts, manifest, memory } = self.describe(made, metadata, &mark);
        let last = changes.last_put.as_ref();
        let last = last.map(|key| self.json_object(key, manifest.to_json(), mark));
        let taken = self.write(&changes, puts, last).await?;
        drop(memory);
        self.report.manifest = Some(manifest);
        let rests_on = self.targets.rests_on(match &taken {
            Some(taken) => Decision::Refused { changes: &changes, taken: &taken.place.key },
            None => Decision::Stored(&changes),
        });
        Ok((taken, rests_on))
    }

    /// What is made of an upload as objects, with the manifest that tells of them.
    pub(super) fn describe(
        &mut self,
        made: Made,
        metadata: &BTreeMap<String, String>,
        mark: &Mark,
    ) -> Described {
        let source = self.source_facts(mark, &made);
        let Made { rendered, sha256, memory, .. } = made;
        let names: Vec<_> = rendered.variants.iter().map(|v| (v.name.as_str(), v.format)).collect();
        let changes = self.targets.of_variants(&names);
        let output = &self.rule.output;
        let copied = CopiedMetadata::new(metadata, &mark.metadata());
        let mut copies = false;
        let (mut variants, mut puts) = (Vec::new(), Vec::new());
        for ((key, variant), sha256) in changes.puts.iter().zip(rendered.variants).zip(sha256) {
            let storage = output.storage_of(&variant.name).clone();
            let url = output.url(key, &variant.bytes);
            let (bytes, media_type) = (variant.bytes.len() as u64, variant.format.media_type());
            copies |= storage.copies_metadata;
            puts.push(NewObject {
                object: self.targets.object(key),
                body: Bytes::from(variant.bytes),
                content_type: media_type,
                metadata: if storage.copies_metadata {
                    copied.kept.clone()
                } else {
                    BTreeMap::new()
                },
                storage,
                mark: mark.clone(),
            });
            variants.push(ManifestVariant {
                name: variant.name,
                bucket: self.targets.bucket.clone(),
                url,
                key: key.clone(),
                media_type: media_type.to_owned(),
                animated: variant.is_animated,
                width: variant.size.width(),
                height: variant.size.height(),
                bytes,
                sha256,
            });
        }
        self.report.dropped_metadata = if copies { copied.dropped } else { Vec::new() };
        let placeholders = rendered.placeholders.map(ManifestPlaceholders::from);
        let manifest = Manifest::new(source, mark.recipe.clone(), placeholders, variants);
        Described { changes, puts, manifest, memory }
    }

    async fn store_refusal(&mut self, refusal: &Refusal, mark: Mark) -> Result<(), Fault> {
        let record = FailureRecord {
            bucket: self.report.object.bucket.clone(),
            key: self.report.object.key.clone(),
            code: refusal.code().to_owned(),
            message: refusal.to_string(),
            etag: mark.source_etag.clone(),
        };
        let changes = self.targets.of_refusal();
        let mark = Mark { recipe: self.rule.fingerprint_of(refusal).to_owned(), ..mark };
        let code = (REFUSAL_METADATA.to_owned(), refusal.code().to_owned());
        let put = |key: &String| NewObject {
            metadata: BTreeMap::from([code.clone()]),
            ..self.json_object(key, record.to_json(), mark.clone())
        };
        let puts = changes.puts.iter().map(put).collect();
        // A record's place that is another source's stays so.
        self.write(&changes, puts, None).await.map(drop)
    }

    /// Puts and deletes in any order, then the last put, unless a place is another source's.
    async fn write(
        &mut self,
        changes: &Changes,
        puts: Vec<NewObject>,
        last: Option<NewObject>,
    ) -> Result<Option<Taken>, Fault> {
        if !puts.is_empty() {
            self.report.phase = Phase::Storing;
        }
        let mut clock = Stopwatch::start();
        let source = &self.report.object;
        let put = |new: NewObject| {
            let is_exclusive = self.targets.is_exclusive(&new.object.key);
            put_in_place(&self.store, source, new, is_exclusive)
        };
        let puts = stream::iter(puts.into_iter().map(put));
        let puts = puts.buffer_unordered(PARALLEL_PUTS).try_collect::<Vec<_>>();
        let deletes = delete_places(&self.store, source, &changes.deletes);
        let (taken, ()) = tokio::try_join!(puts, deletes)?;
        let mut taken = taken.into_iter().flatten().next();
        if let (Some(last), None) = (last, &taken) {
            taken = put(last).await?;
        }
        self.report.times.store_ms += clock.lap_ms();
        Ok(taken)
    }

    fn source_facts(&self, mark: &Mark, made: &Made) -> ManifestSource {
        let facts = &made.rendered.source;
        ManifestSource {
            bucket: self.report.object.bucket.clone(),
            key: self.report.object.key.clone(),
            etag: mark.source_etag.clone(),
            sha256: made.source_sha256.clone(),
            bytes: made.source_bytes,
            format: facts.format.to_string(),
            width: facts.size.width(),
            height: facts.size.height(),
        }
    }

    fn json_object(&self, key: &str, json: Vec<u8>, mark: Mark) -> NewObject {
        NewObject {
            object: self.targets.object(key),
            body: Bytes::from(json),
            content_type: "application/json",
            storage: self.rule.output.storage.of_records(),
            metadata: BTreeMap::new(),
            mark,
        }
    }

    /// The file, unless a key of what it would become is longer than S3 takes, or the ledger's.
    fn fitting_keys(&self, admitted: Admitted) -> Result<Admitted, Refusal> {
        if let Some(place) = self.targets.ledger() {
            return Err(Refusal::KeyTaken { place, owner: OF_LEDGER.to_owned() });
        }
        let longest = self.targets.longest_key_bytes();
        if longest <= MAX_KEY_BYTES {
            return Ok(admitted);
        }
        let (key_bytes, limit_bytes) = (longest as u64, MAX_KEY_BYTES as u64);
        Err(Refusal::KeyTooLong { key_bytes, limit_bytes })
    }
}
