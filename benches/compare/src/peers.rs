//! The function beside other people's handlers: all of them on the emulated platform, in turns.
//! In: the handlers in benches/peers. Out: PEERS.md.

mod figures;
mod install;
mod page;
mod roster;
mod runner;

use std::fs;

use crate::floor::Floor;
use crate::inputs::{Input, Inputs};
use crate::install::{Installed, folder, workspace};
use crate::jobs::{SCORED, Source};
use crate::machine::{Machine, load_average};
use crate::options::Options;
use crate::score::References;
use crate::{Outcome, picture};
use figures::Result;
use page::Page;
use roster::ROSTER;

/// Measures all handlers that can be installed, and writes the page.
///
/// # Errors
/// If nothing can be measured at all, or a file cannot be written.
pub(crate) fn compare(options: &Options) -> Outcome<()> {
    let folder = folder()?;
    let machine = Machine::read(options.core()?);
    let installed = Installed::new(&folder, &[]);
    let inputs = Inputs::new(&folder, options, &installed)?;
    let input = inputs.of(Source::Baseline);
    let peers_folder = folder.join("peers");
    let programs = install::all(&peers_folder);
    let load_before = load_average();
    let measured = runner::run(&peers_folder, input, &programs, options.rounds)?;
    let loads = [load_before, load_average()];
    let mut results = Vec::new();
    for (peer, program) in ROSTER.iter().zip(programs) {
        let missing = program.err();
        let files = peers_folder.join("variants").join(peer.id);
        results.push(Result::new(peer, missing, &measured, files));
    }
    score(&mut results, input, installed.floor().as_ref())?;
    let out = options.out()?;
    fs::create_dir_all(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    let path = out.join("PEERS.md");
    let (machine, prices, rounds) = (&machine, &measured.prices, options.rounds);
    let page = Page { machine, loads, input, prices, rounds, results: &results };
    // Error messages may name files; the page does not name the repository's folder.
    let text = page.markdown().replace(&format!("{}/", workspace().display()), "");
    fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    eprintln!("{}", path.display());
    Ok(())
}

/// Scores the variants of each function, against the reference in the values that it averages.
fn score(results: &mut [Result], input: &Input, floor: Option<&Floor>) -> Outcome<()> {
    eprintln!("  scoring ...");
    let mut references = References::new(picture::read(&input.path, floor)?);
    for result in results.iter_mut().filter(|result| !result.sizes.is_empty()) {
        for width in SCORED {
            let path = result.files.join(format!("{width}.jpg"));
            let variant = picture::read(&path, floor)?;
            references.prepare(variant.dimensions())?;
            result.scores.push((width, references.score(&variant, result.peer.light)?));
        }
    }
    Ok(())
}
