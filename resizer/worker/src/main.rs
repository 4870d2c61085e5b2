//! The program `resizer-worker`: the function's work in a process of its own. It takes events from
//! an SQS queue or by HTTP, and processes them as the function does on Lambda.

mod command_line;
mod health;
mod memory;
mod memory_pool;
mod metrics;
mod probe;
mod public;
mod queue;
mod retry;
mod run;
mod server;
mod settings;
mod shared;
mod status;
mod stop;
mod webhook;

use std::process::ExitCode;

use clap::Parser;

use command_line::{Arguments, Command};

fn main() -> ExitCode {
    let Arguments { http, command } = Arguments::parse();
    match command {
        None => run::run(http),
        Some(Command::Health) => health::check(),
        Some(Command::Probe { bucket }) => probe::run(&bucket),
    }
}
