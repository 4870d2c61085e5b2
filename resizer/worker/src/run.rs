//! The worker from its start to its end: settings and clients, the status server, the queue, and
//! what a signal does to them.

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use resizer::client::{ClientError, Environment, region};
use resizer::config::{Config, ConfigError};
use resizer::handler::App;
use resizer::logging;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::LocalSet;

use crate::metrics::Metrics;
use crate::queue::{self, Queue};
use crate::settings::{Settings, SettingsError};
use crate::shared::Shared;
use crate::stop::{Phase, Stop};
use crate::{server, status};

/// How long the end may take once engines are told to stop and messages are released.
const RELEASE_TIME: Duration = Duration::from_secs(3);

/// What a process that a second signal ends exits with: 128 and the number of SIGTERM.
const EXIT_BY_SIGNAL: u8 = 143;

/// Why the worker cannot work.
#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("{name} names {address}, where nothing can listen: {source}")]
    Listen { name: &'static str, address: SocketAddr, source: io::Error },
    #[error("the system refuses to report signals: {0}")]
    Signals(io::Error),
}

impl StartError {
    fn code(&self) -> &'static str {
        match self {
            Self::Settings(_) => "settings",
            Self::Config(_) => ConfigError::CODE,
            Self::Client(_) => ClientError::CODE,
            Self::Listen { .. } => "listen",
            Self::Signals(_) => "signals",
        }
    }
}

/// Works until a signal. The exit code is 0 after a drain, also one that released messages.
pub(crate) fn run() -> ExitCode {
    logging::install();
    resizer_engine::silence_caught_panics();
    // One thread for protocol and connections, as on Lambda; engines have threads of their own.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a process that just started can have a timer and an IO driver");
    let ended = LocalSet::new().block_on(&runtime, work());
    // An engine that was told to stop ends by itself; nobody needs what it still makes.
    runtime.shutdown_background();
    match ended {
        Ok(code) => code,
        Err(error) => {
            tracing::error!(code = error.code(), "{error}");
            ExitCode::FAILURE
        }
    }
}

async fn work() -> Result<ExitCode, StartError> {
    let settings = Settings::read()?;
    let config = Config::load(&settings.of_function())?;
    settings.check_against(&config)?;
    for warning in &config.warnings {
        tracing::warn!(code = ConfigError::CODE, "{warning}");
    }
    let region = region()?;
    let credentials = queue::credentials(&region).await?;
    let environment = Environment::with_credentials(credentials.clone(), region.clone())
        .with_function_name(settings.name.clone());
    let queue = Queue::new(&settings, &environment, region, credentials)?;
    let late_requests = config.late_requests;
    let app = App::new(config, &environment)?;
    let mut signals = Signals::new().map_err(StartError::Signals)?;
    let stop = Stop::default();
    let metrics = Metrics::new();
    let address = settings.status_address;
    let shared = Rc::new(Shared { app, settings, late_requests, metrics, stop });

    let listener = tokio::net::TcpListener::bind(address).await;
    let name = "RESIZER_STATUS_ADDRESS";
    let listener = listener.map_err(|source| StartError::Listen { name, address, source })?;
    let address = listener.local_addr().unwrap_or(address);
    let status = tokio::task::spawn_local(server::serve(
        listener,
        server::Limits::STATUS,
        status::Routes(Rc::clone(&shared)),
        Rc::clone(&shared),
    ));
    shared.say_hello(address);
    let working = tokio::task::spawn_local(queue::work(Rc::clone(&shared), queue));
    let code = end(&shared, &mut signals, working).await;
    status.abort();
    Ok(code)
}

/// Waits for a signal, and then for the work: for as long as it may take, and then for its release.
async fn end(
    shared: &Shared,
    signals: &mut Signals,
    mut working: tokio::task::JoinHandle<()>,
) -> ExitCode {
    signals.next().await;
    shared.stop.begin(Phase::Draining);
    let limit = shared.settings.drain;
    tracing::info!(
        event = "drain",
        "no more messages are received; what is under way has {} s",
        limit.as_secs()
    );
    let drained = async {
        if tokio::time::timeout(limit, &mut working).await.is_ok() {
            tracing::info!(event = "drained", "everything under way is done");
            return;
        }
        shared.stop.begin(Phase::Ending);
        tracing::warn!(event = "released", "what was still under way is stopped and comes back");
        let _ = tokio::time::timeout(RELEASE_TIME, &mut working).await;
    };
    tokio::select! {
        () = drained => ExitCode::SUCCESS,
        () = signals.next() => {
            tracing::warn!(event = "killed", "a second signal ends the worker at once");
            ExitCode::from(EXIT_BY_SIGNAL)
        }
    }
}

/// SIGTERM and SIGINT.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        let terminate = signal(SignalKind::terminate())?;
        Ok(Self { terminate, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
