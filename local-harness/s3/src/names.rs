//! Names of buckets, keys, versions, uploads and parts: which are allowed, and under which file
//! name a key or a part is stored.
//! Knows nothing of the disk.

use s3s::crypto::{Checksum as _, Sha256};
use s3s::{S3Result, s3_error};

use super::version_id::VersionId;

/// The longest key S3 takes, in bytes of UTF-8.
pub(crate) const MAX_KEY_BYTES: usize = 1024;

/// The most parts an upload can have, and the highest number of one.
const MAX_PARTS: i32 = 10_000;

/// Refuses a bucket name that S3 would not take; what passes is safe as one directory name.
pub(crate) fn check_bucket_name(name: &str) -> S3Result<()> {
    if s3s::path::check_bucket_name(name) {
        Ok(())
    } else {
        Err(s3_error!(InvalidBucketName, "The specified bucket is not valid."))
    }
}

/// Refuses an empty key and one that is too long.
pub(crate) fn check_key(key: &str) -> S3Result<()> {
    if key.is_empty() {
        return Err(s3_error!(InvalidArgument, "Object key must have a length greater than 0."));
    }
    if key.len() > MAX_KEY_BYTES {
        return Err(s3_error!(KeyTooLongError, "Your key is too long"));
    }
    Ok(())
}

/// An object as requests name it.
#[derive(Clone, Debug)]
pub(crate) struct ObjectName {
    pub(crate) key: String,
    /// None for the current version.
    pub(crate) version_id: Option<VersionId>,
}

impl ObjectName {
    /// Errors: `InvalidArgument` for what is no id of a version.
    pub(crate) fn new(key: String, version_id: Option<&str>) -> S3Result<Self> {
        Ok(Self { key, version_id: version_id.map(VersionId::parse).transpose()? })
    }
}

/// The file name of a version: the SHA-256 of its key in hex, so any two keys differ and none can
/// leave the directory or outgrow it, and the id unless it is `null`. The key itself stands in
/// the version's record.
pub(crate) fn version_file_name(key: &str, version_id: VersionId) -> String {
    let hash = hex(&Sha256::checksum(key.as_bytes()));
    match version_id {
        VersionId::Null => hash,
        VersionId::Unique(_) => format!("{hash}.{version_id}"),
    }
}

/// Whether a directory entry is one of [`version_file_name`]'s.
pub(crate) fn is_version_file_name(name: &str) -> bool {
    let (hash, version_id) = match name.split_once('.') {
        Some((hash, version_id)) => (hash, Some(version_id)),
        None => (name, None),
    };
    hash.len() == 64
        && hash.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
        && version_id.is_none_or(|id| VersionId::parse(id).is_ok_and(|id| !id.is_null()))
}

/// A multipart upload as requests name it.
#[derive(Clone, Debug)]
pub(crate) struct UploadName {
    pub(crate) key: String,
    pub(crate) upload_id: String,
}

/// Refuses a part number that S3 would not take.
pub(crate) fn check_part_number(number: i32) -> S3Result<()> {
    if (1..=MAX_PARTS).contains(&number) {
        return Ok(());
    }
    let message = "Part number must be an integer between 1 and 10000, inclusive";
    Err(s3_error!(InvalidArgument, "{message}"))
}

/// The number in the name of a part's file.
pub(crate) fn part_number_of_file(file_name: &str) -> Option<i32> {
    file_name.strip_prefix("part-")?.parse().ok()
}

/// The name of the file of a part.
pub(crate) fn part_file_name(number: i32) -> String {
    format!("part-{number:05}")
}

/// Lower-case hex of any bytes.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits =
        bytes.iter().flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]]);
    digits.map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::{check_bucket_name, check_key, hex, is_version_file_name, version_file_name};
    use crate::version_id::VersionId;

    #[test]
    fn keys_that_a_file_system_would_confuse_stay_apart() {
        let keys = ["x", "x/y", "d//e", "d/e", "../x", "/x", "X", "x ", "\u{e9}", "e\u{301}", "."];
        let ids = [VersionId::Null, VersionId::unique(), VersionId::unique()];
        let names = keys.iter().flat_map(|key| ids.map(|id| version_file_name(key, id)));
        let mut names: Vec<String> = names.collect();
        assert!(names.iter().all(|name| is_version_file_name(name)));
        let first = &names[0];
        assert!(!is_version_file_name(&format!("{first}.null")));
        assert!(!is_version_file_name(&format!("{first}.tmp")));
        names.sort();
        names.dedup();
        assert_eq!(names.len(), keys.len() * ids.len());
    }

    #[test]
    fn limits_are_those_of_s3() {
        assert!(check_key(&"k".repeat(1024)).is_ok());
        assert!(check_key(&"k".repeat(1025)).is_err());
        assert!(check_key("").is_err());
        assert!(check_bucket_name("photos-2024.raw").is_ok());
        for bad in ["ab", "..", "a/b", "Photos", "-photos", "photos..raw", "192.168.0.1"] {
            assert!(check_bucket_name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn hex_is_lower_case() {
        assert_eq!(hex(&[0, 0x7f, 0xab]), "007fab");
    }
}
