//! `faults`: uploads through an S3 that fails in every way that the proxy knows.

use std::collections::BTreeMap;
use std::time::Instant;

use super::extent::Extent;
use super::reference::Reference;
use super::trial::{CONFIG, Trial, check};
use crate::commands::CommandError;
use crate::harness::HarnessOptions;
use crate::proxy::{KINDS, Plan};
use crate::seeded::Sequence;

/// One request in so many meets trouble.
const ONE_IN: u32 = 4;

/// Uploads and replaces pictures until so many faults have struck, then lets everything come to an
/// end and compares.
///
/// # Errors
/// `Check` when anything is lost, torn or of another source, or a kind of fault never struck.
pub async fn run(mut options: HarnessOptions, extent: Extent) -> Result<(), CommandError> {
    let began = Instant::now();
    let reference = Reference::make(&options).await?;
    options.trouble = Some(Plan::Random { seed: extent.seed, one_in: ONE_IN, only: None });
    options.max_concurrency = options.max_concurrency.max(4);
    let trial = Trial::start(options, CONFIG).await?;
    let between = trial.harness.proxy.as_ref().expect("trouble was asked for");
    let mut chance = Sequence::new(extent.seed);
    let mut uploads: BTreeMap<String, usize> = BTreeMap::new();
    let struck = || between.proxy.counts().values().sum::<u64>();
    let mut number = 0;
    while struck() < extent.count {
        // One in five takes the place of an earlier one, which may be under way.
        let again = number > 0 && chance.one_in(5);
        let key = format!("k{}", if again { chance.below(number) } else { number });
        number += u64::from(!again);
        let picture = chance.below(reference.pictures.0.len() as u64) as usize;
        trial.put(&key, &reference.pictures.0[picture]).await?;
        uploads.insert(key, picture);
    }
    trial.settle().await?;
    let compared = trial.compare(&reference.expect(&uploads)).await?;
    trial.no_open_uploads().await?;
    let counts = between.proxy.counts();
    for kind in KINDS {
        let count = counts.get(&kind).copied().unwrap_or(0);
        println!("  {:20} {count:7}", kind.to_string());
        if count == 0 && extent.count >= 1000 {
            return Err(check(format!("{kind} never struck")));
        }
    }
    println!("{}", trial.tally);
    println!(
        "{} faults of {} kinds, seed {}, {} uploads under {} keys: {compared} objects, each as a \
         run without faults stores it; {:.0} s",
        counts.values().sum::<u64>(),
        counts.len(),
        extent.seed,
        trial.tally.outcome("stored") + trial.tally.outcome("not_an_image"),
        uploads.len(),
        began.elapsed().as_secs_f64()
    );
    Ok(())
}
