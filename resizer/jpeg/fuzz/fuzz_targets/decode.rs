//! Any bytes: the checks of tests/damage.rs. Half of the inputs come out of the same mutations that
//! know segments.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

use crate::check::check;
use crate::mutation::mutate;
use crate::random::Random;

#[path = "../../tests/damage/check.rs"]
mod check;
#[path = "../../tests/damage/mutation.rs"]
mod mutation;
#[path = "../../tests/damage/random.rs"]
mod random;

fuzz_target!(|file: &[u8]| {
    // The length of the pieces follows from the bytes, so that a file alone tells a case.
    let piece = 1 + file.iter().fold(0_usize, |sum, &byte| sum + usize::from(byte)) % 97;
    check(file, piece);
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    if seed % 2 == 0 || size == 0 {
        return fuzzer_mutate(data, size, max_size);
    }
    let mut random = Random::stream(seed.into(), size as u64);
    let file = mutate(&data[..size], &data[..size], &mut random);
    let size = file.len().min(max_size);
    data[..size].copy_from_slice(&file[..size]);
    size
});
