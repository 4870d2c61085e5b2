//! Fast search for markers and for 0xFF, the byte that begins each of them.

/// The bytes of one step; a multiple of the vector size on every machine.
pub(crate) const STEP: usize = 32;

/// The index of the first 0xFF.
pub(crate) fn find_ff(bytes: &[u8]) -> Option<usize> {
    let (steps, rest) = bytes.as_chunks();
    for (nth, step) in steps.iter().enumerate() {
        let index = first_ff(step);
        if index < STEP {
            return Some(nth * STEP + index);
        }
    }
    let index = rest.iter().position(|&byte| byte == 0xff)?;
    Some(steps.len() * STEP + index)
}

/// The index of the first 0xFF that is not followed by 0x00: a marker or a fill byte, but not byte
/// stuffing, which coded data have about once in a hundred bytes. Stopping at each of those took
/// ten times as long.
pub(crate) fn find_marker(bytes: &[u8]) -> Option<usize> {
    let followers = bytes.get(1..)?;
    let opens = |byte: u8, follower: u8| u8::from(byte == 0xff) & u8::from(follower != 0);
    let mut start = 0;
    for (step, followers) in bytes.as_chunks::<STEP>().0.iter().zip(followers.as_chunks().0) {
        let followers: &[u8; STEP] = followers;
        // No early exit, so that the loop is vectorized.
        let mut found = 0;
        for at in 0..STEP {
            found |= opens(step[at], followers[at]);
        }
        if found != 0 {
            break;
        }
        start += STEP;
    }
    let mut rest = bytes[start..].iter().zip(&followers[start..]);
    Some(start + rest.position(|(&byte, &follower)| opens(byte, follower) != 0)?)
}

/// The index of the first 0xFF, or `STEP`.
#[inline(always)]
pub(crate) fn first_ff(step: &[u8; STEP]) -> usize {
    // No early exit, so that the loop is vectorized.
    if step.iter().fold(0, |found, &byte| found | u8::from(byte == 0xff)) == 0 {
        return STEP;
    }
    let (words, _) = step.as_chunks();
    for (nth, word) in words.iter().enumerate() {
        // The lowest byte of the complement that is 0 is the first to borrow.
        let complement = !u64::from_le_bytes(*word);
        let borrowed = complement.wrapping_sub(0x0101_0101_0101_0101) & !complement;
        let marks = borrowed & 0x8080_8080_8080_8080;
        if marks != 0 {
            return nth * 8 + marks.trailing_zeros() as usize / 8;
        }
    }
    STEP
}

#[cfg(test)]
mod tests {
    use super::{find_ff, find_marker};

    #[test]
    fn finds_the_first_wherever_it_is() {
        for length in 0..100 {
            for place in 0..length {
                let mut bytes = vec![0xfe; length];
                bytes[place..].fill(0xff);
                assert_eq!(find_ff(&bytes), Some(place));
            }
            assert_eq!(find_ff(&vec![0; length]), None);
        }
    }

    #[test]
    fn finds_the_first_that_is_not_stuffing() {
        for length in 0..100 {
            // Stuffed everywhere but at one place.
            let stuffed: Vec<u8> =
                (0..length).map(|at| if at % 2 == 0 { 0xff } else { 0 }).collect();
            assert_eq!(find_marker(&stuffed), None);
            for place in (1..length).step_by(2) {
                let mut bytes = stuffed.clone();
                bytes[place] = 0xd9;
                assert_eq!(find_marker(&bytes), Some(place - 1));
                bytes[place] = 0xff;
                assert_eq!(find_marker(&bytes), Some(place - 1));
            }
        }
    }
}
