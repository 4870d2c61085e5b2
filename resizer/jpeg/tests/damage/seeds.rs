//! The files that damage begins with: those of the project, and real ones where they are at hand.

use std::fs;
use std::path::{Path, PathBuf};

/// A file and its name.
pub(crate) struct Seed {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// The project's own files that begin so.
pub(crate) fn own(beginning: &[u8]) -> Vec<Seed> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let mut found = Vec::new();
    for folder in ["images", "bad"] {
        collect(&fixtures.join(folder), beginning, usize::MAX, &mut found);
    }
    found
}

/// Adds the files below a folder that begin so, sorted by path.
pub(crate) fn collect(folder: &Path, beginning: &[u8], most_bytes: usize, found: &mut Vec<Seed>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, beginning, most_bytes, found);
            continue;
        }
        let size = path.metadata().map_or(u64::MAX, |metadata| metadata.len());
        if size > most_bytes as u64 {
            continue;
        }
        match fs::read(&path) {
            Ok(bytes) if bytes.starts_with(beginning) => {
                found.push(Seed { name: path.display().to_string(), bytes });
            }
            _ => {}
        }
    }
}
