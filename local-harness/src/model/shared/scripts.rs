//! What happens around two sources in the report and in tests: scripts that end well, mutants that
//! must be found, and what the protocol is known not to hold.

use super::{Omission, SharedScript};

/// All that must end well. `crashes` workers may die in each but the last.
pub fn scripts(crashes: u8) -> Vec<SharedScript> {
    let script = SharedScript {
        name: "two sources of one key, a deletion",
        uploads: [1, 1],
        deletions: [1, 0],
        duplicates: 0,
        crashes,
        variants: 1,
        has_equal_bytes: false,
        without: None,
    };
    vec![
        script.clone(),
        SharedScript { name: "two sources of two keys, a deletion", variants: 2, ..script.clone() },
        SharedScript {
            name: "two sources of one key, both deleted",
            deletions: [1, 1],
            ..script.clone()
        },
        // A delivery that comes back is one more of the limits below.
        SharedScript {
            name: "two sources, one deleted and back",
            uploads: [2, 1],
            crashes: 0,
            ..script
        },
    ]
}

/// Scripts in which a part of the protocol is left out, each of which must be found.
pub fn mutants() -> Vec<SharedScript> {
    let without = |name, omission| {
        let script = scripts(0).swap_remove(0);
        SharedScript { name, without: Some(omission), ..script }
    };
    vec![
        without("PUTs that ignore the provenance tag", Omission::TagBeforePut),
        without("DELETEs that ignore the provenance tag", Omission::TagBeforeDelete),
        without("writes to shared places without a condition", Omission::ClaimCondition),
    ]
}

/// What the protocol does not hold: a bad state is found in each, and stays known by that. One that
/// is mended belongs among [`scripts`].
pub fn limits() -> Vec<SharedScript> {
    let script = scripts(0).swap_remove(0);
    vec![
        // Two deliveries of one upload decide differently when the place is freed in between: one
        // deletes the record of the other, which deletes the results of the first.
        SharedScript {
            name: "two deliveries of the second source while the first goes",
            duplicates: 1,
            ..script.clone()
        },
        SharedScript {
            name: "the second source is replaced while the first goes",
            uploads: [1, 2],
            ..script.clone()
        },
        // S3 has no condition but the ETag, and that is one of bytes.
        SharedScript {
            name: "results of both sources with one ETag",
            has_equal_bytes: true,
            ..script
        },
    ]
}
