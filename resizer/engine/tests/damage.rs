//! Damaged files of every format through the whole pipeline: whatever is wrong with them, they end
//! as variants or as a typed refusal, within the memory that was predicted.
//! `examples/mutate.rs` does the same for as long as it is told to.

use std::collections::BTreeMap;

use fixtures::gain_map::{UltraHdr, heic_of_apple, heic_tone_mapped};
use peak_alloc::PeakAlloc;

use crate::check::check;
use crate::mutation::mutate;
use crate::random::Random;
use crate::requests::request;
use crate::seeds::Seed;

#[path = "damage/check.rs"]
mod check;
#[path = "damage/mutation.rs"]
mod mutation;
#[path = "damage/parts.rs"]
mod parts;
#[path = "../../jpeg/tests/damage/random.rs"]
mod random;
#[path = "damage/requests.rs"]
mod requests;
#[path = "../../jpeg/tests/damage/seeds.rs"]
mod seeds;
#[path = "../../jpeg/tests/damage/mutation.rs"]
mod segments;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const SEED: u64 = 20_260_703;
const MUTATIONS: u64 = 4000;

#[test]
fn mutations_of_the_fixtures_end_as_variants_or_as_a_refusal() {
    let mut seeds = seeds::own(&[]);
    let maps = [UltraHdr::default().file(), heic_tone_mapped(), heic_of_apple(Some(4.0))];
    // Each of them several times, for the other files are many.
    for bytes in maps.iter().cycle().take(12) {
        seeds.push(Seed { name: "a gain map".to_owned(), bytes: bytes.clone() });
    }
    seeds.retain(|seed| (1..16_000).contains(&seed.bytes.len()));
    assert!(seeds.len() > 120, "the fixtures are there");
    let mut outcomes = BTreeMap::new();
    for number in 0..MUTATIONS {
        let mut random = Random::stream(SEED, number);
        let seed = &seeds[random.below(seeds.len())];
        let other = &seeds[random.below(seeds.len())];
        let file = mutate(&seed.bytes, &other.bytes, &mut random);
        println!("mutation {number} of seed {SEED}, of {}", seed.name);
        let verdict = check(&file, &request(&mut random));
        *outcomes.entry(verdict.outcome).or_insert(0) += 1;
    }
    // Otherwise the damage would say little of the depths.
    for outcome in ["variants", "malformed", "too_large", "unsupported", "not_an_image"] {
        let count = outcomes.get(outcome).copied().unwrap_or(0);
        assert!(count > MUTATIONS / 200, "{count} of {MUTATIONS} end as {outcome}");
    }
}
