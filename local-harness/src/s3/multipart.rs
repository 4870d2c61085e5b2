//! Multipart uploads: parts come in any order and number, and become one object at the end.
//! Uploads and parts are on the disk before they are acknowledged. Everything here blocks.

mod completion;

use std::collections::BTreeMap;
use std::fs;

use s3s::{S3Result, s3_error};

use super::errors::{StoreError, at, no_such_upload};
use super::files::{Scratch, sync_directory, write_json};
use super::records::{PartRecord, UploadRecord};
use super::request::random;
use super::store::bucket::Bucket;
use super::store::{Store, hold};

pub(crate) use completion::{Completion, ListedPart};

/// The most parts an upload can have, and the highest number of one.
pub(crate) const MAX_PARTS: i32 = 10_000;

/// An open upload with the parts that have arrived.
#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub(crate) record: UploadRecord,
    /// By part number.
    pub(crate) parts: BTreeMap<i32, PartRecord>,
}

/// An upload as requests name it.
#[derive(Clone, Debug)]
pub(crate) struct UploadName {
    pub(crate) key: String,
    pub(crate) upload_id: String,
}

impl Upload {
    /// An upload without parts.
    pub(crate) fn new(record: UploadRecord) -> Self {
        Self { record, parts: BTreeMap::new() }
    }
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

fn part_file_name(number: i32) -> String {
    format!("part-{number:05}")
}

impl Bucket {
    /// The open upload of this name.
    ///
    /// Errors: `NoSuchUpload`, also if the upload is of another key.
    pub(crate) fn upload(&self, name: &UploadName) -> S3Result<Upload> {
        let uploads = hold(&self.uploads);
        let upload = uploads.get(&name.upload_id).filter(|upload| upload.record.key == name.key);
        upload.cloned().ok_or_else(no_such_upload)
    }
}

impl Store {
    /// Opens an upload and returns its id.
    pub(crate) fn create_upload(
        &self,
        bucket: &Bucket,
        record: UploadRecord,
    ) -> Result<String, StoreError> {
        let _changing = self.changing()?;
        let upload_id = format!("{:018X}{:016X}", self.sequencer.next()?, random());
        let scratch = self.scratch_path()?;
        fs::create_dir(&scratch).map_err(at(&scratch))?;
        write_json(&scratch.join("upload.json"), self.scratch_path()?, &record)?;
        let place = bucket.upload_directory(&upload_id);
        fs::rename(&scratch, &place).map_err(at(&place))?;
        place.parent().map_or(Ok(()), sync_directory)?;
        hold(&bucket.uploads).insert(upload_id.clone(), Upload::new(record));
        Ok(upload_id)
    }

    /// Keeps a part, in place of an earlier one of the same number.
    ///
    /// Errors: `NoSuchUpload` if the upload was completed or aborted meanwhile.
    pub(crate) fn put_part(
        &self,
        bucket: &Bucket,
        name: &UploadName,
        (number, mut body, record): (i32, Scratch, PartRecord),
    ) -> Result<(), StoreError> {
        body.seal(&record)?;
        let _changing = self.changing()?;
        let mut uploads = hold(&bucket.uploads);
        let upload = uploads.get_mut(&name.upload_id).ok_or_else(no_such_upload)?;
        let directory = bucket.upload_directory(&name.upload_id);
        body.place(&directory.join(part_file_name(number)))?;
        sync_directory(&directory)?;
        upload.parts.insert(number, record);
        Ok(())
    }

    /// Throws an upload and its parts away.
    ///
    /// Errors: `NoSuchUpload`.
    pub(crate) fn abort_upload(
        &self,
        bucket: &Bucket,
        name: &UploadName,
    ) -> Result<(), StoreError> {
        let _changing = self.changing()?;
        bucket.upload(name)?;
        hold(&bucket.uploads).remove(&name.upload_id).ok_or_else(no_such_upload)?;
        self.remove_upload_files(bucket, &name.upload_id)
    }

    fn remove_upload_files(&self, bucket: &Bucket, upload_id: &str) -> Result<(), StoreError> {
        let place = bucket.upload_directory(upload_id);
        let grave = self.scratch_path()?;
        fs::rename(&place, &grave).map_err(at(&place))?;
        place.parent().map_or(Ok(()), sync_directory)?;
        Ok(fs::remove_dir_all(&grave).map_err(at(&grave))?)
    }
}
