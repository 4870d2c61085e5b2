//! The sentences of the report.

use crate::install::Installed;
use crate::machine::Machine;

/// Title, date and machine.
pub(super) fn opening(m: &Machine) -> String {
    let (processor, cores, memory) = (&m.processor, m.cores, m.memory_gib);
    let (system, rustc, date) = (&m.system, &m.rustc, &m.date);
    let mut out = String::from("# The engine beside its rivals\n\n");
    out += &format!("Written by `cargo compare` on {date}; how to run it is in the\n");
    out += "[README of benches](README.md). Every number is of one run on one machine:\n";
    out += &format!("{processor}, {cores} cores, {memory:.1} GiB, {system}, {rustc}.\n");
    out +=
        "[ENDPOINT.md](ENDPOINT.md) has figures of the HTTP endpoint, and [PEERS.md](PEERS.md)\n";
    out +=
        "those of whole Lambda functions. [RESIZING.md](RESIZING.md) compares resampling alone.\n";
    out
}

/// What was done how.
pub(super) fn method(installed: &Installed, machine: &Machine, rounds: usize) -> String {
    let decoder = match installed.floor() {
        Some(_) => "libjpeg-turbo (accurate transform, interpolated chroma)",
        None => "the `image` crate, libjpeg-turbo not being here",
    };
    include_str!("method.md")
        .replace("{core}", &machine.core.to_string())
        .replace("{rounds}", &rounds.to_string())
        .replace("{decoder}", decoder)
}
