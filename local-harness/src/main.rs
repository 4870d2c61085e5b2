//! The command line: which command, with which options.

use std::io::stderr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use local_harness::bootstrap;
use local_harness::commands::trouble::{Extent, faults, histories, keys, kills, loops, soak};
use local_harness::commands::{CommandError, demo, model, replay, up};
use local_harness::harness::HarnessOptions;
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// What a shell reports of a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

/// Runs the shipped Lambda binary on this machine: embedded S3, queue and Lambda Runtime API.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Upload a set of pictures, good and bad, and show what becomes of each.
    Demo {
        #[command(flatten)]
        function: FunctionArgs,
        /// Where the results are written, in place of an earlier demo's.
        #[arg(long, default_value = "target/demo")]
        folder: PathBuf,
    },
    /// Stay up: an S3 endpoint whose uploads come back as variants. Ctrl-C ends it.
    Up {
        #[command(flatten)]
        function: FunctionArgs,
        /// Where objects are kept; they are still there the next time, queued events are not.
        #[arg(long, default_value = "target/harness")]
        data_dir: PathBuf,
        /// Port of the S3 endpoint on 127.0.0.1.
        #[arg(long, default_value_t = 9000)]
        port: u16,
        /// Port of Lambda's Invoke API on 127.0.0.1.
        #[arg(long, default_value_t = 9001)]
        lambda_port: u16,
        /// The bucket whose uploads are watched.
        #[arg(long, default_value = "uploads")]
        bucket: String,
        /// Another bucket to create, such as the configuration's output bucket. May be repeated.
        #[arg(long = "create-bucket", value_name = "BUCKET")]
        other_buckets: Vec<String>,
    },
    /// Invoke the function with recorded events, against the objects that `up` has kept.
    Replay {
        /// A JSON file with one event, or a folder of them.
        events: PathBuf,
        #[command(flatten)]
        function: FunctionArgs,
        /// Where the objects are.
        #[arg(long, default_value = "target/harness")]
        data_dir: PathBuf,
    },
    /// Check the protocol in every order of uploads, events, workers and deaths.
    Model {
        /// Workers that die in each script, at any request.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=3))]
        crashes: u8,
    },
    /// Uploads, replacements and deletions by chance, with duplicated, late and reordered events.
    Histories {
        #[command(flatten)]
        function: FunctionArgs,
        /// How many.
        #[arg(long, default_value_t = 20_000)]
        count: u64,
        /// Decides everything that is left to chance.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Uploads through an S3 that fails in every way that is known.
    Faults {
        #[command(flatten)]
        function: FunctionArgs,
        /// How many.
        #[arg(long, default_value_t = 20_000)]
        count: u64,
        /// Decides everything that is left to chance.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Kill the function at every request to S3, and at any other moment.
    Kills {
        #[command(flatten)]
        function: FunctionArgs,
        /// How many.
        #[arg(long, default_value_t = 1_000)]
        count: u64,
        /// Decides everything that is left to chance.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Uploads under keys of every kind.
    Keys {
        #[command(flatten)]
        function: FunctionArgs,
        /// How many.
        #[arg(long, default_value_t = 100_000)]
        count: u64,
        /// Decides everything that is left to chance.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Outputs in the bucket of the uploads, each an event again.
    Loops {
        #[command(flatten)]
        function: FunctionArgs,
        /// How many.
        #[arg(long, default_value_t = 10_000)]
        count: u64,
        /// Decides everything that is left to chance.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Event after event in one process.
    Soak {
        #[command(flatten)]
        function: FunctionArgs,
        /// How many.
        #[arg(long, default_value_t = 100_000)]
        count: u64,
        /// Decides everything that is left to chance.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
}

#[derive(Args)]
struct FunctionArgs {
    /// The function's binary. Without it the workspace's own is built first.
    #[arg(long, value_name = "PATH")]
    bootstrap: Option<PathBuf>,
    /// The function's configuration, a TOML file. Without it the built-in default applies.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Memory of the function in MB. Lambda gives one vCPU at 1,769; here it only limits memory.
    #[arg(long, default_value_t = 1769, value_name = "MB",
          value_parser = clap::value_parser!(u32).range(128..=10_240))]
    memory: u32,
    /// Time limit of one invocation in seconds.
    #[arg(long, default_value_t = 60, value_name = "SECONDS",
          value_parser = clap::value_parser!(u64).range(1..=900))]
    timeout: u64,
    /// Execution environments at once.
    #[arg(long, default_value_t = 2, value_name = "NUMBER",
          value_parser = clap::value_parser!(u8).range(1..=64))]
    concurrency: u8,
}

