//! The embedded S3, spoken to by AWS's own client over its socket.

#![allow(clippy::unwrap_used)]

mod access;
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
