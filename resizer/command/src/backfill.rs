//! `resizer backfill`: a bucket and a prefix in; the results of all uploads there, made by the
//! function's own code in this process. Lists, filters by rule, and goes on after a kill.

mod arguments;
mod batch_operations;
mod connection;
mod counts;
mod failures;
mod interrupt;
mod listing;
mod object;
mod pace;
mod preview;
mod prices;
mod progress;
mod prune;
mod state;
mod summary;
mod work;

use std::process::ExitCode;

use resizer::handler::App;
use tokio::task::LocalSet;

pub(crate) use self::arguments::BackfillArguments;
use self::arguments::JobArguments;
use self::connection::connect;
use self::interrupt::interrupts;
use self::preview::preview;
use self::prune::Prune;
use self::state::{Mode, StateFile, default_path};
use self::work::Work;
use crate::Misuse;
use crate::output::{complain, print};

/// Runs the command.
///
/// # Errors
/// `Misuse` where the configuration, the credentials or a file cannot be used.
pub(crate) fn run(mut arguments: BackfillArguments) -> Result<ExitCode, Misuse> {
    let config = match connection::config(&arguments)? {
        Ok(config) => config,
        Err(error) => {
            complain(&format!("{error}\n"));
            return Err(Misuse("the configuration cannot be used".to_owned()));
        }
    };
    connection::check_bucket(&config, &arguments.target.bucket)?;
    if connection::is_built_in(&arguments) {
        complain(
            "warning: these are the built-in rules, which replace what other rules made; give \
             --config with the configuration of the deployed function\n",
        );
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a process that just started can have a timer and an IO driver");
    LocalSet::new().block_on(&runtime, async {
        let app = connect(config, &mut arguments.connection).await?;
        let arguments = &arguments;
        match arguments {
            BackfillArguments { job: JobArguments { batch_operations: Some(_), .. }, .. } => {
                batch_operations::write(&app, arguments).await
            }
            BackfillArguments { prune: true, .. } => prune(app, arguments).await,
            BackfillArguments { dry_run: true, .. } => look(app, arguments).await,
            _ => fill(app, arguments).await,
        }
    })
}

async fn look(app: App, arguments: &BackfillArguments) -> Result<ExitCode, Misuse> {
    let app = app.read_only();
    let file = state_file(&app, arguments);
    if let Err(misuse) = &file {
        complain(&format!("warning: the estimate is not kept for a run: {misuse}\n"));
    }
    match preview(&app, arguments).await {
        Ok(found) => {
            print(&found.text(app.config().threads));
            file.map_or(Ok(()), |file| found.keep(file))?;
            Ok(if found.has_failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
        }
        Err(fault) => {
            complain(&format!("error: {fault}\n"));
            Ok(ExitCode::FAILURE)
        }
    }
}

async fn fill(app: App, arguments: &BackfillArguments) -> Result<ExitCode, Misuse> {
    let file = state_file(&app, arguments)?;
    tell_resumption(&file);
    let mut work = Work::new(app, arguments, file);
    let end = work.run(interrupts()).await?;
    Ok(work.conclude(&end))
}

async fn prune(app: App, arguments: &BackfillArguments) -> Result<ExitCode, Misuse> {
    // Pruning must not add this configuration to the ledger.
    let app = app.read_only();
    let file = state_file(&app, arguments)?;
    if file.resumes && arguments.dry_run {
        let problem = "is of a prune under way; give the same command without --dry-run to finish \
                       that, or name another file with --state";
        return Err(Misuse(format!("{} {problem}", file.shown())));
    }
    tell_resumption(&file);
    let prune = Prune::new(app, arguments, file, interrupts());
    let end = prune.run().await?;
    Ok(prune.conclude(&end))
}

fn tell_resumption(file: &StateFile) {
    if file.resumes {
        complain(&format!("Going on from {}.\n", file.shown()));
    }
}

fn state_file(app: &App, arguments: &BackfillArguments) -> Result<StateFile, Misuse> {
    let mode = match arguments {
        BackfillArguments { prune: true, .. } => Mode::Prune,
        BackfillArguments { only_missing: true, .. } => Mode::Missing,
        _ => Mode::All,
    };
    let plan = connection::plan(app.config(), arguments, mode);
    let path = arguments.state.clone().unwrap_or_else(|| default_path(&arguments.target));
    StateFile::open(path, plan, arguments.restart)
}
