//! Durable files: a body with its record as a footer, replaced as one by a rename.
//! Knows bytes, records and paths; nothing of buckets or keys.
//!
//! Layout: body, record as JSON, length of the JSON (u64, little-endian), eight bytes of magic.
//! The body comes first, so any image viewer opens such a file as it lies.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::errors::at;

const MAGIC: [u8; 8] = *b"S3HFILE1";
const TAIL_BYTES: u64 = 16;
const MAX_RECORD_BYTES: u64 = 16 << 20;

/// A file that is being written and vanishes unless it is put in its place.
#[derive(Debug)]
pub(crate) struct Scratch {
    path: PathBuf,
    file: File,
    placed: bool,
}

impl Scratch {
    /// A new empty file; `path` must lie in the file system of its later place.
    pub(crate) fn create(path: PathBuf) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let file =
            options.read(true).write(true).create_new(true).open(&path).map_err(at(&path))?;
        Ok(Self { path, file, placed: false })
    }

    /// Appends to the body.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes).map_err(at(&self.path))
    }

    /// Appends a whole reader to the body; the kernel copies where it can.
    pub(crate) fn write_from(&mut self, source: &mut (impl Read + ?Sized)) -> io::Result<u64> {
        io::copy(source, &mut self.file).map_err(at(&self.path))
    }

    /// Appends the record; after this the file is complete and on the disk.
    pub(crate) fn seal<R: Serialize>(&mut self, record: &R) -> io::Result<()> {
        let mut footer = serde_json::to_vec(record)?;
        let length = footer.len() as u64;
        footer.extend_from_slice(&length.to_le_bytes());
        footer.extend_from_slice(&MAGIC);
        self.write(&footer)?;
        self.sync()
    }

    /// Waits until the bytes written so far are on the disk.
    pub(crate) fn sync(&self) -> io::Result<()> {
        self.file.sync_all().map_err(at(&self.path))
    }

    /// Puts the file in its place, replacing what was there in one step.
    /// The place lasts a power failure only after [`sync_directory`].
    pub(crate) fn place(mut self, target: &Path) -> io::Result<()> {
        fs::rename(&self.path, target).map_err(at(target))?;
        self.placed = true;
        Ok(())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !self.placed {
            // The next start removes leftovers.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Reads the record at the end of a sealed file and leaves the file at the start of its body.
pub(crate) fn read_record<R: DeserializeOwned>(path: &Path) -> io::Result<(R, File)> {
    let mut file = File::open(path).map_err(at(path))?;
    let record = read_footer(&mut file).map_err(at(path))?;
    file.seek(SeekFrom::Start(0)).map_err(at(path))?;
    Ok((record, file))
}

fn read_footer<R: DeserializeOwned>(file: &mut File) -> io::Result<R> {
    let torn = || io::Error::new(io::ErrorKind::InvalidData, "the record at its end is damaged");
    let size_bytes = file.metadata()?.len();
    let tail_at = size_bytes.checked_sub(TAIL_BYTES).ok_or_else(torn)?;
    file.seek(SeekFrom::Start(tail_at))?;
    let mut length = [0; 8];
    let mut magic = [0; 8];
    file.read_exact(&mut length)?;
    file.read_exact(&mut magic)?;
    let length = u64::from_le_bytes(length);
    if magic != MAGIC || length > MAX_RECORD_BYTES {
        return Err(torn());
    }
    file.seek(SeekFrom::Start(tail_at.checked_sub(length).ok_or_else(torn)?))?;
    let mut json = Vec::new();
    file.take(length).read_to_end(&mut json)?;
    Ok(serde_json::from_slice(&json)?)
}

/// Replaces a small JSON file in one step, by way of `scratch_path`.
pub(crate) fn write_json<R: Serialize>(
    target: &Path,
    scratch_path: PathBuf,
    record: &R,
) -> io::Result<()> {
    let mut scratch = Scratch::create(scratch_path)?;
    scratch.write(&serde_json::to_vec_pretty(record)?)?;
    scratch.sync()?;
    scratch.place(target)?;
    target.parent().map_or(Ok(()), sync_directory)
}

/// Reads a small JSON file.
pub(crate) fn read_json<R: DeserializeOwned>(path: &Path) -> io::Result<R> {
    let bytes = fs::read(path).map_err(at(path))?;
    serde_json::from_slice(&bytes).map_err(|error| at(path)(error.into()))
}

/// Makes the renames and removals in a directory last a power failure.
pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path).and_then(|directory| directory.sync_all()).map_err(at(path))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Read;

    use super::{Scratch, read_record};

    #[test]
    fn a_sealed_file_is_body_first_and_keeps_its_record() {
        let directory = tempfile::tempdir().unwrap();
        let mut scratch = Scratch::create(directory.path().join("scratch")).unwrap();
        scratch.write(b"body").unwrap();
        scratch.seal(&("record", 7)).unwrap();
        let place = directory.path().join("place");
        scratch.place(&place).unwrap();

        assert!(fs::read(&place).unwrap().starts_with(b"body"));
        let (record, file) = read_record::<(String, u32)>(&place).unwrap();
        assert_eq!(record, ("record".to_owned(), 7));
        let mut body = String::new();
        file.take(4).read_to_string(&mut body).unwrap();
        assert_eq!(body, "body");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_torn_file_is_an_error_and_a_dropped_one_leaves_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let torn = directory.path().join("torn");
        for bytes in [&b""[..], b"short", b"long enough to hold a tail, but it has none"] {
            fs::write(&torn, bytes).unwrap();
            assert!(read_record::<String>(&torn).is_err());
        }
        drop(Scratch::create(directory.path().join("scratch")).unwrap());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
