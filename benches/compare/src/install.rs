//! Rivals through their own packages, all below target/compare. What cannot be installed keeps its
//! reason, for the report.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::Outcome;
use crate::floor::Floor;
use crate::rival::{Family, Rival};
use crate::tools::{self, need};
use crate::worker::{Launch, Worker};

const PYTHON_PACKAGES: [&str; 4] = ["pillow", "pyvips[binary]", "opencv-python-headless", "numpy"];
const NODE_PACKAGES: [&str; 2] = ["sharp", "@napi-rs/image"];

/// The rivals of a run and how each is started.
#[derive(Debug)]
pub(crate) struct Installed {
    pub(crate) rivals: Vec<Rival>,
    launches: BTreeMap<Family, Outcome<Launch>>,
    /// What each says of itself, or why it does not take part, in the order of `rivals`.
    pub(crate) versions: Vec<Outcome<String>>,
}

impl Installed {
    /// Installs what is missing and starts every rival once.
    pub(crate) fn new(folder: &Path, rivals: &[Rival]) -> Self {
        // The floor's program also decodes for the scores.
        let families = rivals.iter().map(|rival| rival.family).chain([Family::Floor]);
        let families: BTreeSet<Family> = families.collect();
        // Before the first build, which takes minutes.
        for missing in families.iter().filter_map(|family| tools(*family).err()) {
            eprintln!("note: {missing}");
        }
        let mut launches = BTreeMap::new();
        for family in families {
            launches.entry(family).or_insert_with(|| launch(family, folder));
        }
        let mut out = Self { rivals: rivals.to_vec(), launches, versions: Vec::new() };
        let version = |rival| Ok(Worker::start(out.launch(rival)?, rival, None)?.version.clone());
        out.versions = rivals.iter().map(version).collect();
        for (rival, version) in rivals.iter().zip(&out.versions) {
            match version {
                Ok(version) => eprintln!("  {:24} {version}", rival.name),
                Err(reason) => eprintln!("  {:24} not here: {reason}", rival.name),
            }
        }
        out
    }

    /// How a rival is started.
    ///
    /// # Errors
    /// Why it could not be installed.
    pub(crate) fn launch(&self, rival: &Rival) -> Outcome<&Launch> {
        self.launches[&rival.family].as_ref().map_err(Clone::clone)
    }

    /// Why libjpeg-turbo could not be built.
    pub(crate) fn no_floor(&self) -> Option<&String> {
        self.launches[&Family::Floor].as_ref().err()
    }

    /// libjpeg-turbo as a tool, where it could be built.
    pub(crate) fn floor(&self) -> Option<Floor> {
        let launch = self.launches[&Family::Floor].as_ref().ok()?;
        Some(Floor { program: launch.program.clone() })
    }
}

/// target/compare, made if it is missing.
///
/// # Errors
/// As the file system has them.
pub(crate) fn folder() -> Outcome<PathBuf> {
    let target = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let folder = target.unwrap_or_else(|| workspace().join("target")).join("compare");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

/// The root of the repository.
pub(crate) fn workspace() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.ancestors().nth(2).unwrap_or(own).to_owned()
}

pub(crate) fn rivals_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("rivals")
}

/// The programs that a family needs on this machine.
///
/// # Errors
/// Those that are missing, and how to get them.
fn tools(family: Family) -> Outcome<()> {
    match family {
        Family::Ours | Family::ImageCrate | Family::ImageMagick => Ok(()),
        Family::OursResampling | Family::RustResampling => Ok(()),
        Family::Floor => need("libjpeg-turbo, which cargo builds,", &tools::LIBJPEG_TURBO),
        Family::Oximg => need("oximg, which cargo builds,", &tools::OXIMG),
        Family::Node => need("sharp", &tools::NODE),
        Family::Python | Family::PythonResampling => need("Pillow", &tools::PYTHON),
    }
}

