//! Objects that failed or were refused, a line of JSON each. A resumed run adds its own.

use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

use serde_json::json;

/// The file, which exists once there is something to list.
#[derive(Debug)]
pub(crate) struct Failures {
    path: PathBuf,
    file: Option<File>,
    /// Why it is not complete.
    problem: Option<io::Error>,
}

impl Failures {
    /// Goes on behind what an earlier part of the run listed, or begins anew.
    pub(crate) fn new(path: PathBuf, resumes: bool) -> Self {
        if !resumes {
            // One that cannot be removed cannot be written either, which is told then.
            let _ = std::fs::remove_file(&path);
        }
        Self { path, file: None, problem: None }
    }

    /// Lists an object.
    pub(crate) fn add(&mut self, key: &str, code: &str, message: &str) {
        let line = json!({ "key": key, "code": code, "message": message });
        if let Err(error) = self.append(&format!("{line}\n")) {
            self.problem = Some(error);
        }
    }

    /// Where they are listed.
    pub(crate) fn place(&self) -> Option<String> {
        let place = self.path.display();
        match (&self.problem, &self.file) {
            (Some(problem), _) => Some(format!("{place} could not be written: {problem}")),
            (None, Some(_)) => Some(place.to_string()),
            (None, None) => self.path.exists().then(|| place.to_string()),
        }
    }

    fn append(&mut self, line: &str) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                let opened = File::options().create(true).append(true).open(&self.path)?;
                self.file.insert(opened)
            }
        };
        file.write_all(line.as_bytes())
    }
}
