//! Text to the terminal or to a file. A reader that goes away, as `head` does, is no error; a full
//! disk is one, which `main` turns into the exit code.

use std::io::{ErrorKind, IsTerminal, Write, stderr, stdout};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a part of the output is lost.
static IS_INCOMPLETE: AtomicBool = AtomicBool::new(false);

/// Prints what was asked for. The first failure is reported.
pub(crate) fn print(text: &str) {
    let mut stdout = stdout().lock();
    let Err(error) = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) else {
        return;
    };
    let is_first = || !IS_INCOMPLETE.swap(true, Ordering::Relaxed);
    if error.kind() != ErrorKind::BrokenPipe && is_first() {
        complain(&format!("error: the output is incomplete: {error}\n"));
    }
}

/// Whether `print` failed.
pub(crate) fn is_incomplete() -> bool {
    IS_INCOMPLETE.load(Ordering::Relaxed)
}

/// Prints what is wrong or doubtful.
pub(crate) fn complain(text: &str) {
    write(&mut stderr().lock(), text);
}

/// Replaces the progress line, where somebody watches.
pub(crate) fn progress(text: &str) {
    let mut terminal = stderr().lock();
    if terminal.is_terminal() {
        write(&mut terminal, &format!("\r\x1b[K{text}"));
    }
}

fn write(to: &mut impl Write, text: &str) {
    // Nobody is left to hear that it failed.
    let _ = to.write_all(text.as_bytes()).and_then(|()| to.flush());
}

/// A key or a file's name on one line, whatever characters it has.
pub(crate) fn shown(name: &str) -> String {
    let shown = |c: char| if c.is_control() { c.escape_default().to_string() } else { c.into() };
    name.chars().map(shown).collect()
}

/// The part of an image's media type that names the format: `webp` of `image/webp`.
pub(crate) fn subtype(media_type: &str) -> &str {
    media_type.trim_start_matches("image/")
}

/// One thing, or several.
pub(crate) fn counted(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

/// A number with commas.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).expect("digits are ASCII"))
        .collect();
    groups.join(",")
}

/// A size with a decimal unit.
pub(crate) fn bytes(bytes: u64) -> String {
    let units = [("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)];
    let unit = units.iter().find(|(_, size)| bytes as f64 >= *size);
    unit.map_or_else(
        || format!("{bytes} B"),
        |(unit, size)| format!("{:.1} {unit}", bytes as f64 / size),
    )
}
