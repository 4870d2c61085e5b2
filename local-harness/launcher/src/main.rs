//! `cargo demo` starts this program. It has no dependencies, so it is built quickly. It prints how
//! long the first build takes, builds the function and the harness in one run of cargo, and starts
//! the harness.

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.toml");
    let cargo = |command: &str| {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args([command, "--manifest-path"]).arg(&manifest);
        // This package's own variables would look like a change to build scripts of dependencies.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
                cargo.env_remove(name);
            }
        }
        cargo
    };
    eprintln!("Building the function and the local harness.");
    eprintln!("The first build takes five to ten minutes on two cores, later ones seconds.");
    // With the features of all packages, as `cargo test` builds them: then both share every
    // dependency's build. Of the binaries only these two, because the others have dependencies of
    // their own.
    let mut build = cargo("build");
    build.args(["--workspace", "--bin", "bootstrap", "--bin", "local-harness"]);
    let mut run = cargo("run");
    run.args(["--quiet", "--bin", "local-harness", "--", "demo"]);
    run.args(std::env::args_os().skip(1));
    match build.status() {
        Ok(status) if status.success() => {}
        Ok(status) => return ExitCode::from(status.code().map_or(1, |code| code as u8)),
        Err(error) => return cannot_start(&error),
    }
    // In place of this process, so that signals reach the harness itself.
    cannot_start(&run.exec())
}

fn cannot_start(error: &std::io::Error) -> ExitCode {
    eprintln!("cargo cannot be started: {error}");
    ExitCode::FAILURE
}
