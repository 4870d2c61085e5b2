//! A working directory of its own for an execution environment, removed with it.
//! In: the function's name. Out: a path under the system's directory for temporary files.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::failure::StartError;

/// A directory that is removed when it is dropped.
#[derive(Debug)]
pub(crate) struct WorkDirectory(PathBuf);

impl WorkDirectory {
    /// Makes a directory that nobody else has.
    ///
    /// # Errors
    /// `Directory` where the system refuses.
    pub(crate) fn create(function: &str) -> Result<Self, StartError> {
        let base = std::env::temp_dir();
        let mut number = 0_u32;
        loop {
            // Another process with this id, or another function with this name, may be there first.
            let path = base.join(format!("{function}-{}-{number}", std::process::id()));
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
                Err(source) => return Err(StartError::Directory { path, source }),
            }
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for WorkDirectory {
    fn drop(&mut self) {
        let removed: io::Result<()> = fs::remove_dir_all(&self.0);
        if let Err(error) = removed {
            tracing::debug!(%error, path = %self.0.display(), "a working directory stays behind");
        }
    }
}
