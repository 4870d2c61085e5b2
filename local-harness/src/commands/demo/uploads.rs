//! The files that the demo uploads: its own, or those of a user, each under a key that a rule
//! takes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use fixtures::upload_set::{DemoUpload, Expect, demo_uploads};
use resizer::config::Config;
use resizer::event::ObjectRef;
use resizer::rules::find;

use crate::commands::CommandError;
use crate::stdout::outln;

/// The longest key of S3.
const MAX_KEY_BYTES: usize = 1024;

/// A file to upload.
#[derive(Debug, Clone)]
pub(super) struct Upload {
    /// Bucket and key.
    pub(super) object: ObjectRef,
    /// What is special about it; empty for a user's file.
    pub(super) note: &'static str,
    /// Nothing for a user's file: the function goes by the bytes.
    pub(super) content_type: Option<&'static str>,
    pub(super) bytes: Bytes,
    /// The expected outcome, where the configuration is the built-in one.
    pub(super) expected: Option<&'static str>,
}

/// The demo's own files; what must become of them is known for the built-in configuration.
pub(super) fn own(bucket: &str, config: &Config, is_built_in: bool) -> Vec<Upload> {
    let upload = |upload: DemoUpload| Upload {
        object: placed(config, bucket, &upload.key),
        note: upload.note,
        content_type: Some(upload.content_type),
        expected: is_built_in.then_some(match upload.expect {
            Expect::Variants => "stored",
            Expect::Reject(code) => code,
        }),
        bytes: upload.bytes.into(),
    };
    demo_uploads().into_iter().map(upload).collect()
}

/// The files at these paths, and all files below those that are folders.
///
/// # Errors
/// `File` for what cannot be read, `Check` where there is no file at all.
pub(super) fn of_paths(
    paths: &[PathBuf],
    bucket: &str,
    config: &Config,
) -> Result<Vec<Upload>, CommandError> {
    let mut files = Vec::new();
    for path in paths {
        let metadata = path.metadata().map_err(CommandError::file(path))?;
        if metadata.is_dir() {
            walk(path, path, &mut files)?;
        } else if !metadata.is_file() {
            let problem = "it is neither a file nor a folder".to_owned();
            return Err(CommandError::Check { what: path.display().to_string(), problem });
        } else {
            let name = path.file_name().map_or_else(|| path.into(), PathBuf::from);
            files.push((path.clone(), name));
        }
    }
    if files.is_empty() {
        let what = "the pictures".to_owned();
        let problem = "the folders have no files".to_owned();
        return Err(CommandError::Check { what, problem });
    }
    let mut taken = BTreeSet::new();
    let mut uploads = Vec::new();
    for (path, name) in files {
        let bytes = std::fs::read(&path).map_err(CommandError::file(&path))?.into();
        let object = placed(config, bucket, &unlike(&taken, &name.to_string_lossy()));
        if object.key.len() > MAX_KEY_BYTES {
            outln!("left out {}: its key would be too long for S3", path.display());
            continue;
        }
        taken.insert(object.key.clone());
        let (note, content_type, expected) = ("", None, None);
        uploads.push(Upload { object, note, content_type, bytes, expected });
    }
    Ok(uploads)
}

/// All files below a folder, by their names, with their paths in the first folder.
fn walk(
    root: &Path,
    folder: &Path,
    files: &mut Vec<(PathBuf, PathBuf)>,
) -> Result<(), CommandError> {
    let entries = std::fs::read_dir(folder).map_err(CommandError::file(folder))?;
    let paths: Result<Vec<PathBuf>, _> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut paths = paths.map_err(CommandError::file(folder))?;
    paths.sort();
    for path in paths {
        let is_hidden =
            path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if is_hidden {
            continue;
        }
        // Links are not followed: they may lead out of the folder, or in circles.
        let found = path.symlink_metadata().map_err(CommandError::file(&path))?;
        if found.is_dir() {
            walk(root, &path, files)?;
        } else if found.is_file() {
            let name = path.strip_prefix(root).unwrap_or(&path).to_owned();
            files.push((path, name));
        } else {
            outln!("left out {}: not a regular file", path.display());
        }
    }
    Ok(())
}

