//! The function's binary: the one that is given, or the workspace's own, built first.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// There is no binary to run.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// Cargo itself could not be started.
    #[error("cargo cannot be started ({0}); give the function's binary with --bootstrap")]
    Start(#[from] std::io::Error),
    /// The build failed; cargo has said why.
    #[error("the function did not build; see cargo's messages above")]
    Failed,
}

/// Builds the workspace's `bootstrap` in the harness's own profile and returns its path. Cargo's
/// progress goes to the terminal.
///
/// # Errors
/// `Start` where cargo is missing, `Failed` where the build fails.
pub fn build() -> Result<PathBuf, BuildError> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // The whole workspace's features, so that tests and commands share every dependency's build.
    cargo.args(["build", "--workspace", "--bin", "bootstrap"]);
    cargo.arg("--message-format=json-render-diagnostics").current_dir(workspace);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    // Cargo gives a test the variables of the test's own package. Build scripts of dependencies
    // that look at theirs would take these for a change, and all that is above them is built again.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(name);
        }
    }
    let output = cargo.stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(BuildError::Failed);
    }
    let lines = output.stdout.split(|byte| *byte == b'\n');
    let mut executables = lines
        .filter_map(|line| serde_json::from_slice::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == "bootstrap")
        .filter_map(|message| message["executable"].as_str().map(PathBuf::from));
    executables.next_back().ok_or(BuildError::Failed)
}
