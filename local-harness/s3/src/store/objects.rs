//! Changes of objects: writes and new descriptions.
//! Each is durable before it returns and before its notification is sent. Everything here blocks.

use std::io::Read;
use std::sync::Arc;

use s3s::crypto::{Checksum as _, Sha256};
use time::OffsetDateTime;

use super::Store;
use super::bucket::{Bucket, OpenObject};
use crate::checksums::StoredChecksum;
use crate::conditions::WriteConditions;
use crate::errors::StoreError;
use crate::files::Scratch;
use crate::names::{ObjectName, hex};
use crate::notify::event::EventName;
use crate::notify::message::ObjectEvent;
use crate::notify::outbox::Held;
use crate::records::version::Version;
use crate::records::{Description, ObjectRecord};
use crate::request::RequestInfo;

/// An object that is complete but for its place, its time and its number.
#[derive(Debug)]
pub(crate) struct NewObject {
    pub(crate) key: String,
    pub(crate) body: Scratch,
    pub(crate) size_bytes: u64,
    pub(crate) etag: String,
    pub(crate) checksum: StoredChecksum,
    pub(crate) part_sizes_bytes: Vec<u64>,
    /// Unix time in seconds at which the object dates itself, where that is not now: S3 dates an
    /// object of several parts by the initiation of its upload.
    pub(crate) dated_s: Option<i64>,
    pub(crate) description: Description,
}

/// The cause of a write: its conditions, its request, and the event for its notification.
#[derive(Clone, Debug)]
pub(crate) struct WriteCause {
    pub(crate) conditions: WriteConditions,
    pub(crate) event: EventName,
    pub(crate) request: RequestInfo,
}

/// An ETag that is not the MD5 of the bytes, as S3 has it for objects under a key of KMS or of a
/// customer.
fn unlike_md5(etag: &str) -> String {
    let (md5, parts) = etag.split_once('-').unwrap_or((etag, ""));
    let other = hex(&Sha256::checksum(md5.as_bytes()));
    if parts.is_empty() { other[..32].to_owned() } else { format!("{}-{parts}", &other[..32]) }
}

impl Store {
    /// Puts an object in its place, in one step for every reader: as a new version if the bucket
    /// keeps versions, else as the null version.
    ///
    /// Errors: those of [`WriteConditions::check_again`], `NoSuchBucket`, or a disk error.
    pub(crate) fn commit(
        &self,
        bucket: &Bucket,
        new: NewObject,
        cause: &WriteCause,
    ) -> Result<Arc<ObjectRecord>, StoreError> {
        // The body is synced before the key's lock is taken.
        new.body.sync()?;
        let _changing = self.changing()?;
        let _turn = bucket.turn(&new.key);
        cause.conditions.check_again(bucket.object(&new.key).as_deref())?;
        let time = OffsetDateTime::now_utc();
        let record = ObjectRecord {
            key: new.key,
            version_id: bucket.versioning().next_id(),
            size_bytes: new.size_bytes,
            etag: if new.description.hides_md5() { unlike_md5(&new.etag) } else { new.etag },
            last_modified_s: new.dated_s.unwrap_or_else(|| time.unix_timestamp()),
            sequencer: self.sequencer.next()?,
            checksum: new.checksum,
            part_sizes_bytes: new.part_sizes_bytes,
            description: new.description,
        };
        let mut body = new.body;
        body.seal(&record)?;
        let record = Arc::new(record);
        let version = Version::Object(Arc::clone(&record));
        let event = (cause.event, time, &cause.request);
        let held = self.hold(bucket, &version, record.sequencer, event)?;
        announce(held, || bucket.insert(body, version))?;
        Ok(record)
    }

    /// Changes the description of an object; body, ETag, time and version stay.
    ///
    /// Errors: an [`Absence`](crate::errors::absence::Absence), or a disk error.
    pub(crate) fn redescribe(
        &self,
        bucket: &Bucket,
        name: &ObjectName,
        change: impl FnOnce(&mut Description),
    ) -> Result<Arc<ObjectRecord>, StoreError> {
        let _changing = self.changing()?;
        let _turn = bucket.turn(&name.key);
        let OpenObject { record, file } = bucket.open(name).map_err(StoreError::for_change)?;
        let mut scratch = self.scratch()?;
        scratch.write_from(&mut file.take(record.size_bytes))?;
        let mut record = ObjectRecord::clone(&record);
        change(&mut record.description);
        scratch.seal(&record)?;
        let record = Arc::new(record);
        bucket.insert(scratch, Version::Object(Arc::clone(&record)))?;
        Ok(record)
    }

    /// Sends the notification of a change that left the object's body as it was.
    pub(crate) fn notify_change(
        &self,
        bucket: &Bucket,
        object: Arc<ObjectRecord>,
        name: EventName,
        request: &RequestInfo,
    ) -> Result<(), StoreError> {
        let (sequencer, now) = (self.sequencer.next()?, OffsetDateTime::now_utc());
        self.hold(bucket, &Version::Object(object), sequencer, (name, now, request))?.send();
        Ok(())
    }

    /// Keeps the notifications of a change that is about to happen.
    pub(super) fn hold(
        &self,
        bucket: &Bucket,
        version: &Version,
        sequencer: u64,
        (name, time, request): (EventName, OffsetDateTime, &RequestInfo),
    ) -> Result<Held<'_>, StoreError> {
        let bucket_name = bucket.name();
        let event = ObjectEvent { name, bucket: bucket_name, version, sequencer, time, request };
        Ok(self.notifier.hold(&bucket.notifications(), &event)?)
    }
}

/// Carries out a change, and sends its notifications where it succeeds.
pub(super) fn announce<T>(
    held: Held<'_>,
    change: impl FnOnce() -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    match change() {
        Ok(changed) => {
            held.send();
            Ok(changed)
        }
        Err(error) => {
            held.withdraw();
            Err(error)
        }
    }
}
