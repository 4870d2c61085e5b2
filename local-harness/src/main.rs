//! The command line: the commands and their options.

use std::io::stderr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};
use local_harness::bootstrap;
use local_harness::commands::cost::CostArgs;
use local_harness::commands::demo::DemoOptions;
use local_harness::commands::load::arguments::LoadArgs;
use local_harness::commands::replay::ReplayArgs;
use local_harness::commands::simulate::arguments::SimulateArgs;
use local_harness::commands::trouble::{Extent, faults, histories, keys, kills, loops, soak};
use local_harness::commands::tune::TuneArgs;
use local_harness::commands::up;
use local_harness::commands::up::arguments::{Plan, UpArgs};
use local_harness::commands::up::configuration::{Buckets, ConfigSource};
use local_harness::commands::{CommandError, cost, demo, load, model, replay, simulate, tune};
use local_harness::harness::HarnessOptions;
use local_harness::stdout;
use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// The variable that is handed to the function: a secret, which has no place in a command line.
const SIGNING_KEYS: &str = "RESIZER_SIGNING_KEYS";

/// The exit code that shells report for a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;
/// The exit code that shells report for a program whose reader ended first.
const UNREAD: u8 = 141;

/// Runs the shipped Lambda binary on this machine, with an embedded S3, queue and Lambda Runtime
/// API.
#[derive(Parser)]
#[command(version, max_term_width = 100)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Upload pictures, check their variants, and print the outcome of each.
    Demo {
        /// Pictures and folders of your own. Default: a set of good and bad pictures.
        #[arg(value_name = "PICTURE or FOLDER")]
        paths: Vec<PathBuf>,
        #[command(flatten)]
        function: FunctionArgs,
        /// Folder for the results; those of an earlier demo are replaced.
        #[arg(long, default_value = "target/demo")]
        folder: PathBuf,
    },
    /// Serve an S3 endpoint whose uploads become variants, until Ctrl-C.
    Up {
        #[command(flatten)]
        function: FunctionArgs,
        #[command(flatten)]
        up: UpArgs,
    },
    /// Upload many pictures, and measure throughput, latency, memory and cost.
    Load {
        #[command(flatten)]
        function: FunctionArgs,
        #[command(flatten)]
        load: LoadArgs,
    },
    /// Print what a million uploads like those of a load cost.
    Cost {
        #[command(flatten)]
        cost: CostArgs,
    },
    /// Run the same load at several memory sizes, and recommend one.
    Tune {
        #[command(flatten)]
        function: FunctionArgs,
        #[command(flatten)]
        load: LoadArgs,
        #[command(flatten)]
        tune: TuneArgs,
    },
    /// Simulate the same on AWS in virtual time: waits, limits, cost, and what to set.
    Simulate {
        #[command(flatten)]
        simulate: Box<SimulateArgs>,
    },
    /// Invoke the function with recorded events, on the objects that `up` has kept.
    Replay {
        #[command(flatten)]
        function: FunctionArgs,
        #[command(flatten)]
        replay: ReplayArgs,
    },
    /// Model check: every order of uploads, events, requests and crashes of two workers.
    Model {
        /// Crashes in each script, at any request.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=3))]
        crashes: u8,
    },
    /// Stress test: random uploads, replacements and deletions, with events duplicated and late.
    Histories {
        #[command(flatten)]
        function: FunctionArgs,
        /// Histories, each of a key of its own.
        #[arg(long, default_value_t = 20_000)]
        count: u64,
        /// Seed of all random choices.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Stress test: uploads through an S3 with every known kind of fault.
    Faults {
        #[command(flatten)]
        function: FunctionArgs,
        /// Injected faults.
        #[arg(long, default_value_t = 20_000)]
        count: u64,
        /// Seed of all random choices.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Stress test: the function is killed at every request to S3, and at random moments.
    Kills {
        #[command(flatten)]
        function: FunctionArgs,
        /// Killed invocations.
        #[arg(long, default_value_t = 1_000)]
        count: u64,
        /// Seed of all random choices.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Stress test: uploads under random keys of every kind.
    Keys {
        #[command(flatten)]
        function: FunctionArgs,
        /// Keys.
        #[arg(long, default_value_t = 100_000)]
        count: u64,
        /// Seed of all random choices.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Stress test: results in the upload bucket, where each is an event that must be ignored.
    Loops {
        #[command(flatten)]
        function: FunctionArgs,
        /// Uploads.
        #[arg(long, default_value_t = 10_000)]
        count: u64,
        /// Seed of all random choices.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Stress test: many events in one process, whose memory and open files must not grow.
    Soak {
        #[command(flatten)]
        function: FunctionArgs,
        /// Events.
        #[arg(long, default_value_t = 100_000)]
        count: u64,
        /// Seed of all random choices.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
}

#[derive(Args)]
struct FunctionArgs {
    /// The function's binary. Default: the workspace's own, which is built first.
    #[arg(long, value_name = "PATH")]
    bootstrap: Option<PathBuf>,
    /// The function's configuration, a TOML file. Default: the built-in configuration.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Memory of the function in MB. On Lambda, 1,769 MB is one vCPU; see --limit-cpu.
    #[arg(long, default_value_t = 1769, value_name = "MB",
          value_parser = clap::value_parser!(u32).range(128..=10_240))]
    memory: u32,
    /// Give environments only the processor time of their memory, as Lambda does. Needs root or a
    /// control group that this process may change.
    #[arg(long)]
    limit_cpu: bool,
    /// Timeout of one invocation, in seconds.
    #[arg(long, default_value_t = 60, value_name = "SECONDS",
          value_parser = clap::value_parser!(u64).range(1..=900))]
    timeout: u64,
    /// Execution environments at the same time.
    #[arg(long, default_value_t = 2, value_name = "NUMBER",
          value_parser = clap::value_parser!(u8).range(1..=64))]
    concurrency: u8,
    /// Invocations at the same time in each environment; more than 1 as on Lambda Managed
    /// Instances.
    #[arg(long, default_value_t = 1, value_name = "NUMBER",
          value_parser = clap::value_parser!(u8).range(1..=64))]
    environment_concurrency: u8,
}

