//! Bits of a JPEG XL code stream, the lowest bit of each byte first, and the numbers that its
//! headers have. Nothing is returned where the stream is truncated.
//! Source: ISO/IEC 18181-1, 9.2.

/// How a number of up to 32 bits is coded: for each of four selectors, how many bits follow and
/// what is added to them.
pub(super) type Choices = [(u32, u32); 4];

/// A cursor over the code stream.
#[derive(Debug, Clone)]
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    /// In bits.
    at: u64,
}

impl<'a> Bits<'a> {
    /// From that byte on.
    pub(super) fn new(bytes: &'a [u8], start_bytes: u64) -> Self {
        Self { bytes, at: start_bytes.saturating_mul(8) }
    }

    /// At most 32 bits.
    pub(super) fn next(&mut self, count: u32) -> Option<u32> {
        if u64::from(count) > self.left() {
            return None;
        }
        let value = self.peek(count);
        self.at += u64::from(count);
        Some(value)
    }

    /// At most 32 bits, which stay; those behind the end are zero.
    pub(super) fn peek(&self, count: u32) -> u32 {
        let start = (self.at / 8) as usize;
        let byte = |index: usize| u64::from(self.bytes.get(start + index).copied().unwrap_or(0));
        let word = (0..5).fold(0, |word, index| word | byte(index) << (8 * index));
        ((word >> (self.at % 8)) & ((1 << count) - 1)) as u32
    }

    pub(super) fn skip(&mut self, count: u64) -> Option<()> {
        (count <= self.left()).then(|| self.at += count)
    }

    pub(super) fn flag(&mut self) -> Option<bool> {
        Some(self.next(1)? == 1)
    }

    pub(super) fn choose(&mut self, choices: Choices) -> Option<u32> {
        let (count, added) = choices[self.next(2)? as usize];
        Some(self.next(count)?.wrapping_add(added))
    }

    /// A code point of an enumeration.
    pub(super) fn code_point(&mut self) -> Option<u32> {
        self.choose([(0, 0), (0, 1), (4, 2), (6, 18)])
    }

    pub(super) fn long(&mut self) -> Option<u64> {
        match self.next(2)? {
            0 => return Some(0),
            1 => return Some(1 + u64::from(self.next(4)?)),
            2 => return Some(17 + u64::from(self.next(8)?)),
            _ => {}
        }
        let (mut value, mut shift) = (u64::from(self.next(12)?), 12);
        while self.flag()? {
            let count = if shift == 60 { 4 } else { 8 };
            value |= u64::from(self.next(count)?) << shift;
            shift += 8;
            if shift > 60 {
                break;
            }
        }
        Some(value)
    }

    /// Passes over numbers of 16 bits in floating point.
    pub(super) fn skip_halves(&mut self, count: u64) -> Option<()> {
        self.skip(16 * count)
    }

    /// Passes over a name.
    pub(super) fn skip_name(&mut self) -> Option<()> {
        let length_bytes = self.choose([(0, 0), (4, 0), (5, 16), (10, 48)])?;
        self.skip(8 * u64::from(length_bytes))
    }

    /// Passes over what a later edition may have added.
    pub(super) fn skip_extensions(&mut self) -> Option<()> {
        let present = self.long()?;
        let mut bits = 0u64;
        for _ in 0..present.count_ones() {
            bits = bits.checked_add(self.long()?)?;
        }
        self.skip(bits)
    }

    pub(super) fn align(&mut self) {
        self.at = self.at.next_multiple_of(8);
    }

    /// What is left, in bits.
    pub(super) fn left(&self) -> u64 {
        (self.bytes.len() as u64 * 8).saturating_sub(self.at)
    }

    /// Where the next byte begins.
    pub(super) fn position_bytes(&self) -> u64 {
        self.at.div_ceil(8)
    }
}

#[cfg(test)]
mod tests {
    use super::Bits;

    #[test]
    fn numbers_are_read_from_the_lowest_bit_on() {
        let mut bits = Bits::new(&[0b1011_0110, 0xff, 0x01], 0);
        assert_eq!(bits.next(3), Some(0b110));
        assert_eq!(bits.flag(), Some(false));
        assert_eq!(bits.next(12), Some(0b1111_1111_1011));
        assert_eq!((bits.left(), bits.peek(32)), (8, 1));
        assert_eq!(bits.next(9), None);
    }

    #[test]
    fn long_numbers_have_up_to_64_bits() {
        // Selector 3, twelve bits, five times a flag and eight bits, a flag, and four bits.
        let mut bits = Bits::new(&[0xff; 12], 0);
        assert_eq!(bits.long(), Some(u64::MAX));
        assert_eq!(bits.left(), 96 - (2 + 12 + 6 * 9 + 5));
        assert_eq!(Bits::new(&[0b0010_0101], 0).long(), Some(1 + 9));
    }
}
