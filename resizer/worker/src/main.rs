//! The program `resizer-worker`: the function's work in a process of its own. It takes events from
//! an SQS queue, and makes of them what the function makes on Lambda.

mod command_line;
mod health;
mod memory;
mod metrics;
mod queue;
mod run;
mod server;
mod settings;
mod shared;
mod status;
mod stop;

use std::process::ExitCode;

use clap::Parser;

use command_line::{Arguments, Command};

fn main() -> ExitCode {
    match Arguments::parse().command {
        None => run::run(),
        Some(Command::Health) => health::check(),
    }
}