impl FunctionArgs {
    /// For commands that choose the folder for objects themselves.
    fn in_memory(&self) -> Result<HarnessOptions, CommandError> {
        self.options(PathBuf::new())
    }

    fn config_source(&self) -> ConfigSource {
        ConfigSource {
            path: self.config.clone(),
            memory_size_mb: self.memory,
            signing_keys: std::env::var(SIGNING_KEYS).ok(),
        }
    }

    fn options(&self, data_dir: PathBuf) -> Result<HarnessOptions, CommandError> {
        let bootstrap = match &self.bootstrap {
            Some(path) => path.clone(),
            None => bootstrap::build()?,
        };
        let mut options = HarnessOptions::new(bootstrap, data_dir);
        options.memory_size_mb = self.memory;
        options.limits_cpu = self.limit_cpu;
        options.timeout = Duration::from_secs(self.timeout);
        options.max_concurrency = self.concurrency.into();
        options.environment_concurrency = self.environment_concurrency.into();
        if let Some(config) = &self.config {
            let text = std::fs::read_to_string(config)
                .map_err(|source| CommandError::File { path: config.clone(), source })?;
            options.env.push(("RESIZER_CONFIG".to_owned(), text));
        }
        if let Ok(keys) = std::env::var(SIGNING_KEYS) {
            options.env.push((SIGNING_KEYS.to_owned(), keys));
        }
        Ok(options)
    }
}

impl FunctionArgs {
    /// For a load, whose buckets are those of the configuration.
    fn load_options(&self, load: &LoadArgs) -> Result<HarnessOptions, CommandError> {
        let buckets = Buckets::of(&self.config_source().read()?.config, None);
        let mut options = self.options(load.data_dir.clone())?;
        options.batch_size = load.batch_size;
        options.bucket.clone_from(&buckets.uploads[0]);
        options.other_buckets = buckets.all();
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
            eprintln!("\nStopped: the function's processes have ended.");
            ExitCode::from(INTERRUPTED)
        }
        Err(CommandError::Unread) => ExitCode::from(UNREAD),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints the harness's own warnings to the terminal.
fn report_warnings() {
    let warnings = tracing_subscriber::fmt().with_max_level(Level::WARN).with_writer(stderr);
    // The commands report what the AWS client warns of.
    let own = ["local_harness", "lambda_local", "s3_local"].map(|name| (name, Level::WARN));
    let own = Targets::new().with_targets(own);
    warnings.without_time().with_target(false).finish().with(own).init();
}

/// Runs a command to its end, or until a signal, or until nobody reads what it prints. Dropping
/// it ends the function's processes.
async fn unless_stopped(
    command: impl Future<Output = Result<(), CommandError>>,
) -> Result<(), CommandError> {
    tokio::select! {
        finished = command => finished,
        () = stop_signal() => Err(CommandError::Interrupted),
        () = stdout::closed() => Err(CommandError::Unread),
    }
}

async fn run(command: Command) -> Result<(), CommandError> {
    match command {
        Command::Demo { paths, function, folder } => {
            let checked = function.config_source().read()?;
            let options = function.options(folder.join("s3"))?;
            let demo = DemoOptions { checked, paths, folder };
            unless_stopped(demo::run(options, &demo)).await
        }
        Command::Up { function, up } => {
            let capacity = (function.timeout, function.concurrency.into());
            let plan = Plan::new(up, function.config_source(), capacity)?;
            let options = function.options(plan.args.data_dir.clone())?;
            up::run(plan, options, stop_signal()).await
        }
        Command::Load { function, load } => {
            unless_stopped(load::run(function.load_options(&load)?, load.options()?)).await
        }
        Command::Cost { cost } => cost::run(&cost),
        Command::Tune { function, load, tune } => {
            unless_stopped(tune::run(function.load_options(&load)?, load.options()?, tune)).await
        }
        Command::Simulate { simulate: args } => {
            let options = args.options()?;
            let simulated = tokio::task::spawn_blocking(move || simulate::run(&options));
            unless_stopped(async { simulated.await.unwrap_or(Err(CommandError::Interrupted)) })
                .await
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
        Command::Replay { function, replay } => {
            let options = function.options(replay.data_dir.clone())?;
            unless_stopped(replay::run(options, &replay)).await
        }
    }
}

/// Waits for Ctrl-C or SIGTERM.
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).expect("this process handles signals");
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
