//! One upload: fetch, render, store, verify, and round again if the source changed meanwhile.
//! Correct under duplicate, late and reordered events, because whoever writes last has afterwards
//! seen the source that the variants were made of. The event itself only says where to look.

use std::sync::Arc;

use futures::stream::{self, StreamExt, TryStreamExt};
use resizer_engine::error::{Quantity, Reject};
use resizer_engine::limits::Limits;
use resizer_engine::pipeline::{self, Rendered};
use resizer_engine::spec::VariantSpec;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use crate::config::Config;
use crate::error::{Fault, FaultKind, Step};
use crate::event::ObjectRef;
use crate::manifest::{FailureRecord, Manifest, ManifestSource, ManifestVariant};
use crate::metrics::{Outcome, Report, StageTimes, Stopwatch};
use crate::rules::{self, MAX_KEY_BYTES, Rule, Targets};
use crate::store::{Fetched, Mark, NewObject, SourceObject, Store};

/// Rounds before a source that keeps changing is left to the queue.
const MAX_ROUNDS: u32 = 3;

/// PUTs of one upload under way at the same time.
const PARALLEL_PUTS: usize = 8;

/// Configuration and S3, made once per process.
#[derive(Debug)]
pub struct App {
    config: Config,
    store: Store,
    /// The engine's memory is predicted for one picture at a time, and an engine that outlives its
    /// deadline cannot be stopped: the next one waits for it.
    engine: Arc<Semaphore>,
}

impl App {
    /// What to make of which key, and where everything lies.
    pub fn new(config: Config, store: Store) -> Self {
        Self { config, store, engine: Arc::new(Semaphore::new(1)) }
    }

    /// Brings the variants of one object up to date, or stops when it is time. Never fails: a
    /// failure is an outcome.
    pub async fn process(&self, object: ObjectRef, stop_at: Instant) -> Report {
        let mut clock = Stopwatch::start();
        let mut report = Report::new(object);
        report.outcome = match rules::find(&self.config.rules, &report.object) {
            Err(ignored) => Outcome::Ignored(ignored),
            Ok(rule) => match timeout_at(stop_at, self.settle(rule, &mut report)).await {
                Ok(Ok(outcome)) => outcome,
                Ok(Err(fault)) => Outcome::Failed(fault),
                Err(elapsed) => Outcome::Failed(Fault {
                    kind: FaultKind::Deadline,
                    step: report.step,
                    object: report.object.clone(),
                    cause: elapsed.into(),
                }),
            },
        };
        report.times.total_ms = clock.lap_ms();
        report
    }

    /// Rounds until the source is the same after writing as before.
    async fn settle(&self, rule: &Rule, report: &mut Report) -> Result<Outcome, Fault> {
        let targets = rule.targets(&report.object);
        while report.rounds < MAX_ROUNDS {
            report.rounds += 1;
            report.step = Step::Fetching;
            let mut clock = Stopwatch::start();
            let fetched = self.store.fetch(&report.object, self.config.max_source_bytes).await?;
            report.times.fetch_ms += clock.lap_ms();
            let (etag, outcome) = match fetched {
                Fetched::Gone => {
                    self.remove(&targets, report).await?;
                    (None, Outcome::Deleted)
                }
                Fetched::OwnMark { etag } => {
                    self.remove(&targets, report).await?;
                    (Some(etag), Outcome::Ignored(rules::Ignored::OwnMark))
                }
                Fetched::Object(source) => {
                    let etag = Some(source.etag.clone());
                    (etag, self.replace(rule, &targets, source, report).await?)
                }
            };
            report.step = Step::Verifying;
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

    /// There is no upload under this key: nothing that was ever made of one stays.
    async fn remove(&self, targets: &Targets, report: &mut Report) -> Result<(), Fault> {
        (report.source, report.variants) = (None, Vec::new());
        report.step = Step::Deleting;
        let mut clock = Stopwatch::start();
        self.store.delete(&targets.bucket, &targets.all_but(&[])).await?;
        report.times.store_ms += clock.lap_ms();
        Ok(())
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
        let mark = Mark { recipe: rule.recipe.clone(), source_etag: source.etag };
        let rendered = match source.content.and_then(|bytes| fitting_keys(targets, bytes)) {
            Ok(bytes) => {
                report.step = Step::Rendering;
                let source_bytes = bytes.len() as u64;
                let rendered = self.render(rule, bytes, report).await?;
                rendered.map(|rendered| (rendered, source_bytes))
            }
            Err(reject) => Err(reject),
        };
        report.step = Step::Storing;
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
        let turn = Arc::clone(&self.engine).acquire_owned().await;
        let turn = turn.expect("the semaphore is never closed");
        let (specs, limits) = (rule.variants.clone(), self.config.limits);
        let engine = tokio::task::spawn_blocking(move || {
            let rendered = timed_render(&source, &specs, &limits);
            drop((source, turn));
            rendered
        });
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
        let mut stored = Vec::with_capacity(rendered.variants.len());
        let mut puts = Vec::with_capacity(rendered.variants.len());
        for variant in rendered.variants {
            let key = targets.key_of(&variant.name, variant.format);
            stored.push(ManifestVariant {
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
        let mut keep: Vec<&str> = stored.iter().map(|variant| variant.key.as_str()).collect();
        keep.extend(targets.manifest.as_deref());
        let stale = targets.all_but(&keep);
        let puts = stream::iter(puts).buffer_unordered(PARALLEL_PUTS).try_collect::<()>();
        tokio::try_join!(puts, self.store.delete(&targets.bucket, &stale))?;
        report.variants = stored;

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
        let stale = targets.all_but(&[&targets.failure]);
        let put = async {
            // The record's own key may be too long as well; then only the log tells.
            if targets.failure.len() > MAX_KEY_BYTES {
                return Ok(());
            }
            let object = targets.object(&targets.failure);
            self.store.put(json_object(object, record.to_json(), mark)).await
        };
        tokio::try_join!(put, self.store.delete(&targets.bucket, &stale))?;
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

/// The bytes, unless the keys of what they would become are longer than S3 takes.
fn fitting_keys(targets: &Targets, bytes: Vec<u8>) -> Result<Vec<u8>, Reject> {
    let longest = targets.longest_key_bytes();
    if longest <= MAX_KEY_BYTES {
        return Ok(bytes);
    }
    let (value, limit) = (longest as u64, MAX_KEY_BYTES as u64);
    Err(Reject::TooLarge { quantity: Quantity::OutputKeyBytes, value, limit })
}
