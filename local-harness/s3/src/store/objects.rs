//! Changes of objects: writes, new descriptions, deletions.
//! Each is durable before it returns and before its notification is sent. Everything here blocks.

use std::io::Read;
use std::sync::Arc;

use s3s::crypto::{Checksum as _, Sha256};
use time::OffsetDateTime;

use super::Store;
use super::bucket::{Bucket, OpenObject};
use crate::checksums::StoredChecksum;
use crate::conditions::WriteConditions;
use crate::errors::{StoreError, no_such_key};
use crate::files::Scratch;
use crate::names::hex;
use crate::notify::event::EventName;
use crate::notify::message::ObjectEvent;
use crate::notify::outbox::Held;
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
    /// Puts an object in its place, in one step for every reader.
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
        let held =
            self.hold(bucket, &record, record.sequencer, (cause.event, time, &cause.request))?;
        announce(held, || bucket.insert(body, record))
    }

    /// Deletes the object of a key, if there is one. Without one there is no notification, as with
    /// S3.
    ///
    /// Errors: those of [`WriteConditions::check_delete`], or a disk error.
    pub(crate) fn delete(
        &self,
        bucket: &Bucket,
        key: &str,
        conditions: &WriteConditions,
        request: &RequestInfo,
    ) -> Result<(), StoreError> {
        let _changing = self.changing()?;
        let _turn = bucket.turn(key);
        let current = bucket.object(key);
        conditions.check_delete(current.as_deref())?;
        let Some(current) = current else { return Ok(()) };
        let sequencer = self.sequencer.next()?;
        let now = OffsetDateTime::now_utc();
        let event = (EventName::RemovedDelete, now, request);
        let held = self.hold(bucket, &current, sequencer, event)?;
        announce(held, || bucket.remove(key))
    }

    /// Changes the description of an object; body, ETag and time stay.
    ///
    /// Errors: `NoSuchKey`, or a disk error.
    pub(crate) fn redescribe(
        &self,
        bucket: &Bucket,
        key: &str,
        change: impl FnOnce(&mut Description),
    ) -> Result<(), StoreError> {
        let _changing = self.changing()?;
        let _turn = bucket.turn(key);
        let OpenObject { record, file } = bucket.open(key)?;
        let mut scratch = self.scratch()?;
        scratch.write_from(&mut file.take(record.size_bytes))?;
        let mut record = ObjectRecord::clone(&record);
        change(&mut record.description);
        scratch.seal(&record)?;
        bucket.insert(scratch, record)?;
        Ok(())
    }

    /// Sends the notification of a change that left the object's body as it was.
    ///
    /// Errors: `NoSuchKey`, or a disk error.
    pub(crate) fn notify_change(
        &self,
        bucket: &Bucket,
        key: &str,
        name: EventName,
        request: &RequestInfo,
    ) -> Result<(), StoreError> {
        let object = bucket.object(key).ok_or_else(no_such_key)?;
        let (sequencer, now) = (self.sequencer.next()?, OffsetDateTime::now_utc());
        self.hold(bucket, &object, sequencer, (name, now, request))?.send();
        Ok(())
    }

    /// Keeps the notifications of a change that is about to happen.
    fn hold(
        &self,
        bucket: &Bucket,
        object: &ObjectRecord,
        sequencer: u64,
        (name, time, request): (EventName, OffsetDateTime, &RequestInfo),
    ) -> Result<Held<'_>, StoreError> {
        let bucket_name = bucket.name();
        let event = ObjectEvent { name, bucket: bucket_name, object, sequencer, time, request };
        Ok(self.notifier.hold(&bucket.notifications(), &event)?)
    }
}

/// Carries out a change, and sends its notifications where it succeeds.
fn announce<T>(
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
