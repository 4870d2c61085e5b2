//! Compares our AVIF encoder with libaom in bytes and CPU time, and checks whether one number of
//! `quality` gives JPEGs, WebPs, and AVIFs the same look. Writes AVIF.md and a plot.

mod bytes;
mod encoders;
mod metrics;
mod page;
mod photographs;
mod scale;
mod time;

use std::collections::BTreeSet;
use std::fs;

use crate::Outcome;
use crate::install::{folder, workspace};
use crate::machine::{Machine, load_average};
use crate::options::Options;
use encoders::{Curve, Libaom};
use page::Page;
use photographs::Picture;

/// Measures all encoders with all photographs, and writes the page.
///
/// # Errors
/// If there are no photographs, Pillow cannot be installed, or a file cannot be written.
pub(crate) fn compare(options: &Options) -> Outcome<()> {
    let photos = options.photos.as_deref().ok_or("name a folder with photographs: --photos")?;
    let folder = folder()?.join("avif");
    let machine = Machine::read(options.core()?);
    let mut libaom = Libaom::start(&folder, machine.core)?;
    let load_before = load_average();
    let pictures = photographs::all(photos, &options.widths, &folder)?;
    let curves: Vec<Curve> = encoders::curves(&pictures, &mut libaom, &folder)?;
    let times = time::measure(&pictures, &mut libaom, options.rounds)?;
    let loads = [load_before, load_average()];
    scale::tell(&pictures, &curves);

    let out = options.out()?;
    fs::create_dir_all(out.join("report"))
        .map_err(|error| format!("{}: {error}", out.display()))?;
    let write = |name: &str, text: String| {
        let path = out.join(name);
        eprintln!("{}", path.display());
        fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
    };
    write("report/avif-scale.svg", scale::plot(&pictures, &curves))?;
    let rounds = options.rounds;
    let page = Page { machine, loads, libaom: &libaom.version, pictures, curves, times, rounds };
    // Error messages may name files; the page does not name the repository's folder.
    write("AVIF.md", page.markdown().replace(&format!("{}/", workspace().display()), ""))
}

/// The pictures of one width and half.
fn of(pictures: &[Picture], width: u32, is_held_out: bool) -> impl Iterator<Item = usize> {
    let places = pictures.iter().enumerate();
    places
        .filter(move |(_, picture)| picture.width == width && picture.is_held_out == is_held_out)
        .map(|(place, _)| place)
}

/// The widths of the pictures, in pixels, ascending.
fn widths(pictures: &[Picture]) -> Vec<u32> {
    let widths: BTreeSet<u32> = pictures.iter().map(|picture| picture.width).collect();
    widths.into_iter().collect()
}
