//! A journal: an append-only file of entries that are added, annotated, and removed.
//!
//! [`Journal::add`] returns when the entry is on the disk; callers at the same time share one
//! write to it. Notes and removals are written at once and reach the disk later: after a power
//! failure an entry may come back without them, so the owner of the entries must tolerate
//! repetition. After a killed process nothing is missing. Everything here blocks.

mod line;

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use line::Line;

/// The file is rewritten without its dead lines when these have this many bytes, and are more than
/// the live ones.
const MAX_DEAD_BYTES: u64 = 4 << 20;

/// An entry of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Grows with every entry.
    pub id: u64,
    /// The text that was added.
    pub text: String,
    /// The last note, if there is one.
    pub note: Option<String>,
}

/// The open file. One process at a time must have it open; its owner sees to that.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    written: Mutex<Written>,
    /// How many of the written entries are on the disk. Whoever holds it syncs for all who wait.
    synced: Mutex<u64>,
    damage: Option<PathBuf>,
}

#[derive(Debug)]
struct Written {
    file: File,
    length_bytes: u64,
    next_id: u64,
    /// Counts the added entries of this process.
    added: u64,
    /// Bytes of the lines of each live entry.
    live: BTreeMap<u64, u64>,
    live_bytes: u64,
    dead_bytes: u64,
}

impl Journal {
    /// Opens the file, creating it if need be. Returns the live entries too, oldest first.
    ///
    /// Damaged lines are left out. At the end of the file they are those of a write that a crash
    /// interrupted, and nothing is missing. With whole lines after them, something else has damaged
    /// the file: it is then kept under the same name with `.damaged` after it, and
    /// [`Journal::damage`] says so.
    ///
    /// # Errors
    /// `InvalidData` where the file is no journal, and errors of the disk.
    pub fn open(path: impl Into<PathBuf>) -> io::Result<(Self, Vec<Entry>)> {
        let path = path.into();
        let Found { entries, next_id, is_damaged } = read(&path).map_err(at(&path))?;
        let mut damage = None;
        if is_damaged {
            let kept = PathBuf::from(format!("{}.damaged", path.display()));
            fs::copy(&path, &kept).map_err(at(&kept))?;
            damage = Some(kept);
        }
        let written = Written::start(&path, next_id, &entries).map_err(at(&path))?;
        let (written, synced) = (Mutex::new(written), Mutex::new(0));
        Ok((Self { path, written, synced, damage }, entries))
    }

    /// Where the file is kept as it was found, if lines between whole ones were damaged: entries
    /// may be missing.
    pub fn damage(&self) -> Option<&Path> {
        self.damage.as_deref()
    }

    /// Adds an entry and returns its id. The entry is then on the disk.
    ///
    /// # Errors
    /// `InvalidInput` where the text has a line break, and errors of the disk.
    pub fn add(&self, text: &str) -> io::Result<u64> {
        self.add_all(&[text]).map(|ids| ids[0])
    }

    /// Adds entries and returns their ids. All of them are then on the disk.
    ///
    /// # Errors
    /// Those of [`Journal::add`]; then none of them is added.
    pub fn add_all(&self, texts: &[impl AsRef<str>]) -> io::Result<Vec<u64>> {
        if texts.is_empty() {
            // Nothing to wait for, also where others wait.
            return Ok(Vec::new());
        }
        let mut ids = Vec::with_capacity(texts.len());
        let added = self.write_all(texts, &mut ids).and_then(|added| self.sync(added));
        if let Err(error) = added {
            for id in ids {
                // Where this fails too, a restart finds an entry that was taken for not added.
                let _ = self.remove(id);
            }
            return Err(at(&self.path)(error));
        }
        Ok(ids)
    }

    /// Writes entries, and returns how many this process has written.
    fn write_all(&self, texts: &[impl AsRef<str>], ids: &mut Vec<u64>) -> io::Result<u64> {
        let mut written = hold(&self.written);
        for text in texts {
            let id = written.next_id;
            written.append(id, &Line::Added { id, text: text.as_ref() })?;
            written.next_id += 1;
            written.added += 1;
            ids.push(id);
        }
        Ok(written.added)
    }

    /// Replaces the note of an entry; an entry that was removed keeps none.
    ///
    /// # Errors
    /// `InvalidInput` where the note has a line break, and errors of the disk.
    pub fn note(&self, id: u64, note: &str) -> io::Result<()> {
        let mut written = hold(&self.written);
        if !written.live.contains_key(&id) {
            return Ok(());
        }
        written.append(id, &Line::Noted { id, note }).map_err(at(&self.path))?;
        self.tidy(&mut written)
    }

