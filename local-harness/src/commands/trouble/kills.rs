//! `kills`: the function's process is killed at every request to S3, before and after S3 carries it
//! out, and at random moments. The queue delivers its events again.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::extent::Extent;
use super::reference::Reference;
use super::trial::{CONFIG, Trial, check};
use crate::commands::CommandError;
use crate::harness::HarnessOptions;
use crate::proxy::{FaultKind, FaultPlan};
use crate::stdout::outln;
use lambda_local::seeded::Sequence;

/// Requests of the longest first delivery of a process: GET, the ledger's GET, two PUTs, DELETE,
/// the manifest's PUT, HEAD.
const REQUESTS: u64 = 7;

/// The longest time before a kill at a random moment.
const MAX_WAIT_US: u64 = 30_000;

/// Kills until this many invocations were lost, then compares.
///
/// # Errors
/// `Check` when an object is missing or corrupt, or a multipart upload is left open.
pub async fn run(mut options: HarnessOptions, extent: Extent) -> Result<(), CommandError> {
    let began = Instant::now();
    let reference = Reference::make(&options).await?;
    options.faults = Some(FaultPlan::None);
    // One process, so that the killed one is known.
    (options.max_concurrency, options.batch_size) = (1, 2);
    let trial = Trial::start(options, CONFIG).await?;
    let injector = &trial.harness.proxy.as_ref().expect("a proxy was asked for").injector;
    let mut chance = Sequence::new(extent.seed);
    let mut uploads: BTreeMap<String, usize> = BTreeMap::new();
    let mut attempts = 0;
    while trial.tally.lost_invocations() < extent.count {
        attempts += 1;
        if attempts > extent.count * 4 + 100 {
            return Err(check("too few invocations were lost".to_owned()));
        }
        let at_request = attempts % 3 != 0;
        let kind = if attempts % 2 == 0 { FaultKind::KillBefore } else { FaultKind::KillAfter };
        // Twice the requests: the second half hits the other upload, or the redelivery.
        let requests = vec![attempts / 3 % (2 * REQUESTS)];
        injector.change(if at_request {
            FaultPlan::At { kind, requests }
        } else {
            FaultPlan::None
        });
        for key in [format!("k{attempts}"), format!("k{}", chance.below(attempts + 1))] {
            let picture = chance.below(reference.pictures.0.len() as u64) as usize;
            trial.put(&key, &reference.pictures.0[picture]).await?;
            uploads.insert(key, picture);
        }
        if !at_request {
            tokio::time::sleep(Duration::from_micros(chance.below(MAX_WAIT_US))).await;
            trial.function().kill();
        }
        trial.finish().await?;
    }
    let counts = injector.counts();
    let compared = trial.compare(&reference.expect(&uploads)).await?;
    trial.no_open_uploads().await?;
    outln!("{}", trial.tally);
    let count = |kind| counts.get(&kind).copied().unwrap_or(0);
    let lost = trial.tally.lost_invocations();
    let (before, after) = (count(FaultKind::KillBefore), count(FaultKind::KillAfter));
    outln!(
        "{lost} invocations killed ({before} before a request, {after} after one, {} at a random \
         moment), seed {}, {} keys: all {compared} objects equal those of a run without kills, no \
         multipart upload is open; {:.0} s",
        lost.saturating_sub(before + after),
        extent.seed,
        uploads.len(),
        began.elapsed().as_secs_f64()
    );
    Ok(())
}
