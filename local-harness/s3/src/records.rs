//! What is kept about buckets, objects and parts, as it stands on the disk.
//! Plain data: no paths, no requests.

pub(crate) mod version;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::checksums::{PartedChecksum, StoredChecksum};
use super::cors::CorsRule;
use super::notify::rule::NotificationRule;
use super::version_id::VersionId;

/// The storage class of an object that names none.
pub(crate) const STANDARD: &str = "STANDARD";

/// A bucket's own record.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct BucketRecord {
    /// Unix time in seconds.
    pub(crate) created_s: i64,
    pub(crate) notifications: Vec<NotificationRule>,
    #[serde(default)]
    pub(crate) cors: Vec<CorsRule>,
    #[serde(default)]
    pub(crate) versioning: Versioning,
}

/// Whether a bucket keeps the versions of its keys. It never becomes unversioned again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Versioning {
    #[default]
    Unversioned,
    /// Every write makes a version.
    Enabled,
    /// Writes replace the null version; all others stay.
    Suspended,
}

impl Versioning {
    /// The id for the next write.
    pub(crate) fn next_id(self) -> VersionId {
        match self {
            Self::Enabled => VersionId::unique(),
            Self::Unversioned | Self::Suspended => VersionId::Null,
        }
    }

    /// An id as the answer to a read tells it.
    pub(crate) fn shown(self, id: VersionId) -> Option<String> {
        (self != Self::Unversioned).then(|| id.to_string())
    }
}

/// An object's record, the footer of its file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ObjectRecord {
    pub(crate) key: String,
    #[serde(default, skip_serializing_if = "VersionId::is_null")]
    pub(crate) version_id: VersionId,
    pub(crate) size_bytes: u64,
    /// Without quotes: an MD5 in hex, with `-N` after it if it came in N parts.
    pub(crate) etag: String,
    /// Unix time in whole seconds, as S3 keeps it.
    pub(crate) last_modified_s: i64,
    pub(crate) sequencer: u64,
    pub(crate) checksum: StoredChecksum,
    /// The sizes of the parts of a multipart upload; empty for any other object.
    pub(crate) part_sizes_bytes: Vec<u64>,
    pub(crate) description: Description,
}

/// The headers, metadata and tags of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Description {
    pub(crate) content_type: Option<String>,
    pub(crate) cache_control: Option<String>,
    pub(crate) content_disposition: Option<String>,
    pub(crate) content_encoding: Option<String>,
    pub(crate) content_language: Option<String>,
    /// Unix time in seconds.
    pub(crate) expires_s: Option<i64>,
    pub(crate) storage_class: Option<String>,
    pub(crate) website_redirect_location: Option<String>,
    /// The `x-amz-meta-` headers, names in lower case.
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) tags: BTreeMap<String, String>,
    /// The requested encryption; the bytes are stored as they are.
    pub(crate) encryption: Option<Encryption>,
    /// In Base64, of the key that the uploader keeps to themselves.
    #[serde(default)]
    pub(crate) customer_key_md5: Option<String>,
    /// Whether an archived object was brought back.
    #[serde(default)]
    pub(crate) restored: bool,
}

/// How an object is to be encrypted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Encryption {
    /// S3's name, such as `aws:kms`.
    pub(crate) algorithm: String,
    pub(crate) kms_key_id: Option<String>,
    pub(crate) bucket_key: Option<bool>,
}

impl Encryption {
    /// Whether a key of KMS is used.
    pub(crate) fn is_by_kms(&self) -> bool {
        self.algorithm.starts_with("aws:kms")
    }
}

impl Description {
    /// Whether the ETag is no MD5, for the sake of the key that encrypts it.
    pub(crate) fn hides_md5(&self) -> bool {
        let by_kms = self.encryption.as_ref().is_some_and(Encryption::is_by_kms);
        by_kms || self.customer_key_md5.is_some()
    }

    /// The storage class, also where none was named.
    pub(crate) fn storage_class(&self) -> &str {
        self.storage_class.as_deref().unwrap_or(STANDARD)
    }
}

/// An open multipart upload, without its parts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct UploadRecord {
    pub(crate) key: String,
    /// Unix time in seconds.
    pub(crate) initiated_s: i64,
    pub(crate) checksum: PartedChecksum,
    pub(crate) description: Description,
}

/// An open upload with the parts that have arrived.
#[derive(Clone, Debug)]
pub(crate) struct OpenUpload {
    pub(crate) record: UploadRecord,
    /// By part number.
    pub(crate) parts: BTreeMap<i32, PartRecord>,
}

impl OpenUpload {
    /// An upload without parts.
    pub(crate) fn new(record: UploadRecord) -> Self {
        Self { record, parts: BTreeMap::new() }
    }
}

/// One uploaded part, the footer of its file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PartRecord {
    pub(crate) size_bytes: u64,
    /// Without quotes: the MD5 in hex.
    pub(crate) etag: String,
    /// Unix time in seconds.
    pub(crate) last_modified_s: i64,
    pub(crate) checksum: StoredChecksum,
}

/// The time of day in whole seconds.
pub(crate) fn now_s() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}
