//! The files to compare on: everything in a folder that starts as a JPEG file does.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// All files in `folder` and below whose first bytes are FF D8, whatever they are called; sorted.
pub(crate) fn jpegs(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a readable folder") {
            let path = entry.expect("a readable entry").path();
            match path.is_dir() {
                true => folders.push(path),
                false if is_jpeg(&path) => files.push(path),
                false => {}
            }
        }
    }
    files.sort();
    files
}

fn is_jpeg(path: &Path) -> bool {
    let mut magic = [0; 2];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut magic));
    read.is_ok() && magic == [0xff, 0xd8]
}
