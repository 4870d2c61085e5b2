//! Bits of headers, the highest first.

/// Collects bits to bytes.
#[derive(Debug, Default)]
pub(crate) struct BitWriter {
    bytes: Vec<u8>,
    /// The number of bits so far.
    length: usize,
}

impl BitWriter {
    /// Appends the lowest `count` bits of a value.
    pub(crate) fn bits(&mut self, value: u32, count: u32) {
        for bit in (0..count).rev() {
            if self.length.is_multiple_of(8) {
                self.bytes.push(0);
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= ((value >> bit & 1) as u8) << (7 - self.length % 8);
            }
            self.length += 1;
        }
    }

    /// Appends a flag.
    pub(crate) fn flag(&mut self, flag: bool) {
        self.bits(u32::from(flag), 1);
    }

    /// The bytes, with zero bits to the end of the last one.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}
