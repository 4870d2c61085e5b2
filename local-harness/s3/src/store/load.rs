//! Reads the data directory into memory at the start, and clears what a killed process left.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::bucket::{Bucket, Index, insert};
use crate::errors::at;
use crate::files::{read_json, read_record};
use crate::names::{check_bucket_name, is_version_file_name, part_number_of_file};
use crate::records::OpenUpload;
use crate::records::version::Version;

/// Removes everything in the scratch directory: unfinished bodies, buckets half deleted.
pub(super) fn sweep(scratch: &Path) -> io::Result<()> {
    for (_, path) in entries(scratch)? {
        let swept = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        swept.map_err(at(&path))?;
    }
    Ok(())
}

/// All buckets with their versions and open uploads.
pub(super) fn buckets(directory: &Path) -> io::Result<BTreeMap<String, Arc<Bucket>>> {
    let mut buckets = BTreeMap::new();
    for (name, path) in entries(directory)? {
        // Other names are not ours: a file browser's notes, say.
        if check_bucket_name(&name).is_ok() {
            let record = read_json(&path.join("bucket.json"))?;
            let index = index(&path.join("objects"))?;
            let uploads = uploads(&path.join("uploads"))?;
            let bucket = Bucket::new(&name, path, record).with_content(index, uploads);
            buckets.insert(name, Arc::new(bucket));
        }
    }
    Ok(buckets)
}

fn index(directory: &Path) -> io::Result<Index> {
    let mut index = Index::new();
    for (name, path) in entries(directory)? {
        if is_version_file_name(&name) {
            let (version, _) = read_record::<Version>(&path)?;
            insert(&mut index, version);
        }
    }
    Ok(index)
}

fn uploads(directory: &Path) -> io::Result<BTreeMap<String, OpenUpload>> {
    let mut uploads = BTreeMap::new();
    for (id, path) in entries(directory)? {
        let mut upload = OpenUpload::new(read_json(&path.join("upload.json"))?);
        for (file_name, path) in entries(&path)? {
            if let Some(number) = part_number_of_file(&file_name) {
                let (part, _) = read_record(&path)?;
                upload.parts.insert(number, part);
            }
        }
        uploads.insert(id, upload);
    }
    Ok(uploads)
}

fn entries(directory: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).map_err(at(directory))? {
        let entry = entry.map_err(at(directory))?;
        if let Ok(name) = entry.file_name().into_string() {
            found.push((name, entry.path()));
        }
    }
    Ok(found)
}
