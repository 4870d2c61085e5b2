//! `resizer render`: files in; what the function would make of them as uploads out, as files.

mod folder;
mod input;
mod summary;
mod work;

use std::process::ExitCode;

use futures::stream::{self, StreamExt};
use resizer::budget::Budget;

use self::folder::Folder;
use self::input::Input;
use self::summary::{complaints, table};
use self::work::{Outcome, Work};
use crate::Misuse;
use crate::command_line::RenderArguments;
use crate::configuration;
use crate::output::{complain, print, progress};

/// Runs the command.
///
/// # Errors
/// `Misuse` where a file or a folder is none that can be used.
pub(crate) fn run(arguments: &RenderArguments) -> Result<ExitCode, Misuse> {
    let config = match configuration::load(arguments.config.as_deref(), &arguments.function)? {
        Ok(config) => config,
        Err(error) => {
            complain(&format!("{error}\n"));
            return Ok(ExitCode::FAILURE);
        }
    };
    let inputs = input::all(arguments)?;
    let folder = Folder::open(&arguments.out, inputs.iter().map(|input| &*input.file))?;
    let budget = Budget::new(config.limits.max_memory_bytes, config.threads);
    let share = budget.share(inputs.len());
    let work = Work { config: &config, budget: &budget, share, folder: &folder };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a process that just started can have a runtime");
    let outcomes = runtime.block_on(outcomes(&work, &inputs));
    print(&table(&inputs, &outcomes));
    complain(&complaints(&inputs, &outcomes));
    let is_bad = |outcome: &Outcome| matches!(outcome, Outcome::Refused(_) | Outcome::Failed(_));
    let failed = outcomes.iter().any(is_bad);
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// In the order of the inputs, several of them at a time.
async fn outcomes(work: &Work<'_>, inputs: &[Input]) -> Vec<Outcome> {
    let count = inputs.len();
    let tasks = inputs.iter().enumerate().map(async |(at, input)| (at, work.outcome(input).await));
    let mut tasks = stream::iter(tasks).buffer_unordered(work.share.uploads);
    let mut outcomes = Vec::with_capacity(count);
    progress(&format!("0 of {count} files"));
    while let Some(outcome) = tasks.next().await {
        outcomes.push(outcome);
        progress(&format!("{} of {count} files", outcomes.len()));
    }
    progress("");
    outcomes.sort_by_key(|(at, _)| *at);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}
