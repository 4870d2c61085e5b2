//! `--dry-run`: what a run would find, make, and cost, found out by listing, by HEADs, and by
//! rendering a few objects. Writes nothing to S3; leaves the size of the work in the state file.

mod estimate;
mod sample;
mod text;

use std::collections::BTreeMap;

use futures::stream::{self, StreamExt};
use resizer::error::Fault;
use resizer::event::ObjectRef;
use resizer::handler::{App, Attempt, Delivery, Inspection, Rehearsal};
use resizer::rules::{Originals, Rule};
use resizer::store::Requests;

use self::estimate::{Estimate, Seen};
use self::sample::Sample;
use super::arguments::{BackfillArguments, PreviewArguments};
use super::counts::Counts;
use super::listing::{Listing, rule_of};
use super::object::{Manner, terms};
use super::prices::RequestCounts;
use super::state::{Expected, StateFile};
use crate::Misuse;

/// Of the samples, so that the same bucket has the same one.
const SEED: u64 = 16;

/// What a dry run found.
#[derive(Debug)]
pub(crate) struct Preview {
    counts: Counts,
    /// By the names of rules.
    rules: BTreeMap<String, Estimate>,
    total: Estimate,
    /// What the dry run sent itself.
    spent: RequestCounts,
    checked: u64,
    rendered: u64,
    /// The first fault of an object.
    problem: Option<String>,
}

impl Preview {
    /// Whether none of the objects that it looked at could be checked or rendered.
    pub(crate) fn has_failed(&self) -> bool {
        self.problem.is_some() && self.checked + self.rendered == 0
    }
}

/// Looks at the uploads as a run would.
///
/// # Errors
/// That of a listing.
pub(crate) async fn preview(app: &App, arguments: &BackfillArguments) -> Result<Preview, Fault> {
    let PreviewArguments { sample, checked, .. } = arguments.preview;
    let capacity = if arguments.only_missing { checked } else { sample };
    let capacity = usize::try_from(capacity).unwrap_or(usize::MAX);
    let config = app.config();
    let mut samples: BTreeMap<String, (&Rule, Sample<ObjectRef>)> = BTreeMap::new();
    let mut counts = Counts::default();
    let mut listing = Listing::new(app.store(), &arguments.target, None);
    while let Some((page, sent)) = listing.next().await? {
        counts.sent += sent;
        for listed in page.objects {
            let bucket = arguments.target.bucket.clone();
            let object = ObjectRef { bucket, key: listed.key };
            let rule = rule_of(config, &object, listed.size_bytes);
            counts.find(rule, listed.size_bytes);
            if let Ok(rule) = rule {
                let new = || (rule, Sample::new(capacity, SEED));
                samples.entry(rule.name.clone()).or_insert_with(new).1.offer(object);
            }
        }
    }
    let mut preview = Preview {
        spent: counts.sent,
        total: Estimate::default(),
        counts,
        rules: BTreeMap::new(),
        checked: 0,
        rendered: 0,
        problem: None,
    };
    for (name, (rule, sample)) in samples {
        let (seen, fault) = look(app, arguments, rule, sample).await;
        preview.problem = preview.problem.or_else(|| fault.map(|fault| fault.to_string()));
        let estimate = Estimate::of(&seen);
        preview.total.add(&estimate);
        preview.rules.insert(name, estimate);
        preview.checked += seen.checks.len() as u64;
        preview.rendered += seen.rehearsals.len() as u64;
        let checks = seen.checks.iter().map(|check| check.requests);
        let renderings = seen.rehearsals.iter().map(|one| one.spent);
        checks.chain(renderings).for_each(|requests| preview.spent += requests.into());
    }
    preview.total.sent += preview.counts.sent;
    // A run reads the ledger at least once, as this did.
    let ledgers = RequestCounts::from(app.ledger_requests());
    preview.spent += ledgers;
    preview.total.sent += ledgers;
    Ok(preview)
}

/// Checks the objects of a sample, and renders some of those that would be made. An object that
/// cannot be looked at is one that the run will fail on; the first fault comes back.
async fn look(
    app: &App,
    arguments: &BackfillArguments,
    rule: &Rule,
    sample: Sample<ObjectRef>,
) -> (Seen, Option<Fault>) {
    let mut seen = Seen { objects: sample.seen(), ..Seen::default() };
    let mut first = None;
    let mut to_make = sample.into_items();
    if arguments.only_missing {
        let mut missing = Vec::new();
        for (object, check) in inspect(app, arguments, rule, to_make).await {
            match check {
                Ok(check) => {
                    if !check.is_current {
                        missing.push(object);
                    }
                    seen.checks.push(check);
                }
                Err(fault) => {
                    seen.failed_checks += 1;
                    first.get_or_insert(fault);
                }
            }
        }
        to_make = missing;
    }
    to_make.truncate(usize::try_from(arguments.preview.sample).unwrap_or(usize::MAX));
    for rehearsal in rehearse(app, arguments, rule, to_make).await {
        match rehearsal {
            Ok(rehearsal) => seen.rehearsals.push(rehearsal),
            Err(fault) => {
                seen.failed_rehearsals += 1;
                first.get_or_insert(fault);
            }
        }
    }
    let copy = u32::from(matches!(rule.originals, Originals::Move { .. }));
    seen.of_retirement = Requests { copy, head: 1, delete: 1, ..Requests::default() };
    (seen, first)
}

async fn inspect(
    app: &App,
    arguments: &BackfillArguments,
    rule: &Rule,
    objects: Vec<ObjectRef>,
) -> Vec<(ObjectRef, Result<Inspection, Fault>)> {
    let manner = Manner::new(app, arguments);
    let checks = objects.into_iter().map(async |object| {
        let delivery = once(object);
        let check = app.inspect(rule, &delivery, &terms(manner)).await;
        (delivery.object, check)
    });
    stream::iter(checks).buffered(usize::from(arguments.parallel)).collect().await
}

/// One thread for each, as a function of one processor has it.
async fn rehearse(
    app: &App,
    arguments: &BackfillArguments,
    rule: &Rule,
    objects: Vec<ObjectRef>,
) -> Vec<Result<Rehearsal, Fault>> {
    let share = app.budget().share(usize::MAX);
    let manner = Manner { share, ..Manner::new(app, arguments) };
    let renderings = objects
        .into_iter()
        .map(async |object| app.rehearse(rule, &once(object), &terms(manner)).await);
    stream::iter(renderings).buffered(app.config().threads.max(1)).collect().await
}

fn once(object: ObjectRef) -> Delivery {
    Delivery { object, attempt: Attempt::Backfill, received: 1 }
}

impl Preview {
    /// Leaves what was found to the run, unless one is under way.
    ///
    /// # Errors
    /// `Misuse` where the file cannot be written.
    pub(crate) fn keep(&self, mut file: StateFile) -> Result<(), Misuse> {
        if file.resumes {
            return Ok(());
        }
        let objects = self.counts.all_taken().objects;
        let dollars = self.total.sent.dollars();
        file.state.expected = Some(Expected { objects, dollars });
        file.write(tokio::time::Instant::now())
    }
}
