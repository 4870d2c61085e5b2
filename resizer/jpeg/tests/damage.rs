//! Damaged files decode or end in a typed error. `examples/mutate.rs` runs the same checks for as
//! long as asked.

use crate::check::check;
use crate::mutation::mutate;
use crate::random::Random;

#[path = "damage/check.rs"]
mod check;
#[path = "damage/mutation.rs"]
mod mutation;
#[path = "damage/random.rs"]
mod random;
#[path = "damage/seeds.rs"]
mod seeds;

const SEED: u64 = 20_260_701;
const MUTATIONS: u64 = 3000;

#[test]
fn mutations_of_the_fixtures() {
    let mut seeds = seeds::own(&[0xff, 0xd8]);
    seeds.retain(|seed| seed.bytes.len() < 16_000);
    assert!(seeds.len() > 50, "the fixtures are there");
    let mut decoded = 0;
    for number in 0..MUTATIONS {
        let mut random = Random::stream(SEED, number);
        let seed = &seeds[random.below(seeds.len())];
        let other = &seeds[random.below(seeds.len())];
        let file = mutate(&seed.bytes, &other.bytes, &mut random);
        println!("mutation {number} of seed {SEED}, of {}", seed.name);
        decoded += u64::from(check(&file, 1 + random.below(100)).is_decoded);
    }
    // Otherwise the damage would say little of the decoder's depths.
    assert!(decoded > MUTATIONS / 20, "{decoded} of {MUTATIONS} decode");
    assert!(decoded < MUTATIONS, "damage is seen");
}
