//! Files that are made to hurt, each in a process of its own: all of them end as variants or as a
//! typed refusal, and the whole process takes no more memory than was predicted.
//! `examples/hostile.rs` does the same for as long as it is told to, and holds the time as well.
//!
//! The program starts itself for each file, and so has a `main` of its own. It understands what
//! `cargo test` passes on: a filter, `--list`, `--ignored` and `--include-ignored`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use fixtures::hostile::{Hostile, all, seeded};

use crate::measure::{REQUESTS, is_child, measure};

#[path = "hostile/measure.rs"]
mod measure;

const SEED: u64 = 20_261_129;
const BY_CHANCE: u64 = 40;

/// What a test finds wrong.
type Faults = Vec<String>;

/// Its name, what it needs from outside, and what it does.
type Test = (&'static str, Option<&'static str>, fn() -> Faults);

const TESTS: [Test; 2] = [
    ("hostile_files_take_no_more_than_was_predicted", None, made_here),
    ("hostile_cases_take_no_more_than_was_predicted", Some("needs RESIZER_CASES"), cases),
];

fn main() -> ExitCode {
    if is_child() {
        return ExitCode::SUCCESS;
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let filter = arguments.iter().find(|argument| !argument.starts_with('-'));
    let chosen = TESTS.iter().filter(|(name, ..)| filter.is_none_or(|part| name.contains(part)));
    let mut failed = 0;
    for (name, need, test) in chosen {
        if has("--list") {
            println!("{name}: test");
            continue;
        }
        match need {
            Some(need) if !has("--ignored") && !has("--include-ignored") => {
                println!("test {name} ... ignored, {need}");
                continue;
            }
            None if has("--ignored") => continue,
            _ => {}
        }
        let faults = test();
        println!("test {name} ... {}", if faults.is_empty() { "ok" } else { "FAILED" });
        faults.iter().for_each(|fault| println!("    {fault}"));
        failed += usize::from(!faults.is_empty());
    }
    ExitCode::from(if failed > 0 { 101 } else { 0 })
}

/// One file of each kind, and some by chance.
fn made_here() -> Faults {
    let kinds = all();
    assert!(kinds.len() >= 24, "{} kinds", kinds.len());
    let by_chance = (0..BY_CHANCE).map(|number| seeded(SEED, number));
    let place = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = place.join(format!("hostile-{}", std::process::id()));
    let faults = kinds.into_iter().chain(by_chance).flat_map(|Hostile { name, bytes }| {
        std::fs::write(&path, &bytes).expect("the folder is there");
        faults_of(&name, &path)
    });
    let faults = faults.collect();
    std::fs::remove_file(&path).expect("it was written");
    faults
}

/// Files that were made by others, from a folder of cases.
fn cases() -> Faults {
    let folder = std::env::var_os("RESIZER_CASES").expect("RESIZER_CASES names a folder");
    let entries = std::fs::read_dir(PathBuf::from(folder).join("hostile")).expect("it is there");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("it can be read").path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "there are cases");
    paths.iter().flat_map(|path| faults_of(&path.to_string_lossy(), path)).collect()
}

fn faults_of(name: &str, path: &Path) -> Faults {
    let of = |request: &str| match measure(path, request) {
        Err(end) => Some(format!("{name}, {request}: {end}")),
        Ok(measured) => {
            println!("{name}, {request}: {} after {:?}", measured.outcome, measured.time);
            measured.memory_fault().map(|fault| format!("{name}, {request}: {fault}, {measured:?}"))
        }
    };
    REQUESTS.into_iter().filter_map(of).collect()
}
