//! One version of a key, as it stands on the disk: an object, or a delete marker.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::ObjectRecord;
use crate::version_id::VersionId;

/// The record of a delete marker, which is all that its file has.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MarkerRecord {
    pub(crate) key: String,
    pub(crate) version_id: VersionId,
    /// Unix time in whole seconds.
    pub(crate) last_modified_s: i64,
    pub(crate) sequencer: u64,
}

/// An object, or the marker that a deletion left.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "StoredVersion")]
pub(crate) enum Version {
    Object(Arc<ObjectRecord>),
    Marker(Arc<MarkerRecord>),
}

/// A record as it is read: what has not all fields of an object must be exactly a marker.
#[derive(Deserialize)]
#[serde(untagged)]
enum StoredVersion {
    Object(Box<ObjectRecord>),
    Marker(MarkerRecord),
}

impl From<StoredVersion> for Version {
    fn from(stored: StoredVersion) -> Self {
        match stored {
            StoredVersion::Object(record) => Self::Object(Arc::from(record)),
            StoredVersion::Marker(record) => Self::Marker(Arc::new(record)),
        }
    }
}

impl Version {
    pub(crate) fn key(&self) -> &str {
        match self {
            Self::Object(record) => &record.key,
            Self::Marker(record) => &record.key,
        }
    }

    pub(crate) fn id(&self) -> VersionId {
        match self {
            Self::Object(record) => record.version_id,
            Self::Marker(record) => record.version_id,
        }
    }

    pub(crate) fn sequencer(&self) -> u64 {
        match self {
            Self::Object(record) => record.sequencer,
            Self::Marker(record) => record.sequencer,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{MarkerRecord, ObjectRecord, Version};
    use crate::version_id::VersionId;

    pub(crate) fn object(sequencer: u64, version_id: VersionId) -> Version {
        let mut record = serde_json::json!({
            "key": "k", "size_bytes": 1, "etag": "e", "last_modified_s": 1, "description":
            { "metadata": {}, "tags": {} }, "part_sizes_bytes": [], "sequencer": sequencer,
            "checksum": { "algorithm": "Crc32", "coverage": "FullObject", "value": "" },
        });
        if !version_id.is_null() {
            record["version_id"] = version_id.to_string().into();
        }
        serde_json::from_value(record).unwrap()
    }

    pub(crate) fn marker(sequencer: u64, version_id: VersionId) -> Version {
        let key = "k".to_owned();
        let record = MarkerRecord { key, version_id, last_modified_s: 1, sequencer };
        serde_json::from_value(serde_json::to_value(record).unwrap()).unwrap()
    }

    #[test]
    fn records_are_told_apart_and_damaged_ones_refused() {
        let Version::Object(record) = object(7, VersionId::Null) else { panic!("an object") };
        assert_eq!(record.version_id, VersionId::Null);
        assert!(!serde_json::to_string(&*record).unwrap().contains("version_id"));
        assert!(matches!(marker(7, VersionId::unique()), Version::Marker(_)));
        let mut damaged = serde_json::to_value(ObjectRecord::clone(&record)).unwrap();
        damaged.as_object_mut().unwrap().remove("etag");
        assert!(serde_json::from_value::<Version>(damaged).is_err());
    }
}
