//! The worker's binary between the embedded S3 and the harness's queue, which it reaches with the
//! real SDKs: what it stores, and what becomes of messages when it is slow, stopped or killed.

#[path = "worker/container.rs"]
mod container;
#[path = "worker/drain.rs"]
mod drain;
#[path = "worker/http.rs"]
mod http;
#[path = "worker/messages.rs"]
mod messages;
#[path = "worker/same.rs"]
mod same;
#[path = "worker/start.rs"]
mod start;
#[path = "worker/support.rs"]
mod support;
#[path = "worker/webhook.rs"]
mod webhook;
