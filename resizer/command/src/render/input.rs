//! Paths in, files with the keys that they would be uploaded under out.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use resizer::event::ObjectRef;

use crate::Misuse;
use crate::command_line::RenderArguments;

/// A file as an upload.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) file: PathBuf,
    pub(crate) object: ObjectRef,
}

/// Every file with its key.
///
/// # Errors
/// `Misuse` for a path that names no file, is no UTF-8, or has the key of another one.
pub(crate) fn all(arguments: &RenderArguments) -> Result<Vec<Input>, Misuse> {
    let mut keys: BTreeMap<String, &Path> = BTreeMap::new();
    let mut inputs = Vec::new();
    for file in &arguments.files {
        let key = format!("{}{}", arguments.prefix, key(file)?);
        if let Some(other) = keys.insert(key.clone(), file) {
            return Err(Misuse(format!(
                "{} and {} would both be the upload {key:?}; render them one after the other, with \
                 another --prefix or --out",
                other.display(),
                file.display()
            )));
        }
        let bucket = arguments.function.upload_bucket.clone();
        inputs.push(Input { file: file.clone(), object: ObjectRef { bucket, key } });
    }
    Ok(inputs)
}

/// The path, or its last part where it is absolute or leads out of the current folder.
fn key(file: &Path) -> Result<String, Misuse> {
    let is_below =
        file.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let names = file.components().filter_map(|part| match part {
        Component::Normal(name) => Some(name),
        _ => None,
    });
    let names: Option<Vec<&str>> = names.map(OsStr::to_str).collect();
    let names = names.ok_or_else(|| {
        Misuse(format!("{}: keys of S3 are UTF-8, and this name is not", file.display()))
    })?;
    match (names.last(), is_below) {
        (None, _) => Err(Misuse(format!("{} names no file", file.display()))),
        (Some(_), true) => Ok(names.join("/")),
        (Some(last), false) => Ok((*last).to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::key;

    #[test]
    fn keys_are_paths_below_the_current_folder_and_else_names() {
        for (file, expected) in [
            ("a.jpg", "a.jpg"),
            ("./photos//ü x.jpg", "photos/ü x.jpg"),
            ("../a.jpg", "a.jpg"),
            ("photos/../a.jpg", "a.jpg"),
            ("/tmp/photos/a.jpg", "a.jpg"),
        ] {
            assert_eq!(key(Path::new(file)).expect(file), expected);
        }
        for file in ["", "/", ".."] {
            key(Path::new(file)).expect_err(file);
        }
    }
}
