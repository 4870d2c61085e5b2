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
    /// Lines that a power failure damaged are left out: they never were on the disk.
    ///
    /// # Errors
    /// `InvalidData` where the file is no journal, and errors of the disk.
    pub fn open(path: impl Into<PathBuf>) -> io::Result<(Self, Vec<Entry>)> {
        let path = path.into();
        let (entries, next_id) = read(&path).map_err(at(&path))?;
        let written = Written::start(&path, next_id, &entries).map_err(at(&path))?;
        Ok((Self { path, written: Mutex::new(written), synced: Mutex::new(0) }, entries))
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
        let (mut entries, _) = read(&self.path).map_err(at(&self.path))?;
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

/// The live entries of a file, and the first id that was never used.
fn read(path: &Path) -> io::Result<(Vec<Entry>, u64)> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((Vec::new(), 0)),
        Err(error) => return Err(error),
    };
    let mut entries: BTreeMap<u64, Entry> = BTreeMap::new();
    let mut next_id = 0;
    let mut reader = BufReader::new(file);
    let mut bytes = Vec::new();
    let mut is_first = true;
    while reader.read_until(b'\n', &mut bytes)? > 0 {
        let line = Line::parse(&bytes);
        if is_first && !matches!(line, Some(Line::Start { .. })) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "this file is no journal"));
        }
        is_first = false;
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
    Ok((entries.into_values().collect(), next_id))
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
mod tests {
    use std::fs;
    use std::io::{self, Write};
    use std::path::PathBuf;
    use std::thread;

    use super::{Entry, Journal, MAX_DEAD_BYTES};

    struct Place {
        path: PathBuf,
        _folder: tempfile::TempDir,
    }

    fn place() -> Place {
        let folder = tempfile::tempdir().unwrap();
        Place { path: folder.path().join("journal"), _folder: folder }
    }

    fn entry(id: u64, text: &str, note: Option<&str>) -> Entry {
        Entry { id, text: text.to_owned(), note: note.map(str::to_owned) }
    }

    #[test]
    fn entries_survive_with_their_last_note_until_they_are_removed() {
        let place = place();
        let (journal, entries) = Journal::open(&place.path).unwrap();
        assert_eq!(entries, []);
        let ids = ["first", "second", "third"].map(|text| journal.add(text).unwrap());
        journal.note(ids[0], "seen").unwrap();
        journal.note(ids[0], "seen twice").unwrap();
        journal.remove(ids[1]).unwrap();
        journal.note(ids[1], "too late").unwrap();
        drop(journal);
        let (journal, entries) = Journal::open(&place.path).unwrap();
        let wanted = [entry(ids[0], "first", Some("seen twice")), entry(ids[2], "third", None)];
        assert_eq!(entries, wanted);
        assert!(journal.add("fourth").unwrap() > ids[2]);
    }

    #[test]
    fn ids_grow_also_when_nothing_is_left() {
        let place = place();
        let mut last = None;
        for _ in 0..3 {
            let (journal, entries) = Journal::open(&place.path).unwrap();
            assert_eq!(entries, []);
            let id = journal.add("text").unwrap();
            assert!(Some(id) > last);
            last = Some(id);
            journal.remove(id).unwrap();
        }
    }

    #[test]
    fn a_torn_write_is_left_out() {
        let place = place();
        let (journal, _) = Journal::open(&place.path).unwrap();
        let id = journal.add("whole").unwrap();
        drop(journal);
        let mut file = fs::OpenOptions::new().append(true).open(&place.path).unwrap();
        file.write_all(b"0123abcd add 77 to").unwrap();
        let (journal, entries) = Journal::open(&place.path).unwrap();
        assert_eq!(entries, [entry(id, "whole", None)]);
        journal.add("next").unwrap();
        drop(journal);
        assert_eq!(Journal::open(&place.path).unwrap().1.len(), 2);
    }

    #[test]
    fn another_file_is_refused_and_left_alone() {
        let place = place();
        fs::write(&place.path, "somebody's notes\n").unwrap();
        let error = Journal::open(&place.path).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        assert_eq!(fs::read(&place.path).unwrap(), b"somebody's notes\n");
        let (journal, _) = Journal::open(place.path.with_extension("two")).unwrap();
        assert_eq!(journal.add("two\nlines").unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }

    #[test]
    fn dead_lines_are_cleared_away_while_it_runs() {
        let place = place();
        let (journal, _) = Journal::open(&place.path).unwrap();
        let kept = journal.add("kept").unwrap();
        journal.note(kept, "noted").unwrap();
        let text = "x".repeat(1 << 20);
        for _ in 0..20 {
            let id = journal.add(&text).unwrap();
            journal.remove(id).unwrap();
            assert!(fs::metadata(&place.path).unwrap().len() < MAX_DEAD_BYTES + (3 << 20));
        }
        drop(journal);
        let (_, entries) = Journal::open(&place.path).unwrap();
        assert_eq!(entries, [entry(kept, "kept", Some("noted"))]);
    }

    #[test]
    fn threads_share_it() {
        let place = place();
        let (journal, _) = Journal::open(&place.path).unwrap();
        thread::scope(|scope| {
            for thread in 0..4 {
                let journal = &journal;
                scope.spawn(move || {
                    for number in 0..50 {
                        let id = journal.add(&format!("{thread} {number}")).unwrap();
                        if number % 2 == 0 {
                            journal.remove(id).unwrap();
                        }
                    }
                });
            }
        });
        drop(journal);
        assert_eq!(Journal::open(&place.path).unwrap().1.len(), 100);
    }
}
