//! The open bitstream units of an AV1 picture, without a look inside of them.
//! Source: AV1 specification, 5.3 and 4.10.5.

const FRAME_HEADER: u8 = 3;
const FRAME: u8 = 6;

/// How many frames are coded in the data, shown or not: each costs as much as the picture.
pub(super) fn coded_frames(data: &[u8]) -> u64 {
    let frames = units(data).filter(|kind| matches!(*kind, FRAME_HEADER | FRAME));
    frames.count() as u64
}

/// The kind of each unit; stops where one is truncated.
fn units(mut rest: &[u8]) -> impl Iterator<Item = u8> {
    std::iter::from_fn(move || {
        let (&head, mut after) = rest.split_first()?;
        if head & 0x04 != 0 {
            (_, after) = after.split_first()?;
        }
        // One without a length is the last.
        let mut length_bytes = after.len();
        if head & 0x02 != 0 {
            (length_bytes, after) = leb128(after)?;
        }
        rest = after.get(length_bytes..).unwrap_or_default();
        Some(head >> 3 & 0x0f)
    })
}

/// A number of seven bits in each byte, the lowest first, and what follows it.
fn leb128(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let end = bytes.iter().take(8).position(|byte| byte & 0x80 == 0)?;
    let digits = bytes[..=end].iter().enumerate();
    let number = digits.fold(0_u64, |sum, (at, byte)| sum | u64::from(byte & 0x7f) << (7 * at));
    Some((usize::try_from(number).ok()?, &bytes[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::coded_frames;

    #[test]
    fn frames_are_counted_whatever_their_length_looks_like() {
        let delimiter = [0x12, 0x00];
        let frame = [0x32, 0x81, 0x00, 0xff];
        let layer = [0x36, 0x08, 0x01, 0xff];
        let endless = [0x30, 1, 2, 3];
        let data = [&delimiter[..], &frame, &layer, &delimiter, &endless].concat();
        assert_eq!(coded_frames(&data), 3);
        assert_eq!(coded_frames(&data[..7]), 1);
        assert_eq!(coded_frames(&[0x32, 0xff, 0xff]), 0);
    }
}
