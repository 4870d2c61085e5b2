//! Writes bits into bytes, the most significant first, with a 0 byte stuffed after each 0xFF.
//! Source: ITU T.81, F.1.2.3.

/// Entropy-coded data that are appended to the headers before them.
#[derive(Debug, Default)]
pub(super) struct BitWriter {
    /// The bytes so far, and room after them.
    bytes: Vec<u8>,
    position: usize,
    held: u64,
    held_bits: u32,
}

/// A `BitWriter` with enough room for some blocks, small enough to live in registers.
#[derive(Debug)]
pub(super) struct Bits<'a> {
    room: &'a mut [u8],
    position: usize,
    /// Only the lowest `held_bits` bits count.
    held: u64,
    held_bits: u32,
}

impl BitWriter {
    /// A writer that appends to `bytes`.
    pub(super) fn after(bytes: Vec<u8>) -> Self {
        Self { position: bytes.len(), bytes, held: 0, held_bits: 0 }
    }

    /// Reserves room for so many bytes before stuffing, and passes it to `write`.
    #[inline(always)]
    pub(super) fn with_room(&mut self, bytes: usize, write: impl FnOnce(&mut Bits<'_>)) {
        let end = self.position + 2 * bytes + 32;
        if self.bytes.len() < end {
            self.bytes.resize(end.max(self.bytes.capacity()), 0);
        }
        let mut bits = Bits {
            room: &mut self.bytes[self.position..],
            position: 0,
            held: self.held,
            held_bits: self.held_bits,
        };
        write(&mut bits);
        let Bits { position, held, held_bits, .. } = bits;
        self.position += position;
        (self.held, self.held_bits) = (held, held_bits);
    }

    /// Fills the last byte with ones, as the specification wants it.
    pub(super) fn align(&mut self) {
        self.with_room(16, |bits| {
            let missing = bits.held_bits.wrapping_neg() & 7;
            bits.put((1 << missing) - 1, missing);
            while bits.held_bits > 0 {
                bits.held_bits -= 8;
                bits.push_byte((bits.held >> bits.held_bits) as u8);
            }
        });
    }

    /// Writes restart marker 0 to 7.
    pub(super) fn restart(&mut self, number: u8) {
        self.align();
        self.with_room(2, |bits| bits.write([0xFF, 0xD0 | number]));
    }

    /// The number of complete bytes.
    pub(super) fn length(&self) -> usize {
        self.position
    }

    /// The complete bytes; up to 63 bits more are held back.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.position]
    }

    /// Drops the complete bytes and keeps their capacity.
    pub(super) fn clear(&mut self) {
        self.position = 0;
    }

    /// All bytes, the last one filled up.
    pub(super) fn into_bytes(mut self) -> Vec<u8> {
        self.align();
        self.bytes.truncate(self.position);
        self.bytes
    }
}

impl Bits<'_> {
    /// Appends the lowest `count` bits of `bits`, at most 32. The other bits must be 0.
    #[inline(always)]
    pub(super) fn put(&mut self, bits: u64, count: u32) {
        let total = self.held_bits + count;
        if total < 64 {
            self.held = self.held << count | bits;
            self.held_bits = total;
            return;
        }
        let left = total - 64;
        let word = self.held << (count - left) | bits >> left;
        self.held = bits;
        self.held_bits = left;
        self.put_word(word);
    }

    #[inline(always)]
    fn put_word(&mut self, word: u64) {
        let ones = u64::from_ne_bytes([0x01; 8]);
        let has_ff = (!word).wrapping_sub(ones) & word & (ones << 7) != 0;
        if has_ff {
            word.to_be_bytes().into_iter().for_each(|byte| self.push_byte(byte));
        } else {
            self.write(word.to_be_bytes());
        }
    }

    #[inline(always)]
    fn push_byte(&mut self, byte: u8) {
        self.write([byte]);
        if byte == 0xFF {
            self.write([0]);
        }
    }

    #[inline(always)]
    fn write<const N: usize>(&mut self, bytes: [u8; N]) {
        self.room[self.position..self.position + N].copy_from_slice(&bytes);
        self.position += N;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_out_in_order_and_stuffed() {
        let mut state = 1u64;
        let mut writer = BitWriter::after(vec![7]);
        let mut expected = Vec::new();
        for _ in 0..5000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let count = (state >> 33) as u32 % 33;
            let random = if state >> 60 < 4 { u64::MAX } else { state >> 20 };
            let bits = random & ((1 << count) - 1);
            writer.with_room(8, |out| out.put(bits, count));
            expected.extend((0..count).rev().map(|at| bits >> at & 1 == 1));
        }
        let bytes = writer.into_bytes();
        expected.resize(expected.len().next_multiple_of(8), true);
        let mut stuffed = vec![7];
        for byte in expected.chunks(8) {
            stuffed.push(byte.iter().fold(0u8, |byte, bit| byte << 1 | u8::from(*bit)));
            if stuffed.last() == Some(&0xFF) {
                stuffed.push(0);
            }
        }
        assert!(bytes == stuffed);
        assert!(bytes.windows(2).filter(|pair| pair == &[0xFF, 0]).count() > 100);
    }
}
