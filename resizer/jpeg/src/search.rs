//! Finding 0xFF, the byte that opens every marker.

/// How many bytes are looked at in one step; a whole number of vectors on every machine.
pub(crate) const STEP: usize = 32;

/// Index of the first 0xFF.
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

/// Index of the first 0xFF, or `STEP`.
#[inline(always)]
pub(crate) fn first_ff(step: &[u8; STEP]) -> usize {
    // Without an early end, so that it becomes vector code.
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
    use super::find_ff;

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
}
