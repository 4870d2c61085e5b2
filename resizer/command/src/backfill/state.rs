//! How far the work has come, in a file: replaced as a whole, so that a process that dies at any
//! time leaves one that can be read. Behind it, at most the objects under way and those that ended
//! in the last second are done again.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;
use tokio::time::Instant;

use super::arguments::Target;
use super::counts::Counts;
use crate::Misuse;

/// How often the file is written at most.
const INTERVAL: Duration = Duration::from_secs(1);

const VERSION: u32 = 1;

/// Characters of a prefix in the name of a file.
const MAX_NAME_CHARS: usize = 80;

/// What is to be done. Another plan is other work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Plan {
    pub(crate) bucket: String,
    pub(crate) prefix: String,
    pub(crate) mode: Mode,
    /// A digest of the configuration and the endpoint.
    pub(crate) configuration: String,
}

/// What is done with an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// Everything is made.
    All,
    /// What is missing or outdated is made.
    Missing,
    /// What no rule makes is deleted.
    Prune,
}

/// The file's JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    version: u32,
    pub(crate) plan: Plan,
    /// What a dry run expects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expected: Option<Expected>,
    /// The last key that was listed; no key that comes before it is listed again.
    pub(crate) listed_through: Option<String>,
    /// Keys up to there that have not ended.
    pub(crate) unfinished: BTreeSet<String>,
    /// Places of results that may have been deleted without another look at their sources, as
    /// `bucket/key`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) deleted: BTreeSet<String>,
    pub(crate) counts: Counts,
}

/// What a dry run found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Expected {
    /// Objects that rules take.
    pub(crate) objects: u64,
    /// What the requests will cost.
    pub(crate) dollars: f64,
}

/// The file and what it says.
#[derive(Debug)]
pub(crate) struct StateFile {
    path: PathBuf,
    written: Option<Instant>,
    pub(crate) state: State,
    /// Whether an earlier run had begun.
    pub(crate) resumes: bool,
}

impl State {
    /// Of work that has not begun.
    pub(crate) fn new(plan: Plan) -> Self {
        Self {
            version: VERSION,
            plan,
            expected: None,
            listed_through: None,
            unfinished: BTreeSet::new(),
            deleted: BTreeSet::new(),
            counts: Counts::default(),
        }
    }

    fn has_begun(&self) -> bool {
        self.listed_through.is_some() || !self.deleted.is_empty()
    }
}

impl StateFile {
    /// Reads the file where there is one.
    ///
    /// # Errors
    /// `Misuse` where it is of other work that has begun, or cannot be read.
    pub(crate) fn open(path: PathBuf, plan: Plan, restart: bool) -> Result<Self, Misuse> {
        let shown = path.display().to_string();
        let found = match read(&path) {
            Ok(found) => found,
            // What cannot be read is what a new beginning is for.
            Err(_) if restart => None,
            Err(problem) => return Err(Misuse(format!("{shown} {problem}"))),
        };
        let fresh = |state| Self { path: path.clone(), written: None, state, resumes: false };
        let Some(found) = found else { return Ok(fresh(State::new(plan))) };
        if found.plan == plan && !restart {
            let resumes = found.has_begun();
            return Ok(Self { path, written: None, state: found, resumes });
        }
        let is_same_place = (&found.plan.bucket, &found.plan.prefix, found.plan.mode)
            == (&plan.bucket, &plan.prefix, plan.mode);
        if restart && is_same_place {
            // What was deleted must be looked at again in any case.
            let deleted = found.deleted;
            return Ok(fresh(State { deleted, ..State::new(plan) }));
        }
        // A dry run of other work leaves a file that nobody goes on from.
        if restart || !found.has_begun() {
            return Ok(fresh(State::new(plan)));
        }
        Err(Misuse(format!(
            "{shown} is of {}; finish that, begin anew with --restart, or name another file with \
             --state",
            difference(&found.plan, &plan)
        )))
    }

    /// Writes the file, unless that was done a moment ago.
    ///
    /// # Errors
    /// `Misuse` where it cannot be written.
    pub(crate) fn write_now_and_then(&mut self, now: Instant) -> Result<(), Misuse> {
        let is_due = self.written.is_none_or(|written| now - written >= INTERVAL);
        if is_due { self.write(now) } else { Ok(()) }
    }

    /// Writes the file.
    ///
    /// # Errors
    /// `Misuse` where it cannot be written.
    pub(crate) fn write(&mut self, now: Instant) -> Result<(), Misuse> {
        self.written = Some(now);
        let json = serde_json::to_vec_pretty(&self.state).expect("strings and numbers serialize");
        replace(&self.path, &json)
            .map_err(|error| Misuse(format!("{} cannot be written: {error}", self.path.display())))
    }

    /// Removes the file: there is nothing to go on with.
    pub(crate) fn remove(&self) {
        // The next run begins anew in any case, because the work of this one is done.
        let _ = fs::remove_file(&self.path);
    }

    /// For messages.
    pub(crate) fn shown(&self) -> String {
        self.path.display().to_string()
    }

    /// Where failures are listed.
    pub(crate) fn failures(&self) -> PathBuf {
        self.path.with_extension("failed.jsonl")
    }
}

/// The default name, by bucket and prefix.
pub(crate) fn default_path(target: &Target) -> PathBuf {
    let name = format!("{}/{}", target.bucket, target.prefix);
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    let short: String =
        name.trim_end_matches('/').chars().map(plain).take(MAX_NAME_CHARS).collect();
    // Two prefixes may look the same in it.
    let digest = resizer::digest::sha256(name.as_bytes());
    PathBuf::from(format!("resizer-backfill-{short}-{}.json", &digest[..6]))
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let mut file = NamedTempFile::with_prefix_in(".resizer-", folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// What a file says; nothing where there is none.
///
/// # Errors
/// What is wrong with it, behind its name.
fn read(path: &Path) -> Result<Option<State>, String> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("cannot be read: {error}")),
    };
    let state: Result<State, String> =
        serde_json::from_slice(&text).map_err(|error| error.to_string());
    match state {
        Ok(state) if state.version == VERSION => Ok(Some(state)),
        Ok(State { version, .. }) => Err(unusable(&format!("version {version}"))),
        Err(problem) => Err(unusable(&problem)),
    }
}

fn unusable(problem: &str) -> String {
    format!("is no state file of this release ({problem}); remove it, or give --restart")
}

fn difference(found: &Plan, wanted: &Plan) -> String {
    if (&found.bucket, &found.prefix) != (&wanted.bucket, &wanted.prefix) {
        return format!("s3://{}/{}", found.bucket, found.prefix);
    }
    if found.mode != wanted.mode {
        let option = match found.mode {
            Mode::All => "a run without --only-missing",
            Mode::Missing => "a run with --only-missing",
            Mode::Prune => "a run with --prune",
        };
        return option.to_owned();
    }
    "another configuration or endpoint".to_owned()
}
