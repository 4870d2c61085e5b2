//! Streams are written bit by bit by the tables of the specification, and must be read as these
//! tables say.

mod ans_tests;
mod numbers_tests;
mod prefix_tests;

use super::super::bits::Bits;

/// Builds a stream of bits. The lowest bit of each byte comes first.
#[derive(Clone, Default)]
struct Stream {
    bits: Vec<bool>,
}

impl Stream {
    fn new() -> Self {
        Self::default()
    }

    /// Appends the lowest bits of a number, the lowest one first.
    fn push(mut self, value: u32, count: u32) -> Self {
        self.bits.extend((0..count).map(|bit| value >> bit & 1 == 1));
        self
    }

    /// Appends bits in reading order. Spaces are ignored.
    fn text(mut self, bits: &str) -> Self {
        self.bits.extend(bits.chars().filter(|bit| *bit != ' ').map(|bit| bit == '1'));
        self
    }

    /// Appends another stream.
    fn then(mut self, other: &Self) -> Self {
        self.bits.extend(&other.bits);
        self
    }

    /// Appends a number of 0 to 255 in the code of histograms.
    fn small(self, value: u32) -> Self {
        if value == 0 {
            return self.push(0, 1);
        }
        let count = value.ilog2();
        self.push(1, 1).push(count, 3).push(value - (1 << count), count)
    }

    fn bytes(&self) -> Vec<u8> {
        let byte =
            |bits: &[bool]| bits.iter().rev().fold(0, |byte: u8, &bit| byte << 1 | u8::from(bit));
        self.bits.chunks(8).map(byte).collect()
    }

    /// The result of `read`, which must use all bits of the stream, and must return `None` for
    /// every shorter stream.
    fn read<T>(&self, read: impl Fn(&mut Bits<'_>) -> Option<T>) -> Option<T> {
        let bytes = self.bytes();
        let out = read_all(&bytes, self.bits.len(), &read);
        if out.is_some() {
            for length in 0..bytes.len() {
                let shorter = read(&mut Bits::new(&bytes[..length], 0));
                assert!(shorter.is_none(), "{length} of {} bytes suffice", bytes.len());
            }
        }
        out
    }
}

fn read_all<T>(bytes: &[u8], count: usize, read: impl Fn(&mut Bits<'_>) -> Option<T>) -> Option<T> {
    let mut bits = Bits::new(bytes, 0);
    let out = read(&mut bits)?;
    let used = bytes.len() * 8 - bits.left() as usize;
    assert_eq!(used, count, "bits that were read");
    Some(out)
}
