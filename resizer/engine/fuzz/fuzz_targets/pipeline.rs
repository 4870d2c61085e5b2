//! Any bytes through the whole pipeline with the limits of production: variants or a typed refusal.
//! What is asked follows from the bytes, so that a file alone tells a case.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use resizer_engine::{Limits, render};

use crate::mutation::mutate;
use crate::random::Random;
use crate::requests::request;

mod fuzzing;
#[path = "../../tests/damage/mutation.rs"]
mod mutation;
#[path = "../../tests/damage/parts.rs"]
mod parts;
#[path = "../../../jpeg/tests/damage/random.rs"]
mod random;
#[path = "../../tests/damage/requests.rs"]
mod requests;
#[path = "../../../jpeg/tests/damage/mutation.rs"]
mod segments;

fuzz_target!(init: fuzzing::forgive_the_decoders(), |file: &[u8]| {
    let sum = file.iter().fold(0_u64, |sum, &byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
    let request = request(&mut Random(sum));
    if let Ok(rendered) = render(file, &request, &Limits::default()) {
        assert_eq!(rendered.variants.len(), request.variants.len());
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    fuzzing::mutated(data, [size, max_size], seed, |file| {
        mutate(file, file, &mut Random::stream(seed.into(), size as u64))
    })
});
