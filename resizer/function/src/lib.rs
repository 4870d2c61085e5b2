//! The AWS Lambda function that makes variants of uploaded images. It parses events, runs the
//! engine for each upload, and stores the results in S3.
//!
//! The function starts in [`lambda`]. The main steps of an upload are in [`handler`], and
//! [`protocol`] decides their order.
//!
//! | Module | What it does |
//! |---|---|
//! | [`lambda`] | starts the function and serves invocations |
//! | [`client`] | creates the AWS clients from environment variables |
//! | [`logging`] | writes diagnostics as JSON lines |
//! | [`event`] | parses the JSON of every trigger into [`ObjectRef`](event::ObjectRef)s |
//! | [`batch`] | processes the objects of an event, several at a time |
//! | [`answer`] | writes the answer to an event in the format of its trigger |
//! | [`endpoint`] | answers HTTP requests with pictures |
//! | [`config`] | parses the configuration, or reports all of its problems in one message |
//! | [`rules`] | finds the rule for an object and computes the keys of its results |
//! | [`filter`] | decides whether a rule applies to an object |
//! | [`reason`] | explains why no rule applies to an object |
//! | [`example`] | invents a key of an upload that a rule applies to |
//! | [`pattern`] | matches keys with globs and decides whether two globs overlap |
//! | [`template`] | expands key templates |
//! | [`layout`] | lists the keys of results under the current and earlier configurations |
//! | [`ledger`] | stores the key templates of all configurations in the output bucket |
//! | [`protocol`] | decides the next step of a delivery; the model checker runs it too |
//! | [`closing`] | decides what a delivery checks last if several sources can write the same keys |
//! | [`handler`] | carries out the protocol for one upload |
//! | [`prepared`] | holds the bytes of an upload together with the engine's job for them |
//! | [`made`] | runs the engine, computes digests, and builds the manifest |
//! | [`budget`] | shares memory and processors among uploads |
//! | [`store`] | sends all requests to S3 |
//! | [`object_properties`] | defines how a result is stored: storage class, tags, encryption |
//! | [`fingerprint`] | hashes everything that determines a result |
//! | [`digest`] | computes SHA-256 and MD5 digests |
//! | [`manifest`] | defines the JSON of manifests and failure records |
//! | [`responsive`] | builds `srcset` strings and `<picture>` elements |
//! | [`report`], [`times`] | collect the outcome, the requests, and the times of an upload |
//! | [`log_line`] | writes the log line of an upload |
//! | [`metrics`] | adds CloudWatch metrics to the log line |
//! | [`completion`], [`signed`] | send completion messages to EventBridge or SNS |
//! | [`error`] | defines [`Fault`](error::Fault), after which a delivery fails and is repeated |
//! | [`refusal`] | defines [`Refusal`](refusal::Refusal): why an object gets no variants |
#![forbid(unsafe_code)]

pub mod answer;
pub mod batch;
pub mod budget;
pub mod client;
pub mod closing;
pub mod completion;
pub mod config;
pub mod digest;
pub mod endpoint;
pub mod error;
pub mod event;
pub mod example;
pub mod filter;
pub mod fingerprint;
pub mod handler;
pub mod lambda;
pub mod layout;
pub mod ledger;
pub mod log_line;
pub mod logging;
pub mod made;
pub mod manifest;
pub mod metrics;
pub mod object_properties;
pub mod pattern;
pub mod percent;
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
