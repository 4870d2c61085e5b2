//! Seeded damage to a JPEG file: to its bytes, and to what its segments say.

use crate::random::Random;

/// Files do not grow beyond this.
const MOST_BYTES: usize = 1 << 20;
/// Bytes that mean something to some part of a decoder.
const TELLING: [u8; 12] = [0, 1, 2, 3, 0x0f, 0x10, 0x11, 0x22, 0x7f, 0x80, 0xfe, 0xff];
/// Sides of a picture around the sizes where something begins.
const SIDES: [u16; 14] = [0, 1, 7, 8, 9, 16, 17, 64, 255, 256, 4096, 16_384, 32_768, 65_535];
const MARKERS: [u8; 24] = [
    0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc9, 0xcc, 0xd0, 0xd1, 0xd7, 0xd8, 0xd9, 0xda, 0xdb, 0xdc, 0xdd,
    0xde, 0xe0, 0xe1, 0xe2, 0xee, 0xfe, 0x01, 0xff,
];

/// A changed copy of `file`; `other` is one to take parts from.
pub(crate) fn mutate(file: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = file.to_vec();
    // Mostly a few changes, for others to be reached behind them.
    let changes = 1 + random.below(3) * random.below(4);
    for _ in 0..changes {
        if bytes.is_empty() {
            break;
        }
        if random.once_in(2) {
            change_bytes(&mut bytes, other, random);
        } else {
            change_segment(&mut bytes, other, random);
        }
        bytes.truncate(MOST_BYTES);
    }
    bytes
}

/// One change that knows nothing of segments.
pub(crate) fn change_bytes(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let at = random.below(bytes.len());
    let length = 1 + random.below(32).min(bytes.len() - at - 1);
    match random.below(11) {
        0..=2 => bytes[at] ^= 1 << random.below(8),
        3 => bytes[at] = random.byte(),
        4 => bytes[at] = random.one_of(&TELLING),
        5 => {
            let new: Vec<u8> = (0..length).map(|_| random.byte()).collect();
            bytes.splice(at..at, new);
        }
        6 => drop(bytes.drain(at..at + length)),
        7 => bytes.truncate(at),
        8 => bytes[at..at + length].fill(random.one_of(&TELLING)),
        9 => {
            // A part of itself, once more.
            let from = random.below(bytes.len());
            let to = from + random.below(bytes.len() - from).min(2000);
            let part = bytes[from..to].to_vec();
            bytes.splice(at..at, part);
        }
        _ => {
            bytes.truncate(at);
            bytes.extend(&other[random.below(other.len())..]);
        }
    }
}

/// A segment within a file: its marker's code, and from its 0xFF to its end.
#[derive(Clone, Copy)]
struct Segment {
    marker: u8,
    from: usize,
    to: usize,
}

fn segments(bytes: &[u8]) -> Vec<Segment> {
    let mut found = Vec::new();
    let mut at = 2;
    while at + 4 <= bytes.len() {
        let marker = bytes[at + 1];
        if bytes[at] != 0xff || matches!(marker, 0 | 1 | 0xd0..=0xd9 | 0xff) {
            at += 1;
            continue;
        }
        let length = usize::from(u16::from_be_bytes([bytes[at + 2], bytes[at + 3]]));
        let to = (at + 2 + length).min(bytes.len()).max(at + 4);
        found.push(Segment { marker, from: at, to });
        at = to;
    }
    found
}

fn change_segment(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let found = segments(bytes);
    if found.is_empty() {
        return;
    }
    // Not the segments of applications, as long as there are others.
    let telling: Vec<&Segment> =
        found.iter().filter(|segment| segment.marker < 0xe0 || random.once_in(8)).collect();
    let Segment { marker, from, to } = match telling.len() {
        0 => found[random.below(found.len())],
        count => *telling[random.below(count)],
    };
    match random.below(10) {
        0 => drop(bytes.drain(from..to)),
        1 => {
            let copy = bytes[from..to].to_vec();
            let at = found[random.below(found.len())].from;
            bytes.splice(at..at, copy);
        }
        2 => bytes[from + 1] = random.one_of(&MARKERS),
        3 => {
            let foreign = segments(other);
            if !foreign.is_empty() {
                let Segment { from: left, to: right, .. } = foreign[random.below(foreign.len())];
                bytes.splice(from..to, other[left..right].iter().copied());
            }
        }
        4 => insert_segment(bytes, from, random),
        5 => spoil_data(bytes, to, random),
        _ => change_body(bytes, marker, from + 4, to, random),
    }
}

