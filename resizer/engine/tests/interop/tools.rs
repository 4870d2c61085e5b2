//! Pinned versions of Pillow and libvips, in a virtual environment under the target directory that
//! the first test makes and later runs find; and what they make of files.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// libvips with LittleCMS comes as a wheel of its own.
const PACKAGES: [&str; 3] = ["Pillow==12.3.0", "pyvips==3.2.0", "pyvips-binary==8.18.7"];
/// Written last: what a complete environment holds.
const MARKER: &str = "installed.txt";

/// Everything that is installed.
pub(crate) struct Tools {
    environment: PathBuf,
}

impl Tools {
    /// Installed by the first caller; the others wait.
    ///
    /// # Panics
    /// Where they cannot be installed; it says why.
    pub(crate) fn get() -> &'static Self {
        static TOOLS: OnceLock<Tools> = OnceLock::new();
        TOOLS.get_or_init(|| {
            let tools = Self { environment: target_directory().join("interop-venv") };
            let installed = tools.install();
            installed.unwrap_or_else(|reason| panic!("no Pillow and libvips: {reason}"));
            tools
        })
    }

    fn install(&self) -> Result<(), String> {
        // Two runs of the tests at once share the target directory; the lock ends with the file.
        let lock = File::create(self.environment.with_extension("lock")).expect("a file in target");
        lock.lock().expect("files can be locked");
        // A virtual environment works at its own place only.
        let complete = format!("{}\n{}\n", PACKAGES.join("\n"), self.environment.display());
        let marker = self.environment.join(MARKER);
        if fs::read_to_string(&marker).is_ok_and(|installed| installed == complete) {
            return Ok(());
        }
        if self.environment.exists() {
            fs::remove_dir_all(&self.environment).expect("target can be written");
        }
        run(Command::new("python3").args(["-m", "venv"]).arg(&self.environment))?;
        say(&format!("installing {} into {}", PACKAGES.join(", "), self.environment.display()));
        let quiet = ["--quiet", "--retries", "2", "--disable-pip-version-check", "--no-input"];
        run(self.python().args(["-m", "pip", "install"]).args(quiet).args(PACKAGES))?;
        fs::write(&marker, complete).expect("target can be written");
        Ok(())
    }

    fn python(&self) -> Command {
        let mut python = Command::new(self.environment.join("bin/python"));
        python.env("PYTHONUTF8", "1").env("PYTHONDONTWRITEBYTECODE", "1");
        python
    }

    /// Runs a script that lies beside this file on a folder with these files.
    ///
    /// # Panics
    /// Where the script fails; it says why.
    pub(crate) fn run(&self, script: &str, files: &[(String, Vec<u8>)]) -> Folder {
        static COUNT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let name = format!("interop-{}-{number}", std::process::id());
        let folder = Folder { path: Path::new(env!("CARGO_TARGET_TMPDIR")).join(name) };
        fs::create_dir_all(&folder.path).expect("target can be written");
        for (name, bytes) in files {
            fs::write(folder.path.join(name), bytes).expect("target can be written");
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop").join(script);
        if let Err(said) = run(self.python().arg(script).arg(&folder.path)) {
            panic!("the script fails: {said}");
        }
        folder
    }
}

/// Files of one run, gone with this value.
pub(crate) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// What the script wrote beside a file, under its name and this extension.
    pub(crate) fn read(&self, name: &str, extension: &str) -> Vec<u8> {
        let path = self.path.join(format!("{name}.{extension}"));
        fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// # Errors
/// What a program says that fails.
fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let error = said.lines().rev().find(|line| line.starts_with("ERROR"));
    Err(error.unwrap_or(&said).to_owned())
}

/// Past the capture of passing tests' output.
fn say(line: &str) {
    writeln!(io::stderr(), "interop: {line}").expect("stderr can be written");
}

/// This test lies in `<target>/<profile>/deps`.
fn target_directory() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    test.ancestors().nth(3).expect("cargo puts tests three levels deep").to_owned()
}
