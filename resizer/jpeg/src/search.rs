//! Finding 0xFF, the byte that opens every marker.

/// How many bytes are looked at in one step; a whole number of vectors on every machine.
const STEP: usize = 32;

/// Index of the first 0xFF.
#[inline]
pub(crate) fn find_ff(bytes: &[u8]) -> Option<usize> {
    let (steps, _) = bytes.as_chunks::<STEP>();
    let clean = steps.iter().take_while(|step| !has_ff(step)).count();
    let from = clean * STEP;
    bytes[from..].iter().position(|&byte| byte == 0xff).map(|index| from + index)
}

/// Without an early end, so that it becomes vector code.
#[inline(always)]
pub(crate) fn has_ff(step: &[u8; STEP]) -> bool {
    step.iter().fold(0, |found, &byte| found | u8::from(byte == 0xff)) != 0
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
