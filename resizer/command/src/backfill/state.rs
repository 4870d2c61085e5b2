//! How far the work has come, in a file: replaced as a whole, so that a process that dies at any
//! time leaves one that can be read. Behind it, at most the objects under way and those that ended
//! in the last second are done again.

mod lock;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use self::lock::Lock;
use super::arguments::Target;
use super::counts::Counts;
use crate::Misuse;
use crate::output::complain;

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
    /// A digest of the configuration, the endpoint, and earlier output buckets.
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
    _lock: Lock,
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
    /// Reads the file where there is one, and keeps other runs from it.
    ///
    /// # Errors
    /// `Misuse` where it is in use, is of other work that has begun, or is no state file.
    pub(crate) fn open(path: PathBuf, plan: Plan, restart: bool) -> Result<Self, Misuse> {
        let unusable = |problem: String| Misuse(format!("{} {problem}", path.display()));
        if fs::metadata(&path).is_ok_and(|found| !found.is_file()) {
            return Err(unusable("is no regular file; name another one with --state".to_owned()));
        }
        let lock = Lock::acquire(&path).map_err(unusable)?;
        let found = read(&path).map_err(unusable)?;
        let (state, resumes) = going_on(found, plan, restart).map_err(unusable)?;
        Ok(Self { path, _lock: lock, written: None, state, resumes })
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
        if let Err(error) = fs::remove_file(&self.path) {
            let shown = self.shown();
            complain(&format!(
                "warning: {shown} cannot be removed: {error}; remove it, or the same command would \
                 go on from the end of this run\n"
            ));
        }
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

/// The state to go on from or to begin with, and whether an earlier run had begun.
///
/// # Errors
/// Why neither is right, behind the name of the file.
fn going_on(found: Option<State>, plan: Plan, restart: bool) -> Result<(State, bool), String> {
    let Some(found) = found else { return Ok((State::new(plan), false)) };
    if found.plan == plan && !restart {
        let resumes = found.has_begun();
        return Ok((found, resumes));
    }
    let is_same_place = (&found.plan.bucket, &found.plan.prefix, found.plan.mode)
        == (&plan.bucket, &plan.prefix, plan.mode);
    if restart && is_same_place {
        // What was deleted must be looked at again in any case.
        let deleted = found.deleted;
        return Ok((State { deleted, ..State::new(plan) }, false));
    }
    if !found.deleted.is_empty() && !is_same_place {
        let Plan { bucket, prefix, .. } = found.plan;
        return Err(format!(
            "is of a prune of s3://{bucket}/{prefix} that was killed while it deleted results; \
             give that command again first, because some of the results may have to be made again, \
             or name another file with --state"
        ));
    }
    // A dry run of other work leaves a file that nobody goes on from.
    if restart || !found.has_begun() {
        return Ok((State::new(plan), false));
    }
    Err(format!(
        "is of {}; finish that, begin anew with --restart, or name another file with --state",
        difference(&found.plan, &plan)
    ))
}

/// A file beside the state file, whose name ends in a word.
fn beside(state: &Path, word: &str) -> PathBuf {
    let mut name = state.as_os_str().to_owned();
    name.push(".");
    name.push(word);
    PathBuf::from(name)
}

/// The other file always has the same name, so that killed processes leave one at most.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = beside(path, "new");
    let mut file = File::create(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)
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
    format!(
        "is no state file of this release ({problem}); remove it, or name another one with --state"
    )
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
    "another configuration, endpoint, or list of earlier output buckets".to_owned()
}
