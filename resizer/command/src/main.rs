//! The command `resizer` checks and imports configurations, renders local files, and makes the
//! variants of uploads that are already in a bucket. It uses the function's own code without
//! Lambda.

mod backfill;
mod check;
mod command_line;
mod configuration;
mod documents;
mod import;
mod output;
mod render;
mod sign;
mod table;

use std::process::ExitCode;

use clap::Parser;

use self::command_line::{Command, CommandLine};

/// Why a command did not begin: it was called in a way that cannot work.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Misuse(String);

/// The exit code of a wrong use, as clap has it too.
const MISUSED: u8 = 2;

fn main() -> ExitCode {
    resizer_engine::silence_caught_panics();
    let done = match CommandLine::parse().command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Render(arguments) => render::run(&arguments),
        Command::Backfill(arguments) => backfill::run(*arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Sign(arguments) => sign::run(&arguments),
        Command::Completions { shell } => {
            documents::completions(shell);
            Ok(ExitCode::SUCCESS)
        }
        Command::Man { folder } => documents::man(folder.as_deref()),
    };
    match done {
        Ok(_) if output::is_incomplete() => ExitCode::FAILURE,
        Ok(code) => code,
        Err(misuse) => {
            output::complain(&format!("error: {misuse}\n"));
            ExitCode::from(MISUSED)
        }
    }
}
