//! Folders for results, which a later run of the same command replaces.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;

use super::CommandError;

/// Empties a folder that this command has made, and marks it as its own. `lock` is the file that a
/// harness in the folder would hold; only what `names` lists is removed.
///
/// # Errors
/// `ForeignFolder` for a folder that has files and no mark, `Check` for one that is in use.
pub(super) fn claim(
    folder: &Path,
    mark: &str,
    lock: &str,
    names: &[&str],
) -> Result<(), CommandError> {
    let is_empty = fs::read_dir(folder).map_or(true, |mut found| found.next().is_none());
    if !is_empty && !folder.join(mark).is_file() {
        return Err(CommandError::ForeignFolder { folder: folder.to_owned() });
    }
    // Held until everything is removed, so that no other run begins meanwhile.
    let _held = hold(folder, lock)?;
    for name in names {
        let path = folder.join(name);
        let is_folder = path.symlink_metadata().is_ok_and(|found| found.is_dir());
        let removed = if is_folder { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        match removed {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(CommandError::File { path, source: error });
            }
            _ => {}
        }
    }
    fs::create_dir_all(folder).map_err(CommandError::file(folder))?;
    let path = folder.join(mark);
    fs::write(&path, "The next run of this command removes this folder's content.\n")
        .map_err(CommandError::file(&path))
}

fn hold(folder: &Path, lock: &str) -> Result<Option<File>, CommandError> {
    let path = folder.join(lock);
    let Ok(file) = File::open(&path) else { return Ok(None) };
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => {
            let problem = "another harness uses it; stop that one, or name another folder";
            let what = folder.display().to_string();
            Err(CommandError::Check { what, problem: problem.to_owned() })
        }
        Err(TryLockError::Error(error)) => Err(CommandError::File { path, source: error }),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use super::claim;
    use crate::commands::CommandError;

    const NAMES: [&str; 2] = ["data", "log.txt"];

    #[test]
    fn only_a_folder_of_the_command_is_emptied_and_only_of_its_results() {
        let folder = tempfile::tempdir().expect("a folder");
        let claim = |path: &std::path::Path| claim(path, "mark", "data/lock", &NAMES);
        let own = folder.path().join("own");
        claim(&own).expect("a new folder");
        fs::create_dir(own.join("data")).expect("a folder");
        fs::write(own.join("data/lock"), "").expect("a file");
        fs::write(own.join("log.txt"), "old").expect("a file");
        fs::write(own.join("notes"), "mine").expect("a file");
        claim(&own).expect("its own folder");
        assert!(!own.join("data").exists() && !own.join("log.txt").exists());
        assert!(own.join("notes").exists(), "what it has not made stays");

        let other = folder.path().join("other");
        fs::create_dir_all(other.join("data/buckets")).expect("a folder");
        assert!(matches!(claim(&other), Err(CommandError::ForeignFolder { .. })));
        assert!(other.join("data/buckets").exists());
    }

    #[test]
    fn a_folder_in_use_is_left_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let claim = || claim(folder.path(), "mark", "data/lock", &NAMES);
        claim().expect("an empty folder");
        fs::create_dir(folder.path().join("data")).expect("a folder");
        let lock = File::create(folder.path().join("data/lock")).expect("a file");
        lock.try_lock().expect("nobody has it");
        let error = claim().expect_err("it is in use").to_string();
        assert!(error.contains("another harness"), "{error}");
        assert!(folder.path().join("data/lock").exists());
    }
}
