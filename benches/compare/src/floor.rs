//! libjpeg-turbo as a tool: rivals/floor called as a program. In and out: files.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Outcome;

/// The built program.
#[derive(Debug, Clone)]
pub(crate) struct Floor {
    pub(crate) program: PathBuf,
}

impl Floor {
    /// JPEG to PPM, by the accurate transform and interpolated chroma.
    pub(crate) fn decode(&self, jpeg: &Path, ppm: &Path) -> Outcome<()> {
        self.call(&["decode"], jpeg, ppm)
    }

    /// PPM to baseline JPEG, 4:2:0, standard tables.
    pub(crate) fn encode(&self, quality: u8, ppm: &Path, jpeg: &Path) -> Outcome<()> {
        self.call(&["encode", &quality.to_string()], ppm, jpeg)
    }

    /// JPEG to the same coefficients in another coding (`baseline` or `progressive`), without
    /// metadata.
    pub(crate) fn transcode(&self, coding: &str, from: &Path, to: &Path) -> Outcome<()> {
        self.call(&["transcode", coding], from, to)
    }

    fn call(&self, words: &[&str], from: &Path, to: &Path) -> Outcome<()> {
        let run = Command::new(&self.program).args(words).arg(from).arg(to).output();
        let run = run.map_err(|error| format!("{}: {error}", self.program.display()))?;
        if run.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&run.stderr);
        Err(format!("libjpeg-turbo, {}: {}", words[0], said.trim()))
    }
}
