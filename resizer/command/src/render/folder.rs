//! The folder for results: each under its key, below the folder and nowhere else, whole or not at
//! all, and never in the place of an input.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use resizer::event::ObjectRef;
use resizer::refusal::Refusal;
use tempfile::NamedTempFile;

use crate::Misuse;
use crate::render::work::Outcome;

/// The folder, shared by everything that is under way.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    /// Every place of an input, and what it leads to.
    inputs: BTreeSet<PathBuf>,
    /// The upload that each place is taken by.
    owners: Mutex<BTreeMap<PathBuf, String>>,
}

/// A result and its place.
#[derive(Debug)]
pub(crate) struct NewFile {
    pub(crate) object: ObjectRef,
    pub(crate) bytes: Vec<u8>,
}

impl Folder {
    /// Creates the folder where there is none.
    ///
    /// # Errors
    /// `Misuse` where it cannot be one.
    pub(crate) fn open<'a>(
        folder: &Path,
        inputs: impl Iterator<Item = &'a Path>,
    ) -> Result<Self, Misuse> {
        let root = fs::create_dir_all(folder).and_then(|()| folder.canonicalize());
        let root = root.map_err(|error| Misuse(format!("{}: {error}", folder.display())))?;
        let inputs = inputs.flat_map(|file| {
            let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty());
            let parent = parent.unwrap_or(Path::new(".")).canonicalize().ok();
            let place = parent.zip(file.file_name()).map(|(parent, name)| parent.join(name));
            [place, file.canonicalize().ok()]
        });
        Ok(Self { root, inputs: inputs.flatten().collect(), owners: Mutex::default() })
    }

    /// Writes all results of an upload, the last one after all others are there.
    ///
    /// # Errors
    /// `Refused` where one of the places is another upload's; `Failed` where one cannot be written.
    /// Nothing is written then, unless the file system fails half way.
    pub(crate) fn write(&self, upload: &ObjectRef, files: Vec<NewFile>) -> Result<(), Outcome> {
        let places = files.iter().map(|file| self.place(&file.object.key));
        let places: Vec<PathBuf> = places.collect::<Result<_, _>>()?;
        self.claim(upload, &files, &places)?;
        let mut written = Vec::new();
        for (file, place) in files.iter().zip(&places) {
            let failed = |error| Outcome::Failed(format!("{}: {error}", place.display()));
            written.push((self.temporary(place, &file.bytes).map_err(failed)?, place));
        }
        for (temporary, place) in written {
            let failed = |error| Outcome::Failed(format!("{}: {error}", place.display()));
            temporary.persist(place).map_err(|error| failed(error.error))?;
        }
        Ok(())
    }

    /// Where a key lies.
    fn place(&self, key: &str) -> Result<PathBuf, Outcome> {
        let is_name = |name: &str| !["", ".", ".."].contains(&name) && !name.contains('\0');
        if !key.split('/').all(is_name) {
            let problem = format!("the result {key:?} has no place in a folder, as S3 has one");
            return Err(Outcome::Failed(problem));
        }
        let place = self.root.join(key);
        if self.inputs.contains(&place) {
            let problem = format!(
                "the result {key:?} would overwrite the input {}; name another --out",
                place.display()
            );
            return Err(Outcome::Failed(problem));
        }
        Ok(place)
    }

    fn claim(
        &self,
        upload: &ObjectRef,
        files: &[NewFile],
        places: &[PathBuf],
    ) -> Result<(), Outcome> {
        let mut owners = self.owners.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = places.iter().zip(files).find_map(|(place, file)| {
            let owner = owners.get(place).filter(|owner| **owner != upload.key)?;
            let (place, owner) = (file.object.clone(), format!("a result of the upload {owner:?}"));
            Some(Refusal::KeyTaken { place, owner })
        });
        if let Some(refusal) = taken {
            return Err(Outcome::Refused(refusal));
        }
        owners.extend(places.iter().map(|place| (place.clone(), upload.key.clone())));
        Ok(())
    }

    /// The file beside its place, not yet in it.
    fn temporary(&self, place: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
        let parent = place.parent().unwrap_or(&self.root);
        self.make(parent)?;
        // What the process's mask leaves of it, as for any new file.
        let permissions = Permissions::from_mode(0o666);
        let mut file = tempfile::Builder::new()
            .prefix(".resizer-")
            .permissions(permissions)
            .tempfile_in(parent)?;
        file.write_all(bytes)?;
        Ok(file)
    }

    /// Makes the folders down to this one. A link is none of them: it may lead elsewhere.
    fn make(&self, folder: &Path) -> io::Result<()> {
        let below = folder.strip_prefix(&self.root).unwrap_or(Path::new(""));
        let mut path = self.root.clone();
        for name in below {
            path.push(name);
            match fs::create_dir(&path) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                Err(_) if !fs::symlink_metadata(&path)?.is_dir() => {
                    let problem = format!("{} is no folder", path.display());
                    return Err(io::Error::new(io::ErrorKind::NotADirectory, problem));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use resizer::event::ObjectRef;

    use super::{Folder, NewFile};
    use crate::render::work::Outcome;

    fn write(folder: &Folder, upload: &str, key: &str) -> Result<(), String> {
        let object = |key: &str| ObjectRef { bucket: "b".to_owned(), key: key.to_owned() };
        let file = NewFile { object: object(key), bytes: key.as_bytes().to_vec() };
        folder.write(&object(upload), vec![file]).map_err(|outcome| match outcome {
            Outcome::Refused(refusal) => refusal.code().to_owned(),
            Outcome::Failed(problem) => problem,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn results_lie_below_the_folder_and_in_no_place_that_is_taken() {
        let scratch = tempfile::tempdir().expect("a temporary folder");
        let (root, elsewhere) = (scratch.path().join("out"), scratch.path().join("elsewhere"));
        fs::create_dir_all(&elsewhere).expect("a folder");
        fs::create_dir_all(&root).expect("a folder");
        symlink(&elsewhere, root.join("link")).expect("a link");
        fs::write(root.join("in.jpg"), "an input").expect("a file");
        let inputs = [root.join("in.jpg")];
        let folder = Folder::open(&root, inputs.iter().map(|path| &**path)).expect("a folder");

        write(&folder, "a", "v/a.jpg").expect("a free place");
        write(&folder, "a", "v/a.jpg").expect("its own place");
        assert_eq!(fs::read_to_string(root.join("v/a.jpg")).expect("a result"), "v/a.jpg");
        assert_eq!(write(&folder, "b", "v/a.jpg"), Err("key_taken".to_owned()));
        for (key, problem) in [
            ("../x", "no place in a folder"),
            ("/x", "no place in a folder"),
            ("v//x", "no place in a folder"),
            ("v/./x", "no place in a folder"),
            ("v/\0", "no place in a folder"),
            ("in.jpg", "would overwrite the input"),
            ("link/x", "is no folder"),
            ("v/a.jpg/x", "is no folder"),
        ] {
            let said = write(&folder, "c", key).expect_err(key);
            assert!(said.contains(problem), "{key:?}: {said}");
        }
        assert_eq!(fs::read_dir(&elsewhere).expect("a folder").count(), 0);
        assert_eq!(fs::read_to_string(&inputs[0]).expect("an input"), "an input");
        let left = fs::read_dir(root.join("v")).expect("a folder");
        assert_eq!(left.count(), 1, "no temporary file is left");
        Folder::open(Path::new("/dev/null/x"), std::iter::empty()).expect_err("no folder");
    }
}
