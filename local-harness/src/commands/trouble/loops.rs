//! `loops`: outputs beside the uploads, in the same bucket and without a prefix, every one of them
//! an event again: the number of executions must not grow.

use std::time::Instant;

use super::extent::Extent;
use super::reference::Pictures;
use super::trial::{Trial, check};
use crate::commands::CommandError;
use crate::harness::HarnessOptions;

/// The worst that is accepted: only the end of the name tells an output from an upload.
const CONFIG: &str = r#"
[[rule]]
match = "**.jpg"
output.bucket = "{bucket}"
output.key = "{key}.{variant}.{format}"
output.failure = "{key}.failed.json"
[[rule.variant]]
name = "a"
width = 16
formats = ["webp"]
[[rule.variant]]
name = "b"
width = 8
formats = ["png"]
"#;

const VARIANTS: u64 = 2;

/// Uploads so many pictures and counts everything that follows.
///
/// # Errors
/// `Check` when there is one variant more or less than each upload's own.
pub async fn run(options: HarnessOptions, extent: Extent) -> Result<(), CommandError> {
    let began = Instant::now();
    let trial = Trial::start(options, CONFIG).await?;
    let pictures = Pictures::new();
    for number in 0..extent.count {
        trial.put(&format!("{number}.jpg"), &pictures.0[(number % 2) as usize]).await?;
    }
    trial.settle().await?;
    let objects = trial.keys("uploads").await?.len() as u64;
    let (stored, ignored) = (trial.tally.outcome("stored"), trial.tally.outcome("ignored_no_rule"));
    let written = u64::from(trial.tally.requests().put - trial.tally.requests().retries);
    println!("{}", trial.tally);
    let expected = (extent.count, extent.count * VARIANTS);
    if (stored, ignored) != expected || written != expected.1 {
        let problem = format!(
            "{stored} stored, {ignored} outputs ignored, {written} written; not {expected:?}"
        );
        return Err(check(problem));
    }
    if objects != extent.count * (1 + VARIANTS) {
        return Err(check(format!("{objects} objects are in the bucket")));
    }
    println!(
        "{} uploads, {} outputs in the same bucket, {} events: depth 0; {:.0} s",
        extent.count,
        expected.1,
        stored + ignored,
        began.elapsed().as_secs_f64()
    );
    Ok(())
}
