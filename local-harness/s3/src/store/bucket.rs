//! One bucket: its index of versions, its open uploads, and its own record.
//! Index and files change together, so that a reader sees both changes or neither.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, RwLock};

use s3s::{S3Result, s3_error};

use super::versions::Versions;
use crate::cors::CorsRule;
use crate::errors::absence::Absence;
use crate::errors::{StoreError, at, no_such_bucket, no_such_upload};
use crate::files::{Scratch, sync_directory, write_json};
use crate::locks::{hold, read, write};
use crate::names::{ObjectName, UploadName, version_file_name};
use crate::notify::rule::NotificationRule;
use crate::records::version::Version;
use crate::records::{BucketRecord, ObjectRecord, OpenUpload, Versioning};
use crate::version_id::VersionId;

/// How many keys of a bucket can be written at once.
const TURNS: usize = 64;

/// A bucket that exists, or existed when it was looked up.
#[derive(Debug)]
pub(crate) struct Bucket {
    name: String,
    directory: PathBuf,
    record: RwLock<BucketRecord>,
    objects: RwLock<Objects>,
    /// Open uploads by id. The ids begin with a growing number, so they sort by time.
    pub(crate) uploads: Mutex<BTreeMap<String, OpenUpload>>,
    turns: [Mutex<()>; TURNS],
}

/// The versions of every key, in the order of the keys' bytes.
pub(crate) type Index = BTreeMap<String, Versions>;

#[derive(Debug, Default)]
struct Objects {
    index: Index,
    /// Set when the bucket is deleted, for requests that still hold it.
    retired: bool,
}

/// An object whose body can be read, whatever happens to its key meanwhile.
#[derive(Debug)]
pub(crate) struct OpenObject {
    pub(crate) record: Arc<ObjectRecord>,
    /// Stands at the start of the body, which is followed by the record.
    pub(crate) file: File,
}

impl Bucket {
    /// An empty bucket at `directory`.
    pub(crate) fn new(name: &str, directory: PathBuf, record: BucketRecord) -> Self {
        Self {
            name: name.to_owned(),
            directory,
            record: RwLock::new(record),
            objects: RwLock::default(),
            uploads: Mutex::default(),
            turns: std::array::from_fn(|_| Mutex::default()),
        }
    }

    /// The bucket as it was found on the disk.
    pub(super) fn with_content(self, index: Index, uploads: BTreeMap<String, OpenUpload>) -> Self {
        let objects = RwLock::new(Objects { index, retired: false });
        Self { objects, uploads: Mutex::new(uploads), ..self }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Where the files of an upload lie.
    pub(crate) fn upload_directory(&self, upload_id: &str) -> PathBuf {
        self.directory.join("uploads").join(upload_id)
    }

    /// The open upload of this name.
    ///
    /// Errors: `NoSuchUpload`, also if the upload is of another key.
    pub(crate) fn upload(&self, name: &UploadName) -> S3Result<OpenUpload> {
        let uploads = hold(&self.uploads);
        let upload = uploads.get(&name.upload_id).filter(|upload| upload.record.key == name.key);
        upload.cloned().ok_or_else(no_such_upload)
    }

    /// When the bucket was created, as Unix time in seconds.
    pub(crate) fn created_s(&self) -> i64 {
        read(&self.record).created_s
    }

    /// The notification rules as they were put.
    pub(crate) fn notifications(&self) -> Vec<NotificationRule> {
        read(&self.record).notifications.clone()
    }

    /// The CORS rules as they were put.
    pub(crate) fn cors(&self) -> Vec<CorsRule> {
        read(&self.record).cors.clone()
    }

    /// Whether the bucket keeps versions now.
    pub(crate) fn versioning(&self) -> Versioning {
        read(&self.record).versioning
    }

    /// Changes the bucket's own record; `scratch_path` is a free name.
    pub(super) fn configure(
        &self,
        change: impl FnOnce(&mut BucketRecord),
        scratch_path: PathBuf,
    ) -> Result<(), StoreError> {
        let mut record = write(&self.record);
        if read(&self.objects).retired {
            return Err(no_such_bucket().into());
        }
        let mut next = record.clone();
        change(&mut next);
        write_json(&self.directory.join("bucket.json"), scratch_path, &next)?;
        *record = next;
        Ok(())
    }

    /// The object that a key has now, if any.
    pub(crate) fn object(&self, key: &str) -> Option<Arc<ObjectRecord>> {
        self.with_index(|index| index.get(key)?.current().cloned())
    }

    /// The object of this name.
    pub(crate) fn find(&self, name: &ObjectName) -> Result<Arc<ObjectRecord>, Absence> {
        self.with_index(|index| find(index, name))
    }

    /// Opens the object of this name; record and body belong together.
    ///
    /// Errors: an [`Absence`], or a disk error.
    pub(crate) fn open(&self, name: &ObjectName) -> Result<OpenObject, StoreError> {
        let objects = read(&self.objects);
        let record = find(&objects.index, name)?;
        let path = self.version_path(&record.key, record.version_id);
        let file = File::open(&path).map_err(at(&path))?;
        Ok(OpenObject { record, file })
    }

    /// Lets `view` look at all versions.
    pub(crate) fn with_index<T>(&self, view: impl FnOnce(&Index) -> T) -> T {
        view(&read(&self.objects).index)
    }

    /// Waits for the exclusive right to change this key.
    pub(crate) fn turn(&self, key: &str) -> MutexGuard<'_, ()> {
        let sum = key.bytes().fold(0_usize, |sum, b| sum.wrapping_mul(31) + usize::from(b));
        hold(&self.turns[sum % TURNS])
    }

