//! Objects of an output bucket in, results with the sources that their tags name out.

use std::collections::{BTreeMap, BTreeSet};

use futures::stream::{self, StreamExt, TryStreamExt};
use resizer::event::ObjectRef;
use resizer::layout::{Layouts, Writers};
use resizer::ledger::LEDGER_KEY;
use resizer::store::{Listed, State, origin};

use super::{Found, Prune, Trouble};

/// An object that may be a result, by its key.
#[derive(Debug)]
pub(super) struct Candidate {
    place: ObjectRef,
    size_bytes: u64,
    writers: Writers,
    /// Whether no other source can have written it, in whatever bucket or under whatever prefix.
    has_one_writer: bool,
}

/// Results by their sources, and those whose sources their keys do not name.
type Attributed = (BTreeMap<ObjectRef, Vec<Found>>, Vec<Found>);

impl Prune<'_> {
    /// Those that a layout could have for a source of the target; the others are counted.
    pub(super) fn candidates(
        &self,
        layouts: &Layouts,
        bucket: &str,
        objects: Vec<Listed>,
    ) -> Vec<Candidate> {
        let target = &self.arguments.target;
        let mut candidates = Vec::new();
        for Listed { key, size_bytes } in objects {
            let place = ObjectRef { bucket: bucket.to_owned(), key };
            self.file.borrow_mut().state.counts.listed.add(size_bytes);
            let endpoint = self.app.config().endpoint.as_ref();
            if endpoint.is_some_and(|endpoint| endpoint.results.hold(&place)) {
                self.keep("of_the_endpoint", size_bytes);
                continue;
            }
            let mut writers = layouts.writers(&place, &target.bucket);
            let has_one_writer =
                writers.named.len() == 1 && !writers.may_be_unnamed && !writers.may_be_elsewhere;
            writers.named.retain(|source| source.key.starts_with(&target.prefix));
            let has_writer = !writers.named.is_empty() || writers.may_be_unnamed;
            if place.key == LEDGER_KEY || !has_writer {
                self.keep("no_result", size_bytes);
            } else {
                candidates.push(Candidate { place, size_bytes, writers, has_one_writer });
            }
        }
        candidates
    }

    /// Without those that are results of an upload that is there, and of nobody else: a HEAD of the
    /// upload is enough for all of them.
    pub(super) async fn without_current(
        &self,
        layouts: &Layouts,
        candidates: Vec<Candidate>,
    ) -> Result<Vec<Candidate>, Trouble> {
        let sources: BTreeSet<ObjectRef> = candidates
            .iter()
            .filter_map(|candidate| self.only_writer(layouts, candidate))
            .cloned()
            .collect();
        let heads = sources.into_iter().map(async |source| {
            self.turn().await?;
            Ok::<_, Trouble>(self.is_upload(&source).await?.then_some(source))
        });
        let heads = stream::iter(heads).buffer_unordered(self.parallel());
        let present: Vec<Option<ObjectRef>> = heads.try_collect().await?;
        let present: BTreeSet<ObjectRef> = present.into_iter().flatten().collect();
        let mut others = Vec::new();
        for candidate in candidates {
            let writer = self.only_writer(layouts, &candidate);
            if writer.is_some_and(|source| present.contains(source)) {
                self.keep("current", candidate.size_bytes);
            } else {
                others.push(candidate);
            }
        }
        Ok(others)
    }

    /// The source of which a rule writes this object, if the object cannot be another one's.
    fn only_writer<'c>(
        &self,
        layouts: &Layouts,
        candidate: &'c Candidate,
    ) -> Option<&'c ObjectRef> {
        let Candidate { place, writers, .. } = candidate;
        let [source] = &writers.named[..] else { return None };
        let places = layouts.places(source);
        let is_exclusive = places
            .iter()
            .any(|one| one.is_exclusive && (&one.bucket, &one.key) == (&place.bucket, &place.key));
        (!writers.may_be_unnamed && is_exclusive && self.writes(source, place)).then_some(source)
    }

    /// Looks at the tag of each.
    pub(super) async fn attribute(
        &self,
        candidates: Vec<Candidate>,
    ) -> Result<Attributed, Trouble> {
        let looks = candidates.into_iter().map(|candidate| async move {
            self.turn().await?;
            let store = self.store();
            let head = store.head(&candidate.place).await;
            self.spend(store.requests().into());
            Ok::<_, Trouble>((candidate, head?))
        });
        let looks = stream::iter(looks).buffer_unordered(self.parallel());
        let looks: Vec<_> = looks.try_collect().await?;
        let (mut named, mut unnamed): Attributed = Default::default();
        for (candidate, head) in looks {
            // It went meanwhile.
            let Some(head) = head else { continue };
            let Candidate { place, size_bytes, writers, has_one_writer } = candidate;
            let Some(tag) = head.tag else {
                self.keep("no_result", size_bytes);
                continue;
            };
            let source = match &writers.named[..] {
                // Of a release whose tags name no source.
                [source] if tag.origin.is_empty() && has_one_writer => Some(source),
                sources => sources.iter().find(|source| origin(source) == tag.origin),
            };
            let source = source.cloned();
            let State { etag, last_modified_s: written_s, .. } = head.state;
            let found = Found { place, size_bytes, etag, written_s, tag };
            match source {
                Some(source) => named.entry(source).or_default().push(found),
                None if writers.may_be_unnamed && !found.tag.origin.is_empty() => {
                    unnamed.push(found);
                }
                None => self.keep("undecided", size_bytes),
            }
        }
        Ok((named, unnamed))
    }

    pub(super) fn keep(&self, reason: &str, size_bytes: u64) {
        let kept = &mut self.file.borrow_mut().state.counts.ignored;
        kept.entry(format!("kept: {reason}")).or_default().add(size_bytes);
    }
}
