//! `resizer completions` and `resizer man`: the command line described for shells and for `man`.

use std::path::Path;
use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::Misuse;
use crate::command_line::CommandLine;
use crate::output::print;

/// Prints the completions.
pub(crate) fn completions(shell: Shell) {
    let mut command = CommandLine::command();
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "resizer", &mut script);
    print(&String::from_utf8_lossy(&script));
}

/// Prints the page of the command, or writes a page for it and one for each of its commands.
///
/// # Errors
/// `Misuse` where the folder cannot be written.
pub(crate) fn man(folder: Option<&Path>) -> Result<ExitCode, Misuse> {
    let command = CommandLine::command();
    match folder {
        None => {
            let mut page = Vec::new();
            let rendered = clap_mangen::Man::new(command).render(&mut page);
            rendered.expect("memory takes everything");
            print(&String::from_utf8_lossy(&page));
        }
        Some(folder) => {
            let written = std::fs::create_dir_all(folder)
                .and_then(|()| clap_mangen::generate_to(command, folder));
            written.map_err(|error| Misuse(format!("{}: {error}", folder.display())))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