    /// Puts a sealed file in the place of its version. The caller holds the key's turn.
    ///
    /// Errors: `NoSuchBucket` if the bucket was deleted meanwhile.
    pub(crate) fn insert(&self, sealed: Scratch, version: Version) -> Result<(), StoreError> {
        {
            let mut objects = write(&self.objects);
            if objects.retired {
                return Err(no_such_bucket().into());
            }
            sealed.place(&self.version_path(version.key(), version.id()))?;
            insert(&mut objects.index, version);
        }
        Ok(self.sync_objects()?)
    }

    /// Removes a version for good. The caller holds the key's turn.
    pub(crate) fn remove(&self, version: &Version) -> Result<(), StoreError> {
        {
            let mut objects = write(&self.objects);
            let (key, id) = (version.key(), version.id());
            let path = self.version_path(key, id);
            fs::remove_file(&path).map_err(at(&path))?;
            let left = objects.index.remove(key).and_then(|versions| versions.without(id));
            if let Some(left) = left {
                objects.index.insert(key.to_owned(), left);
            }
        }
        Ok(self.sync_objects()?)
    }

    /// Ends the bucket if it has no versions.
    ///
    /// Errors: `BucketNotEmpty`.
    pub(super) fn retire(&self) -> Result<(), StoreError> {
        // Before the index is locked: a change of the record locks them in that order too.
        let more = match self.versioning() {
            Versioning::Unversioned => "",
            _ => ". You must delete all versions in the bucket.",
        };
        let mut objects = write(&self.objects);
        if !objects.index.is_empty() {
            let message = "The bucket you tried to delete is not empty";
            return Err(s3_error!(BucketNotEmpty, "{message}{more}").into());
        }
        objects.retired = true;
        Ok(())
    }

    fn version_path(&self, key: &str, id: VersionId) -> PathBuf {
        self.directory.join("objects").join(version_file_name(key, id))
    }

    fn sync_objects(&self) -> io::Result<()> {
        sync_directory(&self.directory.join("objects"))
    }
}

/// Adds a version to those of its key.
pub(super) fn insert(index: &mut Index, version: Version) {
    match index.get_mut(version.key()) {
        Some(versions) => versions.insert(version),
        None => {
            index.insert(version.key().to_owned(), Versions::new(version));
        }
    }
}

fn find(index: &Index, name: &ObjectName) -> Result<Arc<ObjectRecord>, Absence> {
    let versions = index.get(&name.key).ok_or_else(|| Absence::of(name))?;
    versions.select(name.version_id).cloned()
}
