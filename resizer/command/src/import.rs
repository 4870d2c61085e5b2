//! `resizer import`: the settings of another resizer in; a configuration that keeps names, sizes
//! and formats out, with comments that say what differs.

mod env;
mod extension;
mod firebase;
mod laravel;
mod paths;
mod php;
mod sharp;
mod toml;
mod wordpress;

use std::io::{IsTerminal, stdout};
use std::process::ExitCode;

use self::toml::Draft;
use crate::Misuse;
use crate::command_line::{ImportArguments, Tool};
use crate::configuration;
use crate::output::{complain, print};

/// Runs the command.
///
/// # Errors
/// `Misuse` where the file cannot be read, or does not have what is looked for.
pub(crate) fn run(arguments: &ImportArguments) -> Result<ExitCode, Misuse> {
    let file = arguments.file.display();
    let text = std::fs::read_to_string(&arguments.file);
    let text = text.map_err(|error| Misuse(format!("{file} cannot be read: {error}")))?;
    let draft = match arguments.tool {
        Tool::Firebase => firebase::draft(&text),
        Tool::Wordpress => wordpress::draft(&text),
        Tool::Laravel => laravel::draft(&text),
    };
    let draft: Draft = draft.map_err(|problem| Misuse(format!("{file}: {problem}")))?;
    let written = draft.text();
    if let Err(error) = configuration::parse(&written) {
        // A value of the other tool that has no meaning here.
        complain(&format!("{written}\n{file}: what it says cannot be kept: {error}\n"));
        return Ok(ExitCode::FAILURE);
    }
    print(&written);
    if !stdout().is_terminal() {
        let notes = draft.notes.iter().map(|note| format!("differs: {note}\n"));
        complain(&notes.collect::<String>());
    }
    Ok(ExitCode::SUCCESS)
}
