//! A platform in virtual time.
//!
#![doc = include_str!("../README.md")]

mod advice;
mod agenda;
mod arrivals;
mod bucket;
mod chance;
mod histogram;
mod lambda;
mod mapping;
mod outcome;
mod queue;
mod recorder;
mod s3;
mod scenario;
mod service;
pub mod time;
mod world;

pub use advice::{Advice, Bound, MemorySize};
pub use arrivals::{Arrivals, Gaps};
pub use chance::{Chance, Distribution};
pub use histogram::Spread;
pub use lambda::LambdaOptions;
pub use mapping::{MappingOptions, Polling};
pub use outcome::{Events, Outcome, Peaks, Used, Window};
pub use queue::QueueOptions;
pub use s3::S3Options;
pub use scenario::{Effect, InvalidScenario, Poison, Ramps, Scenario};
pub use service::{Sample, ServiceTimes};
pub use world::simulate;
