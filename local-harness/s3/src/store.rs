//! The data directory: its buckets, its lock, and its layout.
//! In: paths. Out: buckets. Knows nothing of HTTP.
//!
//! Layout: `buckets/NAME/bucket.json`, `buckets/NAME/objects/SHA256-OF-KEY` (the null version) and
//! `SHA256-OF-KEY.VERSION-ID`, `buckets/NAME/uploads/ID/{upload.json,part-NNNNN}`, `scratch/`
//! (swept at every start), `notifications.journal`, `sequencer.json` and `lock`.

pub(crate) mod bucket;
pub(crate) mod completion;
pub(crate) mod deletion;
mod load;
pub(crate) mod objects;
mod open_uploads;
mod versions;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock, RwLockReadGuard};

use s3s::s3_error;
use tokio::sync::mpsc::UnboundedSender;

use super::errors::{StoreError, at, no_such_bucket};
use super::files::{Scratch, sync_directory, write_json};
use super::locks::{read, write};
use super::names::check_bucket_name;
use super::notify::outbox::Announced;
use super::notify::{Notification, Notifier};
use super::records::{BucketRecord, Versioning, now_s};
use super::sequencer::Sequencer;
use bucket::Bucket;

/// All buckets, and the sender of notifications.
///
/// Listings and lookups are served from an index in memory that is loaded at the start and
/// changed together with the files; bodies stay on the disk.
#[derive(Debug)]
pub(crate) struct Store {
    directory: PathBuf,
    pub(crate) notifier: Notifier,
    pub(crate) sequencer: Sequencer,
    buckets: RwLock<BTreeMap<String, Arc<Bucket>>>,
    /// The buckets whose objects anyone may read.
    public: RwLock<BTreeSet<String>>,
    /// Held for reading by every change, so that [`Store::close`] can wait for the last one.
    closed: RwLock<bool>,
    lock: File,
}

impl Store {
    /// Opens the directory, creating it if need be, and loads the index.
    ///
    /// Errors: `ResourceBusy` if another process has it open; `InvalidData` for a damaged file.
    pub(crate) fn open(
        directory: PathBuf,
        region: String,
        channel: UnboundedSender<Notification>,
    ) -> io::Result<Self> {
        for name in ["buckets", "scratch"] {
            let path = directory.join(name);
            fs::create_dir_all(&path).map_err(at(&path))?;
        }
        let lock = lock(&directory.join("lock"))?;
        load::sweep(&directory.join("scratch"))?;
        let sequencer = Sequencer::open(&directory, &directory.join("scratch"))?;
        let buckets = load::buckets(&directory.join("buckets"))?;
        let (notifier, left) =
            Notifier::open(region, channel, &directory.join("notifications.journal"))?;
        for left in left {
            let has_happened =
                left.announced.as_ref().is_none_or(|announced| has_happened(&buckets, announced));
            notifier.settle(left, has_happened)?;
        }
        let buckets = RwLock::new(buckets);
        let (public, closed) = (RwLock::default(), RwLock::new(false));
        Ok(Self { directory, notifier, sequencer, buckets, public, closed, lock })
    }

    /// Waits for running changes and refuses later ones. The directory is free afterwards.
    pub(crate) fn close(&self) {
        *write(&self.closed) = true;
        // The system would release it too, but only when the last reference is gone.
        let _ = self.lock.unlock();
    }

