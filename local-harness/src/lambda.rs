//! AWS Lambda in one process: the shipped binary behind the Runtime API, environments as needed.
//! In: options, payloads. Out: invocations with answer, report and log. Knows no S3 and no queue.
//! Code map: `state` what a process may do when; `runtime_api`, `extensions`, `http` the wire;
//! `process`, `memory`, `output`, `variables`, `directory` one child; `environment` one child after
//! the other; `report`, `failure` AWS's words; `front` the Invoke API for clients.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Semaphore, mpsc};

use crate::seeded::{seed_of, uuid};

mod directory;
mod environment;
mod extensions;
pub mod failure;
pub mod front;
mod http;
mod memory;
mod output;
mod process;
pub mod report;
pub mod runtime_api;
pub mod state;
mod variables;

use environment::{Environment, Processes};
use failure::{FunctionError, StartError};
use report::Report;

/// The account of everything in the harness.
pub const ACCOUNT_ID: &str = "000000000000";
const DEFAULT_REGION: &str = "us-east-1";

/// A line of a function's log stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// The invocation during which it was written; None for an init and between invocations.
    pub request_id: Option<String>,
    pub text: String,
}

/// Where log lines go.
pub type LogSink = mpsc::UnboundedSender<LogLine>;

/// How a function runs.
#[derive(Debug, Clone)]
pub struct FunctionOptions {
    /// The binary, as it would lie in the deployed zip.
    pub bootstrap: PathBuf,
    /// 1 to 64 letters, digits, `-` and `_`. Default `function`.
    pub name: String,
    /// MB, 128 to 10,240. Default 128.
    pub memory_size_mb: u32,
    /// 1 s to 15 min. Default 3 s.
    pub timeout: Duration,
    /// How long a cold start may take before it is repeated inside the invocation. Default, and
    /// always on AWS, 10 s.
    pub init_timeout: Duration,
    /// The most environments at once, at least 1. Default 10.
    pub max_concurrency: usize,
    /// The function's own variables; region and credentials go here too. Default none.
    pub env: Vec<(String, String)>,
    pub log: LogSink,
}

impl FunctionOptions {
    /// AWS's defaults for this binary.
    pub fn new(bootstrap: PathBuf, log: LogSink) -> Self {
        Self {
            bootstrap,
            name: "function".to_owned(),
            memory_size_mb: 128,
            timeout: Duration::from_secs(3),
            init_timeout: Duration::from_secs(10),
            max_concurrency: 10,
            env: Vec::new(),
            log,
        }
    }

    /// AWS_REGION of the function's variables, or us-east-1.
    pub fn region(&self) -> &str {
        let set = self.env.iter().rev().find(|(name, _)| name == "AWS_REGION");
        set.map_or(DEFAULT_REGION, |(_, region)| region.as_str())
    }

    /// The function's ARN.
    pub fn arn(&self) -> String {
        format!("arn:aws:lambda:{}:{ACCOUNT_ID}:function:{}", self.region(), self.name)
    }
}

/// One finished invocation.
#[derive(Debug)]
pub struct Invocation {
    pub request_id: String,
    pub result: Result<Vec<u8>, FunctionError>,
    pub report: Report,
    /// What the process printed during this invocation, without AWS's own lines.
    pub log: Vec<String>,
}

/// A deployed function: its environments, warm and busy.
#[derive(Debug)]
pub struct Function {
    options: Arc<FunctionOptions>,
    warm: Mutex<Vec<Environment>>,
    free: Semaphore,
    invocations: AtomicU64,
    environments: AtomicU64,
    processes: Arc<Processes>,
}

impl Function {
    /// Checks the binary; nothing is started before the first event.
    ///
    /// # Errors
    /// `Missing` and `NotExecutable`, with the path and what to do.
    pub fn new(mut options: FunctionOptions) -> Result<Self, StartError> {
        options.bootstrap = executable(&options.bootstrap)?;
        options.max_concurrency = options.max_concurrency.max(1);
        Ok(Self {
            free: Semaphore::new(options.max_concurrency),
            options: Arc::new(options),
            warm: Mutex::new(Vec::new()),
            invocations: AtomicU64::new(0),
            environments: AtomicU64::new(0),
            processes: Arc::default(),
        })
    }

    pub fn options(&self) -> &FunctionOptions {
        &self.options
    }

    /// Runs one event in a warm environment, or in a new one, or waits until one is free.
    pub async fn invoke(&self, payload: Vec<u8>) -> Invocation {
        let _free = self.free.acquire().await.expect("the semaphore is never closed");
        let warm = self.warm().pop();
        let mut environment = warm.unwrap_or_else(|| {
            let number = self.environments.fetch_add(1, Ordering::Relaxed);
            Environment::new(Arc::clone(&self.options), Arc::clone(&self.processes), number)
        });
        let number = self.invocations.fetch_add(1, Ordering::Relaxed);
        let request_id = uuid(seed_of(&self.options.name), number);
        let invocation = environment.invoke(request_id, Bytes::from(payload)).await;
        self.warm().push(environment);
        invocation
    }

    /// The process ids of all environments.
    pub fn process_ids(&self) -> Vec<u32> {
        self.processes.ids()
    }

    /// Kills all processes, as when their machine is lost. Their invocations fail; the next ones
    /// start new processes.
    pub fn kill(&self) {
        self.processes.kill();
    }

    /// Waits for running invocations and ends all processes. Dropping the function ends them at
    /// once instead.
    pub async fn shutdown(&self) {
        let all = u32::try_from(self.options.max_concurrency).unwrap_or(u32::MAX);
        let _free = self.free.acquire_many(all).await.expect("the semaphore is never closed");
        let environments = std::mem::take(&mut *self.warm());
        for environment in environments {
            environment.shutdown().await;
        }
    }

    fn warm(&self) -> MutexGuard<'_, Vec<Environment>> {
        self.warm.lock().expect("nothing panics while it holds the list")
    }
}

/// The absolute path of a file that can be executed.
fn executable(path: &Path) -> Result<PathBuf, StartError> {
    use std::os::unix::fs::PermissionsExt;

    let Ok(absolute) = path.canonicalize() else {
        return Err(StartError::Missing { path: path.to_owned() });
    };
    let is_executable = absolute
        .metadata()
        .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0);
    if is_executable { Ok(absolute) } else { Err(StartError::NotExecutable { path: absolute }) }
}
