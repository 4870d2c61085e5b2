//! The worker from its start to its end: settings and clients, its servers, the queue, and what a
//! signal does to them.

use std::io;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Duration;

use resizer::client::{ClientError, Environment, region};
use resizer::config::{Config, ConfigError};
use resizer::handler::App;
use resizer::logging;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::{JoinSet, LocalSet};
use tokio::time::timeout;

use crate::metrics::Metrics;
use crate::queue::{self, Place, Queue};
use crate::server::{self, Limits};
use crate::settings::{Settings, SettingsError};
use crate::shared::Shared;
use crate::stop::{Phase, Stop};
use crate::{public, status};

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
    #[error(
        "the worker cannot listen on {address} ({name}): {source}; free the port, or set another"
    )]
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
pub(crate) fn run(with_http: bool) -> ExitCode {
    logging::install();
    resizer_engine::silence_caught_panics();
    // One thread for protocol and connections, as on Lambda; engines have threads of their own.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a process that just started can have a timer and an IO driver");
    let ended = LocalSet::new().block_on(&runtime, work(with_http));
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

async fn work(with_http: bool) -> Result<ExitCode, StartError> {
    let settings = Settings::read(with_http)?;
    let config = Config::load(&settings.of_function())?;
    settings.check_against(&config)?;
    for warning in &config.warnings {
        tracing::warn!(code = ConfigError::CODE, "{warning}");
    }
    let region = region()?;
    let credentials = queue::credentials(&region).await?;
    let environment = Environment::with_credentials(credentials.clone(), region.clone())
        .with_function_name(settings.name.clone());
    let queue = settings.queue_url.clone();
    let place = |url| Place { url, region, visibility: settings.visibility };
    let queue = queue.map(|url| Queue::new(place(url), &environment, credentials)).transpose()?;
    let app = App::new(config, &environment)?;
    let mut signals = Signals::new().map_err(StartError::Signals)?;
    let metrics = Metrics::new(queue.is_some());
    let stop = Stop::default();
    let shared = Rc::new(Shared { app, settings, metrics, stop });

    let settings = &shared.settings;
    let status = listen("RESIZER_STATUS_ADDRESS", settings.status_address).await?;
    let http = match &settings.http {
        Some(http) => Some(listen("RESIZER_HTTP_ADDRESS", http.address).await?),
        None => None,
    };
    let address = |listener: &TcpListener| listener.local_addr().ok();
    shared.say_hello(address(&status), http.as_ref().and_then(address));

    let routes = status::Routes(Rc::clone(&shared));
    let status = server::serve(status, Limits::STATUS, routes, Rc::clone(&shared));
    let status = tokio::task::spawn_local(status);
    let mut working = JoinSet::new();
    if let Some(listener) = http {
        let limits = Limits::public(settings.deadline);
        let routes = public::Routes::new(Rc::clone(&shared));
        let shared = Rc::clone(&shared);
        working.spawn_local(async move {
            server::serve(listener, limits, routes.clone(), shared).await;
            routes.idle().await;
        });
    }
    if let Some(queue) = queue {
        working.spawn_local(queue::work(Rc::clone(&shared), queue));
    }
    let code = end(&shared, &mut signals, working).await;
    status.abort();
    Ok(code)
}

async fn listen(name: &'static str, address: SocketAddr) -> Result<TcpListener, StartError> {
    let listener = TcpListener::bind(address).await;
    listener.map_err(|source| StartError::Listen { name, address, source })
}

/// Waits for a signal, and then for the work: for as long as it may take, and then for its release.
async fn end(shared: &Shared, signals: &mut Signals, mut working: JoinSet<()>) -> ExitCode {
    tokio::select! {
        () = signals.next() => {}
        // A part that ends before a signal has panicked, and its log line says why.
        ended = working.join_next() => {
            let bug = ended.and_then(Result::err).map(|bug| bug.to_string()).unwrap_or_default();
            tracing::error!(code = "bug", "a part of the worker ended, so all of it ends: {bug}");
            return ExitCode::FAILURE;
        }
    }
    shared.stop.begin(Phase::Draining);
    let limit = shared.settings.drain;
    let limit_s = limit.as_secs();
    tracing::info!(event = "drain", "nothing more is accepted; what is under way has {limit_s} s");
    let all = async |working: &mut JoinSet<()>| while working.join_next().await.is_some() {};
    let drained = async {
        if timeout(limit, all(&mut working)).await.is_ok() {
            tracing::info!(event = "drained", "everything under way is done");
            return;
        }
        shared.stop.begin(Phase::Ending);
        tracing::warn!(event = "stopped", "what was still under way is stopped and comes back");
        let _ = timeout(RELEASE_TIME, all(&mut working)).await;
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
