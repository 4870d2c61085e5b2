//! One run for each state file: a file beside it is locked while a process uses it. The operating
//! system releases the lock of a process that is killed.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A lock that is held.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    /// Of a state file.
    ///
    /// # Errors
    /// What is wrong, behind the name of the state file.
    pub(super) fn acquire(state: &Path) -> Result<Self, String> {
        let path = super::beside(state, "lock");
        let unusable = |error: io::Error| format!("cannot be locked: {}: {error}", path.display());
        loop {
            let open = File::options().create(true).truncate(false).write(true).open(&path);
            let file = open.map_err(unusable)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    return Err(
                        "is in use by another run; wait for its end, or name another file \
                                with --state"
                            .to_owned(),
                    );
                }
                Err(TryLockError::Error(error)) => return Err(unusable(error)),
            }
            // The process that had it may have removed the file in between.
            let is_it = |there: fs::Metadata| {
                file.metadata()
                    .is_ok_and(|own| (own.dev(), own.ino()) == (there.dev(), there.ino()))
            };
            if fs::metadata(&path).is_ok_and(is_it) {
                return Ok(Self { path, _file: file });
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A file that stays is locked by nobody.
        let _ = fs::remove_file(&self.path);
    }
}
