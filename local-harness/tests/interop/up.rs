//! `local-harness up` as a user starts it: its printed variables, its log, its end.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use local_harness::harness::s3_client;
use local_harness::upload_line::UploadLine;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use crate::support::{UPLOADS, binary, photo};

/// Longer than any step takes on a busy machine.
const STEP_TIMEOUT: Duration = Duration::from_secs(120);

/// The running process; dropping it ends it.
pub(crate) struct Up {
    child: Child,
    output: Lines<BufReader<ChildStdout>>,
    /// The variables of the lines that it prints to be pasted.
    pub(crate) exports: Vec<(String, String)>,
    _folder: TempDir,
}

impl Up {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut child = Command::new(env!("CARGO_BIN_EXE_local-harness"))
            .args(["up", "--port", "0", "--lambda-port", "0", "--url-port", "0", "--bootstrap"])
            .arg(binary())
            .arg("--data-dir")
            .arg(folder.path().join("s3"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the harness starts");
        let output = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let mut up = Self { child, output, exports: Vec::new(), _folder: folder };
        loop {
            let line = up.line().await;
            if let Some(exports) = line.trim().strip_prefix("export ") {
                let pairs = exports.split(' ').filter_map(|pair| pair.split_once('='));
                up.exports.extend(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
            }
            if line.starts_with("Ctrl-C stops everything") {
                return up;
            }
        }
    }

    pub(crate) fn export(&self, name: &str) -> &str {
        let export = self.exports.iter().find(|(exported, _)| exported == name);
        &export.unwrap_or_else(|| panic!("{name} is printed")).1
    }

    /// Waits for this many uploads in the function's log.
    pub(crate) async fn uploads(&mut self, count: usize) -> Vec<UploadLine> {
        let mut uploads = Vec::new();
        while uploads.len() < count {
            uploads.extend(UploadLine::parse(&self.line().await));
        }
        uploads
    }

    async fn line(&mut self) -> String {
        let line =
            timeout(STEP_TIMEOUT, self.output.next_line()).await.expect("it goes on printing");
        if let Some(line) = line.expect("it prints UTF-8") {
            return line;
        }
        panic!("it ended: {}", self.errors().await);
    }

    async fn errors(&mut self) -> String {
        let mut text = String::new();
        let stderr = self.child.stderr.as_mut().expect("it is piped");
        stderr.read_to_string(&mut text).await.expect("it prints UTF-8");
        text
    }

    /// Sends the signal; the process and all that it has started must then end.
    pub(crate) async fn end_with(mut self, signal: Signal) {
        let id = self.child.id().expect("it still runs");
        let functions = children(id);
        assert!(!functions.is_empty(), "the function is kept warm");
        let pid = Pid::from_raw(id.try_into().expect("ids fit")).expect("ids are not 0");
        kill_process(pid, signal).expect("it still runs");
        let status = timeout(STEP_TIMEOUT, self.child.wait()).await.expect("it ends when asked to");
        let status = status.expect("a child can be waited for");
        let errors = self.errors().await;
        assert!(status.success(), "{status}: {errors}");
        assert!(errors.contains("the function's processes have ended"), "{errors}");
        let ended = async {
            while functions.iter().any(|function| Stat::of(function).is_some_and(Stat::runs)) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(STEP_TIMEOUT, ended).await.expect("no function's process outlives the harness");
    }
}

/// What /proc says of a process.
struct Stat {
    state: String,
    parent: u32,
}

impl Stat {
    fn of(process: &Path) -> Option<Self> {
        let stat = std::fs::read_to_string(process.join("stat")).ok()?;
        // The name, in parentheses, may hold anything.
        let (_, after_name) = stat.rsplit_once(") ")?;
        let mut words = after_name.split(' ');
        let state = words.next()?.to_owned();
        Some(Self { state, parent: words.next()?.parse().ok()? })
    }

    /// A zombie has ended; its new parent has not read its status yet.
    fn runs(self) -> bool {
        self.state != "Z" && self.state != "X"
    }
}

/// The folders in /proc of a process's children.
fn children(parent: u32) -> Vec<PathBuf> {
    let all = std::fs::read_dir("/proc").expect("Linux has /proc");
    let paths = all.filter_map(|entry| Some(entry.ok()?.path()));
    paths.filter(|path| Stat::of(path).is_some_and(|stat| stat.parent == parent)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_its_children_when_it_is_asked_to_end() {
    for signal in [Signal::INT, Signal::TERM] {
        let mut up = Up::start().await;
        let client = s3_client(up.export("AWS_ENDPOINT_URL"));
        let put = client.put_object().bucket(UPLOADS).key("a.jpg").body(photo(40, 30, 1).into());
        put.send().await.expect("an upload succeeds");
        assert_eq!(up.uploads(1).await[0].outcome, "stored");
        up.end_with(signal).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_refuses_a_wrong_configuration_at_its_start() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = folder.path().join("resizer.toml");
    std::fs::write(&config, "[[rule]]\nmatch = \"{\"\n").expect("a file");
    let ended = Command::new(env!("CARGO_BIN_EXE_local-harness"))
        .args(["up", "--port", "0", "--lambda-port", "0", "--url-port", "0", "--bootstrap"])
        .arg(binary())
        .arg("--config")
        .arg(&config)
        .arg("--data-dir")
        .arg(folder.path().join("s3"))
        .kill_on_drop(true)
        .output();
    let ended = timeout(STEP_TIMEOUT, ended).await.expect("it ends by itself");
    let ended = ended.expect("the harness starts");
    let errors = String::from_utf8_lossy(&ended.stderr);
    assert!(!ended.status.success(), "{errors}");
    assert!(
        errors.contains("the function does not start: ") && errors.contains("line 2"),
        "{errors}"
    );
    assert_eq!(String::from_utf8_lossy(&ended.stdout), "", "it prints no endpoint");
}
