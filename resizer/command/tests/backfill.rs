//! `resizer backfill` as a process of its own against the embedded S3: what it makes, what it
//! leaves, what it says it costs, and how it goes on after a kill.

#[path = "backfill/batch_operations.rs"]
mod batch_operations;
#[path = "backfill/bucket.rs"]
mod bucket;
#[path = "backfill/prune.rs"]
mod prune;
#[path = "backfill/races.rs"]
mod races;
#[path = "backfill/run.rs"]
mod run;
