//! What is written for one source: its variants and their manifest, or a failure record, each in
//! place of everything that could have been there before.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures::stream::{self, StreamExt, TryStreamExt};
use resizer_engine::spec::OutputFormat;

use super::claims::{Taken, delete_places, find_taken, put_in_place};
use super::description::Description;
use super::render::Rendering;
use super::source::Held;
use super::version::{Kind, Version};
use super::{Spares, Upload};
use crate::closing::{Decision, Expectation};
use crate::error::{Fault, FaultKind, Phase};
use crate::event::ObjectRef;
use crate::made::unfit_keys;
use crate::manifest::FailureRecord;
use crate::protocol::Written;
use crate::refusal::{Key, Refusal};
use crate::report::{Observed, Outcome};
use crate::rules::{Changes, Ignored, Scope};
use crate::store::{NewObject, ProvenanceTag, REFUSAL_METADATA};

/// PUTs of one upload under way at the same time.
const PARALLEL_PUTS: usize = 8;

/// What a delivery can say of its work so far.
pub(super) struct Done {
    pub(super) outcome: Outcome,
    pub(super) rests_on: Option<RestsOn>,
    /// What S3 showed of the source afterwards.
    pub(super) observed: Option<Observed>,
}

/// What must lie in which places of the output bucket so that an outcome holds.
pub(super) struct RestsOn {
    pub(super) scope: Scope,
    pub(super) expectations: Vec<(String, Expectation)>,
}

impl From<Outcome> for Done {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, rests_on: None, observed: None }
    }
}

impl Ignored {
    /// Why what lies under a key, if anything does, gets nothing.
    pub(super) fn of_no_upload(kind: Option<Kind>) -> Self {
        match kind {
            None => Self::NoOriginal,
            Some(Kind::Folder) => Self::Folder,
            Some(Kind::OwnResult | Kind::Upload) => Self::OwnResult,
        }
    }
}

/// Variants with their formats.
fn names(rendering: &Rendering) -> Vec<(&str, OutputFormat)> {
    let variants = rendering.made.rendered.variants.iter();
    variants.map(|variant| (&*variant.name, variant.format)).collect()
}

