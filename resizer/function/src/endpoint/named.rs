//! A variant of a rule: as it is stored, or made first, by a delivery that begins with the
//! up-to-date check. That delivery makes and stores all variants of the upload; where it cannot, it
//! takes nothing away, so that anyone may start it.

use resizer_engine::spec::OutputFormat;

use super::answer::Answer;
use super::problem::Problem;
use super::route::Named;
use super::{Access, Exchange, Terms};
use crate::batch::process_all;
use crate::error::FaultKind;
use crate::handler::{Attempt, Delivery};
use crate::report::Outcome;
use crate::store::{ProvenanceTag, REFUSAL_METADATA, State, StoredPicture, origin};

/// How often a request waits for another one that makes the same, before it tries by itself.
const MAX_WAITS: u32 = 2;

/// What S3 shows of an upload and of its failure record.
enum Looked {
    /// There is no such upload.
    Gone,
    /// A delivery refused this state of it, with this code.
    Refused(State, String),
    /// It may have variants.
    Open(State),
}

/// Which of the stored pictures of an upload count.
#[derive(Clone, Copy)]
enum Wanted<'a> {
    /// Those of the present configuration. Where originals go, nothing newer can be made, and those
    /// of earlier ones count too.
    Current,
    /// Those of any configuration that are of this state of the upload.
    Of(&'a State),
}

impl Exchange<'_> {
    pub(super) async fn named(&self, named: &Named<'_>) -> Result<Answer, Problem> {
        let (first, others) = named.candidates.split_at(1);
        if let Some(answer) = self.stored(named, first, Wanted::Current).await? {
            return Ok(answer);
        }
        let state = match self.look(named).await? {
            Looked::Gone if named.rule.retires_originals() => {
                let answer = self.stored(named, others, Wanted::Current).await?;
                return answer.ok_or(Problem::NoSource);
            }
            Looked::Gone => return Err(Problem::NoSource),
            Looked::Refused(state, code) => {
                return self.earlier(named, &state, Problem::Refused { code, message: None }).await;
            }
            Looked::Open(state) => state,
        };
        if let Some(answer) = self.stored(named, others, Wanted::Current).await? {
            return Ok(answer);
        }
        let name = format!("{}/{}", named.object.bucket, named.object.key);
        let mut waits = 0;
        let flight = loop {
            let lead = self.in_time(self.app.flights().lead_or_wait(&name)).await?;
            if lead.is_some() || waits == MAX_WAITS {
                break lead;
            }
            waits += 1;
            if let Some(answer) = self.stored(named, &named.candidates, Wanted::Current).await? {
                return Ok(answer);
            }
        };
        let answer = self.made(named, &state).await;
        drop(flight);
        answer
    }

    /// Starts a delivery of the upload, and then reads its results.
    async fn made(&self, named: &Named<'_>, state: &State) -> Result<Answer, Problem> {
        let object = named.object.clone();
        let delivery = Delivery { object, attempt: Attempt::Asked, received: 1 };
        let reports = process_all(self.app, [delivery], self.invocation).await;
        let outcome = reports.into_values().next().expect("one object has one report").outcome;
        let stored = outcome.stored().map(|stored| &stored.manifest.variants);
        let is_stored = |(key, _): &&(String, OutputFormat)| {
            stored.is_none_or(|variants| variants.iter().any(|one| one.key == *key))
        };
        let candidates: Vec<_> = named.candidates.iter().filter(is_stored).cloned().collect();
        if let Some(answer) = self.stored(named, &candidates, Wanted::Current).await? {
            return Ok(answer);
        }
        match &outcome {
            // All variants are there, and none of them is in this format.
            Outcome::AlreadyDone => Err(Problem::NoPicture),
            Outcome::Stored(_) if candidates.is_empty() => Err(Problem::NoPicture),
            // The picture was stored, and is gone already: the source changed again.
            Outcome::Stored(_) => Err(Problem::Failed(FaultKind::Integrity)),
            Outcome::Refused(refusal) => self.earlier(named, state, refusal.into()).await,
            Outcome::StillRefused { code } => {
                let refused = Problem::Refused { code: code.clone(), message: None };
                self.earlier(named, state, refused).await
            }
            Outcome::Failed { fault, .. } => {
                self.earlier(named, state, Problem::Failed(fault.kind)).await
            }
            Outcome::Deleted | Outcome::Ignored { .. } => Err(Problem::NoSource),
        }
    }

    /// What an earlier configuration made of this state of the upload, where nothing newer can be
    /// made.
    async fn earlier(
        &self,
        named: &Named<'_>,
        state: &State,
        problem: Problem,
    ) -> Result<Answer, Problem> {
        let answer = self.stored(named, &named.candidates, Wanted::Of(state)).await?;
        answer.ok_or(problem)
    }

    /// The first of these that is stored, is a picture of this upload, and counts.
    async fn stored(
        &self,
        named: &Named<'_>,
        candidates: &[(String, OutputFormat)],
        wanted: Wanted<'_>,
    ) -> Result<Option<Answer>, Problem> {
        let (rule, object) = (named.rule, &named.object);
        let own = origin(object);
        let counts = |found: &StoredPicture| match wanted {
            Wanted::Current => {
                let is_current = found.tag.fingerprint == rule.fingerprint;
                found.tag.origin == own && (is_current || rule.retires_originals())
            }
            Wanted::Of(state) => {
                found.tag == ProvenanceTag::new(found.tag.fingerprint.clone(), object, state)
            }
        };
        for (key, format) in candidates {
            let place = named.targets.object(key);
            let found = self.app.store().get_picture(&place, self.max_body_bytes);
            let found = self.asked(found).await?;
            let Some(found) = found.filter(|found| found.format == *format && counts(found)) else {
                continue;
            };
            let terms = Terms {
                varies: named.varies,
                is_signed: self.endpoint.named == Access::Signed,
                expires_in_s: named.expires_in_s,
                base_url: rule.output.base_url.as_deref(),
            };
            return Ok(Some(self.answer_with(found, &place, terms).await?));
        }
        Ok(None)
    }

    /// Sends HEAD requests for the upload and its failure record, and says whether the upload is
    /// gone, was refused in its present state, or may be processed. A record counts until a
    /// delivery replaces it, also one of a refusal that does not follow from the file: only an
    /// event, or somebody who invokes the function, knows that its reason is gone.
    async fn look(&self, named: &Named<'_>) -> Result<Looked, Problem> {
        let record = named.targets.object(&named.targets.failure);
        let store = self.app.store();
        let upload = self.asked(store.head_source(&named.object));
        let (upload, record) = tokio::try_join!(upload, self.asked(store.head(&record)))?;
        let Some(upload) = upload.filter(|upload| upload.tag.is_none()) else {
            return Ok(Looked::Gone);
        };
        let rule = named.rule;
        let tags = [&rule.refusal_fingerprint, &rule.fingerprint].map(|fingerprint| {
            Some(ProvenanceTag::new(fingerprint.clone(), &named.object, &upload.state))
        });
        Ok(match record.filter(|record| tags.contains(&record.tag)) {
            Some(record) => {
                let code = record.metadata.get(REFUSAL_METADATA).cloned().unwrap_or_default();
                Looked::Refused(upload.state, code)
            }
            None => Looked::Open(upload.state),
        })
    }
}
