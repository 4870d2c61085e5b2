//! AWS Lambda in one process: the shipped binary behind the Runtime API, in execution environments.
//! In: options, payloads. Out: invocations with answer, report and log. Knows no S3 and no queue.
//! Code map: `function` shares events out among its environments; `environment` runs one child
//! after the other; `process`, `memory`, `output`, `variables` and `directory` are one child.
//! `state`, `work` and `extensions` say what a child may do when; `runtime_api`, `extensions_api`
//! and `http` are the wire. `invoke_api` is the API for clients, and `function_url` HTTP for them;
//! `report` and `failure` have AWS's own words.

mod api;
mod directory;
mod environment;
mod extensions;
mod extensions_api;
pub mod failure;
mod function;
pub mod function_url;
pub(crate) mod http;
mod invocation;
pub mod invoke_api;
mod memory;
mod options;
mod output;
mod process;
pub mod report;
pub mod runtime_api;
pub mod state;
mod variables;
pub mod work;

pub use api::FunctionMetadata;
pub use function::Function;
pub use invocation::{Invocation, LogLine, LogSink};
pub use options::{ACCOUNT_ID, FunctionOptions};
