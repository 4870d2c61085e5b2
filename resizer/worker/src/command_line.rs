//! The command line. Everything else is set by environment variables, which docs/worker.md lists.

use clap::{Parser, Subcommand};

/// Makes variants of uploaded images, as the function does on AWS Lambda.
///
/// Without a command it works until SIGTERM or SIGINT. Its settings are environment variables:
/// RESIZER_QUEUE_URL names the SQS queue, and docs/worker.md lists the others.
#[derive(Debug, Parser)]
#[command(version, about, args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    /// Serves pictures and the webhook over HTTP. RESIZER_HTTP_ADDRESS says where, and the queue is
    /// optional then.
    #[arg(long)]
    pub(crate) http: bool,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// A command to run instead of the worker.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Asks the worker of this machine whether it is alive; for a container's HEALTHCHECK.
    Health,
    /// Tests what a store supports, with temporary objects, and says what is missing.
    Probe {
        /// A bucket that the worker may write to.
        bucket: String,
    },
}
