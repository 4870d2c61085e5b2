//! The SQS protocol (JSON 1.0) over one queue, for the AWS SDKs: receive, delete, change
//! visibility, send, and attributes. In: requests on a port. Out: SQS's answers.
//! Signatures are not verified, but the access key must be the one of the options.
//! Source: Amazon SQS API Reference; Smithy, "AWS JSON 1.0 protocol", "awsQueryCompatible trait".

mod batches;
mod operations;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Request, StatusCode};
use serde_json::{Value, json};

use super::Queue;
use crate::http::{Answer, Listen, Server, header, json_answer, receive};

/// The largest request: ten messages of the largest size, as JSON.
const REQUEST_MAX_BYTES: usize = 8 << 20;

/// The account of the queue in its URL.
const ACCOUNT: &str = "000000000000";

/// Where a queue is served, and to whom.
#[derive(Debug, Clone)]
pub struct QueueApiOptions {
    /// The address, and whose requests are answered.
    pub listen: Listen,
    /// The region in the queue's ARN.
    pub region: String,
    /// The one access key that may use it.
    pub access_key: String,
}

/// A queue on a port; it ends when this is dropped.
#[derive(Debug)]
pub struct QueueApi {
    server: Server,
    name: String,
}

/// An error in SQS's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Refusal {
    status: StatusCode,
    /// Without its namespace.
    code: &'static str,
    message: &'static str,
}

impl Refusal {
    /// The code of the older protocol, by which AWS's SDKs still know an error.
    fn query_code(&self) -> String {
        match self.code {
            "QueueDoesNotExist" => "AWS.SimpleQueueService.NonExistentQueue".to_owned(),
            "BatchEntryIdsNotDistinct"
            | "BatchRequestTooLong"
            | "EmptyBatchRequest"
            | "InvalidBatchEntryId"
            | "TooManyEntriesInBatchRequest"
            | "UnsupportedOperation" => format!("AWS.SimpleQueueService.{}", self.code),
            code => code.to_owned(),
        }
    }

    const fn new(code: &'static str, message: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code, message }
    }
}

impl QueueApi {
    /// Serves the queue.
    ///
    /// # Errors
    /// Where the port cannot be had.
    pub async fn start(queue: Arc<Queue>, options: QueueApiOptions) -> io::Result<Self> {
        let (name, listen) = (queue.options().name, options.listen.clone());
        let options = Arc::new(options);
        let server = Server::start(listen, move |request| {
            let (queue, options) = (Arc::clone(&queue), Arc::clone(&options));
            async move { answer(&queue, &options, request).await }
        });
        Ok(Self { server: server.await?, name })
    }

    /// The address that it listens on.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// The address for clients, such as `http://127.0.0.1:9324`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// The URL that names the queue in requests.
    pub fn queue_url(&self) -> String {
        queue_url(self.server.address(), &self.name)
    }
}

fn queue_url(address: SocketAddr, name: &str) -> String {
    format!("http://{address}/{ACCOUNT}/{name}")
}

async fn answer(queue: &Queue, options: &QueueApiOptions, request: Request<Incoming>) -> Answer {
    let (head, body) = request.into_parts();
    let credential = format!("Credential={}/", options.access_key);
    if !header(&head.headers, "authorization").is_some_and(|value| value.contains(&credential)) {
        let refusal = Refusal {
            status: StatusCode::FORBIDDEN,
            code: "InvalidClientTokenId",
            message: "The security token included in the request is invalid.",
        };
        return refused(refusal);
    }
    let target = header(&head.headers, "x-amz-target").unwrap_or_default();
    let operation = target.strip_prefix("AmazonSQS.").unwrap_or_default().to_owned();
    let host = header(&head.headers, "host").unwrap_or_default().to_owned();
    let parsed = match receive(body, REQUEST_MAX_BYTES).await {
        Ok(body) => serde_json::from_slice::<Value>(&body.bytes).ok(),
        Err(_) => None,
    };
    let Some(input) = parsed else {
        return refused(Refusal::new("MalformedInput", "The body is no JSON."));
    };
    let answered = operations::answer(queue, &operation, &input, (&host, &options.region)).await;
    answered.map_or_else(refused, |output| in_json(StatusCode::OK, &output))
}

fn refused(refusal: Refusal) -> Answer {
    let query_code = refusal.query_code();
    let Refusal { status, code, message } = refusal;
    let kind = format!("com.amazonaws.sqs#{code}");
    let mut answer = in_json(status, &json!({ "__type": kind, "message": message }));
    let fault = if status.is_server_error() { "Receiver" } else { "Sender" };
    if let Ok(value) = HeaderValue::try_from(format!("{query_code};{fault}")) {
        answer.headers_mut().insert("x-amzn-query-error", value);
    }
    answer
}

fn in_json(status: StatusCode, body: &Value) -> Answer {
    let mut answer = json_answer(status, body);
    let json = HeaderValue::from_static("application/x-amz-json-1.0");
    answer.headers_mut().insert(CONTENT_TYPE, json);
    answer
}
