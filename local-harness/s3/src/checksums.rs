//! S3's additional checksums: what a request claims and what was stored.
//! Bytes are hashed elsewhere; here only values are compared.

mod algorithm;
mod parted;
mod stored;

pub(crate) use algorithm::{Algorithm, DEFAULT_ALGORITHM};
pub(crate) use parted::PartedChecksum;
pub(crate) use stored::{Coverage, StoredChecksum};
