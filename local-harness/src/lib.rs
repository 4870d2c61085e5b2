//! S3, a queue and AWS Lambda in one process on loopback, around the shipped `bootstrap` binary.
//!
//! | file | what it is |
//! |---|---|
//! | [`s3`] | the S3 server: real protocol, objects in a data directory, notifications |
//! | [`queue`] | a queue like SQS |
//! | [`event_source`] | the mapping that delivers batches from the queue to the function |
//! | [`lambda`] | the Runtime API, execution environments, START, END and REPORT lines |
//! | [`proxy`] | fault injection between the function and S3 |
//! | [`harness`] | all of these, connected as in `infra/template.yaml` |
//! | [`bootstrap`] | finds or builds the binary |
//! | [`upload_line`] | the function's log line of one upload, parsed |
//! | [`model`] | a model checker for the function's protocol |
//! | [`commands`] | `demo`, `up`, `replay`, `model`, and the stress tests |

#![warn(missing_docs)]

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
