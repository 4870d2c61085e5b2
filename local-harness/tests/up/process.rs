//! `local-harness up` as a user starts it: its printed addresses and variables, its lines, its end.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use aws_sdk_s3::Client;
use local_harness::harness::{Keys, s3_client_with};
use local_harness::upload_line::UploadLine;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use crate::support::binary;

/// Longer than any step takes on a busy machine.
pub(crate) const STEP_TIMEOUT: Duration = Duration::from_secs(120);

/// The running process; dropping it ends it.
pub(crate) struct Up {
    child: Child,
    output: Option<Lines<BufReader<ChildStdout>>>,
    /// All lines that it printed before its work began.
    pub(crate) banner: String,
    /// The variables of the lines that it prints to be pasted.
    pub(crate) exports: Vec<(String, String)>,
}

/// A command line of `up` on any free ports.
fn command(folder: &Path, options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local-harness"));
    let ports = ["--port", "--lambda-port", "--url-port", "--page-port", "--sqs-port"];
    let free = ports.into_iter().filter(|port| !options.contains(port));
    command
        .arg("up")
        .args(free.flat_map(|port| [port, "0"]))
        .arg("--bootstrap")
        .arg(binary())
        .arg("--data-dir")
        .arg(folder.join("s3"))
        .args(options)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// What a start that fails prints.
pub(crate) async fn failure(folder: &Path, options: &[&str]) -> Output {
    let output = command(folder, options).output();
    let output = timeout(STEP_TIMEOUT, output).await.expect("it ends by itself");
    let output = output.expect("the harness starts");
    assert!(!output.status.success(), "{output:?}");
    output
}

impl Up {
    pub(crate) async fn start(folder: &TempDir, options: &[&str]) -> Self {
        let mut child = command(folder.path(), options).spawn().expect("the harness starts");
        let output = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let output = Some(output);
        let mut up = Self { child, output, banner: String::new(), exports: Vec::new() };
        loop {
            let line = up.line().await;
            if let Some(exports) = line.trim().strip_prefix("export ") {
                let pairs = exports.split(' ').filter_map(|pair| pair.split_once('='));
                up.exports.extend(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
            }
            up.banner += &line;
            up.banner.push('\n');
            if line.starts_with("Ctrl-C stops everything") {
                return up;
            }
        }
    }

    /// The address behind a name in what it prints, such as `Page`.
    pub(crate) fn address(&self, name: &str) -> SocketAddr {
        let line = self.banner.lines().find(|line| line.starts_with(name));
        let url = line.and_then(|line| line.split("http://").nth(1)).expect("a URL");
        url.split(['/', ' ']).next().and_then(|address| address.parse().ok()).expect("an address")
    }

    pub(crate) fn keys(&self) -> Keys {
        let export = |name| self.export(name).to_owned();
        let (access_key, secret_key) =
            (export("AWS_ACCESS_KEY_ID"), export("AWS_SECRET_ACCESS_KEY"));
        Keys { access_key, secret_key }
    }

    pub(crate) fn client(&self) -> Client {
        s3_client_with(self.export("AWS_ENDPOINT_URL"), &self.keys())
    }

    pub(crate) async fn put(&self, bucket: &str, key: &str, bytes: Vec<u8>) {
        let put = self.client().put_object().bucket(bucket).key(key).body(bytes.into());
        put.send().await.expect("an upload succeeds");
    }

    /// Waits for a line that has this text.
    pub(crate) async fn line_with(&mut self, text: &str) -> String {
        loop {
            let line = self.line().await;
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Ends it as a lost machine would.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.expect("it still runs");
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

    pub(crate) async fn line(&mut self) -> String {
        let output = self.output.as_mut().expect("it is not closed");
        let line = timeout(STEP_TIMEOUT, output.next_line()).await.expect("it goes on printing");
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

    /// Reads no more of what it prints.
    pub(crate) fn close_output(&mut self) {
        self.output = None;
    }

    /// Sends the signal; the process and all that it has started must then end. Returns what it
    /// printed to stderr.
    pub(crate) async fn end_with(mut self, signal: Signal) -> String {
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
        errors
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
