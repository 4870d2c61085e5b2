//! The coded ICC profile in front of the frames: where it ends, and how long it will be.
//! Source: ISO/IEC 18181-1, Annex E.

use super::bits::Bits;
use super::entropy::Numbers;

const CONTEXTS: usize = 41;

/// Longer ones are refused. Those of printers have some megabytes.
pub(super) const MAX_BYTES: u64 = 4 << 20;

/// Passes over the profile; its length in bytes, or that of its coded form where this is over the
/// limit. `None` where it is truncated or makes no sense.
pub(super) fn skip(bits: &mut Bits<'_>) -> Option<u64> {
    let length_bytes = bits.long()?;
    if length_bytes > MAX_BYTES {
        return Some(length_bytes);
    }
    let mut numbers = Numbers::open(bits, CONTEXTS)?;
    let mut start = Vec::new();
    let [mut last, mut before] = [0; 2];
    for index in 0..length_bytes {
        let context = if index > 128 { context(last, before) } else { 0 };
        let byte = u8::try_from(numbers.next(bits, context)?).ok()?;
        if start.len() < 10 {
            start.push(byte);
        }
        (before, last) = (last, byte);
    }
    bits.align();
    Some(variable_length(&start))
}

/// By the two bytes before.
fn context(last: u8, before: u8) -> usize {
    let last = match last {
        b'a'..=b'z' | b'A'..=b'Z' => 0,
        b'0'..=b'9' | b'.' | b',' => 1,
        0..=1 => 2 + usize::from(last),
        2..=15 => 4,
        241..=254 => 5,
        255 => 6,
        _ => 7,
    };
    let before = match before {
        b'a'..=b'z' | b'A'..=b'Z' => 0,
        b'0'..=b'9' | b'.' | b',' => 1,
        0..=15 => 2,
        241..=255 => 3,
        _ => 4,
    };
    1 + last + 8 * before
}

/// Seven bits in each byte, the lowest first; all but the last byte have the highest bit.
fn variable_length(bytes: &[u8]) -> u64 {
    let mut value = 0;
    for (index, &byte) in bytes.iter().enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            break;
        }
    }
    value
}
