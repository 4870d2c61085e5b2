//! `resizer backfill`: a bucket and a prefix in; the results of all uploads there, made by the
//! function's own code in this process. Lists, filters by rule, and goes on after a kill.

mod arguments;
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
mod state;
mod summary;
mod work;

use std::process::ExitCode;

use resizer::handler::App;
use tokio::task::LocalSet;

pub(crate) use self::arguments::BackfillArguments;
use self::connection::connect;
use self::interrupt::interrupts;
use self::preview::preview;
use self::state::{Mode, StateFile, default_path};
use self::work::Work;
use crate::Misuse;
use crate::output::{complain, print};

/// Runs the command.
///
/// # Errors
/// `Misuse` where the configuration, the credentials or a file cannot be used.
pub(crate) fn run(arguments: &BackfillArguments) -> Result<ExitCode, Misuse> {
    let config = match connection::config(arguments)? {
        Ok(config) => config,
        Err(error) => {
            complain(&format!("{error}\n"));
            return Err(Misuse("the configuration cannot be used".to_owned()));
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a process that just started can have a timer and an IO driver");
    LocalSet::new().block_on(&runtime, async {
        let app = connect(config, arguments).await?;
        if arguments.dry_run { look(app, arguments).await } else { fill(app, arguments).await }
    })
}

async fn look(app: App, arguments: &BackfillArguments) -> Result<ExitCode, Misuse> {
    let app = app.read_only();
    match preview(&app, arguments).await {
        Ok(found) => {
            found.keep(state_file(&app, arguments))?;
            print(&found.text(app.config().threads));
            Ok(ExitCode::SUCCESS)
        }
        Err(fault) => {
            complain(&format!("error: {fault}\n"));
            Ok(ExitCode::FAILURE)
        }
    }
}

async fn fill(app: App, arguments: &BackfillArguments) -> Result<ExitCode, Misuse> {
    let file = state_file(&app, arguments)?;
    if file.resumes {
        complain(&format!("Going on from {}.\n", file.shown()));
    }
    let mut work = Work::new(app, arguments, file);
    let end = work.run(interrupts()).await?;
    Ok(work.conclude(&end))
}

fn state_file(app: &App, arguments: &BackfillArguments) -> Result<StateFile, Misuse> {
    let mode = if arguments.only_missing { Mode::Missing } else { Mode::All };
    let plan = connection::plan(app.config(), arguments, mode);
    let path = arguments.state.clone().unwrap_or_else(|| default_path(&arguments.target));
    StateFile::open(path, plan, arguments.restart)
}
