//! A line of the file: a checksum, what happened, the id of the entry, and its text.
//! In: a line. Out: its text with the line break, and back. Knows no file.

use std::fmt;

use crc_fast::{CrcAlgorithm, checksum};

/// What a line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line<'t> {
    /// The first line of a file: no entry below this id will be added.
    Start { id: u64 },
    /// A new entry.
    Added { id: u64, text: &'t str },
    /// A new note of an entry.
    Noted { id: u64, note: &'t str },
    /// The end of an entry.
    Removed { id: u64 },
}

impl<'t> Line<'t> {
    /// The text that must be free of line breaks.
    pub(crate) fn text(&self) -> &'t str {
        match self {
            Self::Added { text, .. } => text,
            Self::Noted { note, .. } => note,
            Self::Start { .. } | Self::Removed { .. } => "",
        }
    }

    /// Reads a line with its line break; `None` where it is damaged or not complete.
    pub(crate) fn parse(bytes: &'t [u8]) -> Option<Self> {
        let line = std::str::from_utf8(bytes).ok()?.strip_suffix('\n')?;
        let (sum, rest) = line.split_once(' ')?;
        if u64::from_str_radix(sum, 16).ok()? != sum_of(rest) {
            return None;
        }
        let mut words = rest.splitn(3, ' ');
        let (kind, id) = (words.next()?, words.next()?.parse().ok()?);
        let text = words.next().unwrap_or_default();
        match kind {
            "start" => Some(Self::Start { id }),
            "add" => Some(Self::Added { id, text }),
            "note" => Some(Self::Noted { id, note: text }),
            "remove" => Some(Self::Removed { id }),
            _ => None,
        }
    }
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rest = match self {
            Self::Start { id } => format!("start {id}"),
            Self::Added { id, text } => format!("add {id} {text}"),
            Self::Noted { id, note } => format!("note {id} {note}"),
            Self::Removed { id } => format!("remove {id}"),
        };
        writeln!(f, "{:08x} {rest}", sum_of(&rest))
    }
}

fn sum_of(text: &str) -> u64 {
    checksum(CrcAlgorithm::Crc32IsoHdlc, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::Line;

    #[test]
    fn lines_are_read_back() {
        let lines = [
            Line::Start { id: 3 },
            Line::Added { id: 3, text: "{\"a b\": \"ü\"}" },
            Line::Added { id: 4, text: "" },
            Line::Noted { id: 3, note: "seen twice" },
            Line::Removed { id: 3 },
        ];
        for line in lines {
            assert_eq!(Line::parse(line.to_string().as_bytes()), Some(line));
        }
    }

    #[test]
    fn a_damaged_or_incomplete_line_is_none() {
        let line = Line::Added { id: 7, text: "photo" }.to_string();
        for end in 0..line.len() {
            assert_eq!(Line::parse(&line.as_bytes()[..end]), None, "{end} bytes");
        }
        for at in 0..line.len() {
            let mut bytes = line.clone().into_bytes();
            bytes[at] ^= 1;
            assert_eq!(Line::parse(&bytes), None, "byte {at}");
        }
    }
}
