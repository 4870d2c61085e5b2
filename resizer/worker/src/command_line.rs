//! The command line. Everything else is set by environment variables, which docs/worker.md lists.

use clap::{Parser, Subcommand};

/// Makes variants of uploaded images, as the function does on AWS Lambda.
///
/// Without a command it works until SIGTERM or SIGINT. Its settings are environment variables:
/// RESIZER_QUEUE_URL names the SQS queue, and docs/worker.md lists the others.
#[derive(Debug, Parser)]
#[command(version, about)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What it does instead of working.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Asks the worker of this machine whether it is alive; for a container's HEALTHCHECK.
    Health,
}
