//! The up-to-date check: the source, and all that could have been made of it, asked for by HEAD.
//! Only where every result names this state of the source and this fingerprint, and has its
//! metadata, is anything skipped. Their ages decide whether the original may go. And the closing
//! check in places that are shared.

use std::collections::BTreeSet;
use std::future::ready;
use std::time::{Duration, SystemTime};

use futures::stream::{self, StreamExt, TryStreamExt};

use super::results::{Done, RestsOn};
use super::version::{Kind, Version};
use super::{Attempt, Upload};
use crate::closing::Sight;
use crate::error::{Fault, Phase};
use crate::protocol::{Claim, Quiescence, UpToDate, claim};
use crate::report::Outcome;
use crate::rules::{MAX_KEY_BYTES, Scope};
use crate::store::{Presence, ProvenanceTag, REFUSAL_METADATA};

/// HEADs of one upload under way at the same time.
const PARALLEL_HEADS: usize = 8;

/// How far S3's clock and this machine's may be apart, and the second that S3 rounds to.
const CLOCK_MARGIN: Duration = Duration::from_secs(3);

impl Upload<'_> {
    /// The source first: what is seen afterwards is at least as new as it.
    pub(super) async fn check(&self) -> Result<UpToDate<Version, Done>, Fault> {
        let check = self.look_at_all();
        self.run.measured(Phase::Verifying, |times| &mut times.verify_ms, check).await
    }

    async fn look_at_all(&self) -> Result<UpToDate<Version, Done>, Fault> {
        let Some(source) = self.run.store.head_source(self.run.object).await? else {
            return Ok(UpToDate::No);
        };
        let source = Version::of_presence(self.run.object, source, &self.rule.output);
        if source.kind == Kind::OwnResult {
            return Ok(UpToDate::No);
        }
        // A backfill relies on what the process read within the last minute, as first deliveries
        // do: a GET for each check would be a third of the cost of a small rule's.
        let scope = self.scope(!self.attempt.makes_only_missing()).await?;
        let targets = &scope.targets;
        let of_result = self.tag(&source.state);
        let of_record = ProvenanceTag {
            fingerprint: self.rule.refusal_fingerprint.clone(),
            ..of_result.clone()
        };
        let keys = targets.keys().filter(|key| key.len() <= MAX_KEY_BYTES);
        let heads = stream::iter(keys.map(|key| {
            let object = targets.object(key);
            async move { Ok((key.as_str(), self.run.store.head(&object).await?)) }
        }));
        let heads: Vec<_> = heads.buffer_unordered(PARALLEL_HEADS).try_collect().await?;
        let (mut present, mut code) = (BTreeSet::new(), None);
        let (mut youngest, now) = (Duration::MAX, SystemTime::now());
        for (key, head) in heads {
            let is_record = *key == targets.failure;
            let expected = if is_record { &of_record } else { &of_result };
            match (self.sight(&source, (&scope, key), expected, head.as_ref()), head) {
                (Sight::Outdated, _) => return Ok(UpToDate::No),
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
        Ok(match self.rule.recognizes(targets, &present) {
            Some(true) => {
                let may_retire = self.attempt != Attempt::Asked;
                let are_quiescent = may_retire && self.quiescence().is_reached(youngest);
                let found = Outcome::AlreadyDone.into();
                UpToDate::Variants { source, are_quiescent, found }
            }
            // Nothing shows whether a refusal was announced.
            Some(false) if self.must_announce() => UpToDate::No,
            Some(false) => {
                UpToDate::Refusal(Outcome::StillRefused { code: code.unwrap_or_default() }.into())
            }
            None => UpToDate::No,
        })
    }

    fn must_announce(&self) -> bool {
        self.run.app.announcer.is_some() && !self.attempt.makes_only_missing()
    }

    /// Whether something that a round's decision rests on is not there any more. A refusal at a
    /// taken place has the fingerprint of results in its record.
    pub(super) async fn is_undone(
        &self,
        source: &Version,
        rests_on: &RestsOn,
    ) -> Result<bool, Fault> {
        let RestsOn { scope, expectations } = rests_on;
        let tag = &self.tag(&source.state);
        let heads = expectations.iter().map(|(key, expected)| {
            let object = scope.targets.object(key);
            async move {
                let head = self.run.store.head(&object).await?;
                Ok(!expected.is_met(self.sight(source, (scope, key), tag, head.as_ref())))
            }
        });
        let heads = stream::iter(heads).buffer_unordered(PARALLEL_HEADS);
        let is_undone = heads.try_any(ready);
        self.run.measured(Phase::Verifying, |times| &mut times.verify_ms, is_undone).await
    }

    /// What a HEAD of a result's place shows.
    fn sight(
        &self,
        source: &Version,
        (scope, key): (&Scope, &str),
        expected: &ProvenanceTag,
        head: Option<&Presence>,
    ) -> Sight {
        let tag = head.map(|head| head.tag.as_ref().map(|tag| tag.origin.as_str()));
        let whose = match claim(&expected.origin, tag) {
            // Nobody else's can be current, and nobody else can write there.
            Claim::Taken if scope.is_exclusive(key) => Claim::Own,
            whose => whose,
        };
        let is_current = |head: &Presence| {
            head.tag.as_ref() == Some(expected)
                && self.has_metadata_of(source, (&scope.targets, key), head)
        };
        Sight::of(whose, head.is_some_and(is_current))
    }

    fn quiescence(&self) -> Quiescence {
        let late_requests = self.run.app.config.late_requests;
        Quiescence { lifetime: self.run.terms.lifetime, late_requests, clocks: CLOCK_MARGIN }
    }
}