/// A key that no other file has: the name, or the name below a number.
fn unlike(taken: &BTreeSet<String>, name: &str) -> String {
    let is_free = |key: &str| !taken.iter().any(|taken| taken.ends_with(key));
    let numbered = (2..).map(|number| format!("{number}/{name}"));
    std::iter::once(name.to_owned()).chain(numbered).find(|key| is_free(key)).unwrap_or_default()
}

/// Where a rule takes this name: as it is, or below the prefix of a rule. A name that no rule takes
/// stays as it is, and the function says so.
fn placed(config: &Config, bucket: &str, name: &str) -> ObjectRef {
    let object = |bucket: &str, key: String| ObjectRef { bucket: bucket.to_owned(), key };
    let as_it_is = object(bucket, name.to_owned());
    let below = config.rules.iter().flat_map(|rule| {
        let bucket = rule.source.bucket.as_deref().unwrap_or(bucket);
        let key = format!("{}{name}", rule.source.prefix);
        [object(bucket, name.to_owned()), object(bucket, key)]
    });
    let mut candidates = std::iter::once(as_it_is.clone()).chain(below);
    candidates.find(|object| find(&config.rules, object).is_ok()).unwrap_or(as_it_is)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::os::unix::fs::symlink;

    use resizer::config::{Config, Settings};

    use super::{of_paths, placed, unlike};

    #[test]
    fn only_regular_files_of_the_folder_are_uploaded() {
        let folder = tempfile::tempdir().expect("a folder");
        let pictures = folder.path().join("pictures");
        std::fs::create_dir_all(pictures.join("more")).expect("a folder");
        for name in ["a.jpg", "more/b.jpg", ".hidden"] {
            std::fs::write(pictures.join(name), name).expect("a file");
        }
        std::fs::write(folder.path().join("secret"), "not for the demo").expect("a file");
        symlink("../secret", pictures.join("link.jpg")).expect("a link");
        symlink(".", pictures.join("circle")).expect("a link");
        let config = Config::load(&Settings::default()).expect("the built-in one is valid");
        let uploads = of_paths(&[pictures], "uploads", &config).expect("two files");
        let keys: Vec<&str> = uploads.iter().map(|upload| upload.object.key.as_str()).collect();
        assert_eq!(keys, ["a.jpg", "more/b.jpg"]);
    }

    #[test]
    fn a_name_lies_where_a_rule_takes_it() {
        let text = "[[rule]]\nprefix = \"avatars/\"\nsuffix = [\".jpg\"]\nwidths = [10]\n\
                    output.bucket = \"out\"\n\
                    [[rule]]\nbucket = \"scans\"\nprefix = \"in/\"\nsuffix = [\".tif\"]\n\
                    widths = [10]\noutput.bucket = \"out\"\n";
        let settings = Settings { text: Some(text.to_owned()), ..Settings::default() };
        let config = Config::load(&settings).expect("it is valid");
        let place = |name: &str| {
            let object = placed(&config, "uploads", name);
            format!("{}/{}", object.bucket, object.key)
        };
        assert_eq!(place("a.jpg"), "uploads/avatars/a.jpg");
        assert_eq!(place("avatars/b.jpg"), "uploads/avatars/b.jpg");
        assert_eq!(place("c.tif"), "scans/in/c.tif");
        assert_eq!(place("d.png"), "uploads/d.png", "no rule takes it");
    }

    #[test]
    fn two_files_of_one_name_have_keys_of_their_own() {
        let taken = BTreeSet::from(["avatars/a.jpg".to_owned()]);
        assert_eq!(unlike(&taken, "a.jpg"), "2/a.jpg");
        assert_eq!(unlike(&taken, "b.jpg"), "b.jpg");
    }
}
