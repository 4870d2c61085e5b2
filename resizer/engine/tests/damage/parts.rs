//! The parts that a file of any format is made of: chunks, blocks, boxes, fields. As much as
//! damaging them on purpose needs; what cannot be read ends the list.

use std::ops::Range;

/// One part: all of it, and what is inside of it.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) whole: Range<usize>,
    pub(crate) body: Range<usize>,
    /// Where it says how long it is, if it does.
    pub(crate) length: Option<Range<usize>>,
}

/// What all numbers of a format begin with.
pub(crate) fn is_big_endian(bytes: &[u8]) -> bool {
    !(bytes.starts_with(b"RIFF")
        || bytes.starts_with(b"GIF8")
        || bytes.starts_with(b"BM")
        || bytes.starts_with(b"II"))
}

/// All parts in their order; those inside of others behind them.
pub(crate) fn parts(bytes: &[u8]) -> Vec<Part> {
    let mut found = Vec::new();
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => chunks(bytes, 8, &mut found),
        [b'R', b'I', b'F', b'F', ..] => riff(bytes, 12, bytes.len(), &mut found),
        [b'G', b'I', b'F', b'8', ..] => drop(blocks(bytes, &mut found)),
        [b'I', b'I', ..] | [b'M', b'M', ..] => drop(fields(bytes, &mut found)),
        [b'B', b'M', ..] => {
            let words = (2..bytes.len().min(70)).step_by(4);
            found.extend(words.filter(|at| at + 4 <= bytes.len()).map(|at| Part {
                whole: at..at + 4,
                body: at..at + 4,
                length: None,
            }));
        }
        _ if matches!(bytes.get(4..8), Some(b"ftyp" | b"JXL ")) => {
            boxes(bytes, 0, bytes.len(), &mut found);
        }
        _ => {}
    }
    found
}

/// The number that some bytes are.
fn number(bytes: &[u8], at: Range<usize>, big_endian: bool) -> Option<usize> {
    let digits = bytes.get(at)?;
    let sum = |sum: usize, &byte: &u8| sum << 8 | usize::from(byte);
    Some(if big_endian { digits.iter().fold(0, sum) } else { digits.iter().rev().fold(0, sum) })
}

/// PNG's.
fn chunks(bytes: &[u8], start: usize, found: &mut Vec<Part>) {
    let mut at = start;
    while let Some(length) = number(bytes, at..at + 4, true) {
        let end = at.saturating_add(12).saturating_add(length);
        if end > bytes.len() {
            return;
        }
        found.push(Part { whole: at..end, body: at + 8..end - 4, length: Some(at..at + 4) });
        at = end;
    }
}

/// WebP's, and those inside of frames.
fn riff(bytes: &[u8], start: usize, end: usize, found: &mut Vec<Part>) {
    let mut at = start;
    while let Some(length) = number(bytes, at + 4..at + 8, false).filter(|_| at + 8 <= end) {
        let body_end = at.saturating_add(8).saturating_add(length).min(end);
        let whole_end = body_end.next_multiple_of(2).min(end);
        let part =
            Part { whole: at..whole_end, body: at + 8..body_end, length: Some(at + 4..at + 8) };
        let is_frame = bytes[at..].starts_with(b"ANMF");
        found.push(part);
        if is_frame {
            riff(bytes, at + 24, body_end, found);
        }
        at = whole_end;
    }
}

/// GIF's.
fn blocks(bytes: &[u8], found: &mut Vec<Part>) -> Option<()> {
    let table = |packed: u8| if packed & 0x80 == 0 { 0 } else { 3 << ((packed & 7) + 1) };
    let mut at = 13 + table(*bytes.get(..13)?.get(10)?);
    found.push(Part { whole: 6..13, body: 6..13, length: None });
    loop {
        let (start, data) = match *bytes.get(at)? {
            0x2c => (at + 1, at + 11 + table(*bytes.get(at + 9)?)),
            0x21 => (at + 2, at + 2),
            _ => return None,
        };
        let mut end = data;
        while let length @ 1.. = *bytes.get(end)? {
            end += 1 + usize::from(length);
        }
        bytes.get(at..end)?;
        found.push(Part { whole: at..end + 1, body: start..end, length: Some(data..data + 1) });
        at = end + 1;
    }
}

/// The entries of TIFF's directories.
fn fields(bytes: &[u8], found: &mut Vec<Part>) -> Option<()> {
    let big_endian = bytes.starts_with(b"MM");
    let mut at = number(bytes, 4..8, big_endian)?;
    for _ in 0..4 {
        let count = number(bytes, at..at.checked_add(2)?, big_endian)?;
        for index in 0..count {
            let start = at + 2 + 12 * index;
            bytes.get(start..start + 12)?;
            let length = Some(start + 4..start + 8);
            found.push(Part { whole: start..start + 12, body: start + 2..start + 12, length });
        }
        at = number(bytes, at + 2 + 12 * count..at + 6 + 12 * count, big_endian)?;
    }
    None
}

/// ISO media's, and those inside of others.
fn boxes(bytes: &[u8], start: usize, end: usize, found: &mut Vec<Part>) {
    let mut at = start;
    while let Some(length) = number(bytes, at..at + 4, true).filter(|_| at + 8 <= end) {
        let box_end = if length == 0 { end } else { at.saturating_add(length).min(end) };
        let name = &bytes[at + 4..at + 8];
        let inside = match name {
            b"meta" | b"iref" => Some(at + 12),
            b"iprp" | b"ipco" => Some(at + 8),
            _ => None,
        };
        found.push(Part {
            whole: at..box_end,
            body: at + 8..box_end.max(at + 8),
            length: Some(at..at + 4),
        });
        if let Some(inside) = inside {
            boxes(bytes, inside, box_end, found);
        }
        if box_end < at + 8 {
            return;
        }
        at = box_end;
    }
}
