//! What a delivery would do to an object, found out without a write: whether all is there, and,
//! from a rendering that is thrown away, what it would send to S3.

use crate::closing::Decision;
use crate::error::Fault;
use crate::made::unfit_keys;
use crate::protocol::{Found, UpToDate};
use crate::rules::{Changes, MAX_KEY_BYTES, Rule, Scope};
use crate::store::Requests;

use super::run::Run;
use super::source::Held;
use super::{App, Attempt, Delivery, Terms, Upload};

/// What an up-to-date check shows, and what it took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// Whether a backfill would make nothing.
    pub is_current: bool,
    /// Whether the original would be moved or deleted.
    pub retires: bool,
    /// HEADs of the check.
    pub requests: Requests,
}

/// What a rendering shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rehearsal {
    /// Whether all variants would be stored.
    pub is_stored: bool,
    /// What a first delivery would send.
    pub requests: Requests,
    /// What was sent to find that out.
    pub spent: Requests,
    /// Size of the source.
    pub source_bytes: u64,
    /// Size of all results.
    pub result_bytes: u64,
    /// How long the engine worked, all threads together being one.
    pub engine_ms: f64,
}

impl App {
    /// The up-to-date check of an object that the rule takes.
    ///
    /// # Errors
    /// Any `Fault` of S3.
    pub async fn inspect(
        &self,
        rule: &Rule,
        delivery: &Delivery,
        terms: &Terms,
    ) -> Result<Inspection, Fault> {
        let upload = Upload::inspected(self, rule, delivery, terms);
        let (is_current, retires) = match upload.check().await? {
            UpToDate::No => (false, false),
            UpToDate::Variants { are_quiescent, .. } => {
                (true, are_quiescent && rule.retires_originals())
            }
            UpToDate::Refusal(_) => (true, false),
        };
        Ok(Inspection { is_current, retires, requests: upload.run.store.requests() })
    }

    /// Reads and renders an object that the rule takes, and writes nothing.
    ///
    /// # Errors
    /// Any `Fault` of S3; `Deadline` and `Bug`.
    pub async fn rehearse(
        &self,
        rule: &Rule,
        delivery: &Delivery,
        terms: &Terms,
    ) -> Result<Rehearsal, Fault> {
        let upload = Upload::inspected(self, rule, delivery, terms);
        let rehearsal = upload.rehearse().await?;
        let times = upload.run.meter.times();
        let engine_ms = times.plan_ms + times.decode_ms + times.resize_ms + times.encode_ms;
        Ok(Rehearsal { engine_ms, spent: upload.run.store.requests(), ..rehearsal })
    }
}

impl<'a> Upload<'a> {
    fn inspected(app: &'a App, rule: &'a Rule, delivery: &'a Delivery, terms: &'a Terms) -> Self {
        let run = Run::start(app, terms, &delivery.object);
        Self { run, rule, attempt: Attempt::Backfill, received: delivery.received }
    }

    async fn rehearse(&self) -> Result<Rehearsal, Fault> {
        let scope = self.scope(false).await?;
        // What it is read as, and what is looked at in the end.
        let fixed = Requests { get: 1, head: 1, ..Requests::default() };
        let rehearsal = |requests| Rehearsal { requests, ..Rehearsal::default() };
        let (source, held) = match self.obtain().await? {
            Found::Upload { source, upload } => (source, upload),
            Found::Gone if self.rule.retires_originals() => {
                return Ok(rehearsal(Requests { get: 1, ..Requests::default() }));
            }
            Found::Gone => return Ok(rehearsal(sum(fixed, &scope, &scope.of_nothing(true)))),
            Found::NoUpload(_) => {
                return Ok(rehearsal(sum(fixed, &scope, &scope.of_nothing(false))));
            }
        };
        let Held { content, .. } = held;
        let made = match (content, unfit_keys(&scope.targets)) {
            (Ok(admitted), None) => self.render(admitted).await?,
            (Err(refusal), _) | (_, Some(refusal)) => Err(refusal),
        };
        let source_bytes = source.state.size_bytes;
        let rendering = match made {
            Ok(rendering) => rendering,
            Err(refusal) => {
                let changes = self.changes_of(&refusal, &scope, self.attempt.spares())?;
                let requests = sum(fixed, &scope, &changes);
                return Ok(Rehearsal { requests, source_bytes, ..Rehearsal::default() });
            }
        };
        let variants = &rendering.made.rendered.variants;
        let names: Vec<_> = variants.iter().map(|made| (&*made.name, made.format)).collect();
        let changes = scope.of_variants(&names);
        let mut requests = sum(fixed, &scope, &changes);
        let rests_on = scope.rests_on(Decision::Stored(&changes));
        requests.head += u32::try_from(rests_on.len()).unwrap_or(u32::MAX);
        let result_bytes = variants.iter().map(|made| made.bytes.len() as u64).sum();
        Ok(Rehearsal {
            is_stored: true,
            requests,
            source_bytes,
            result_bytes,
            ..Rehearsal::default()
        })
    }
}

/// With what it takes to carry out the changes where no shared place has anything yet.
fn sum(mut requests: Requests, scope: &Scope, changes: &Changes) -> Requests {
    let puts = || changes.puts.iter().chain(&changes.last_put);
    let shared_puts = puts().filter(|key| !scope.is_exclusive(key)).count();
    let (exclusive, shared): (Vec<_>, Vec<_>) =
        changes.deletes.iter().partition(|place| place.is_exclusive);
    let buckets = exclusive.chunk_by(|one, next| one.bucket == next.bucket).count();
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    requests.put += count(puts().filter(|key| key.len() <= MAX_KEY_BYTES).count());
    requests.head += count(shared_puts + shared.len());
    requests.delete += count(buckets);
    requests
}