    /// Permission to change files; to be held until the change is complete.
    pub(crate) fn changing(&self) -> Result<RwLockReadGuard<'_, bool>, StoreError> {
        let closed = read(&self.closed);
        if *closed {
            return Err(s3_error!(ServiceUnavailable, "The server is shutting down.").into());
        }
        Ok(closed)
    }

    /// A new file or directory name that lies in the file system of all others.
    pub(crate) fn scratch_path(&self) -> io::Result<PathBuf> {
        let number = self.sequencer.next()?;
        Ok(self.directory.join("scratch").join(format!("{number:018X}")))
    }

    /// A new scratch file.
    pub(crate) fn scratch(&self) -> io::Result<Scratch> {
        Scratch::create(self.scratch_path()?)
    }

    /// The bucket of this name.
    ///
    /// Errors: `NoSuchBucket`.
    pub(crate) fn bucket(&self, name: &str) -> Result<Arc<Bucket>, StoreError> {
        Ok(read(&self.buckets).get(name).cloned().ok_or_else(no_such_bucket)?)
    }

    /// All buckets, by name.
    pub(crate) fn buckets(&self) -> Vec<Arc<Bucket>> {
        read(&self.buckets).values().cloned().collect()
    }

    /// Creates a bucket; says whether there was none of this name.
    ///
    /// Errors: `InvalidBucketName`.
    pub(crate) fn create_bucket(&self, name: &str) -> Result<bool, StoreError> {
        check_bucket_name(name)?;
        let _changing = self.changing()?;
        let mut buckets = write(&self.buckets);
        if buckets.contains_key(name) {
            return Ok(false);
        }
        let record = BucketRecord {
            created_s: now_s(),
            notifications: Vec::new(),
            cors: Vec::new(),
            versioning: Versioning::Unversioned,
        };
        let scratch = self.scratch_path()?;
        for part in ["objects", "uploads"] {
            let path = scratch.join(part);
            fs::create_dir_all(&path).map_err(at(&path))?;
        }
        write_json(&scratch.join("bucket.json"), self.scratch_path()?, &record)?;
        let parent = self.directory.join("buckets");
        let place = parent.join(name);
        fs::rename(&scratch, &place).map_err(at(&place))?;
        sync_directory(&parent)?;
        buckets.insert(name.to_owned(), Arc::new(Bucket::new(name, place, record)));
        Ok(true)
    }

    /// Changes a bucket's own record.
    ///
    /// Errors: `NoSuchBucket` if the bucket was deleted meanwhile, or a disk error.
    pub(crate) fn configure(
        &self,
        bucket: &Bucket,
        change: impl FnOnce(&mut BucketRecord),
    ) -> Result<(), StoreError> {
        let _changing = self.changing()?;
        bucket.configure(change, self.scratch_path()?)
    }

    /// Lets anyone read the objects of these buckets, and of no others.
    pub(crate) fn publish(&self, buckets: &[String]) {
        *write(&self.public) = buckets.iter().cloned().collect();
    }

    /// Whether anyone may read the objects of a bucket.
    pub(crate) fn is_public(&self, bucket: &str) -> bool {
        read(&self.public).contains(bucket)
    }

    /// Deletes a bucket without versions; its open uploads go with it.
    ///
    /// Errors: `NoSuchBucket`, `BucketNotEmpty`.
    pub(crate) fn delete_bucket(&self, name: &str) -> Result<(), StoreError> {
        let _changing = self.changing()?;
        let mut buckets = write(&self.buckets);
        let bucket = buckets.get(name).cloned().ok_or_else(no_such_bucket)?;
        bucket.retire()?;
        buckets.remove(name);
        let grave = self.scratch_path()?;
        fs::rename(bucket.directory(), &grave).map_err(at(bucket.directory()))?;
        sync_directory(&self.directory.join("buckets"))?;
        Ok(fs::remove_dir_all(&grave).map_err(at(&grave))?)
    }
}

/// Whether the write that a notification announces is on the disk, or another one after it.
fn has_happened(buckets: &BTreeMap<String, Arc<Bucket>>, announced: &Announced) -> bool {
    let Some(bucket) = buckets.get(&announced.bucket) else { return true };
    bucket.with_index(|index| match index.get(&announced.key) {
        Some(versions) if announced.is_removal => {
            let version = versions.get(announced.version_id);
            version.is_none_or(|version| version.sequencer() > announced.sequencer)
        }
        Some(versions) => versions.newest().sequencer() >= announced.sequencer,
        // Of a write that was interrupted before the version was in place, the scratch file was
        // swept. Of one whose version was removed since, the removal has a notification too.
        None => announced.is_removal,
    })
}

fn lock(path: &Path) -> io::Result<File> {
    let file = File::create(path).map_err(at(path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(at(path)(io::Error::new(
            io::ErrorKind::ResourceBusy,
            "another process serves this data directory",
        ))),
        Err(TryLockError::Error(error)) => Err(at(path)(error)),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use tokio::sync::mpsc::unbounded_channel;

    use super::Store;

    fn open(directory: &std::path::Path) -> io::Result<Store> {
        let (channel, _) = unbounded_channel();
        Store::open(directory.to_owned(), "eu-west-1".to_owned(), channel)
    }

    #[test]
    fn one_process_at_a_time() {
        let directory = tempfile::tempdir().unwrap();
        let first = open(directory.path()).unwrap();
        assert_eq!(open(directory.path()).unwrap_err().kind(), io::ErrorKind::ResourceBusy);
        first.close();
        assert!(first.create_bucket("late").is_err());
        open(directory.path()).unwrap();
    }

    #[test]
    fn a_damaged_object_is_named_at_the_start_and_not_lost() {
        let directory = tempfile::tempdir().unwrap();
        let store = open(directory.path()).unwrap();
        store.create_bucket("photos").unwrap();
        drop(store);
        let place = directory.path().join("buckets/photos/objects").join("0".repeat(64));
        std::fs::write(&place, "torn").unwrap();
        let error = open(directory.path()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        assert!(error.to_string().contains("buckets/photos/objects/000"));
    }
}
