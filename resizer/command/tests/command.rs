//! The real binary: its whole output for good and bad configurations and files, and the same bytes
//! as the function stores.

#[path = "command/check.rs"]
mod check;
#[path = "command/documents.rs"]
mod documents;
#[path = "command/import.rs"]
mod import;
#[path = "command/render.rs"]
mod render;
#[path = "command/same.rs"]
mod same;
#[path = "command/sign.rs"]
mod sign;
#[path = "command/support.rs"]
mod support;
