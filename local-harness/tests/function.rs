//! The shipped binary in the harness: the real SDK puts objects, real notifications reach the
//! function through the queue, and what it stores is read back and opened by another decoder.

#[path = "function/after_success.rs"]
mod after_success;
#[path = "function/auto_format.rs"]
mod auto_format;
#[path = "function/budgets.rs"]
mod budgets;
#[path = "function/concurrent.rs"]
mod concurrent;
#[path = "function/earlier.rs"]
mod earlier;
#[path = "function/endpoint.rs"]
mod endpoint;
#[path = "function/endpoint_asked.rs"]
mod endpoint_asked;
#[path = "function/endpoint_attacks.rs"]
mod endpoint_attacks;
#[path = "function/endpoint_signed.rs"]
mod endpoint_signed;
#[path = "function/events.rs"]
mod events;
#[path = "function/faults.rs"]
mod faults;
#[path = "function/focal_point.rs"]
mod focal_point;
#[path = "function/histories.rs"]
mod histories;
#[path = "function/hostile.rs"]
mod hostile;
#[path = "function/ignored.rs"]
mod ignored;
#[path = "function/load.rs"]
mod load;
#[path = "function/manifest.rs"]
mod manifest;
#[path = "function/metrics.rs"]
mod metrics;
#[path = "function/protocol.rs"]
mod protocol;
#[path = "function/refusals.rs"]
mod refusals;
#[path = "function/shared.rs"]
mod shared;
#[path = "function/site.rs"]
mod site;
#[path = "function/support.rs"]
mod support;
#[path = "function/triggers.rs"]
mod triggers;
#[path = "function/unreadable.rs"]
mod unreadable;
#[path = "function/variants.rs"]
mod variants;
#[path = "../lambda/tests/lambda/wire.rs"]
mod wire;
