//! Against libjpeg-turbo 3.1 on real files, good and bad: who accepts what, and the same samples.
//! `cargo test --release -p resizer-jpeg --features turbojpeg --test turbojpeg -- --ignored --nocapture`

#[path = "turbojpeg/comparison.rs"]
mod comparison;
#[path = "turbojpeg/expected.rs"]
mod expected;
#[path = "turbojpeg/files.rs"]
mod files;
#[expect(dead_code, reason = "the benches and the example use the rest")]
#[path = "turbojpeg/library.rs"]
mod library;
#[path = "turbojpeg/ours.rs"]
mod ours;
#[path = "shared/pixels.rs"]
mod pixels;
#[path = "turbojpeg/spectrum.rs"]
mod spectrum;

use comparison::{Comparison, compare};
use files::jpegs;

/// JPEG files among the photographs and in the corpus.
const PHOTOGRAPHS: usize = 9;
const CORPUS: usize = 357;

#[test]
#[ignore = "needs RESIZER_PHOTOS"]
fn photographs_have_the_same_planes() {
    let files = jpegs(&fixtures::outside::photos());
    assert_eq!(files.len(), PHOTOGRAPHS);
    let comparisons: Vec<Comparison> = files.iter().map(|file| compare(file)).collect();
    check(&comparisons);
    for comparison in comparisons {
        assert!(comparison.is_same(), "{comparison}");
    }
}

#[test]
#[ignore = "needs RESIZER_CORPUS"]
fn corpus_is_judged_alike() {
    let files = jpegs(&fixtures::outside::corpus());
    assert_eq!(files.len(), CORPUS);
    let comparisons: Vec<Comparison> = files.iter().map(|file| compare(file)).collect();
    check(&comparisons);
    assert_eq!(expected::stale(&comparisons), [""; 0], "listed, but they do not differ");
}

/// Prints what is not the same, and fails where nobody expected that.
fn check(comparisons: &[Comparison]) {
    let mut surprises = 0;
    for comparison in comparisons.iter().filter(|comparison| !comparison.is_same()) {
        match expected::reason(comparison) {
            Some(reason) => println!("  {comparison}\n      {reason}"),
            None => {
                surprises += 1;
                println!("! {comparison}");
            }
        }
    }
    let same = comparisons.iter().filter(|comparison| comparison.is_same()).count();
    let of = comparisons.len();
    println!("{same} of {of} the same, {} as expected, {surprises} not", of - same - surprises);
    assert_eq!(surprises, 0, "see the lines with an exclamation mark");
}
