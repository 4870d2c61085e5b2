//! A scripted runtime under the harness's Lambda and under AWS's Runtime Interface Emulator: what
//! its process is answered, and what the caller of the function is.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use lambda_local::invoke_api::InvokeApi;
use lambda_local::{AsynchronousOptions, Function, FunctionOptions};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use crate::emulator::Emulator;
use crate::fidelity::Compared;
use crate::tools::{Tools, stdout_of};
use crate::wire;

const TIMEOUT_S: u64 = 3;

/// Longer than any answer takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a transcript may lack its end when the caller has its answer.
const END_PATIENCE: Duration = Duration::from_secs(5);

/// Emulators that one script may need.
const EMULATORS: u32 = 3;

/// A script of the runtime, and the requests of a caller.
#[derive(Debug, Clone, Deserialize)]
struct Script {
    name: String,
    front: Vec<FrontRequest>,
}

#[derive(Debug, Clone, Deserialize)]
struct FrontRequest {
    path: String,
    headers: Map<String, Value>,
    body: String,
    size_bytes: usize,
}

/// The function's binary, and where it writes.
struct Stage {
    folder: TempDir,
    script: String,
}

impl Stage {
    fn new(script: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let text = format!("#!/bin/sh\nexec {}\n", Tools::get().script_line("probes/runtime.py"));
        let bootstrap = folder.path().join("bootstrap");
        fs::write(&bootstrap, text).expect("a file");
        fs::set_permissions(&bootstrap, fs::Permissions::from_mode(0o755)).expect("its mode");
        Self { folder, script: script.to_owned() }
    }

    fn bootstrap(&self) -> PathBuf {
        self.folder.path().join("bootstrap")
    }

    fn transcript(&self) -> PathBuf {
        self.folder.path().join("transcript")
    }

    fn env(&self) -> [(&'static str, String); 3] {
        [
            ("PROBE_SCRIPT", self.script.clone()),
            ("PROBE_TRANSCRIPT", self.transcript().display().to_string()),
            ("AWS_LAMBDA_FUNCTION_TIMEOUT", TIMEOUT_S.to_string()),
        ]
    }

    /// The lines of the first process, when it has written the last one.
    async fn lines(&self) -> Vec<Value> {
        let end = async {
            while !read(&self.transcript()).iter().any(|line| line["step"] == "end") {
                sleep(Duration::from_millis(20)).await;
            }
        };
        // Some scripts end with their process, and one never begins.
        let _ = timeout(END_PATIENCE, end).await;
        read(&self.transcript()).into_iter().filter(|line| line["step"] != "end").collect()
    }
}

fn read(transcript: &Path) -> Vec<Value> {
    let text = fs::read_to_string(transcript).unwrap_or_default();
    text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// What a caller gets for each request.
async fn call(address: SocketAddr, requests: &[FrontRequest]) -> Vec<Value> {
    let mut answers = Vec::new();
    for request in requests {
        let headers: Vec<(&str, &str)> = request
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default()))
            .collect();
        let body = match request.size_bytes {
            0 => request.body.clone(),
            size => format!("\"{}\"", "x".repeat(size - 2)),
        };
        let line = format!("POST {}", request.path);
        let answer = wire::send(address, &line, &headers, body.as_bytes());
        let Ok(answer) = timeout(PATIENCE, answer).await else {
            answers.push(json!({ "status": "none" }));
            continue;
        };
        let mut told = json!({ "status": answer.status });
        if let Some(error) = answer.header("X-Amz-Function-Error") {
            told["function error"] = error.into();
        }
        if let Some(kind) = answer.header("x-amzn-ErrorType") {
            told["error type"] = kind.into();
        }
        let is_chunked = answer.header("Transfer-Encoding") == Some("chunked");
        let body = if is_chunked { joined(&answer.body) } else { answer.body.clone() };
        match serde_json::from_slice::<Value>(&body) {
            Ok(Value::Object(body)) if body.contains_key("errorType") => {
                told["body"] = json!({ "errorType": body["errorType"] });
                let message = body.get("errorMessage").and_then(Value::as_str);
                told["message"] = message.map(without_id).into();
            }
            Ok(Value::Object(body)) if body.contains_key("Message") => {}
            _ if body.len() > 40 => told["body"] = format!("{} bytes", body.len()).into(),
            _ => told["body"] = String::from_utf8_lossy(&body).into(),
        }
        answers.push(told);
    }
    answers
}

/// The data of all chunks.
fn joined(mut chunks: &[u8]) -> Vec<u8> {
    let mut data = Vec::new();
    while let Some(end) = chunks.windows(2).position(|pair| pair == b"\r\n") {
        let size = String::from_utf8_lossy(&chunks[..end]);
        let size = usize::from_str_radix(&size, 16).expect("a chunk begins with its size");
        data.extend_from_slice(&chunks[end + 2..][..size]);
        chunks = &chunks[end + 2 + size + 2..];
    }
    data
}

/// A message with its request ID replaced.
fn without_id(message: &str) -> String {
    let is_id = |word: &str| word.len() == 36 && word.matches('-').count() == 4;
    let words = message.split(' ').map(|word| if is_id(word) { "ID" } else { word });
    words.collect::<Vec<&str>>().join(" ")
}

async fn ours(script: &Script) -> Value {
    let stage = Stage::new(&script.name);
    let (log, mut lines) = lambda_local::log();
    tokio::spawn(async move { while lines.recv().await.is_some() {} });
    let mut options = FunctionOptions::new(stage.bootstrap(), log);
    options.name = "function".to_owned();
    options.timeout = Duration::from_secs(TIMEOUT_S);
    options.memory_size_mb = 1769;
    options.env = stage.env().map(|(name, value)| (name.to_owned(), value)).into();
    let function = Arc::new(Function::new(options).expect("the script is executable"));
    let front = InvokeApi::start(Arc::clone(&function), AsynchronousOptions::default(), 0).await;
    let front = front.expect("a free port");
    let caller = call(front.address(), &script.front).await;
    let answer = json!({ "caller": caller, "process": stage.lines().await });
    function.shutdown().await;
    answer
}

async fn theirs(script: &Script) -> Value {
    let stage = Stage::new(&script.name);
    let env = stage.env();
    let env: Vec<(&str, &str)> = env.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let emulator = Emulator::start(&Tools::get().emulator(), &stage.bootstrap(), &env).await;
    let caller = call(emulator.address, &script.front).await;
    json!({ "caller": caller, "process": stage.lines().await })
}

/// The same, again under a new emulator where this one ended in between: now and then it resets its
/// connections (version 1.170 of its wheel).
async fn theirs_in_the_end(script: &Script) -> Value {
    for _ in 1..EMULATORS {
        let asked = script.clone();
        if let Ok(answer) = tokio::spawn(async move { theirs(&asked).await }).await {
            return answer;
        }
    }
    theirs(script).await
}

/// Every script under both.
pub(crate) async fn against_the_emulator() -> Vec<Compared> {
    let listed = stdout_of(Tools::get().script("probes/runtime.py").arg("--list")).await;
    let scripts: Vec<Script> = serde_json::from_str(&listed).expect("the list is JSON");
    let mut compared = Vec::new();
    for script in &scripts {
        let (ours, theirs) = tokio::join!(ours(script), theirs_in_the_end(script));
        compared.push(Compared {
            group: "runtime".to_owned(),
            name: script.name.clone(),
            ours,
            theirs,
        });
    }
    compared
}
