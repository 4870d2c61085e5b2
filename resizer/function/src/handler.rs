//! One upload: fetch, render, store, verify, and round again if the source changed meanwhile.
//! Correct under duplicate, late and reordered events, because whoever writes last has afterwards
//! seen the source that the variants were made of. The event itself only says where to look.

use futures::stream::{self, StreamExt, TryStreamExt};
use resizer_engine::error::{Quantity, Reject};
use resizer_engine::limits::Limits;
use resizer_engine::pipeline::{self, Rendered};
use resizer_engine::spec::VariantSpec;

use crate::config::Config;
use crate::error::{Fault, FaultKind, Step};
use crate::event::ObjectRef;
use crate::manifest::{FailureRecord, Manifest, ManifestSource, ManifestVariant};
use crate::metrics::{Outcome, Report, StageTimes, Stopwatch};
use crate::rules::{self, Rule, Targets};
use crate::store::{Fetched, Mark, NewObject, SourceObject, Store};

/// Rounds before a source that keeps changing is left to the queue.
const MAX_ROUNDS: u32 = 3;

/// PUTs of one upload under way at the same time.
const PARALLEL_PUTS: usize = 8;

/// The longest key that S3 takes, in bytes.
const MAX_KEY_BYTES: u64 = 1024;

/// Configuration and S3, made once per process.
#[derive(Debug)]
pub struct App {
    /// What to make of which key.
    pub config: Config,
    /// Where everything lies.
    pub store: Store,
}

impl App {
    /// Brings the variants of one object up to date. Never fails: a failure is an outcome.
    pub async fn process(&self, object: ObjectRef) -> Report {
        let mut clock = Stopwatch::start();
        let mut report = Report {
            object,
            outcome: Outcome::Stored,
            source: None,
            variants: Vec::new(),
            rounds: 0,
            times: StageTimes::default(),
        };
        report.outcome = match rules::find(&self.config.rules, &report.object) {
            Err(ignored) => Outcome::Ignored(ignored),
            Ok(rule) => match self.settle(rule, &mut report).await {
                Ok(outcome) => outcome,
                Err(fault) => Outcome::Failed(fault),
            },
        };
        report.times.total_ms = clock.lap_ms();
        report
    }

    /// Rounds until the source is the same after writing as before.
    async fn settle(&self, rule: &Rule, report: &mut Report) -> Result<Outcome, Fault> {
        let targets = rule.targets(&report.object);
        if let Some(outcome) = key_too_long(&targets) {
            return Ok(outcome);
        }
        while report.rounds < MAX_ROUNDS {
            report.rounds += 1;
            let mut clock = Stopwatch::start();
            let fetched = self.store.fetch(&report.object, self.config.max_source_bytes).await?;
            report.times.fetch_ms += clock.lap_ms();
            let (etag, outcome) = match fetched {
                Fetched::OwnMark => return Ok(Outcome::Ignored(rules::Ignored::OwnMark)),
                Fetched::Gone => (None, self.remove(&targets, report).await?),
                Fetched::Object(source) => {
                    let etag = Some(source.etag.clone());
                    (etag, self.replace(rule, &targets, source, report).await?)
                }
            };
            let mut clock = Stopwatch::start();
            let present = self.store.etag(&report.object).await?;
            report.times.verify_ms += clock.lap_ms();
            if present == etag {
                return Ok(outcome);
            }
        }
        let cause = format!("the source changed in each of {MAX_ROUNDS} rounds").into();
        let object = report.object.clone();
        Err(Fault { kind: FaultKind::Integrity, step: Step::Verifying, object, cause })
    }

    /// The source is gone: so is everything that was ever made of it.
    async fn remove(&self, targets: &Targets, report: &mut Report) -> Result<Outcome, Fault> {
        (report.source, report.variants) = (None, Vec::new());
        let mut clock = Stopwatch::start();
        self.store.delete(&targets.bucket, &targets.all_but(&[])).await?;
        report.times.store_ms += clock.lap_ms();
        Ok(Outcome::Deleted)
    }

    /// Renders everything, then writes it; what an earlier source left behind goes.
    async fn replace(
        &self,
        rule: &Rule,
        targets: &Targets,
        source: SourceObject,
        report: &mut Report,
    ) -> Result<Outcome, Fault> {
        (report.source, report.variants) = (None, Vec::new());
        let mark = Mark { recipe: rule.recipe.clone(), source_etag: source.etag.clone() };
        let rendered = match source.content {
            Ok(bytes) => {
                let source_bytes = bytes.len() as u64;
                let rendered = self.render(rule, bytes, report).await?;
                rendered.map(|rendered| (rendered, source_bytes))
            }
            Err(reject) => Err(reject),
        };
        let mut clock = Stopwatch::start();
        let outcome = match rendered {
            Ok((rendered, source_bytes)) => {
                report.source = Some(source_facts(report, &mark, &rendered, source_bytes));
                self.store_variants(rule, targets, rendered, mark, report).await?;
                Outcome::Stored
            }
            Err(reject) => {
                self.store_failure(targets, &reject, mark, report).await?;
                Outcome::Rejected(reject)
            }
        };
        report.times.store_ms += clock.lap_ms();
        Ok(outcome)
    }

