//! The versions of one key. This is the one place that knows which of them is current.
//! Versions in, answers out; no IO.

use std::sync::Arc;

use crate::errors::absence::Absence;
use crate::records::ObjectRecord;
use crate::records::version::Version;
use crate::version_id::VersionId;

/// All versions of a key; there is at least one. The newest write is the current version.
#[derive(Debug)]
pub(crate) struct Versions {
    newest: Version,
    /// Oldest first. Takes no memory of its own where there are none.
    older: Vec<Version>,
}

impl Versions {
    pub(crate) fn new(only: Version) -> Self {
        Self { newest: only, older: Vec::new() }
    }

    pub(crate) fn newest(&self) -> &Version {
        &self.newest
    }

    /// The object that the key has, unless it was deleted.
    pub(crate) fn current(&self) -> Option<&Arc<ObjectRecord>> {
        match &self.newest {
            Version::Object(record) => Some(record),
            Version::Marker(_) => None,
        }
    }

    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &Version> {
        std::iter::once(&self.newest).chain(self.older.iter().rev())
    }

    pub(crate) fn get(&self, id: VersionId) -> Option<&Version> {
        self.newest_first().find(|version| version.id() == id)
    }

    /// The object that a request means by an id, or without one.
    pub(crate) fn select(&self, id: Option<VersionId>) -> Result<&Arc<ObjectRecord>, Absence> {
        let version = match id {
            None => &self.newest,
            Some(id) => self.get(id).ok_or(Absence::Version)?,
        };
        match (version, id) {
            (Version::Object(record), _) => Ok(record),
            (Version::Marker(marker), None) => Err(Absence::CurrentMarker(Arc::clone(marker))),
            (Version::Marker(marker), Some(_)) => Err(Absence::NamedMarker(Arc::clone(marker))),
        }
    }

    /// Adds a version where its sequencer belongs, in place of the one with its id.
    pub(crate) fn insert(&mut self, version: Version) {
        self.older.retain(|other| other.id() != version.id());
        if self.newest.id() == version.id() {
            self.newest = version;
        } else if version.sequencer() > self.newest.sequencer() {
            self.older.push(std::mem::replace(&mut self.newest, version));
        } else {
            let older = |other: &Version| other.sequencer() < version.sequencer();
            self.older.insert(self.older.partition_point(older), version);
        }
    }

    /// What is left without a version; nothing if it was the last.
    pub(crate) fn without(mut self, id: VersionId) -> Option<Self> {
        if self.newest.id() == id {
            self.newest = self.older.pop()?;
        } else {
            self.older.retain(|other| other.id() != id);
        }
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::{Absence, Version, Versions};
    use crate::records::ObjectRecord;
    use crate::records::version::tests::{marker, object};
    use crate::version_id::VersionId;

    fn order(versions: &Versions) -> Vec<u64> {
        versions.newest_first().map(Version::sequencer).collect()
    }

    #[test]
    fn the_newest_write_is_current_in_whatever_order_versions_are_read() {
        let [a, b, c] = [(); 3].map(|()| VersionId::unique());
        let written = [object(1, a), object(2, VersionId::Null), marker(3, b), object(4, c)];
        for order_read in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1], [1, 3, 0, 2]] {
            let mut versions = Versions::new(written[order_read[0]].clone());
            order_read[1..].iter().for_each(|index| versions.insert(written[*index].clone()));
            assert_eq!(order(&versions), [4, 3, 2, 1]);
            assert_eq!(versions.current().map(|object| object.version_id), Some(c));
        }
    }

    #[test]
    fn the_null_version_moves_to_the_top_and_others_stay_in_place() {
        let (a, b) = (VersionId::unique(), VersionId::unique());
        let mut versions = Versions::new(object(1, VersionId::Null));
        versions.insert(object(2, a));
        versions.insert(object(3, b));
        versions.insert(object(2, a));
        assert_eq!(order(&versions), [3, 2, 1]);
        versions.insert(marker(4, VersionId::Null));
        assert_eq!(order(&versions), [4, 3, 2]);
        assert!(versions.current().is_none());
        assert!(matches!(versions.select(None), Err(Absence::CurrentMarker(_))));
        let named = versions.select(Some(VersionId::Null));
        assert!(matches!(named, Err(Absence::NamedMarker(_))));
        assert!(matches!(versions.select(Some(VersionId::unique())), Err(Absence::Version)));
        assert_eq!(versions.select(Some(a)).map(|record| record.sequencer).unwrap(), 2);

        let versions = versions.without(VersionId::Null).unwrap();
        assert_eq!(versions.current().map(|record| record.sequencer), Some(3));
        let versions = versions.without(a).unwrap();
        assert_eq!(order(&versions), [3]);
        assert!(versions.without(b).is_none());
    }

    #[test]
    fn a_key_of_one_object_takes_little_more_than_its_record() {
        assert!(size_of::<Versions>() <= 40 && size_of::<ObjectRecord>() >= 400);
    }
}
