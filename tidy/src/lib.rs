//! The repository as text: every file that people write, and the manifests of the workspace.
//! The tests of this crate hold rules against them.
#![warn(missing_docs)]

pub mod left_out;

use std::fs;
use std::path::{Path, PathBuf};

/// Folders that hold nothing of ours.
const SKIPPED: [&str; 5] = ["target", ".git", ".harness", "__pycache__", "node_modules"];

/// One text file.
#[derive(Debug)]
pub struct Text {
    /// From the root of the repository, with slashes.
    pub path: String,
    /// All of it.
    pub content: String,
}

impl Text {
    /// Whether this is a file of Rust.
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether the file lies in a folder for tests or benches.
    pub fn is_test(&self) -> bool {
        let folders = || self.path.split('/').rev().skip(1);
        folders().any(|folder| folder == "tests" || folder == "benches")
    }

    /// `path:line: text` of every line for which `offends` holds.
    pub fn offenders(&self, offends: impl Fn(&str) -> bool) -> Vec<String> {
        let lines = (1..).zip(self.content.lines());
        let found = lines.filter(|(_, line)| offends(line));
        found.map(|(number, line)| format!("{}:{number}: {}", self.path, line.trim())).collect()
    }
}

/// The root of the repository.
///
/// # Panics
/// Never in this workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace's root").to_owned()
}

/// Every file that is UTF-8, by path; files below `target` and the like are not among them.
///
/// # Panics
/// Where a folder or a file cannot be read, or next to no Rust is found.
pub fn texts() -> Vec<Text> {
    let root = root();
    let mut folders = vec![root.clone()];
    let mut out = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("folders can be read") {
            let path = entry.expect("folders can be read").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_symlink() || SKIPPED.contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let Ok(content) = String::from_utf8(fs::read(&path).expect("files can be read")) else {
                continue;
            };
            let path = path.strip_prefix(&root).expect("below the root");
            let path = path.to_string_lossy().replace('\\', "/");
            out.push(Text { path, content });
        }
    }
    out.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(out.iter().filter(|text| text.is_rust()).count() >= 20, "the sources are found");
    out
}

/// Every file of Rust, by path.
pub fn rust() -> Vec<Text> {
    texts().into_iter().filter(Text::is_rust).collect()
}

/// A manifest, as text and as a table; `path` counts from the root of the repository.
///
/// # Panics
/// Where it cannot be read or is no TOML.
pub fn manifest(path: &str) -> (Text, toml::Table) {
    let content = fs::read_to_string(root().join(path)).expect("manifests can be read");
    let table = content.parse().unwrap_or_else(|error| panic!("{path}: {error}"));
    (Text { path: path.to_owned(), content }, table)
}

/// The folders of the workspace's members.
///
/// # Panics
/// Where the workspace's manifest has no list of members.
pub fn members() -> Vec<String> {
    let (_, workspace) = manifest("Cargo.toml");
    let members = workspace["workspace"]["members"].as_array().expect("a list of members");
    members.iter().map(|member| member.as_str().expect("a folder").to_owned()).collect()
}
