//! The scripts of two sources: those that the model must accept, the mutants that it must reject,
//! and the known limits of the protocol.

use crate::model::script::Omission;

/// What can happen, and how often.
#[derive(Debug, Clone)]
pub struct SharedScript {
    /// Its name in the output.
    pub name: &'static str,
    /// How often each source is uploaded, each time with other bytes.
    pub uploads: [u8; 2],
    /// How often a user deletes each source.
    pub deletions: [u8; 2],
    /// Duplicated events.
    pub duplicates: u8,
    /// Crashes of workers between two requests.
    pub crashes: u8,
    /// How many results share their keys: 1 or 2.
    pub variants: u8,
    /// Whether the results of both sources are the same bytes, so that they have one ETag.
    pub has_equal_bytes: bool,
    /// The part of the protocol that a checker mutant lacks.
    pub without: Option<Omission>,
}

/// The scripts that the model must accept. In all but the last two, `crashes` workers may crash.
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

/// Scripts in which a part of the protocol is left out. The model must reject each.
pub fn mutants() -> Vec<SharedScript> {
    let without = |name, script: &str, omission| {
        let script = scripts(0).into_iter().find(|one| one.name == script);
        let script = script.expect("a script of that name");
        SharedScript { name, without: Some(omission), ..script }
    };
    let deletion = "two sources of one key, a deletion";
    let two_deliveries = "two deliveries of one source while the other goes";
    vec![
        without("the provenance tag before PUTs", deletion, Omission::TagBeforePut),
        without("the provenance tag before DELETEs", deletion, Omission::TagBeforeDelete),
        without("the conditions of writes to shared keys", deletion, Omission::ClaimCondition),
        without("the closing check of shared keys", two_deliveries, Omission::ClosingCheck),
        without(
            "the closing check of stored results",
            "two deliveries, the other goes and is back",
            Omission::ClosingCheckOfStored,
        ),
        without("the second look at a taken key", two_deliveries, Omission::TakenPlace),
    ]
}

/// Known limits of the protocol: each of these scripts has a wrong final state. A limit that is
/// mended belongs among [`scripts`].
pub fn limits() -> Vec<SharedScript> {
    let script = scripts(0).swap_remove(0);
    // The ETag, S3's only condition, depends on the bytes alone.
    let name = "results of both sources with one ETag";
    vec![SharedScript { name, has_equal_bytes: true, ..script }]
}
