//! `loops`: results in the upload bucket, without a prefix. Each of them is an event again, which
//! must be ignored.

use std::time::Instant;

use super::extent::Extent;
use super::reference::Pictures;
use super::trial::{Trial, check};
use crate::commands::CommandError;
use crate::harness::HarnessOptions;
use crate::stdout::outln;

/// The riskiest configuration that is accepted: only the file extension tells results from uploads.
const CONFIG: &str = r#"
[[rule]]
match = "**.jpg"
output.bucket = "{bucket}"
output.key = "{key}.{variant}.{ext}"
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

/// Uploads this many pictures and counts all events and writes that follow.
///
/// # Errors
/// `Check` when there are more or fewer objects than uploads and their variants.
pub async fn run(options: HarnessOptions, extent: Extent) -> Result<(), CommandError> {
    let began = Instant::now();
    let trial = Trial::start(options, CONFIG).await?;
    let pictures = Pictures::new();
    for number in 0..extent.count {
        trial.put(&format!("{number}.jpg"), &pictures.0[(number % 2) as usize]).await?;
    }
    trial.finish().await?;
    let objects = trial.keys("uploads").await?.len() as u64;
    let (stored, ignored) = (trial.tally.outcome("stored"), trial.tally.outcome("ignored_no_rule"));
    let written = u64::from(trial.tally.requests().put - trial.tally.requests().retries);
    outln!("{}", trial.tally);
    let expected = (extent.count, extent.count * VARIANTS);
    if (stored, ignored) != expected || written != expected.1 {
        let problem = format!(
            "{stored} uploads stored, {ignored} results ignored, {written} objects written; not \
             {expected:?}"
        );
        return Err(check(problem));
    }
    if objects != extent.count * (1 + VARIANTS) {
        return Err(check(format!("the bucket has {objects} objects")));
    }
    outln!(
        "{} uploads, {} results in the same bucket, {} events: every result was ignored; {:.0} s",
        extent.count,
        expected.1,
        stored + ignored,
        began.elapsed().as_secs_f64()
    );
    Ok(())
}