    /// Removes an entry, if it is still there.
    ///
    /// # Errors
    /// Errors of the disk.
    pub fn remove(&self, id: u64) -> io::Result<()> {
        let mut written = hold(&self.written);
        let Some(bytes) = written.live.remove(&id) else { return Ok(()) };
        written.live_bytes -= bytes;
        let line_bytes = written.write(&Line::Removed { id }).map_err(at(&self.path))?;
        written.dead_bytes += bytes + line_bytes;
        self.tidy(&mut written)
    }

    /// Waits until the first `added` entries are on the disk.
    fn sync(&self, added: u64) -> io::Result<()> {
        let mut synced = hold(&self.synced);
        if *synced >= added {
            return Ok(());
        }
        let (file, all) = {
            let written = hold(&self.written);
            (written.file.try_clone()?, written.added)
        };
        file.sync_data()?;
        *synced = all;
        Ok(())
    }

    /// Rewrites the file where most of it is dead.
    fn tidy(&self, written: &mut Written) -> io::Result<()> {
        if written.dead_bytes < MAX_DEAD_BYTES.max(written.live_bytes) {
            return Ok(());
        }
        let mut entries = read(&self.path).map_err(at(&self.path))?.entries;
        entries.retain(|entry| written.live.contains_key(&entry.id));
        let fresh = Written::start(&self.path, written.next_id, &entries);
        *written = Written { added: written.added, ..fresh.map_err(at(&self.path))? };
        Ok(())
    }
}

impl Written {
    /// Replaces the file by one that has these entries only, in one step.
    fn start(path: &Path, next_id: u64, entries: &[Entry]) -> io::Result<Self> {
        let scratch = path.with_extension("new");
        let file = OpenOptions::new().create(true).append(true).open(&scratch)?;
        file.set_len(0)?;
        let mut written = Self {
            file,
            length_bytes: 0,
            next_id,
            added: 0,
            live: BTreeMap::new(),
            live_bytes: 0,
            dead_bytes: 0,
        };
        written.write(&Line::Start { id: next_id })?;
        for Entry { id, text, note } in entries {
            written.append(*id, &Line::Added { id: *id, text })?;
            if let Some(note) = note {
                written.append(*id, &Line::Noted { id: *id, note })?;
            }
        }
        written.file.sync_all()?;
        fs::rename(&scratch, path)?;
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        File::open(parent.unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(written)
    }

    /// Writes a line of a live entry.
    fn append(&mut self, id: u64, line: &Line<'_>) -> io::Result<()> {
        if line.text().contains('\n') {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a text with a line break"));
        }
        let bytes = self.write(line)?;
        *self.live.entry(id).or_default() += bytes;
        self.live_bytes += bytes;
        Ok(())
    }

    /// Writes a line, all of it or nothing. Returns its size in bytes.
    fn write(&mut self, line: &Line<'_>) -> io::Result<u64> {
        let line = line.to_string();
        if let Err(error) = self.file.write_all(line.as_bytes()) {
            // The next line must not continue a part of this one.
            self.file.set_len(self.length_bytes)?;
            return Err(error);
        }
        let bytes = line.len() as u64;
        self.length_bytes += bytes;
        Ok(bytes)
    }
}

/// What a file has.
#[derive(Default)]
struct Found {
    /// The live ones, oldest first.
    entries: Vec<Entry>,
    /// The first id that was never used.
    next_id: u64,
    /// Whether there are damaged lines before whole ones.
    is_damaged: bool,
}

fn read(path: &Path) -> io::Result<Found> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::default()),
        Err(error) => return Err(error),
    };
    let mut entries: BTreeMap<u64, Entry> = BTreeMap::new();
    let mut next_id = 0;
    let mut reader = BufReader::new(file);
    let mut bytes = Vec::new();
    let (mut is_first, mut has_torn, mut is_damaged) = (true, false, false);
    while reader.read_until(b'\n', &mut bytes)? > 0 {
        let line = Line::parse(&bytes);
        if is_first && !matches!(line, Some(Line::Start { .. })) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "this is no journal; move the file away, and its events are lost",
            ));
        }
        is_first = false;
        is_damaged |= has_torn && line.is_some();
        has_torn |= line.is_none();
        match line {
            None => {}
            Some(Line::Start { id }) => next_id = next_id.max(id),
            Some(Line::Added { id, text }) => {
                next_id = next_id.max(id + 1);
                entries.insert(id, Entry { id, text: text.to_owned(), note: None });
            }
            Some(Line::Noted { id, note }) => {
                if let Some(entry) = entries.get_mut(&id) {
                    entry.note = Some(note.to_owned());
                }
            }
            Some(Line::Removed { id }) => {
                entries.remove(&id);
            }
        }
        bytes.clear();
    }
    Ok(Found { entries: entries.into_values().collect(), next_id, is_damaged })
}

fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every change of the values is complete before anything that could panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Names the file in an error.
fn at(path: &Path) -> impl Fn(io::Error) -> io::Error {
    move |error| io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests;
