//! One state of an object, and the provenance tag by which a result names the state that it was
//! made of. Pure; knows no client.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::focal_point::FocalPoint;
use crate::digest::sha256;
use crate::event::ObjectRef;

/// The metadata name whose presence says that the function wrote an object.
pub const FINGERPRINT_METADATA: &str = "resizer-fingerprint";

/// The metadata name of the source's ETag.
pub(super) const SOURCE_ETAG_METADATA: &str = "resizer-source-etag";

/// The metadata name of the source's origin: a hash of its bucket and key.
pub(super) const SOURCE_METADATA: &str = "resizer-source";

/// The metadata name of what distinguishes two states of a source with one ETag.
pub(super) const SOURCE_STATE_METADATA: &str = "resizer-source-state";

/// Digits of an origin: 64 bits, so that none of a billion sources shares another one's.
const ORIGIN_DIGITS: usize = 16;

/// What S3 says of an object with every GET and HEAD. The ETag alone is not enough: an object that
/// is replaced and comes back with its first bytes has its first ETag again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Without quotes.
    pub etag: String,
    /// S3's Last-Modified in seconds since 1970. Of an object that came in parts it is the time of
    /// their initiation.
    pub last_modified_s: u64,
    /// Size of the object.
    pub size_bytes: u64,
    /// In a bucket with versions.
    pub version_id: Option<String>,
    /// What its user metadata says. Not known if S3 shows the object in a listing only.
    pub focal_point: Option<FocalPoint>,
}

impl State {
    /// How long ago the object was written by S3's clock, for one that came in one piece.
    pub fn age(&self, now: SystemTime) -> Duration {
        let written = UNIX_EPOCH + Duration::from_secs(self.last_modified_s);
        now.duration_since(written).unwrap_or_default()
    }

    /// All but the ETag, as one text.
    fn beside_etag(&self) -> String {
        let version = self.version_id.as_deref().unwrap_or_default();
        let text = format!("{}/{}/{version}", self.last_modified_s, self.size_bytes);
        match self.focal_point {
            Some(FocalPoint { x, y }) => format!("{text}/{x},{y}"),
            None => text,
        }
    }
}

/// The provenance tag: what a result was made by and from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenanceTag {
    /// The rule's fingerprint.
    pub fingerprint: String,
    /// A hash of the source's bucket and key; empty in tags of earlier versions.
    pub origin: String,
    /// The source's ETag, without quotes.
    pub source_etag: String,
    /// What else distinguishes this state of the source from others.
    pub source_state: String,
}

impl ProvenanceTag {
    /// Of what this fingerprint makes of this state of this source.
    pub fn new(fingerprint: String, source: &ObjectRef, state: &State) -> Self {
        let (source_etag, source_state) = (state.etag.clone(), state.beside_etag());
        Self { fingerprint, origin: origin(source), source_etag, source_state }
    }

    /// As the metadata of an object.
    pub fn metadata(&self) -> BTreeMap<String, String> {
        let pairs = [
            (FINGERPRINT_METADATA, &self.fingerprint),
            (SOURCE_METADATA, &self.origin),
            (SOURCE_ETAG_METADATA, &self.source_etag),
            (SOURCE_STATE_METADATA, &self.source_state),
        ];
        let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        pairs.map(|(name, value)| (name.to_owned(), value.clone())).collect()
    }

    /// Of an object that is the function's own and no source's.
    pub fn of_none(what: &str) -> Self {
        let nothing = String::new;
        Self {
            fingerprint: what.to_owned(),
            origin: nothing(),
            source_etag: nothing(),
            source_state: nothing(),
        }
    }

    /// The tag in an object's metadata, if the function wrote it.
    pub fn read(metadata: &BTreeMap<String, String>) -> Option<Self> {
        let value = |name: &str| metadata.get(name).cloned();
        let fingerprint = value(FINGERPRINT_METADATA)?;
        let or_empty = |name: &str| value(name).unwrap_or_default();
        Some(Self {
            fingerprint,
            origin: or_empty(SOURCE_METADATA),
            source_etag: or_empty(SOURCE_ETAG_METADATA),
            source_state: or_empty(SOURCE_STATE_METADATA),
        })
    }
}

/// The name of a source in provenance tags. Bucket names have no slash.
pub fn origin(source: &ObjectRef) -> String {
    let name = format!("{}/{}", source.bucket, source.key);
    sha256(name.as_bytes())[..ORIGIN_DIGITS].to_owned()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::{FocalPoint, ProvenanceTag, State, origin};
    use crate::event::ObjectRef;

    fn state() -> State {
        State {
            etag: "e".to_owned(),
            last_modified_s: 100,
            size_bytes: 5,
            version_id: None,
            focal_point: None,
        }
    }

    #[test]
    fn a_tag_names_source_and_state_and_is_read_back() {
        let source = ObjectRef { bucket: "b".to_owned(), key: "k/1".to_owned() };
        let tag = ProvenanceTag::new("r".to_owned(), &source, &state());
        assert_eq!(ProvenanceTag::read(&tag.metadata()), Some(tag.clone()));
        let versioned = State { version_id: Some("v".to_owned()), ..state() };
        let others = [
            State { last_modified_s: 101, ..state() },
            State { size_bytes: 6, ..state() },
            State { etag: "f".to_owned(), ..state() },
            State { focal_point: Some(FocalPoint { x: 0, y: 0 }), ..state() },
            versioned,
        ];
        for other in others {
            assert_ne!(ProvenanceTag::new("r".to_owned(), &source, &other), tag, "{other:?}");
        }
        let moved = ObjectRef { bucket: "b/k".to_owned(), key: "1".to_owned() };
        assert_eq!(origin(&moved), origin(&source), "no bucket has such a name");
        let other = ObjectRef { key: "k/2".to_owned(), ..source };
        assert_ne!(origin(&other), tag.origin);
    }

    #[test]
    fn ages_count_from_what_s3_says() {
        assert_eq!(state().age(UNIX_EPOCH + Duration::from_secs(103)), Duration::from_secs(3));
        assert_eq!(state().age(UNIX_EPOCH), Duration::ZERO, "a clock that is behind");
    }
}
