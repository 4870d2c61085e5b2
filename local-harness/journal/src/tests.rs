//! What survives a restart, and what is damaged.

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
    assert_eq!((entries, journal.damage()), (vec![entry(id, "whole", None)], None));
    journal.add("next").unwrap();
    drop(journal);
    assert_eq!(Journal::open(&place.path).unwrap().1.len(), 2);
}

#[test]
fn damage_between_whole_lines_is_told_and_the_file_kept() {
    let place = place();
    let (journal, _) = Journal::open(&place.path).unwrap();
    let ids = ["first", "second", "third"].map(|text| journal.add(text).unwrap());
    drop(journal);
    let found = fs::read_to_string(&place.path).unwrap().replace("second", "secund");
    fs::write(&place.path, &found).unwrap();
    let (journal, entries) = Journal::open(&place.path).unwrap();
    assert_eq!(entries, [entry(ids[0], "first", None), entry(ids[2], "third", None)]);
    let kept = journal.damage().expect("it is told");
    assert_eq!(fs::read_to_string(kept).unwrap(), found);
    drop(journal);
    assert_eq!(Journal::open(&place.path).unwrap().0.damage(), None, "once");
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
