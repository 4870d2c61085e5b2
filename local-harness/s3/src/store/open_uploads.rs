//! Multipart uploads: parts come in any order and number, and become one object at the end.
//! Uploads and parts are on the disk before they are acknowledged. Everything here blocks.

use std::fs;

use super::Store;
use super::bucket::Bucket;
use crate::errors::{StoreError, at, no_such_upload};
use crate::files::{Scratch, sync_directory, write_json};
use crate::locks::hold;
use crate::names::{UploadName, part_file_name};
use crate::records::{OpenUpload, PartRecord, UploadRecord};
use crate::request::random;

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
        hold(&bucket.uploads).insert(upload_id.clone(), OpenUpload::new(record));
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

    pub(super) fn remove_upload_files(
        &self,
        bucket: &Bucket,
        upload_id: &str,
    ) -> Result<(), StoreError> {
        let place = bucket.upload_directory(upload_id);
        let grave = self.scratch_path()?;
        fs::rename(&place, &grave).map_err(at(&place))?;
        place.parent().map_or(Ok(()), sync_directory)?;
        Ok(fs::remove_dir_all(&grave).map_err(at(&grave))?)
    }
}
