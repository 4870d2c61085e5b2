//! What `up` serves besides S3: Lambda's Invoke API, the function URL, the queue, and the page.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, RwLock};

use lambda_local::AsynchronousOptions;
use lambda_local::function_url::FunctionUrl;
use lambda_local::http::Listen;
use lambda_local::invoke_api::InvokeApi;
use lambda_local::queue::api::{QueueApi, QueueApiOptions};
use serde_json::json;
use tokio::sync::Mutex;
use tokio::sync::mpsc::UnboundedSender;

use super::arguments::{FIRST_RETRY_DELAY, Plan};
use super::cors;
use super::reload::{Reloading, Watching};
use crate::commands::CommandError;
use crate::harness::{Harness, Keys, REGION, s3_client_with};
use crate::page::feed::Feed;
use crate::page::{Context, Page};

/// The running services; they end with this.
#[derive(Debug)]
pub(super) struct Services {
    /// What the page is told.
    pub(super) feed: Arc<Feed>,
    /// URLs for users.
    pub(super) urls: Urls,
    _invoke_api: InvokeApi,
    _function_url: FunctionUrl,
    _queue_api: QueueApi,
    _page: Page,
    _watching: Option<Watching>,
}

/// URLs without a slash at the end.
#[derive(Debug, Clone)]
pub(super) struct Urls {
    /// The S3 endpoint.
    pub(super) s3: String,
    /// Lambda's Invoke API.
    pub(super) lambda: String,
    /// The function URL.
    pub(super) function: String,
    /// The queue's SQS endpoint.
    pub(super) sqs: String,
    /// The page.
    pub(super) page: String,
}

/// The URL under which this machine reaches a server.
pub(super) fn url(address: SocketAddr) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, address.port()))
}

impl Services {
    /// Starts all of them.
    ///
    /// # Errors
    /// `Port` for one that was taken meanwhile, `Harness` where CORS cannot be set.
    pub(super) async fn start(
        plan: &Plan,
        harness: &Harness,
        keys: &Keys,
        lines: UnboundedSender<String>,
    ) -> Result<Self, CommandError> {
        let (args, function) = (&plan.args, &harness.function);
        let apps = &args.allowed_origins;
        let listen = |port: u16, origins: &[String]| Listen {
            address: (args.host, port).into(),
            access: plan.access(origins),
            allows_half_close: true,
        };
        // Short delays, as a user watches.
        let asynchronous = AsynchronousOptions {
            retry_delays: vec![FIRST_RETRY_DELAY, 2 * FIRST_RETRY_DELAY],
            journal: Some(args.data_dir.join("asynchronous.journal")),
            ..AsynchronousOptions::default()
        };
        // Their requests are not signed, or their signatures are not checked.
        let for_programs = |port: u16| {
            let mut listener = listen(port, &[]);
            listener.access.programs_only = true;
            listener
        };
        let listener = for_programs(args.lambda_port);
        let invoke_api = InvokeApi::start(Arc::clone(function), asynchronous, listener);
        let invoke_api = invoke_api.await.map_err(taken(args.lambda_port, "--lambda-port"))?;
        let function_url = FunctionUrl::start(Arc::clone(function), listen(args.url_port, apps));
        let function_url = function_url.await.map_err(taken(args.url_port, "--url-port"))?;
        let sqs = QueueApiOptions {
            listen: for_programs(args.sqs_port),
            region: REGION.to_owned(),
            access_key: keys.access_key.clone(),
        };
        let queue_api = QueueApi::start(Arc::clone(&harness.queue), sqs).await;
        let queue_api = queue_api.map_err(taken(args.sqs_port, "--sqs-port"))?;

        let endpoint = harness.endpoint().trim_start_matches("http://").parse();
        let mut urls = Urls {
            s3: endpoint.map_or_else(|_| harness.endpoint().to_owned(), url),
            lambda: url(invoke_api.address()),
            function: url(function_url.address()),
            sqs: url(queue_api.address()),
            page: String::new(),
        };
        let (feed, text) = (Arc::default(), Arc::new(RwLock::new(plan.checked.text.clone())));
        let context = Context {
            info: info(plan, &urls),
            s3_url: urls.s3.clone(),
            upload_bucket: plan.buckets.uploads[0].clone(),
            text: Arc::clone(&text),
            s3: Arc::clone(harness.s3()),
            client: s3_client_with(&urls.s3, keys),
            keys: keys.clone(),
            feed: Arc::clone(&feed),
            rates: plan.rates.clone(),
            function: Arc::clone(function),
            source: plan.source.clone(),
            data_dir: args.data_dir.clone(),
            trial: Mutex::new(()),
        };
        let page = Page::start(listen(args.page_port, &[]), context).await;
        let page = page.map_err(taken(args.page_port, "--page-port"))?;
        urls.page = url(page.address());

        let mut origins = vec![urls.page.clone()];
        origins.extend(apps.iter().cloned());
        cors::allow(&harness.client, &plan.buckets.all(), &origins).await?;
        let reloading = Reloading {
            source: plan.source.clone(),
            chosen_bucket: args.bucket.clone(),
            function: Arc::clone(function),
            client: harness.client.clone(),
            s3: Arc::clone(harness.s3()),
            origins,
            is_public: args.public_read,
            text,
            lines,
        };
        let _watching = plan.source.path.is_some().then(|| reloading.start());
        let (_invoke_api, _function_url) = (invoke_api, function_url);
        let (_queue_api, _page) = (queue_api, page);
        Ok(Self { feed, urls, _invoke_api, _function_url, _queue_api, _page, _watching })
    }
}

/// What the page says of the harness, but for the configuration.
fn info(plan: &Plan, urls: &Urls) -> serde_json::Value {
    let prices = &plan.rates.prices;
    json!({
        "s3": urls.s3,
        "lambda": urls.lambda,
        "function_url": urls.function,
        "upload_bucket": plan.buckets.uploads[0],
        "buckets": plan.buckets.all(),
        "data_dir": plan.args.data_dir,
        "memory_mb": plan.source.memory_size_mb,
        "timeout_s": plan.timeout_s,
        "concurrency": plan.concurrency,
        "architecture": plan.rates.architecture.name(),
        "region": REGION,
        "prices": { "as_of": prices.as_of, "lines": prices.lines(plan.rates.architecture) },
    })
}

fn taken(port: u16, option: &'static str) -> impl FnOnce(io::Error) -> CommandError {
    move |error| CommandError::Port {
        what: "this option",
        port,
        reason: error.to_string(),
        option,
        suggested: 0,
    }
}
