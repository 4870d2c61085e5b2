//! A deployed function: its environments, and the choice of one for each invocation.
//! In: payloads. Out: finished invocations. Knows nothing of what runs inside an environment.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use tokio::sync::Semaphore;

use super::cpu::{Controller, processors};
use super::environment::{Environment, Processes};
use super::failure::{InitError, StartError};
use super::invocation::Invocation;
use super::options::FunctionOptions;
use crate::seeded::{seed_of, uuid};

/// A deployed function: its environments, warm and busy.
#[derive(Debug)]
pub struct Function {
    options: Mutex<Arc<FunctionOptions>>,
    max_concurrency: usize,
    warm: Mutex<Vec<Environment>>,
    free: Semaphore,
    invocations: AtomicU64,
    environments: AtomicU64,
    processes: Arc<Processes>,
    /// Where the processor time of environments is limited, or why it is not.
    cpu: Option<Result<Controller, String>>,
}

impl Function {
    /// Checks the binary. The first process starts with [`Function::warm_up`] or the first event.
    ///
    /// # Errors
    /// `Missing` and `NotExecutable`, with the path and what to do.
    pub fn new(mut options: FunctionOptions) -> Result<Self, StartError> {
        options.bootstrap = executable(&options.bootstrap)?;
        options.max_concurrency = options.max_concurrency.max(1);
        let cpu = options.limits_cpu.then(Controller::find);
        Ok(Self {
            cpu,
            free: Semaphore::new(options.max_concurrency),
            max_concurrency: options.max_concurrency,
            options: Mutex::new(Arc::new(options)),
            warm: Mutex::new(Vec::new()),
            invocations: AtomicU64::new(0),
            environments: AtomicU64::new(0),
            processes: Arc::default(),
        })
    }

    /// The options of the function.
    pub fn options(&self) -> Arc<FunctionOptions> {
        Arc::clone(&self.options.lock().expect("nothing panics while it holds the options"))
    }

    /// Replaces the function's environment variables, as an update of its configuration does: later
    /// invocations run in new environments, running ones end in theirs.
    ///
    /// # Errors
    /// What a process with the new variables posted to `/init/error`, or how it ended. The old
    /// variables and environments then stay.
    pub async fn update_env(&self, env: Vec<(String, String)>) -> Result<(), InitError> {
        let _free = self.free.acquire().await.expect("the semaphore is never closed");
        let options = Arc::new(FunctionOptions { env, ..FunctionOptions::clone(&self.options()) });
        let mut environment = self.environment(Arc::clone(&options));
        environment.warm_up().await?;
        *self.options.lock().expect("nothing panics while it holds the options") = options;
        let outdated = std::mem::replace(&mut *self.warm(), vec![environment]);
        for environment in outdated {
            environment.shutdown().await;
        }
        Ok(())
    }

    /// The processors whose time an environment gets; `None` where the options do not ask for a
    /// limit.
    ///
    /// # Errors
    /// Why the system does not allow a limit; environments then run without one.
    pub fn cpu_limit(&self) -> Option<Result<f64, &str>> {
        self.cpu.as_ref().map(|found| match found {
            Ok(_) => Ok(processors(self.options().memory_size_mb)),
            Err(reason) => Err(reason.as_str()),
        })
    }

    /// Starts one environment before its first event. The report of that event has the init's
    /// duration, as after any cold start.
    ///
    /// # Errors
    /// What the process posted to `/init/error`, or how it ended.
    pub async fn warm_up(&self) -> Result<(), InitError> {
        let _free = self.free.acquire().await.expect("the semaphore is never closed");
        let mut environment = self.new_environment();
        environment.warm_up().await?;
        self.warm().push(environment);
        Ok(())
    }

    /// Runs one event in a warm environment, or in a new one, or waits until one is free.
    pub async fn invoke(&self, payload: Vec<u8>) -> Invocation {
        let number = self.invocations.fetch_add(1, Ordering::Relaxed);
        self.invoke_as(uuid(seed_of(&self.options().name), number), payload).await
    }

    /// The same under a request id that the caller knows already, as the retries of an
    /// asynchronous event have it.
    pub async fn invoke_as(&self, request_id: String, payload: Vec<u8>) -> Invocation {
        let _free = self.free.acquire().await.expect("the semaphore is never closed");
        let warm = self.warm().pop();
        let mut environment = warm.unwrap_or_else(|| self.new_environment());
        let invocation = environment.invoke(request_id, Bytes::from(payload)).await;
        if environment.is_of(&self.options()) {
            self.warm().push(environment);
        } else {
            environment.shutdown().await;
        }
        invocation
    }

    /// The process ids of all environments.
    pub fn process_ids(&self) -> Vec<u32> {
        self.processes.ids()
    }

    /// Kills all processes, as a lost machine would. Their invocations fail; the next ones start
    /// new processes.
    pub fn kill(&self) {
        self.processes.kill();
    }

    /// Waits for running invocations and ends all processes. Dropping the function ends them at
    /// once instead.
    pub async fn shutdown(&self) {
        let all = u32::try_from(self.max_concurrency).unwrap_or(u32::MAX);
        let _free = self.free.acquire_many(all).await.expect("the semaphore is never closed");
        let environments = std::mem::take(&mut *self.warm());
        for environment in environments {
            environment.shutdown().await;
        }
    }

    fn new_environment(&self) -> Environment {
        self.environment(self.options())
    }

    fn environment(&self, options: Arc<FunctionOptions>) -> Environment {
        let number = self.environments.fetch_add(1, Ordering::Relaxed);
        let cpu = self.cpu.as_ref().and_then(|found| found.as_ref().ok()).cloned();
        Environment::new(options, Arc::clone(&self.processes), (number, cpu))
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