/// A restart interval, a height, a table, a marker.
fn insert_segment(bytes: &mut Vec<u8>, at: usize, random: &mut Random) {
    let [high, low] = random.one_of(&SIDES).to_be_bytes();
    let small = random.byte() % 6;
    let new = match random.below(5) {
        0 => vec![0xff, 0xdd, 0, 4, high, low],
        1 => vec![0xff, 0xdd, 0, 4, 0, small],
        2 => vec![0xff, 0xdc, 0, 4, high, low],
        3 => huffman_table(random),
        _ => vec![0xff, random.one_of(&MARKERS)],
    };
    bytes.splice(at..at, new);
}

/// A DHT segment with as many codes as there can be, or with almost that.
fn huffman_table(random: &mut Random) -> Vec<u8> {
    let mut counts = [0_u8; 16];
    let mut room = 1_usize;
    let mut total = 0;
    for count in &mut counts {
        room *= 2;
        let most = room.min(256 - total).min(255);
        let chosen = if random.once_in(2) { random.below(most + 1) } else { 0 };
        *count = chosen as u8;
        room -= chosen;
        total += chosen;
    }
    let kind = random.one_of(&[0x00, 0x01, 0x10, 0x11]);
    let mut segment = vec![0xff, 0xc4];
    segment.extend((19 + total as u16).to_be_bytes());
    segment.push(kind);
    segment.extend(counts);
    let most = if kind < 0x10 { 12 } else { 256 };
    segment.extend((0..total).map(|_| random.below(most) as u8));
    segment
}

/// What follows a segment, the data of a scan if it is a scan's header.
fn spoil_data(bytes: &mut Vec<u8>, from: usize, random: &mut Random) {
    if from >= bytes.len() {
        return;
    }
    let at = from + random.below(bytes.len() - from);
    let length = random.below(bytes.len() - at + 1).min(400);
    match random.below(5) {
        0 => bytes[at..at + length].fill(0),
        1 => bytes[at..at + length].iter_mut().for_each(|byte| *byte = random.byte()),
        2 => drop(bytes.splice(at..at, [0xff, random.one_of(&MARKERS)])),
        3 => drop(bytes.splice(at..at + length, [0xff, 0].repeat(length / 2))),
        _ => {
            let count = 1 + random.below(500);
            let value = random.one_of(&[0, 0x55, 0xaa, 0xfe]);
            bytes.splice(at..at, vec![value; count]);
        }
    }
}

/// A field of a segment that a decoder heeds.
fn change_body(bytes: &mut [u8], marker: u8, body: usize, end: usize, random: &mut Random) {
    let Some(content) = bytes.get_mut(body..end).filter(|content| !content.is_empty()) else {
        return;
    };
    let last = content.len() - 1;
    let at = random.below(content.len());
    match marker {
        0xc0..=0xc2 if content.len() >= 9 => match random.below(6) {
            0 => content[1..3].copy_from_slice(&random.one_of(&SIDES).to_be_bytes()),
            1 => content[3..5].copy_from_slice(&random.one_of(&SIDES).to_be_bytes()),
            2 => {
                // Any legal sampling factors.
                let factors = (1 + random.byte() % 4) << 4 | (1 + random.byte() % 4);
                let components = (content.len() - 6) / 3;
                content[7 + 3 * random.below(components)] = factors;
            }
            3 => content[2] = random.byte(),
            4 => content[4] = random.byte(),
            _ => content[at] = random.one_of(&TELLING),
        },
        0xc4 => {
            // A code moves to another length, or a symbol changes.
            let place = 1 + random.below(16).min(last.saturating_sub(1));
            if random.once_in(2) && place <= last {
                let target = (1 + random.below(16)).min(last);
                content[place] = content[place].saturating_sub(1);
                content[target] = content[target].saturating_add(1);
            } else {
                content[at] = random.byte();
            }
        }
        0xda => {
            let values = [0, 1, 2, 3, 5, 6, 62, 63, 64, 0x10, 0x11, 0x21, 0x13, 0xd0, 0xed];
            let place = if random.once_in(2) { last - at.min(2).min(last) } else { at };
            content[place] = random.one_of(&values);
        }
        _ => content[at] = if random.once_in(2) { random.byte() } else { random.one_of(&TELLING) },
    }
}