fn launch(family: Family, folder: &Path) -> Outcome<Launch> {
    tools(family)?;
    let script = |name: &str| rivals_folder().join(name).into_os_string();
    match family {
        Family::Ours => own("ours", folder),
        Family::ImageCrate => own("image", folder),
        Family::Floor => built("floor", "floor", folder),
        Family::Oximg => built("oximg", "oximg-worker", folder),
        Family::OursResampling => own("resizing", folder),
        Family::RustResampling => built("resizing", "resizing-worker", folder),
        Family::Node => {
            let folder = node(folder)?;
            Ok(Launch { program: "node".into(), arguments: vec![script("worker.mjs")], folder })
        }
        Family::Python | Family::PythonResampling => {
            let program = python(folder)?;
            let resamples = family == Family::PythonResampling;
            let name = if resamples { "resizing.py" } else { "worker.py" };
            let (arguments, folder) = (vec![script(name)], folder.to_owned());
            Ok(Launch { program, arguments, folder })
        }
        Family::ImageMagick => {
            image_magick()?;
            let (arguments, folder) = (vec![script("worker.py")], folder.to_owned());
            Ok(Launch { program: "python3".into(), arguments, folder })
        }
    }
}

fn own(rival: &str, folder: &Path) -> Outcome<Launch> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let arguments = vec!["worker".into(), rival.into()];
    Ok(Launch { program, arguments, folder: folder.to_owned() })
}

/// Built every time: cargo knows when there is nothing to do.
fn built(name: &str, binary: &str, folder: &Path) -> Outcome<Launch> {
    let target = folder.join("build").join(name);
    let manifest = rivals_folder().join(name).join("Cargo.toml");
    eprintln!("building {name}, minutes at the first time ...");
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--release", "--locked", "--manifest-path"]).arg(manifest);
    run(cargo.arg("--target-dir").arg(&target))?;
    let program = target.join("release").join(binary);
    Ok(Launch { program, arguments: Vec::new(), folder: folder.to_owned() })
}

fn python(folder: &Path) -> Outcome<PathBuf> {
    let environment = folder.join("python");
    let program = environment.join("bin").join("python");
    once(&environment, || {
        eprintln!("installing {} with pip ...", PYTHON_PACKAGES.join(", "));
        run(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        run(Command::new(&program).args(install).args(PYTHON_PACKAGES))
    })?;
    Ok(program)
}

fn node(folder: &Path) -> Outcome<PathBuf> {
    let folder = folder.join("node");
    once(&folder, || {
        eprintln!("installing {} with npm ...", NODE_PACKAGES.join(", "));
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        fs::write(folder.join("package.json"), "{}").map_err(|error| error.to_string())?;
        let install = ["install", "--silent", "--no-audit", "--no-fund", "--prefix"];
        run(Command::new("npm").args(install).arg(&folder).args(NODE_PACKAGES))
    })?;
    Ok(folder)
}

/// The package's program by its full path: other folders may have another one.
fn image_magick() -> Outcome<()> {
    let is_here = || Path::new("/usr/bin/convert").exists();
    if !is_here() && rustix::process::geteuid().is_root() {
        eprintln!("installing imagemagick with apt-get ...");
        run(Command::new("apt-get").args(["-qq", "update"]))?;
        run(Command::new("apt-get").args(["-qq", "--yes", "install", "imagemagick"]))?;
    }
    if is_here() { Ok(()) } else { Err("no /usr/bin/convert: apt-get install imagemagick".into()) }
}

/// Does `install` unless a mark in `folder` says that it was done.
pub(crate) fn once(folder: &Path, install: impl FnOnce() -> Outcome<()>) -> Outcome<()> {
    let mark = folder.join("installed");
    if mark.exists() {
        return Ok(());
    }
    install()?;
    fs::write(mark, "").map_err(|error| error.to_string())
}

/// Runs a command to its end.
///
/// # Errors
/// The last line that the command wrote, or why it did not start.
pub(crate) fn run(command: &mut Command) -> Outcome<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{program}: {}", reason(&said)))
}

/// The last line that is neither empty nor one of Rust's notes, such as the one that details of a
/// backtrace are omitted.
fn reason(said: &str) -> &str {
    let lines = said.lines().map(str::trim).rev();
    let mut told = lines.filter(|line| !line.is_empty() && !line.starts_with("note:"));
    told.next().unwrap_or("failed")
}

#[cfg(test)]
mod tests {
    use super::reason;

    #[test]
    fn the_reason_of_a_build_is_no_note() {
        let said = "error: failed to run custom build command\n\n  is `cmake` not installed?\n  \
                    note: run with `RUST_BACKTRACE=1`\n  note: Some details are omitted\n\n";
        assert_eq!(reason(said), "is `cmake` not installed?");
        assert_eq!(reason("\n"), "failed");
    }
}
