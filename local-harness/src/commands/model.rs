//! `model`: every order in which uploads, a deletion, duplicates, two workers and their deaths can
//! meet, and twins of the protocol that lack a part and must be found out.

use std::time::Instant;

use super::CommandError;
use crate::model::explore::explore;
use crate::model::{Kind, Omission, Script};

/// All scripts; the smaller ones first. `crashes` workers may die in each.
pub fn scripts(crashes: u8) -> Vec<Script> {
    let script = Script {
        name: "",
        uploads: vec![(Kind::Jpeg, 1), (Kind::Png, 1)],
        deletions: 0,
        duplicates: 1,
        crashes,
        retires: false,
        without: None,
    };
    let with = |kind| vec![(Kind::Jpeg, 1), (kind, 1)];
    vec![
        Script { name: "two formats, a deletion", deletions: 1, ..script.clone() },
        Script {
            name: "one that is no picture, a deletion",
            uploads: with(Kind::Bad),
            deletions: 1,
            ..script.clone()
        },
        Script {
            name: "a copied result, a deletion",
            uploads: with(Kind::OwnResult),
            deletions: 1,
            ..script.clone()
        },
        Script {
            name: "the same bytes again",
            uploads: vec![(Kind::Jpeg, 2), (Kind::Png, 1)],
            duplicates: 0,
            ..script.clone()
        },
        Script { name: "originals that are moved", retires: true, ..script },
    ]
}

/// Twins that lack a part of the protocol.
pub fn twins() -> Vec<Script> {
    let [two_formats, .., moved] = &scripts(0)[..] else { return Vec::new() };
    vec![
        Script {
            name: "no HEAD after writing",
            without: Some(Omission::Verify),
            ..two_formats.clone()
        },
        Script {
            name: "no wait before originals go",
            without: Some(Omission::Wait),
            ..moved.clone()
        },
    ]
}

/// Explores all scripts, then the twins.
///
/// # Errors
/// `Model` with the trace to a state that must not be, or when a twin is not found out.
pub fn run(crashes: u8) -> Result<(), CommandError> {
    println!("two workers, one more event than was sent, {crashes} deaths at any request");
    let failed = |problem: String| CommandError::Check { what: "the model".to_owned(), problem };
    for script in scripts(crashes) {
        let began = Instant::now();
        let explored =
            explore(&script).map_err(|example| failed(format!("{}:\n{example}", script.name)))?;
        println!(
            "{:36} {:9} states {:10} transitions {:6} quiet, all good   {:.1} s",
            script.name,
            explored.states,
            explored.transitions,
            explored.quiet,
            began.elapsed().as_secs_f64()
        );
    }
    for twin in twins() {
        match explore(&twin) {
            Err(example) => println!("\nthe twin with {} is found out:\n{example}", twin.name),
            Ok(_) => return Err(failed(format!("the twin with {} is not found out", twin.name))),
        }
    }
    Ok(())
}
