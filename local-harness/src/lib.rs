//! Emulates S3, SQS, and AWS Lambda in one process on the loopback interface, and runs the
//! function's `bootstrap` binary in this environment.
//!
//! | Module | What it does |
//! |---|---|
//! | [`backend`] | connects S3 and a queue for a process outside of Lambda |
//! | [`harness`] | connects all parts as `infra/template.yaml` does |
//! | [`measured`] | has the results of `load` |
//! | [`chart`] | draws lines as SVG |
//! | [`activity`] | tells invocations and uploads by the function's log |
//! | [`bill`] | computes what AWS would ask for them |
//! | [`page`] | serves the page of `up` |
//! | [`stdout`] | writes for readers that may be slow or gone |
//! | [`proxy`] | injects faults between the function and S3 |
//! | [`bootstrap`] | finds or builds the function's binary |
//! | [`upload_line`] | parses the function's log line of an upload |
//! | [`model`] | checks the function's protocol in every order of events |
//! | [`commands`] | runs the commands, such as `demo`, `up`, and `load`, and the stress tests |

#![warn(clippy::print_stdout)]

pub mod activity;
pub mod backend;
pub mod bill;
pub mod bootstrap;
pub mod chart;
pub mod commands;
mod forwarding;
pub mod harness;
pub mod measured;
pub mod model;
pub mod page;
pub mod proxy;
pub mod stdout;
pub mod upload_line;
