//! The function around the engine: an event becomes uploads, an upload becomes stored variants.
//!
//! | file | in -> out |
//! |---|---|
//! | [`config`] | TOML text -> [`Config`](config::Config), or every problem in one message |
//! | [`rules`] | bucket and key -> the rule that they get; keys of everything it may write |
//! | [`pattern`], [`template`] | globs and key templates, and whether two of them can meet |
//! | [`event`] | any trigger's JSON -> [`ObjectRef`](event::ObjectRef)s |
//! | [`handler`] | one upload: fetch, render, store, verify |
//! | [`store`] | the only file that speaks to S3 |
//! | [`manifest`] | what was made of which source, as JSON |
//! | [`metrics`] | stage times and sizes -> one structured log line |
//! | [`error`] | [`Fault`](error::Fault): the world's fault, may pass |
//! | [`logging`] | diagnostics as JSON lines |
//! | [`answer`] | a whole event -> the answer in its trigger's shape |
//! | [`client`] | environment -> an S3 client |
//! | [`lambda`] | AWS Lambda around all of this |

pub mod answer;
pub mod client;
pub mod config;
pub mod error;
pub mod event;
pub mod handler;
pub mod lambda;
pub mod logging;
pub mod manifest;
pub mod metrics;
pub mod pattern;
pub mod rules;
pub mod store;
pub mod template;
