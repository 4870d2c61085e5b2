//! The secret key of a data directory: random, made at the first start and kept for later ones. A
//! page of another web site cannot know it, so it cannot sign requests.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::commands::CommandError;

const FILE_NAME: &str = "secret-key";
/// As long as AWS's.
const LENGTH: usize = 40;
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The secret of this data directory, made if there is none yet.
///
/// # Errors
/// `File` where it cannot be read or written.
pub(super) fn of_data_dir(data_dir: &Path) -> Result<String, CommandError> {
    let path = data_dir.join(FILE_NAME);
    secret(data_dir, &path).map_err(CommandError::file(&path))
}

fn secret(data_dir: &Path, path: &Path) -> io::Result<String> {
    std::fs::create_dir_all(data_dir)?;
    match std::fs::read_to_string(path) {
        Ok(secret) if !secret.trim().is_empty() => return Ok(secret.trim().to_owned()),
        // Left by a start that ended between creation and writing.
        Ok(_) => std::fs::remove_file(path)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let secret = random()?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file, "{secret}")?;
    Ok(secret)
}

fn random() -> io::Result<String> {
    let mut bytes = [0; LENGTH];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 64)])).collect())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::{FILE_NAME, of_data_dir};

    #[test]
    fn a_secret_is_made_once_and_nobody_else_can_read_it() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data_dir = folder.path().join("harness");
        let first = of_data_dir(&data_dir).expect("a secret");
        assert_eq!(first.len(), 40);
        assert_eq!(of_data_dir(&data_dir).expect("the same"), first);
        let file = std::fs::metadata(data_dir.join(FILE_NAME)).expect("its file");
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
        let other = tempfile::tempdir().expect("a temporary folder");
        assert_ne!(of_data_dir(other.path()).expect("another"), first);
    }
}
