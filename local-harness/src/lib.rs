//! S3, a queue and AWS Lambda in one process on loopback, around the shipped `bootstrap` binary.
//!
//! | file | what it is |
//! |---|---|
//! | [`s3`] | the S3 server: real protocol, objects in a data directory, notifications |
//! | [`queue`] | a queue in the manner of SQS |
//! | [`event_source`] | takes batches from the queue to the function |
//! | [`lambda`] | the Runtime API, execution environments, START, END and REPORT lines |
//! | [`proxy`] | trouble between the function and S3, on request |
//! | [`harness`] | all of these wired as `infra/template.yaml` wires them |
//! | [`bootstrap`] | finds or builds the binary |
//! | [`upload_line`] | the function's structured log line, read back |
//! | [`model`] | the protocol in every order of events, workers and deaths |
//! | [`commands`] | `demo`, `up`, `replay`, and the checks under trouble |

pub mod bootstrap;
pub mod commands;
pub mod event_source;
pub mod harness;
pub mod lambda;
pub mod model;
pub mod proxy;
pub mod queue;
pub mod s3;
mod seeded;
pub mod upload_line;
