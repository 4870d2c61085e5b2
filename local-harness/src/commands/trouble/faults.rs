//! `faults`: uploads through an S3 that fails in every way that the proxy can inject.

use std::collections::BTreeMap;
use std::time::Instant;

use super::extent::Extent;
use super::reference::Reference;
use super::trial::{CONFIG, Trial, check};
use crate::commands::CommandError;
use crate::harness::HarnessOptions;
use crate::proxy::{FAULT_KINDS, FaultPlan};
use crate::stdout::outln;
use lambda_local::seeded::Sequence;

/// One request in this many meets a fault.
const ONE_IN: u32 = 4;

/// Uploads and replaces pictures until this many faults were injected, waits until every event is
/// done, and compares.
///
/// # Errors
/// `Check` when an object is missing, corrupt or of another source, or a kind of fault was never
/// injected.
pub async fn run(mut options: HarnessOptions, extent: Extent) -> Result<(), CommandError> {
    let began = Instant::now();
    let reference = Reference::make(&options).await?;
    options.faults = Some(FaultPlan::Random { seed: extent.seed, one_in: ONE_IN, only: None });
    options.max_concurrency = options.max_concurrency.max(4);
    let trial = Trial::start(options, CONFIG).await?;
    let proxy = trial.harness.proxy.as_ref().expect("faults were asked for");
    let mut chance = Sequence::new(extent.seed);
    let mut uploads: BTreeMap<String, usize> = BTreeMap::new();
    let injected = || proxy.injector.counts().values().sum::<u64>();
    let mut number = 0;
    while injected() < extent.count {
        // One in five replaces an earlier one, which may still be in work.
        let again = number > 0 && chance.one_in(5);
        let key = format!("k{}", if again { chance.below(number) } else { number });
        number += u64::from(!again);
        let picture = chance.below(reference.pictures.0.len() as u64) as usize;
        trial.put(&key, &reference.pictures.0[picture]).await?;
        uploads.insert(key, picture);
    }
    trial.finish().await?;
    let compared = trial.compare(&reference.expect(&uploads)).await?;
    trial.no_open_uploads().await?;
    let counts = proxy.injector.counts();
    for kind in FAULT_KINDS {
        let count = counts.get(&kind).copied().unwrap_or(0);
        outln!("  {:20} {count:7}", kind.to_string());
        if count == 0 && extent.count >= 1000 {
            return Err(check(format!("{kind} was never injected")));
        }
    }
    outln!("{}", trial.tally);
    outln!(
        "{} faults of {} kinds, seed {}, {} uploads under {} keys: all {compared} objects equal \
         those of a run without faults; {:.0} s",
        counts.values().sum::<u64>(),
        counts.len(),
        extent.seed,
        trial.tally.outcome("stored") + trial.tally.outcome("not_an_image"),
        uploads.len(),
        began.elapsed().as_secs_f64()
    );
    Ok(())
}
