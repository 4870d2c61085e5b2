//! What all parts of the worker have in common, made once per process.

use std::net::SocketAddr;
use std::time::Duration;

use resizer::batch::Invocation;
use resizer::handler::App;
use tokio::time::Instant;

use crate::metrics::Metrics;
use crate::settings::Settings;
use crate::stop::Stop;

/// Shared by all tasks of the one thread.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) app: App,
    pub(crate) settings: Settings,
    pub(crate) metrics: Metrics,
    pub(crate) stop: Stop,
}

impl Shared {
    /// The terms of one event that begins now.
    pub(crate) fn invocation(&self, request_id: String) -> Invocation {
        let deadline = Instant::now() + self.settings.deadline;
        let (lifetime, beside) = (self.settings.lifetime(), self.settings.concurrency - 1);
        Invocation { request_id, deadline, lifetime, beside, trace_id: None }
    }

    /// The longest between a request without an answer and its effect.
    pub(crate) fn late_requests(&self) -> Duration {
        self.app.config().late_requests
    }

    /// The first line of the log: what the worker goes by.
    pub(crate) fn say_hello(&self, status: Option<SocketAddr>, http: Option<SocketAddr>) {
        let Settings { queue_url, memory_mib, processors, concurrency, .. } = &self.settings;
        let text = |address: Option<SocketAddr>| address.map(|address| address.to_string());
        tracing::info!(
            event = "start",
            version = env!("CARGO_PKG_VERSION"),
            queue = queue_url.as_deref(),
            http = text(http),
            memoryMiB = *memory_mib,
            processors = processors.to_string(),
            concurrency = *concurrency as u64,
            status = text(status),
            "the worker has started"
        );
    }
}
