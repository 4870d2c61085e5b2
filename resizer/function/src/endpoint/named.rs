//! A variant of a rule: as it is stored, or made first, by the same delivery that an event starts.
//! That delivery makes and stores all variants of the upload, and checks first whether they are
//! there, so that a request changes nothing that an event would not have changed.

use resizer_engine::spec::OutputFormat;

use super::Exchange;
use super::answer::Answer;
use super::problem::Problem;
use super::route::Named;
use crate::batch::process_all;
use crate::handler::{Attempt, Delivery};
use crate::store::{ProvenanceTag, REFUSAL_METADATA, StoredPicture, origin};

/// How often a request waits for another one that makes the same, before it tries by itself.
const MAX_WAITS: u32 = 2;

impl Exchange<'_> {
    pub(super) async fn named(&self, named: &Named<'_>) -> Result<Answer, Problem> {
        let (first, others) = named.candidates.split_at(1);
        if let Some(answer) = self.stored(named, first).await? {
            return Ok(answer);
        }
        if !named.rule.retires_originals() {
            self.check_upload(named).await?;
        }
        if let Some(answer) = self.stored(named, others).await? {
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
            if let Some(answer) = self.stored(named, &named.candidates).await? {
                return Ok(answer);
            }
        };
        let answer = self.made(named).await;
        drop(flight);
        answer
    }

    /// Delivers the upload once more, and looks again.
    async fn made(&self, named: &Named<'_>) -> Result<Answer, Problem> {
        let object = named.object.clone();
        let delivery = Delivery { object, attempt: Attempt::Repeated, received: 1 };
        let reports = process_all(self.app, [delivery], self.invocation).await;
        let outcome = reports.into_values().next().expect("one object has one report").outcome;
        let stored = outcome.stored().map(|stored| &stored.manifest.variants);
        let is_stored = |(key, _): &&(String, OutputFormat)| {
            stored.is_none_or(|variants| variants.iter().any(|one| one.key == *key))
        };
        let candidates: Vec<_> = named.candidates.iter().filter(is_stored).cloned().collect();
        match self.stored(named, &candidates).await? {
            Some(answer) => Ok(answer),
            None => Err((&outcome).into()),
        }
    }

    /// The first of these that is stored and is this rule's picture of this upload. Where originals
    /// go, nothing newer can be made, and a picture of an earlier configuration counts too.
    async fn stored(
        &self,
        named: &Named<'_>,
        candidates: &[(String, OutputFormat)],
    ) -> Result<Option<Answer>, Problem> {
        let own = origin(&named.object);
        let is_own = |found: &StoredPicture| {
            let is_current = found.tag.fingerprint == named.rule.fingerprint;
            found.tag.origin == own && (is_current || named.rule.retires_originals())
        };
        for (key, format) in candidates {
            let place = named.targets.object(key);
            let found = self.app.store().get_picture(&place, self.max_body_bytes);
            let found = self.asked(found).await?;
            let Some(found) = found.filter(|found| found.format == *format && is_own(found)) else {
                continue;
            };
            let base_url = named.rule.output.base_url.as_deref();
            let about = (named.varies, named.expires_in_s, base_url);
            return Ok(Some(self.answer_with(found, &place, about).await?));
        }
        Ok(None)
    }

    /// An upload that is not there, or was refused as it is, ends the request: nothing has to be
    /// made to know that.
    async fn check_upload(&self, named: &Named<'_>) -> Result<(), Problem> {
        let record = named.targets.object(&named.targets.failure);
        let store = self.app.store();
        let upload = self.asked(store.head_source(&named.object));
        let (upload, record) = tokio::try_join!(upload, self.asked(store.head(&record)))?;
        let upload = upload.filter(|upload| upload.tag.is_none()).ok_or(Problem::NoSource)?;
        let fingerprint = named.rule.refusal_fingerprint.clone();
        let tag = ProvenanceTag::new(fingerprint, &named.object, &upload.state);
        match record.filter(|record| record.tag.as_ref() == Some(&tag)) {
            Some(record) => {
                let code = record.metadata.get(REFUSAL_METADATA).cloned().unwrap_or_default();
                Err(Problem::Refused { code, message: None })
            }
            None => Ok(()),
        }
    }
}
