//! The up-to-date check: the source, and all that could have been made of it, asked for by HEAD.
//! Only where every result names this state of the source and this recipe, and has its metadata, is
//! anything skipped. Their ages decide whether the original may go. And the closing check in places
//! that are shared.

use std::collections::BTreeSet;
use std::future::ready;
use std::time::{Duration, SystemTime};

use futures::stream::{self, StreamExt, TryStreamExt};

use super::Upload;
use super::results::RestsOn;
use super::version::Version;
use crate::closing::Sight;
use crate::error::{Fault, Phase};
use crate::metrics::{Outcome, Stopwatch};
use crate::protocol::{Claim, Proof, Quiescence, claim};
use crate::rules::MAX_KEY_BYTES;
use crate::store::{Mark, Presence, REFUSAL_METADATA};

/// HEADs of one upload under way at the same time.
const PARALLEL_HEADS: usize = 8;

/// How far S3's clock and this machine's may be apart, and the second that S3 rounds to.
const CLOCK_MARGIN: Duration = Duration::from_secs(3);

impl Upload<'_> {
    /// The source first: what is proved afterwards is at least as new as it.
    pub(super) async fn prove(&mut self) -> Result<Proof<Version>, Fault> {
        self.report.phase = Phase::Verifying;
        let mut clock = Stopwatch::start();
        let proof = self.ask().await?;
        self.report.times.verify_ms += clock.lap_ms();
        Ok(proof)
    }

    async fn ask(&mut self) -> Result<Proof<Version>, Fault> {
        let source = self.store.head_source(&self.report.object).await?;
        let Some(source) = source.filter(|source| source.mark.is_none()) else {
            return Ok(Proof::Incomplete);
        };
        let source = Version::of_presence(source, &self.rule.output);
        self.learn_places(true).await?;
        let mark_of = |fingerprint: &String| {
            Mark::new(fingerprint.clone(), &self.report.object, &source.state)
        };
        let (of_result, of_record) =
            (mark_of(&self.rule.recipe), mark_of(&self.rule.refusal_fingerprint));
        let keys = self.targets.keys().filter(|key| key.len() <= MAX_KEY_BYTES);
        let heads = stream::iter(keys.map(|key| {
            let object = self.targets.object(key);
            let store = &self.store;
            async move { Ok((key.as_str(), store.head(&object).await?)) }
        }));
        let heads: Vec<_> = heads.buffer_unordered(PARALLEL_HEADS).try_collect().await?;
        let (mut present, mut code) = (BTreeSet::new(), None);
        let (mut youngest, now) = (Duration::MAX, SystemTime::now());
        for (key, head) in heads {
            let is_record = *key == self.targets.failure;
            let expected = if is_record { &of_record } else { &of_result };
            match (self.sight(&source, key, expected, head.as_ref()), head) {
                (Sight::Outdated, _) => return Ok(Proof::Incomplete),
                (Sight::Current, Some(head)) => {
                    if is_record {
                        code = head.metadata.get(REFUSAL_METADATA).cloned();
                    }
                    present.insert(key);
                    youngest = youngest.min(head.state.age(now));
                }
                _ => {}
            }
        }
        Ok(match self.rule.recognises(&self.targets, &present) {
            Some(true) => {
                Proof::Variants { source, are_quiescent: self.quiescence().is_reached(youngest) }
            }
            Some(false) => {
                self.report.outcome = Outcome::StillRefused { code: code.unwrap_or_default() };
                Proof::Refusal
            }
            None => Proof::Incomplete,
        })
    }

    /// Whether something that the round's decision rests on is not there any more. A refusal at a
    /// taken place has the fingerprint of results in its record.
    pub(super) async fn is_undone(
        &mut self,
        source: &Version,
        rests_on: &RestsOn,
    ) -> Result<bool, Fault> {
        let mut clock = Stopwatch::start();
        let mark = self.mark(&source.state);
        let heads = rests_on.iter().map(|(key, expected)| {
            let object = self.targets.object(key);
            let (upload, mark) = (&*self, &mark);
            async move {
                let head = upload.store.head(&object).await?;
                Ok(!expected.is_met(upload.sight(source, key, mark, head.as_ref())))
            }
        });
        let heads = stream::iter(heads).buffer_unordered(PARALLEL_HEADS);
        let is_undone = heads.try_any(ready).await?;
        self.report.times.verify_ms += clock.lap_ms();
        Ok(is_undone)
    }

    /// What a HEAD of a result's place shows.
    fn sight(&self, source: &Version, key: &str, mark: &Mark, head: Option<&Presence>) -> Sight {
        let tag = head.map(|head| head.mark.as_ref().map(|mark| mark.origin.as_str()));
        let whose = match claim(&mark.origin, tag) {
            // Nobody else's can be current, and nobody else can write there.
            Claim::Taken if self.targets.is_exclusive(key) => Claim::Own,
            whose => whose,
        };
        let is_current = |head: &Presence| {
            head.mark.as_ref() == Some(mark) && self.has_words_of(source, key, head)
        };
        Sight::of(whose, head.is_some_and(is_current))
    }

    fn quiescence(&self) -> Quiescence {
        let late_requests = self.app.config.late_requests;
        Quiescence { lifetime: self.terms.lifetime, late_requests, clocks: CLOCK_MARGIN }
    }
}
