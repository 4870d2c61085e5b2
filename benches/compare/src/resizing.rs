//! Resampling alone: the engine's passes beside other libraries, from pixels to pixels, and beside
//! a model in double precision. Out: RESIZING.md.

mod measure;
mod model;
mod ours;
mod page;
mod protocol;
mod roster;
mod sources;

use std::fs;

use crate::Outcome;
use crate::inputs::Inputs;
use crate::install::{Installed, folder, workspace};
use crate::machine::{Machine, load_average};
use crate::options::Options;
use crate::tools;
use page::Page;
use roster::ROSTER;
use sources::Sources;

pub(crate) use ours::work;

/// Measures all libraries that can be installed, and writes the page.
///
/// # Errors
/// If nothing can be measured at all, or a file cannot be written.
pub(crate) fn compare(options: &Options) -> Outcome<()> {
    tools::need("pinning a process to a core", &tools::PINNING)?;
    let folder = folder()?;
    let machine = Machine::read(options.core()?);
    let rivals = ROSTER.map(|contender| contender.rival);
    let installed = Installed::new(&folder, &rivals);
    let inputs = Inputs::new(&folder, options, &installed)?;
    let folder = folder.join("resizing");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let sources = Sources::new(&inputs, installed.floor().as_ref(), &folder)?;
    let load_before = load_average();
    let tables = measure::all(&sources, &installed, &machine, options.rounds)?;
    let loads = [load_before, load_average()];
    let page = Page { machine, loads, sources, installed, tables, rounds: options.rounds };
    let out = options.out()?;
    fs::create_dir_all(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    let path = out.join("RESIZING.md");
    // Error messages may name files; the page does not name the repository's folder.
    let text = page.markdown().replace(&format!("{}/", workspace().display()), "");
    fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    eprintln!("{}", path.display());
    Ok(())
}
