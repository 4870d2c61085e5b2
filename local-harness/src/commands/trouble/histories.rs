//! `histories`: random uploads, replacements and deletions. Their events are duplicated, late and
//! in any order, and some writes of the function take effect after their retries.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures::stream::{self, StreamExt, TryStreamExt};

use super::extent::Extent;
use super::reference::Reference;
use super::trial::{CONFIG, PARALLEL, Trial};
use crate::commands::CommandError;
use crate::harness::HarnessOptions;
use crate::proxy::{FaultKind, FaultPlan};
use crate::stdout::outln;
use lambda_local::queue::Disorder;
use lambda_local::seeded::Sequence;

/// Steps of the longest history.
const MAX_STEPS: u64 = 5;

/// One write in this many is late.
const LATE_ONE_IN: u32 = 40;

/// Runs this many histories, each on a key of its own, and compares the objects at the end.
///
/// # Errors
/// `Check` when a key's results are not those of its last upload.
pub async fn run(mut options: HarnessOptions, extent: Extent) -> Result<(), CommandError> {
    let began = Instant::now();
    let reference = Reference::make(&options).await?;
    options.queue.disorder = Disorder {
        seed: extent.seed,
        duplicate_one_in: 3,
        delay_one_in: 3,
        delay_max: Duration::from_millis(300),
        is_reordered: true,
    };
    let only = Some(FaultKind::Late);
    options.faults = Some(FaultPlan::Random { seed: extent.seed, one_in: LATE_ONE_IN, only });
    let trial = Trial::start(options, CONFIG).await?;
    let histories = (0..extent.count).map(async |number| {
        let last = play(&trial, &reference, number, extent.seed).await?;
        Ok::<_, CommandError>((format!("h{number}"), last))
    });
    let ends: BTreeMap<String, (u64, Option<usize>)> =
        stream::iter(histories).buffer_unordered(PARALLEL).try_collect().await?;
    trial.finish().await?;
    let present: BTreeMap<String, usize> = ends
        .iter()
        .filter_map(|(key, (_, last))| last.map(|picture| (key.clone(), picture)))
        .collect();
    let compared = trial.compare(&reference.expect(&present)).await?;
    let steps: u64 = ends.values().map(|(steps, _)| steps).sum();
    let proxy = trial.harness.proxy.as_ref().expect("faults were asked for");
    let late = proxy.injector.counts().get(&FaultKind::Late).copied().unwrap_or(0);
    outln!("{}", trial.tally);
    outln!(
        "{} histories of {steps} steps, seed {}: {} end with an upload, {} with a deletion; all \
         {compared} objects are those of the last upload of their key; {} late writes; {:.0} s",
        ends.len(),
        extent.seed,
        present.len(),
        ends.len() - present.len(),
        late,
        began.elapsed().as_secs_f64()
    );
    Ok(())
}

/// Runs one history. Returns the number of its steps, and the picture of the last upload unless a
/// deletion follows.
async fn play(
    trial: &Trial,
    reference: &Reference,
    number: u64,
    seed: u64,
) -> Result<(u64, Option<usize>), CommandError> {
    let mut chance = Sequence::new(seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let key = format!("h{number}");
    let steps = 1 + chance.below(MAX_STEPS);
    let mut present = None;
    for _ in 0..steps {
        if present.is_some() && chance.one_in(3) {
            trial.delete(&key).await?;
            present = None;
        } else {
            let picture = chance.below(reference.pictures.0.len() as u64) as usize;
            trial.put(&key, &reference.pictures.0[picture]).await?;
            present = Some(picture);
        }
        // The next step comes at once, while the function works on this one, or later.
        tokio::time::sleep(Duration::from_millis(chance.below(3) * chance.below(30))).await;
    }
    Ok((steps, present))
}
