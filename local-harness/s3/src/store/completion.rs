//! CompleteMultipartUpload: checks the list of parts and makes one object of them.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

use s3s::crypto::{Checksum as _, Md5};
use s3s::dto::Checksum;
use s3s::{S3Result, s3_error};

use super::Store;
use super::bucket::Bucket;
use super::objects::{NewObject, WriteCause};
use crate::checksums::StoredChecksum;
use crate::errors::{StoreError, at, no_such_upload};
use crate::files::Scratch;
use crate::locks::hold;
use crate::names::{UploadName, hex, part_file_name};
use crate::records::{ObjectRecord, OpenUpload, PartRecord};

/// The smallest size of every part but the last.
const MIN_PART_BYTES: u64 = 5 << 20;

/// A part as the client lists it.
#[derive(Clone, Debug)]
pub(crate) struct ListedPart {
    pub(crate) number: i32,
    /// Without quotes.
    pub(crate) etag: String,
    pub(crate) checksums: Checksum,
}

/// What the client says the object is made of.
#[derive(Clone, Debug)]
pub(crate) struct Completion {
    pub(crate) parts: Vec<ListedPart>,
    /// The checksum headers, about the whole object.
    pub(crate) checksums: Checksum,
    pub(crate) size_bytes: Option<u64>,
}

impl Store {
    /// Makes the object and ends the upload. After a refusal the upload stays open.
    ///
    /// Errors: `NoSuchUpload`, `MalformedXML`, `InvalidPartOrder`, `InvalidPart`,
    /// `EntityTooSmall`, `BadDigest`, those of [`Store::commit`], or a disk error.
    pub(crate) fn complete_upload(
        &self,
        bucket: &Bucket,
        name: &UploadName,
        completion: &Completion,
        cause: &WriteCause,
    ) -> Result<Arc<ObjectRecord>, StoreError> {
        bucket.upload(name)?;
        cause.conditions.check_before(bucket.object(&name.key).as_deref())?;
        // Taken out, so that neither a late part nor a second completion can interfere.
        let upload = hold(&bucket.uploads).remove(&name.upload_id).ok_or_else(no_such_upload)?;
        let committed = self
            .assemble(bucket, name, &upload, completion)
            .and_then(|object| self.commit(bucket, object, cause));
        match committed {
            Ok(record) => {
                self.remove_upload_files(bucket, &name.upload_id)?;
                Ok(record)
            }
            Err(error) => {
                hold(&bucket.uploads).insert(name.upload_id.clone(), upload);
                Err(error)
            }
        }
    }

    fn assemble(
        &self,
        bucket: &Bucket,
        name: &UploadName,
        upload: &OpenUpload,
        completion: &Completion,
    ) -> Result<NewObject, StoreError> {
        let parts = select(upload, &completion.parts)?;
        let sized: Vec<(&StoredChecksum, u64)> =
            parts.iter().map(|(_, part)| (&part.checksum, part.size_bytes)).collect();
        let checksum = upload.record.checksum.combine(&sized);
        let part_sizes_bytes: Vec<u64> = parts.iter().map(|(_, part)| part.size_bytes).collect();
        let size_bytes = part_sizes_bytes.iter().sum();
        check_whole(completion, size_bytes, &checksum)?;

        let directory = bucket.upload_directory(&name.upload_id);
        let mut body = self.scratch()?;
        let mut digests = Md5::new();
        for (number, part) in &parts {
            let path = directory.join(part_file_name(*number));
            let file = File::open(&path).map_err(at(&path))?;
            append(&mut body, file, part.size_bytes).map_err(at(&path))?;
            digests.update(&md5_of_etag(&part.etag));
        }
        Ok(NewObject {
            key: name.key.clone(),
            body,
            size_bytes,
            etag: format!("{}-{}", hex(&digests.finalize()), parts.len()),
            checksum,
            part_sizes_bytes,
            dated_s: Some(upload.record.initiated_s),
            description: upload.record.description.clone(),
        })
    }
}

fn append(body: &mut Scratch, part: File, size_bytes: u64) -> io::Result<()> {
    let copied = body.write_from(&mut part.take(size_bytes))?;
    if copied == size_bytes { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}

/// The parts that the client listed, in its order, each checked.
fn select<'u>(
    upload: &'u OpenUpload,
    listed: &[ListedPart],
) -> S3Result<Vec<(i32, &'u PartRecord)>> {
    if listed.is_empty() {
        let message = "The XML you provided was not well-formed: it lists no parts.";
        return Err(s3_error!(MalformedXML, "{message}"));
    }
    if !listed.is_sorted_by(|a, b| a.number < b.number) {
        let message = "The list of parts was not in ascending order.";
        return Err(s3_error!(InvalidPartOrder, "{message}"));
    }
    let mut parts = Vec::with_capacity(listed.len());
    for wanted in listed {
        let part = upload.parts.get(&wanted.number).filter(|part| {
            let algorithm = part.checksum.algorithm;
            let claimed = algorithm.value_in(&wanted.checksums);
            part.etag == wanted.etag && claimed.is_none_or(|value| value == part.checksum.value)
        });
        let Some(part) = part else {
            return Err(s3_error!(
                InvalidPart,
                "One or more of the specified parts could not be found. The part may not have \
                 been uploaded, or the specified entity tag may not match the part's entity tag."
            ));
        };
        parts.push((wanted.number, part));
    }
    let all_but_last = &parts[..parts.len() - 1];
    if all_but_last.iter().any(|(_, part)| part.size_bytes < MIN_PART_BYTES) {
        let message = "Your proposed upload is smaller than the minimum allowed size";
        return Err(s3_error!(EntityTooSmall, "{message}"));
    }
    Ok(parts)
}

fn check_whole(completion: &Completion, size_bytes: u64, sum: &StoredChecksum) -> S3Result<()> {
    if completion.size_bytes.is_some_and(|claimed| claimed != size_bytes) {
        let message = "The x-amz-mp-object-size header does not match the size of the parts.";
        return Err(s3_error!(InvalidRequest, "{message}"));
    }
    let value = sum.algorithm.value_in(&completion.checksums);
    // A composite may be given with or without its number of parts.
    let bare = sum.value.split('-').next();
    if value.is_some_and(|value| value != sum.value && Some(value) != bare) {
        let name = sum.algorithm.name();
        return Err(s3_error!(
            BadDigest,
            "The {name} you specified did not match the calculated checksum."
        ));
    }
    Ok(())
}

fn md5_of_etag(etag: &str) -> Vec<u8> {
    let nibble = |b: u8| char::from(b).to_digit(16).unwrap_or_default();
    let pairs = etag.as_bytes().chunks_exact(2);
    pairs
        .map(|pair| u8::try_from(nibble(pair[0]) << 4 | nibble(pair[1])).unwrap_or_default())
        .collect()
}
