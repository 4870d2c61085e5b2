//! What happens around two sources in the report and in tests: scripts that end well, mutants that
//! must be found, and what the protocol is known not to hold.

use crate::model::script::Omission;

/// What may happen, and how often.
#[derive(Debug, Clone)]
pub struct SharedScript {
    /// For the report.
    pub name: &'static str,
    /// How often each source is uploaded, each time with other bytes.
    pub uploads: [u8; 2],
    /// How often each source is deleted by a person.
    pub deletions: [u8; 2],
    /// Events that arrive once more than they were sent.
    pub duplicates: u8,
    /// Workers that die between two requests.
    pub crashes: u8,
    /// How many results share their keys: 1 or 2.
    pub variants: u8,
    /// Whether the results of both sources are the same bytes, so that they have one ETag.
    pub has_equal_bytes: bool,
    /// What is left out on purpose, to see that it is missed.
    pub without: Option<Omission>,
}

/// All that must end well. `crashes` workers may die in each but the last two.
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
        SharedScript {
            name: "two sources, one deleted and back",
            uploads: [2, 1],
            ..script.clone()
        },
        SharedScript {
            name: "two deliveries of one source while the other goes",
            duplicates: 1,
            ..script.clone()
        },
        SharedScript {
            name: "one source is replaced while the other goes",
            uploads: [1, 2],
            ..script.clone()
        },
        SharedScript {
            name: "two deliveries, the other goes and is back",
            uploads: [2, 1],
            duplicates: 1,
            crashes: 0,
            ..script.clone()
        },
        SharedScript {
            name: "two deliveries of two keys, the other goes",
            duplicates: 1,
            variants: 2,
            crashes: 0,
            ..script
        },
    ]
}

/// Scripts in which a part of the protocol is left out, each of which must be found.
pub fn mutants() -> Vec<SharedScript> {
    let without = |name, script: &str, omission| {
        let script = scripts(0).into_iter().find(|one| one.name == script);
        let script = script.expect("a script of that name");
        SharedScript { name, without: Some(omission), ..script }
    };
    let deletion = "two sources of one key, a deletion";
    let two_deliveries = "two deliveries of one source while the other goes";
    vec![
        without("PUTs that ignore the provenance tag", deletion, Omission::TagBeforePut),
        without("DELETEs that ignore the provenance tag", deletion, Omission::TagBeforeDelete),
        without("writes to shared places without a condition", deletion, Omission::ClaimCondition),
        without("no closing check of shared places", two_deliveries, Omission::ClosingCheck),
        without(
            "no closing check of results that were stored",
            "two deliveries, the other goes and is back",
            Omission::ClosingCheckOfStored,
        ),
        without(
            "refusals that do not look at the place again",
            two_deliveries,
            Omission::TakenPlace,
        ),
    ]
}

/// What the protocol does not hold: a bad state is found in each, and stays known by that. One that
/// is mended belongs among [`scripts`].
pub fn limits() -> Vec<SharedScript> {
    let script = scripts(0).swap_remove(0);
    // S3 has no condition but the ETag, and that is one of bytes.
    let name = "results of both sources with one ETag";
    vec![SharedScript { name, has_equal_bytes: true, ..script }]
}
