//! AWS Lambda for tests and development.
//!
#![doc = include_str!("../README.md")]

mod api;
mod asynchronous;
mod cpu;
mod directory;
mod environment;
pub mod event_source;
mod extensions;
mod extensions_api;
pub mod failure;
mod function;
pub mod function_url;
pub mod http;
mod invocation;
pub mod invoke_api;
mod memory;
mod options;
mod output;
mod process;
pub mod queue;
pub mod report;
pub mod runtime_api;
pub mod seeded;
pub mod state;
mod variables;
pub mod work;

pub use api::FunctionMetadata;
pub use asynchronous::AsynchronousOptions;
pub use cpu::processors;
pub use function::Function;
pub use invocation::{Invocation, LogLine, LogSink};
pub use options::{ACCOUNT_ID, FunctionOptions};
