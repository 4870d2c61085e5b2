//! The function around the engine: an event becomes uploads, an upload becomes stored variants.
//!
//! | file | in -> out |
//! |---|---|
//! | [`config`] | TOML text -> [`Config`](config::Config), or every problem in one message |
//! | [`rules`] | bucket and key -> the rule that they get; keys of everything it may write |
//! | [`reason`] | why no rule serves an object, in a sentence |
//! | [`pattern`], [`template`] | globs and key templates, and whether two of them can meet |
//! | [`filter`] | which objects a rule is for |
//! | [`layout`], [`ledger`] | where results may lie, by this and by earlier configurations |
//! | [`event`] | any trigger's JSON -> [`ObjectRef`](event::ObjectRef)s |
//! | [`protocol`] | what was seen -> what to do next; pure, and what the model checker runs |
//! | [`closing`] | what a delivery in shared places looks at again before it ends; pure, too |
//! | [`handler`] | one upload through the protocol: fetch, render, store, verify |
//! | [`prepared`] | an upload's bytes and the job that borrows from them |
//! | [`budget`] | memory and processors shared out |
//! | [`store`] | the only file that speaks to S3 |
//! | [`batch`] | the objects of an event -> a report each, several at a time |
//! | [`answer`] | a whole event -> the answer in its trigger's shape |
//! | [`manifest`] | what was made of which source, as JSON |
//! | [`responsive`] | variants -> `srcset` strings and a `<picture>` |
//! | [`fingerprint`] | what decides a result -> what says later whether it is up to date |
//! | [`object_properties`], [`digest`] | how an object is kept, as headers; bytes -> digits |
//! | [`completion`], [`signed`] | a report -> a message to EventBridge or SNS |
//! | [`report`], [`times`] | what the steps of an upload returned and took |
//! | [`log_line`] | a report -> one structured log line |
//! | [`error`] | [`Fault`](error::Fault): the world's fault, may pass |
//! | [`refusal`] | [`Refusal`](refusal::Refusal): why an object gets no variants; done |
//! | [`logging`] | diagnostics as JSON lines |
//! | [`client`] | environment -> clients |
//! | [`lambda`] | AWS Lambda around all of this |
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod answer;
pub mod batch;
pub mod budget;
pub mod client;
pub mod closing;
pub mod completion;
pub mod config;
pub mod digest;
pub mod error;
pub mod event;
pub mod filter;
pub mod fingerprint;
pub mod handler;
pub mod lambda;
pub mod layout;
pub mod ledger;
pub mod log_line;
pub mod logging;
pub mod manifest;
pub mod object_properties;
pub mod pattern;
pub mod prepared;
pub mod protocol;
pub mod reason;
pub mod refusal;
pub mod report;
pub mod responsive;
pub mod rules;
pub mod signed;

pub mod store;
pub mod template;
pub mod times;
