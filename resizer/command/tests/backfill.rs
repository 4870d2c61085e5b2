//! `resizer backfill` as a process of its own against the embedded S3: what it makes, what it
//! leaves, what it says it costs, and how it goes on after a kill.

#[path = "backfill/bucket.rs"]
mod bucket;
#[path = "backfill/run.rs"]
mod run;
