//! An upload with free options: as it is stored from an earlier request, if the upload is still the
//! one that it was made of; made and stored otherwise. The HEAD of the upload decides, so that a
//! replaced or deleted upload is never answered with what was made of it.

use bytes::Bytes;
use resizer_engine::spec::{FormatSpec, OutputFormat, Request};

use super::accept::Accept;
use super::answer::Answer;
use super::options::Format;
use super::problem::Problem;
use super::route::Free;
use super::{Endpoint, Exchange, Terms};
use crate::digest::{self, sha256};
use crate::event::ObjectRef;
use crate::filter::SourceFilter;
use crate::fingerprint;
use crate::handler::Alone;
use crate::object_properties::ObjectProperties;
use crate::pattern::Pattern;
use crate::rules::{Originals, Output, Rule};
use crate::store::{Condition, NewObject, ProvenanceTag, StoredPicture};
use crate::template::Template;

/// What one set of options makes of one upload, and where it is stored.
struct Work {
    rule: Rule,
    place: ObjectRef,
    varies: bool,
}

impl Exchange<'_> {
    pub(super) async fn free(&self, free: &Free) -> Result<Answer, Problem> {
        let work = self.work(free)?;
        if let Some(answer) = self.find_stored(free, &work).await? {
            return Ok(answer);
        }
        let lead = self.in_time(self.app.flights().lead_or_wait(&work.place.key)).await?;
        if lead.is_none()
            && let Some(answer) = self.find_stored(free, &work).await?
        {
            return Ok(answer);
        }
        let answer = self.make(free, &work).await;
        drop(lead);
        answer
    }

    /// What is to be made, with the format that the client likes best where it may choose.
    fn work(&self, free: &Free) -> Result<Work, Problem> {
        let accept = || Accept::parse(self.request.header("accept").as_deref());
        let (format, varies) = match free.options.format {
            Format::Source => (FormatSpec::Source, false),
            Format::Fixed(format) => (FormatSpec::Fixed(format), false),
            Format::Auto => {
                let ordered = accept().order(&self.endpoint.bounds.formats);
                let best = ordered.first().copied().ok_or(Problem::NotAcceptable)?;
                (FormatSpec::Fixed(best), true)
            }
        };
        let rule = rule(self.endpoint, free.options.request(format));
        let name = format!("{}/{}\n{}", free.object.bucket, free.object.key, rule.fingerprint);
        let results = &self.endpoint.results;
        let key = format!("{}{}", results.prefix, sha256(name.as_bytes()));
        let place = ObjectRef { bucket: results.bucket.clone(), key };
        Ok(Work { rule, place, varies })
    }

    /// What is stored, if the upload is there and is the one that it was made of.
    async fn find_stored(&self, free: &Free, work: &Work) -> Result<Option<Answer>, Problem> {
        let store = self.app.store();
        let head = self.asked(store.head_source(&free.object));
        let found = self.asked(store.get_picture(&work.place, self.max_body_bytes));
        let (head, found) = tokio::try_join!(head, found)?;
        let head = head.filter(|head| head.tag.is_none()).ok_or(Problem::NoSource)?;
        let tag = ProvenanceTag::new(work.rule.fingerprint.clone(), &free.object, &head.state);
        match found.filter(|found| found.tag == tag) {
            Some(found) => self.finished(found, free, work).await.map(Some),
            None => Ok(None),
        }
    }

    async fn make(&self, free: &Free, work: &Work) -> Result<Answer, Problem> {
        let terms = self.invocation.terms(self.app, 1);
        match self.app.make_alone(&free.object, &work.rule, &terms).await? {
            Alone::NoSource => Err(Problem::NoSource),
            Alone::Refused(refusal) => Err((&refusal).into()),
            Alone::Made { bytes, format, tag } => {
                let bytes = Bytes::from(bytes);
                let is_small = bytes.len() as u64 <= self.max_body_bytes;
                let stored = self.store(work, (bytes.clone(), format), tag.clone()).await;
                // Its fault is in the log. The picture is good, and is made again next time.
                let etag = match stored {
                    Ok(etag) => etag,
                    Err(problem) if !is_small => return Err(problem),
                    // As S3 has it without KMS.
                    Err(_) => digest::md5(&bytes),
                };
                let bytes = is_small.then_some(bytes);
                let made = StoredPicture { tag, format, etag, cache_control: None, bytes };
                self.finished(made, free, work).await
            }
        }
    }

    async fn store(
        &self,
        work: &Work,
        (body, format): (Bytes, OutputFormat),
        tag: ProvenanceTag,
    ) -> Result<String, Problem> {
        let new = NewObject {
            object: work.place.clone(),
            body,
            content_type: format.media_type(),
            storage: ObjectProperties::default(),
            metadata: Default::default(),
            tag,
        };
        let stored = self.asked(self.app.store().put_if(&new, &Condition::None)).await?;
        Ok(stored.expect("a PUT without a condition is never unmet"))
    }

    async fn finished(
        &self,
        picture: StoredPicture,
        free: &Free,
        work: &Work,
    ) -> Result<Answer, Problem> {
        let (varies, expires_in_s) = (work.varies, free.expires_in_s);
        let terms = Terms { varies, is_signed: true, expires_in_s, base_url: None };
        self.answer_with(picture, &work.place, terms).await
    }
}

/// A rule that makes this alone.
fn rule(endpoint: &Endpoint, request: Request) -> Rule {
    let literal = |text: &str| Template::parse(text).expect("names of buckets have no braces");
    let fingerprint = fingerprint::of_request(&request);
    Rule {
        name: "endpoint".to_owned(),
        source: SourceFilter {
            bucket: Some(endpoint.bucket.clone()),
            globs: vec![Pattern::everything()],
            prefix: endpoint.prefix.clone(),
            suffixes: Vec::new(),
            exclude: Vec::new(),
        },
        request,
        output: Output {
            bucket: literal(&endpoint.results.bucket),
            key: literal("{key}"),
            manifest: None,
            failure: literal("{key}"),
            base_url: None,
            versioned_urls: false,
            storage: ObjectProperties::default(),
            variants: Default::default(),
        },
        originals: Originals::Keep,
        refusal_fingerprint: fingerprint.clone(),
        fingerprint,
    }
}
