//! The embedded S3, through AWS's own client.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like the tests themselves")]

mod access;
mod browsers;
mod buckets;
mod checksums;
mod conditions;
mod copying;
mod durability;
mod keys;
mod listing;
mod multipart;
mod notifications;
mod objects;
mod post;
mod presigned;
mod random;
mod support;
mod versions;
