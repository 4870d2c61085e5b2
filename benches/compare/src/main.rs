//! `cargo compare` measures the engine and its rivals on the same pictures, the same core, and the
//! same work, and writes one report. `cargo compare --help` lists the options; benches/README.md has
//! the method.

mod avif;
mod equal;
mod floor;
mod goals;
mod image_crate;
mod inputs;
mod install;
mod jobs;
mod machine;
mod measure;
mod options;
mod ours;
mod peers;
mod picture;
mod plot;
mod png;
mod protocol;
mod reference;
mod report;
mod resizing;
mod rival;
mod roster;
mod score;
mod segments;
mod statistics;
mod tools;
mod worker;

use std::fs;
use std::process::ExitCode;

use clap::Parser;

use crate::inputs::Inputs;
use crate::install::Installed;
use crate::machine::Machine;
use crate::options::{Command, Options};
use crate::report::Report;
use crate::score::Scorer;

/// An error message ends a run or a job.
type Outcome<T> = Result<T, String>;

fn main() -> ExitCode {
    let options = Options::parse();
    let outcome = match &options.command {
        Some(Command::Worker { rival, mode }) if rival == "ours" => ours::work(mode),
        Some(Command::Worker { rival, mode }) if rival == "resizing" => resizing::work(mode),
        Some(Command::Worker { .. }) => image_crate::work(),
        None if options.peers => peers::compare(&options),
        None if options.avif => avif::compare(&options),
        None if options.png => png::compare(&options),
        None if options.resizing => resizing::compare(&options),
        None => compare(&options),
    };
    if let Err(error) = outcome {
        eprintln!("compare: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

fn compare(options: &Options) -> Outcome<()> {
    tools::need("pinning a process to a core", &tools::PINNING)?;
    let folder = install::folder()?;
    let machine = Machine::read(options.core()?);
    let rivals = roster::wanted(options.rivals.as_deref())?;
    let jobs = jobs::wanted(options.jobs.as_deref())?;
    let installed = Installed::new(&folder, &rivals);
    let inputs = Inputs::new(&folder, options, &installed)?;

    let mut scorer = Scorer::new(installed.floor());
    let mut results = Vec::new();
    for job in jobs {
        let input = inputs.of(job.source);
        let measured = measure::run(job, input, &installed, &machine, options.rounds, &folder);
        results.push(scorer.score(job, input, measured)?);
    }
    let equal = equal::compare(&results, &inputs, installed.floor(), &folder);
    let goals = goals::check(&results, &equal);

    let report =
        Report { machine, inputs, installed, results, equal, goals, rounds: options.rounds };
    let out = options.out()?;
    fs::create_dir_all(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    report.write(&out)
}
