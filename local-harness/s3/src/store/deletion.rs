//! Deletions: of the object that a key has, by a delete marker where the bucket keeps versions, and
//! of versions for good. Each is durable before it returns. Everything here blocks.

use std::sync::Arc;

use time::OffsetDateTime;

use super::Store;
use super::bucket::Bucket;
use super::objects::announce;
use crate::conditions::WriteConditions;
use crate::errors::StoreError;
use crate::names::ObjectName;
use crate::notify::event::EventName;
use crate::records::Versioning;
use crate::records::version::{MarkerRecord, Version};
use crate::request::RequestInfo;
use crate::version_id::VersionId;

/// What became of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deletion {
    /// It has no object; its bucket keeps no versions.
    Emptied,
    /// It has this delete marker now.
    Marked(VersionId),
    /// It has not this version any more, which may have been a delete marker.
    Removed { id: VersionId, was_marker: bool },
}

impl Store {
    /// Deletes what a request names. Where there is nothing to remove, there is no notification,
    /// as with S3.
    ///
    /// Errors: those of [`WriteConditions::check_delete`], which concerns the current version;
    /// `NoSuchBucket` if the bucket was deleted meanwhile; or a disk error.
    pub(crate) fn delete(
        &self,
        bucket: &Bucket,
        name: &ObjectName,
        conditions: &WriteConditions,
        request: &RequestInfo,
    ) -> Result<Deletion, StoreError> {
        let _changing = self.changing()?;
        let key = name.key.as_str();
        let _turn = bucket.turn(key);
        conditions.check_delete(bucket.object(key).as_deref())?;
        match (name.version_id, bucket.versioning()) {
            (Some(id), _) => {
                let was_marker = self.remove_version(bucket, key, id, request)?;
                Ok(Deletion::Removed { id, was_marker })
            }
            (None, Versioning::Unversioned) => {
                self.remove_version(bucket, key, VersionId::Null, request)?;
                Ok(Deletion::Emptied)
            }
            (None, versioning) => {
                let id = versioning.next_id();
                self.mark(bucket, key, id, request)?;
                Ok(Deletion::Marked(id))
            }
        }
    }

    /// Says whether the version was a delete marker.
    fn remove_version(
        &self,
        bucket: &Bucket,
        key: &str,
        id: VersionId,
        request: &RequestInfo,
    ) -> Result<bool, StoreError> {
        let version = bucket.with_index(|index| index.get(key)?.get(id).cloned());
        let Some(version) = version else { return Ok(false) };
        let event = (EventName::RemovedDelete, OffsetDateTime::now_utc(), request);
        let held = self.hold(bucket, &version, self.sequencer.next()?, event)?;
        announce(held, || bucket.remove(&version))?;
        Ok(matches!(version, Version::Marker(_)))
    }

    fn mark(
        &self,
        bucket: &Bucket,
        key: &str,
        version_id: VersionId,
        request: &RequestInfo,
    ) -> Result<(), StoreError> {
        let time = OffsetDateTime::now_utc();
        let sequencer = self.sequencer.next()?;
        let (key, last_modified_s) = (key.to_owned(), time.unix_timestamp());
        let marker = MarkerRecord { key, version_id, last_modified_s, sequencer };
        let mut file = self.scratch()?;
        file.seal(&marker)?;
        let version = Version::Marker(Arc::new(marker));
        let event = (EventName::RemovedMarkerCreated, time, request);
        let held = self.hold(bucket, &version, sequencer, event)?;
        announce(held, || bucket.insert(file, version))
    }
}
