//! `keys`: keys of every kind, through S3, its notification, the queue and back into S3.

use std::collections::BTreeSet;
use std::time::Instant;

use futures::stream::{self, StreamExt, TryStreamExt};

use super::extent::Extent;
use super::reference::Pictures;
use super::trial::{PARALLEL, RESULTS, Trial, check};
use crate::commands::CommandError;
use crate::harness::HarnessOptions;
use crate::stdout::outln;
use lambda_local::seeded::Sequence;

const CONFIG: &str = "[[rule]]\n[[rule.variant]]\nname = \"a\"\nwidth = 8\nformats = [\"jpeg\"]\n";

/// S3's longest key.
const MAX_KEY_BYTES: usize = 1024;

/// The pieces that keys are made of. XML can carry all of them; the tests of S3 have keys that it
/// cannot.
const PIECES: [&str; 26] = [
    "a", "Z", "7", "photo", ".jpg", "/", "//", "../", "./", "..", "+", "%", "%2F", "%2e%2e/",
    "%zz", " ", "&amp;", "<b>", "\"", "'", "?x=1#y", "\\", "ü", "e\u{301}", "🌅", "漢字",
];

/// Uploads under this many keys and looks for the variant of each, and for unexpected objects.
///
/// # Errors
/// `Check` when a key has no variant, or an unexpected object exists.
pub async fn run(options: HarnessOptions, extent: Extent) -> Result<(), CommandError> {
    let began = Instant::now();
    let trial = Trial::start(options, CONFIG).await?;
    let mut chance = Sequence::new(extent.seed);
    let mut keys = BTreeSet::new();
    while (keys.len() as u64) < extent.count {
        keys.insert(random_key(&mut chance));
    }
    let picture = &Pictures::new().0[0];
    let uploads = keys.iter().map(|key| trial.put(key, picture));
    stream::iter(uploads).buffer_unordered(PARALLEL).try_collect::<()>().await?;
    trial.finish().await?;

    let mut expected = BTreeSet::new();
    let mut refused = 0_u64;
    for key in &keys {
        let (variant, record) = (format!("variants/{key}/a.jpg"), format!("failures/{key}.json"));
        if variant.len().max(record.len()) <= MAX_KEY_BYTES {
            expected.insert(variant);
        } else {
            refused += 1;
            expected.extend(Some(record).filter(|record| record.len() <= MAX_KEY_BYTES));
        }
    }
    let found: BTreeSet<String> = trial.keys(RESULTS).await?.into_iter().collect();
    if let Some(key) = expected.symmetric_difference(&found).next() {
        let side = if found.contains(key) { "is unexpected" } else { "is missing" };
        return Err(check(format!("{key:?} {side}")));
    }
    outln!("{}", trial.tally);
    outln!(
        "{} keys, seed {}: each has its variant or its failure record ({refused} too long for a \
         variant); no object outside of variants/ and failures/; {:.0} s",
        keys.len(),
        extent.seed,
        began.elapsed().as_secs_f64()
    );
    Ok(())
}

/// A random key; one in twenty is about as long as S3 allows.
fn random_key(chance: &mut Sequence) -> String {
    let mut key = String::new();
    let is_long = chance.one_in(20);
    let pieces = if is_long { u64::MAX } else { 1 + chance.below(12) };
    for _ in 0..pieces {
        let piece = PIECES[chance.below(PIECES.len() as u64) as usize];
        if key.len() + piece.len() > MAX_KEY_BYTES {
            break;
        }
        key.push_str(piece);
    }
    // The number keeps short keys distinct.
    let number = format!("{:x}", chance.below(1 << 32));
    if key.len() + number.len() <= MAX_KEY_BYTES { key + &number } else { key }
}
