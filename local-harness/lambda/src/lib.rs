//! AWS Lambda for tests and development.
//!
#![doc = include_str!("../README.md")]

mod api;
mod asynchronous;
mod attribution;
mod cpu;
mod directory;
mod environment;
pub mod event_source;
mod extensions;
mod extensions_api;
pub mod failure;
mod function;
pub mod function_url;
mod host;
pub mod http;
mod invocation;
pub mod invoke_api;
mod log;
mod memory;
mod options;
mod output;
mod platform_log;
mod process;
pub mod queue;
pub mod report;
pub mod runtime_api;
pub mod seeded;
mod shared_environment;
pub mod state;
mod variables;
pub mod work;
mod workers;

pub use api::FunctionMetadata;
pub use asynchronous::AsynchronousOptions;
pub use cpu::processors;
pub use function::Function;
pub use invocation::Invocation;
pub use log::{LogLine, LogLines, LogSink, log};
pub use options::{ACCOUNT_ID, FunctionOptions};
