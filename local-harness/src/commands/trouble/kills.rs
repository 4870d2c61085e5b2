//! `kills`: the function's process dies at every request to S3, before and after S3 did what was
//! asked, and at any other moment; its events come back.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::extent::Extent;
use super::reference::Reference;
use super::trial::{CONFIG, Trial, check};
use crate::commands::CommandError;
use crate::harness::HarnessOptions;
use crate::proxy::{Kind, Plan};
use crate::seeded::Sequence;

/// Requests of the longest first delivery of a process: GET, the ledger's GET, two PUTs, DELETE,
/// the manifest's PUT, HEAD.
const REQUESTS: u64 = 7;

/// After how long a process dies at the latest, where no request decides it.
const MAX_WAIT_US: u64 = 30_000;

/// Kills until so many invocations were lost, then compares.
///
/// # Errors
/// `Check` when anything is lost, torn or left open.
pub async fn run(mut options: HarnessOptions, extent: Extent) -> Result<(), CommandError> {
    let began = Instant::now();
    let reference = Reference::make(&options).await?;
    options.trouble = Some(Plan::None);
    // One process, so that it is known who dies.
    (options.max_concurrency, options.batch_size) = (1, 2);
    let trial = Trial::start(options, CONFIG).await?;
    let trouble = &trial.harness.proxy.as_ref().expect("a proxy was asked for").trouble;
    let mut chance = Sequence::new(extent.seed);
    let mut uploads: BTreeMap<String, usize> = BTreeMap::new();
    let mut attempts = 0;
    while trial.tally.lost_invocations() < extent.count {
        attempts += 1;
        if attempts > extent.count * 4 + 100 {
            return Err(check("the processes do not die as they should".to_owned()));
        }
        let at_request = attempts % 3 != 0;
        let kind = if attempts % 2 == 0 { Kind::KillBefore } else { Kind::KillAfter };
        // Twice the requests: the second half strikes the other upload, or the delivery that
        // comes back.
        let requests = vec![attempts / 3 % (2 * REQUESTS)];
        trouble.change(if at_request { Plan::At { kind, requests } } else { Plan::None });
        for key in [format!("k{attempts}"), format!("k{}", chance.below(attempts + 1))] {
            let picture = chance.below(reference.pictures.0.len() as u64) as usize;
            trial.put(&key, &reference.pictures.0[picture]).await?;
            uploads.insert(key, picture);
        }
        if !at_request {
            tokio::time::sleep(Duration::from_micros(chance.below(MAX_WAIT_US))).await;
            trial.function().kill();
        }
        trial.settle().await?;
    }
    let counts = trouble.counts();
    let compared = trial.compare(&reference.expect(&uploads)).await?;
    trial.no_open_uploads().await?;
    println!("{}", trial.tally);
    let count = |kind| counts.get(&kind).copied().unwrap_or(0);
    let lost = trial.tally.lost_invocations();
    let (before, after) = (count(Kind::KillBefore), count(Kind::KillAfter));
    println!(
        "{lost} invocations killed ({before} before a request, {after} after one, {} at any \
         moment), seed {}, {} keys: {compared} objects, each as a run without kills stores it, no \
         multipart upload open; {:.0} s",
        lost.saturating_sub(before + after),
        extent.seed,
        uploads.len(),
        began.elapsed().as_secs_f64()
    );
    Ok(())
}