impl Upload<'_> {
    /// Renders everything, then writes it, or the record of why there is nothing to write.
    pub(super) async fn replace(
        &self,
        source: &Version,
        upload: Held,
        (scope, spares): (Scope, Spares),
    ) -> Result<Written<Done>, Fault> {
        let Held { metadata, content } = upload;
        let tag = self.tag(&source.state);
        let made = match (content, unfit_keys(&scope.targets)) {
            (Ok(admitted), None) => self.render(admitted).await?,
            (Err(refusal), _) | (_, Some(refusal)) => Err(refusal),
        };
        let made = match made {
            Ok(rendering) if spares == Spares::All => match self.taken(&scope, &rendering).await? {
                Some(Taken { place, owner }) => Err(Refusal::KeyTaken { place, owner }),
                None => Ok(rendering),
            },
            made => made,
        };
        match made {
            Ok(rendering) => self.store(rendering, &metadata, (scope, tag)).await,
            Err(refusal) => {
                let changes = self.changes_of(&refusal, &scope, spares)?;
                self.refuse(refusal, (&scope, tag), changes).await
            }
        }
    }

    /// What a refusal changes before anything else is written. For a backfill, a key of KMS that it
    /// may not use is a fault: the process has credentials of its own, and the function may have
    /// the right that they lack.
    pub(super) fn changes_of(
        &self,
        refusal: &Refusal,
        scope: &Scope,
        spares: Spares,
    ) -> Result<Changes, Fault> {
        let all = scope.of_refusal();
        let stay = Changes { deletes: Vec::new(), ..all.clone() };
        match (spares, refusal) {
            (Spares::Unread, Refusal::Encrypted { by: Key::Kms { .. } }) => {
                Err(self.run.fault(FaultKind::Setup, Phase::Fetching, refusal.to_string()))
            }
            (Spares::Unread, refusal) if !refusal.follows_from_file() => Ok(stay),
            (Spares::All, _) => Ok(stay),
            (Spares::Nothing | Spares::Unread, _) => Ok(all),
        }
    }

    /// A place of the results that is another source's, found before anything is written.
    async fn taken(&self, scope: &Scope, rendering: &Rendering) -> Result<Option<Taken>, Fault> {
        let changes = scope.of_variants(&names(rendering));
        let keys = changes.puts.iter().chain(&changes.last_put);
        for key in keys.filter(|key| !scope.is_exclusive(key)) {
            let place = scope.targets.object(key);
            let look = find_taken(&self.run.store, self.run.object, place);
            if let Some(taken) = self.run.in_time(Phase::Storing, look).await? {
                return Ok(Some(taken));
            }
        }
        Ok(None)
    }

    /// Writes the variants and what lists them, unless one of their places is another source's.
    async fn store(
        &self,
        rendering: Rendering,
        metadata: &BTreeMap<String, String>,
        (scope, tag): (Scope, ProvenanceTag),
    ) -> Result<Written<Done>, Fault> {
        let changes = scope.of_variants(&names(&rendering));
        let Description { puts, stored, memory } =
            self.describe(&scope.targets, rendering, metadata, &tag);
        let last = changes.last_put.as_ref();
        let json = || stored.manifest.to_json();
        let last = last.map(|key| self.json_object(scope.targets.object(key), json(), tag.clone()));
        let taken = self.write(&scope, &changes, puts, last).await?;
        drop(memory);
        let expectations = scope.rests_on(match &taken {
            Some(taken) => Decision::Refused { changes: &changes, taken: &taken.place.key },
            None => Decision::Stored(&changes),
        });
        let written = match taken {
            None => Written::Variants(Outcome::Stored(Box::new(stored)).into()),
            Some(Taken { place, owner }) => {
                let refusal = Refusal::KeyTaken { place, owner };
                self.refuse(refusal, (&scope, tag), scope.of_refusal()).await?
            }
        };
        let rests_on = Some(RestsOn { scope, expectations });
        Ok(written.map(|done: Done| Done { rests_on, ..done }))
    }

    /// There is no upload under this key: nothing that was ever made of one stays.
    pub(super) async fn remove(
        &self,
        source: Option<&Version>,
        scope: &Scope,
    ) -> Result<Outcome, Fault> {
        self.write(scope, &scope.of_nothing(source.is_none()), Vec::new(), None).await?;
        Ok(match source.map(|source| source.kind) {
            None => Outcome::Deleted,
            kind => Ignored::of_no_upload(kind).into(),
        })
    }

    /// Writes the failure record. Its place stays as it is where it is another source's.
    async fn refuse(
        &self,
        refusal: Refusal,
        (scope, tag): (&Scope, ProvenanceTag),
        changes: Changes,
    ) -> Result<Written<Done>, Fault> {
        let record = FailureRecord {
            bucket: self.run.object.bucket.clone(),
            key: self.run.object.key.clone(),
            code: refusal.code().to_owned(),
            message: refusal.to_string(),
            etag: tag.source_etag.clone(),
        };
        let tag =
            ProvenanceTag { fingerprint: self.rule.fingerprint_of(&refusal).to_owned(), ..tag };
        let code = (REFUSAL_METADATA.to_owned(), refusal.code().to_owned());
        let put = |key: &String| NewObject {
            metadata: BTreeMap::from([code.clone()]),
            ..self.json_object(scope.targets.object(key), record.to_json(), tag.clone())
        };
        let puts = changes.puts.iter().map(put).collect();
        self.write(scope, &changes, puts, None).await?;
        Ok(Written::NoVariants(Outcome::Refused(refusal).into()))
    }

    /// Puts and deletes in any order, then the last put, unless a place is another source's.
    async fn write(
        &self,
        scope: &Scope,
        changes: &Changes,
        puts: Vec<NewObject>,
        last: Option<NewObject>,
    ) -> Result<Option<Taken>, Fault> {
        let phase = if puts.is_empty() { Phase::Deleting } else { Phase::Storing };
        let (store, source) = (&self.run.store, self.run.object);
        let put = |new: NewObject| {
            let is_exclusive = scope.is_exclusive(&new.object.key);
            put_in_place(store, source, new, is_exclusive)
        };
        let writing = async {
            let puts = stream::iter(puts.into_iter().map(put));
            let puts = puts.buffer_unordered(PARALLEL_PUTS).try_collect::<Vec<_>>();
            let deletes = delete_places(store, source, &changes.deletes);
            let (taken, ()) = tokio::try_join!(puts, deletes)?;
            match (taken.into_iter().flatten().next(), last) {
                (None, Some(last)) => put(last).await,
                (taken, _) => Ok(taken),
            }
        };
        self.run.measured(phase, |times| &mut times.store_ms, writing).await
    }

    fn json_object(&self, object: ObjectRef, json: Vec<u8>, tag: ProvenanceTag) -> NewObject {
        NewObject {
            object,
            body: Bytes::from(json),
            content_type: "application/json",
            storage: self.rule.output.storage.of_records(),
            metadata: BTreeMap::new(),
            tag,
        }
    }
}