impl FunctionArgs {
    /// For commands that choose a place for objects themselves.
    fn in_memory(&self) -> Result<HarnessOptions, CommandError> {
        self.options(PathBuf::new())
    }

    fn options(&self, data_dir: PathBuf) -> Result<HarnessOptions, CommandError> {
        let bootstrap = match &self.bootstrap {
            Some(path) => path.clone(),
            None => bootstrap::build()?,
        };
        let mut options = HarnessOptions::new(bootstrap, data_dir);
        options.memory_size_mb = self.memory;
        options.timeout = Duration::from_secs(self.timeout);
        options.max_concurrency = self.concurrency.into();
        if let Some(config) = &self.config {
            let text = std::fs::read_to_string(config)
                .map_err(|source| CommandError::File { path: config.clone(), source })?;
            options.env.push(("RESIZER_CONFIG".to_owned(), text));
        }
        Ok(options)
    }
}

fn main() -> ExitCode {
    let command = CommandLine::parse().command;
    report_warnings();
    let runtime = tokio::runtime::Runtime::new().expect("a fresh process can have worker threads");
    match runtime.block_on(run(command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(CommandError::Interrupted) => {
            eprintln!("\nstopped; the function's processes are ended");
            ExitCode::from(INTERRUPTED)
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What the harness itself has to complain about goes to the terminal.
fn report_warnings() {
    let warnings = tracing_subscriber::fmt().with_max_level(Level::WARN).with_writer(stderr);
    // The AWS client warns of what the commands report themselves.
    let own = Targets::new().with_target("local_harness", Level::WARN);
    warnings.without_time().with_target(false).finish().with(own).init();
}

/// Runs to the end, or until a signal; dropping a command ends the function's processes.
async fn unless_stopped(
    command: impl Future<Output = Result<(), CommandError>>,
) -> Result<(), CommandError> {
    tokio::select! {
        finished = command => finished,
        () = stop_signal() => Err(CommandError::Interrupted),
    }
}

async fn run(command: Command) -> Result<(), CommandError> {
    match command {
        Command::Demo { function, folder } => {
            let data_dir = folder.join("s3");
            unless_stopped(demo::run(function.options(data_dir)?, &folder)).await
        }
        Command::Up { function, data_dir, port, lambda_port, bucket, other_buckets } => {
            let mut options = function.options(data_dir)?;
            options.port = port;
            options.other_buckets = vec![format!("{bucket}-variants")];
            options.other_buckets.extend(other_buckets);
            options.bucket = bucket;
            up::run(options, lambda_port, stop_signal()).await
        }
        Command::Model { crashes } => {
            let explored = tokio::task::spawn_blocking(move || model::run(crashes));
            unless_stopped(async { explored.await.unwrap_or(Err(CommandError::Interrupted)) }).await
        }
        Command::Histories { function, count, seed } => {
            unless_stopped(histories::run(function.in_memory()?, Extent { count, seed })).await
        }
        Command::Faults { function, count, seed } => {
            unless_stopped(faults::run(function.in_memory()?, Extent { count, seed })).await
        }
        Command::Kills { function, count, seed } => {
            unless_stopped(kills::run(function.in_memory()?, Extent { count, seed })).await
        }
        Command::Keys { function, count, seed } => {
            unless_stopped(keys::run(function.in_memory()?, Extent { count, seed })).await
        }
        Command::Loops { function, count, seed } => {
            unless_stopped(loops::run(function.in_memory()?, Extent { count, seed })).await
        }
        Command::Soak { function, count, seed } => {
            unless_stopped(soak::run(function.in_memory()?, Extent { count, seed })).await
        }
        Command::Replay { events, function, data_dir } => {
            unless_stopped(replay::run(function.options(data_dir)?, &events)).await
        }
    }
}

/// Ctrl-C, or the terminal or service manager asking to end.
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).expect("this process handles signals");
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
