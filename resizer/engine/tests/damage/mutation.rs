//! Seeded damage to a file of any format: to its bytes, and to the parts that it is made of.

use std::ops::Range;

use fixtures::png::chunks::checksum;

use crate::parts::{Part, is_big_endian, parts};
use crate::random::Random;
use crate::segments;

/// Files do not grow beyond this.
const MOST_BYTES: usize = 1 << 20;
/// Sides and lengths around the sizes where something begins.
const NUMBERS: [u32; 16] =
    [0, 1, 2, 7, 16, 17, 64, 255, 256, 4096, 16_383, 16_384, 65_535, 65_536, 0x7fff_ffff, u32::MAX];

/// A changed copy of `file`; `other` is one to take parts from.
pub(crate) fn mutate(file: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    if file.starts_with(&[0xff, 0xd8]) {
        return segments::mutate(file, other, random);
    }
    let mut bytes = file.to_vec();
    // Mostly a few changes, for others to be reached behind them.
    let changes = 1 + random.below(3) * random.below(3);
    for _ in 0..changes {
        if bytes.is_empty() {
            break;
        }
        if random.once_in(3) {
            segments::change_bytes(&mut bytes, other, random);
        } else {
            change_part(&mut bytes, other, random);
        }
        bytes.truncate(MOST_BYTES);
    }
    if bytes.starts_with(b"\x89PNG") && !random.once_in(8) {
        make_checksums_right(&mut bytes);
    }
    bytes
}

fn change_part(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let found = parts(bytes);
    if found.is_empty() {
        return segments::change_bytes(bytes, other, random);
    }
    let Part { whole, body, length } = found[random.below(found.len())].clone();
    match random.below(12) {
        0 => drop(bytes.drain(whole)),
        1 => {
            let copy = bytes[whole].to_vec();
            let at = found[random.below(found.len())].whole.start;
            bytes.splice(at..at, copy);
        }
        2 => {
            let foreign = parts(other);
            if !foreign.is_empty() {
                let theirs = foreign[random.below(foreign.len())].whole.clone();
                bytes.splice(whole, other[theirs].iter().copied());
            }
        }
        3 => {
            let another = found[random.below(found.len())].whole.clone();
            let copy = bytes[another].to_vec();
            bytes.splice(whole, copy);
        }
        4 => {
            if let Some(length) = length {
                write_number(bytes, length, random);
            }
        }
        5 => cut_body(bytes, whole, body, random),
        6 | 7 => {
            // A number near the start of the part, where sides and counts are.
            let size = random.one_of(&[1, 2, 4]);
            let at = body.start + random.below(24);
            if at + size <= bytes.len().min(body.end) {
                write_number(bytes, at..at + size, random);
            }
        }
        _ => {
            if !body.is_empty() {
                let near = if random.once_in(2) { body.len() } else { body.len().min(32) };
                let at = body.start + random.below(near);
                bytes[at] = random.byte();
            }
        }
    }
}

/// A number of those that are telling, or one near to what was there.
fn write_number(bytes: &mut [u8], place: Range<usize>, random: &mut Random) {
    let Some(digits) = bytes.get(place.clone()) else { return };
    let size = digits.len();
    let value = if random.once_in(3) {
        let step = random.below(5) as u32;
        let last = if is_big_endian(bytes) { size - 1 } else { 0 };
        return bytes[place][last] =
            bytes[place.start + last].wrapping_add(step as u8).wrapping_sub(2);
    } else {
        random.one_of(&NUMBERS)
    };
    let all = if is_big_endian(bytes) { value.to_be_bytes() } else { value.to_le_bytes() };
    let own = if is_big_endian(bytes) { &all[4 - size..] } else { &all[..size] };
    bytes[place].copy_from_slice(own);
}

/// A part that ends early, and says so or not.
fn cut_body(bytes: &mut Vec<u8>, whole: Range<usize>, body: Range<usize>, random: &mut Random) {
    if body.is_empty() {
        return;
    }
    let from = body.start + random.below(body.len());
    let removed = body.end - from;
    if bytes.starts_with(b"\x89PNG") && random.once_in(2) {
        let length = (body.len() - removed) as u32;
        bytes[whole.start..whole.start + 4].copy_from_slice(&length.to_be_bytes());
    }
    bytes.drain(from..body.end);
}

/// Otherwise most damage to a PNG would be seen by its checksums alone.
fn make_checksums_right(bytes: &mut [u8]) {
    for part in parts(bytes) {
        let sum = checksum(&bytes[part.whole.start + 4..part.body.end]);
        bytes[part.body.end..part.whole.end].copy_from_slice(&sum.to_be_bytes());
    }
}