    /// The engine, on a thread of its own so that a panic in it is one upload's and no more.
    async fn render(
        &self,
        rule: &Rule,
        source: Vec<u8>,
        report: &mut Report,
    ) -> Result<Result<Rendered, Reject>, Fault> {
        let (specs, limits) = (rule.variants.clone(), self.config.limits);
        let engine = tokio::task::spawn_blocking(move || timed_render(&source, &specs, &limits));
        let (rendered, times) = engine.await.map_err(|panic| {
            let (kind, step) = (FaultKind::Bug, Step::Rendering);
            Fault { kind, step, object: report.object.clone(), cause: panic.into() }
        })?;
        report.times.plan_ms += times.plan_ms;
        report.times.decode_ms += times.decode_ms;
        report.times.resize_ms += times.resize_ms;
        report.times.encode_ms += times.encode_ms;
        Ok(rendered)
    }

    /// Variants in parallel, then the keys that another source or format had, then the manifest.
    async fn store_variants(
        &self,
        rule: &Rule,
        targets: &Targets,
        rendered: Rendered,
        mark: Mark,
        report: &mut Report,
    ) -> Result<(), Fault> {
        let mut puts = Vec::with_capacity(rendered.variants.len());
        for variant in rendered.variants {
            let key = targets.key_of(&variant.name, variant.format);
            report.variants.push(ManifestVariant {
                name: variant.name,
                bucket: targets.bucket.clone(),
                key: key.to_owned(),
                media_type: variant.format.media_type().to_owned(),
                width: variant.size.width(),
                height: variant.size.height(),
                bytes: variant.bytes.len() as u64,
            });
            puts.push(self.store.put(NewObject {
                object: targets.object(key),
                body: variant.bytes,
                content_type: variant.format.media_type(),
                cache_control: rule.output.cache_control.clone(),
                mark: mark.clone(),
            }));
        }
        let mut keep: Vec<&str> = report.variants.iter().map(|v| v.key.as_str()).collect();
        keep.extend(targets.manifest.as_deref());
        let stale = targets.all_but(&keep);
        let puts = stream::iter(puts).buffer_unordered(PARALLEL_PUTS).try_collect::<()>();
        tokio::try_join!(puts, self.store.delete(&targets.bucket, &stale))?;

        if let (Some(key), Some(source)) = (&targets.manifest, &report.source) {
            let (source, recipe) = (source.clone(), rule.recipe.clone());
            let manifest = Manifest { source, recipe, variants: report.variants.clone() };
            self.store.put(json_object(targets.object(key), manifest.to_json(), mark)).await?;
        }
        Ok(())
    }

    /// A failure record in place of all variants.
    async fn store_failure(
        &self,
        targets: &Targets,
        reject: &Reject,
        mark: Mark,
        report: &Report,
    ) -> Result<(), Fault> {
        let record = FailureRecord {
            bucket: report.object.bucket.clone(),
            key: report.object.key.clone(),
            code: reject.code().to_owned(),
            message: reject.to_string(),
            etag: mark.source_etag.clone(),
        };
        let record = json_object(targets.object(&targets.failure), record.to_json(), mark);
        let stale = targets.all_but(&[&targets.failure]);
        tokio::try_join!(self.store.put(record), self.store.delete(&targets.bucket, &stale))?;
        Ok(())
    }
}

fn timed_render(
    source: &[u8],
    specs: &[VariantSpec],
    limits: &Limits,
) -> (Result<Rendered, Reject>, StageTimes) {
    let mut times = StageTimes::default();
    let mut clock = Stopwatch::start();
    let rendered = pipeline::render(source, specs, limits, &mut |stage| {
        *times.of_stage(stage) += clock.lap_ms();
    });
    (rendered, times)
}

fn source_facts(report: &Report, mark: &Mark, rendered: &Rendered, bytes: u64) -> ManifestSource {
    let size = rendered.header.upright_size();
    ManifestSource {
        bucket: report.object.bucket.clone(),
        key: report.object.key.clone(),
        etag: mark.source_etag.clone(),
        bytes,
        format: rendered.header.format.to_string(),
        width: size.width(),
        height: size.height(),
    }
}

fn json_object(object: ObjectRef, body: Vec<u8>, mark: Mark) -> NewObject {
    NewObject { object, body, content_type: "application/json", cache_control: None, mark }
}

/// A key so long that an output's would not be taken can have no variants and no record of it.
fn key_too_long(targets: &Targets) -> Option<Outcome> {
    let longest = targets.all_but(&[]).iter().map(String::len).max().unwrap_or(0) as u64;
    (longest > MAX_KEY_BYTES).then_some(Outcome::Rejected(Reject::TooLarge {
        quantity: Quantity::OutputKeyBytes,
        value: longest,
        limit: MAX_KEY_BYTES,
    }))
}
