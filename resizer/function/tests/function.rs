//! The function's values: configuration and events. Its work against S3 is tested in the harness,
//! through the shipped binary.

#[path = "function/cases.rs"]
mod cases;
#[path = "function/configuration.rs"]
mod configuration;
#[path = "function/events.rs"]
mod events;
#[path = "function/events_pushed.rs"]
mod events_pushed;
#[path = "function/outputs.rs"]
mod outputs;
#[path = "function/responsive.rs"]
mod responsive;
#[path = "function/rules.rs"]
mod rules;
#[path = "function/start.rs"]
mod start;
