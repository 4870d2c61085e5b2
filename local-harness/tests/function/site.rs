//! A function URL in front of the function, and what tests ask of it.

use std::net::SocketAddr;
use std::sync::Arc;

use lambda_local::function_url::FunctionUrl;
use local_harness::harness::HarnessOptions;
use local_harness::upload_line::UploadLine;
use resizer::endpoint::query::Query;
use resizer::endpoint::signature::SigningKeys;

use crate::support::Bench;
use crate::wire::{self, Answer};

/// Two keys, of which the second one is about to take the first one's place.
pub(crate) const KEYS: &str =
    "old:00000000000000000000000000000000,new:11111111111111111111111111111111";

pub(crate) struct Site {
    pub(crate) bench: Bench,
    pub(crate) url: FunctionUrl,
}

impl Site {
    /// No events: what is made is made for a request. All requests to S3 are recorded.
    pub(crate) async fn start(config: &str) -> Self {
        Self::with(config, |_| {}).await
    }

    pub(crate) async fn with(config: &str, change: impl FnOnce(&mut HarnessOptions)) -> Self {
        let bench = Bench::quiet(config, |options| {
            options.env.push(("RESIZER_SIGNING_KEYS".to_owned(), KEYS.to_owned()));
            change(options);
        })
        .await;
        Self::around(bench).await
    }

    /// In front of a function that is there.
    pub(crate) async fn around(bench: Bench) -> Self {
        bench.fault_proxy().injector.record();
        let url = FunctionUrl::start(Arc::clone(&bench.harness.function), 0).await;
        Self { url: url.expect("a port"), bench }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.url.address()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[]).await
    }

    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        wire::send(self.address(), &format!("{method} {path}"), headers, b"").await
    }

    /// The status and the code of an error.
    pub(crate) async fn refused(&self, path: &str) -> (u16, String) {
        let answer = self.get(path).await;
        let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        (answer.status, body["code"].as_str().unwrap_or_default().to_owned())
    }

    /// The requests to S3 since the last call, without those for the ledger.
    pub(crate) fn requests(&self) -> Vec<String> {
        let injector = &self.bench.fault_proxy().injector;
        let recorded = injector.recorded();
        injector.record();
        let path = |request: String| request.split('?').next().unwrap_or_default().to_owned();
        recorded.into_iter().map(path).filter(|one| !one.ends_with("layouts.json")).collect()
    }

    /// The outcomes of the deliveries that the function has told of since the last call.
    pub(crate) fn outcomes(&mut self) -> Vec<String> {
        let mut outcomes = Vec::new();
        while let Ok(line) = self.bench.harness.log.try_recv() {
            outcomes.extend(UploadLine::parse(&line.text).map(|line| line.outcome));
        }
        outcomes
    }
}

/// The path and query of a URL, signed with the key of that id.
pub(crate) fn signed(id: &str, path: &str, parameters: &[(&str, &str)]) -> String {
    let keys = SigningKeys::parse(KEYS).expect("good keys");
    let query: Query<'_> = parameters.iter().copied().collect();
    keys.find(Some(id)).expect("the key").url(path, &query)
}
