//! How many groups of prefix codes a lossless WebP image has: each costs a decoder kilobytes, and a
//! few bits of the file. Time grows with the bits that are read; nothing is allocated but codes.
//! Source: RFC 9649, 3.5 to 3.8.

/// More groups than this are renumbered by libwebp, so that only those in use count.
const RENUMBERED_FROM: usize = 1000;

const GREEN_SYMBOLS: usize = 256 + 24;
const DISTANCE_SYMBOLS: usize = 40;
const MAX_LENGTH: usize = 15;

/// The order in which lengths of code lengths are told.
const LENGTH_ORDER: [usize; 19] =
    [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// What decides how much libwebp takes for codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Groups {
    pub(super) count: usize,
    pub(super) cache_bits: u32,
}

impl Groups {
    /// Those of a stream behind its header. `None` where it is cut or breaks the format, so that
    /// no decoder comes to the groups.
    pub(super) fn read(stream: &[u8], width: u32, height: u32) -> Option<Self> {
        let mut bits = Bits { bytes: stream, held: 0, count: 0 };
        let mut width = width;
        while bits.read(1)? == 1 {
            match bits.read(2)? {
                // Predictors, and factors between colors: a small image of them.
                0 | 1 => {
                    let shift = bits.read(3)? + 2;
                    let blocks = |side: u32| u64::from(side.div_ceil(1 << shift));
                    read_image(&mut bits, blocks(width) * blocks(height), |_| ())?;
                }
                2 => {}
                _ => {
                    let colors = bits.read(8)? + 1;
                    read_image(&mut bits, colors.into(), |_| ())?;
                    // Several pixels in one.
                    let shift = match colors {
                        1..=2 => 3,
                        3..=4 => 2,
                        5..=16 => 1,
                        _ => 0,
                    };
                    width = width.div_ceil(1 << shift);
                }
            }
        }
        let cache_bits = if bits.read(1)? == 1 { bits.read(4)? } else { 0 };
        if bits.read(1)? == 0 {
            return Some(Self { count: 1, cache_bits });
        }
        let shift = bits.read(3)? + 2;
        let blocks = |side: u32| u64::from(side.div_ceil(1 << shift));
        let mut used = Used { numbers: vec![0; 1 << 10], largest: 0 };
        // A cache of colors is all zero at first, and copies are of what was there.
        used.note(0);
        read_image(&mut bits, blocks(width) * blocks(height), |number| used.note(number))?;
        Some(Self { count: used.groups(), cache_bits })
    }

    /// What libwebp takes for them: of each its table, at its largest, and what says where it is.
    pub(super) fn bytes(self) -> u64 {
        // The 2,300 entries of literals and 654 to 2,704 of greens, lengths and cached colors.
        let entries = 2300 + 654 + (1 << self.cache_bits.min(11));
        self.count as u64 * (entries * 4 + 600)
    }
}

/// The group numbers that were seen, a bit for each.
struct Used {
    numbers: Vec<u64>,
    largest: usize,
}

impl Used {
    fn note(&mut self, number: u16) {
        let number = usize::from(number);
        self.numbers[number / 64] |= 1 << (number % 64);
        self.largest = self.largest.max(number);
    }

    fn groups(&self) -> usize {
        if self.largest < RENUMBERED_FROM {
            return self.largest + 1;
        }
        self.numbers.iter().map(|bits| bits.count_ones() as usize).sum()
    }
}

/// An image of one group: `note` is told of red and green, as one number, of each literal pixel.
fn read_image(bits: &mut Bits<'_>, pixels: u64, mut note: impl FnMut(u16)) -> Option<()> {
    let cached = if bits.read(1)? == 1 { 1 << bits.read(4)?.min(15) } else { 0 };
    let green = Code::read(bits, GREEN_SYMBOLS + cached)?;
    let [red, blue, alpha] = [0; 3].map(|_| Code::read(bits, 256));
    let (red, blue, alpha) = (red?, blue?, alpha?);
    let distance = Code::read(bits, DISTANCE_SYMBOLS)?;
    let mut done = 0;
    while done < pixels {
        let before = bits.consumed();
        let symbol = green.symbol(bits)?;
        done += match symbol {
            ..256 => {
                let number = red.symbol(bits)? << 8 | symbol;
                blue.symbol(bits)?;
                alpha.symbol(bits)?;
                note(number);
                1
            }
            256..280 => {
                let length = prefixed(bits, symbol - 256)?;
                let code = distance.symbol(bits)?;
                prefixed(bits, code)?;
                length
            }
            _ => 1,
        };
        // Nothing is told of further pixels: all of them are like this one.
        if bits.consumed() == before {
            return Some(());
        }
    }
    Some(())
}

/// A length or a distance, from one on.
fn prefixed(bits: &mut Bits<'_>, symbol: u16) -> Option<u64> {
    if symbol < 4 {
        return Some(u64::from(symbol) + 1);
    }
    let extra = u32::from(symbol - 2) >> 1;
    let offset = (2 + u64::from(symbol & 1)) << extra;
    Some(offset + u64::from(bits.read(extra)?) + 1)
}

/// A prefix code, canonical as in deflate.
struct Code {
    /// How many codes there are of each length.
    counts: [u16; MAX_LENGTH + 1],
    /// The symbols in the order of their codes.
    symbols: Vec<u16>,
}

impl Code {
    fn read(bits: &mut Bits<'_>, alphabet: usize) -> Option<Self> {
        if bits.read(1)? == 1 {
            let count = bits.read(1)? + 1;
            let width = if bits.read(1)? == 1 { 8 } else { 1 };
            let mut symbols = vec![bits.read(width)? as u16];
            if count == 2 {
                symbols.push(bits.read(8)? as u16);
                symbols.sort_unstable();
                symbols.dedup();
            }
            // They have eight bits in every alphabet.
            if symbols.iter().any(|&symbol| usize::from(symbol) >= alphabet) {
                return None;
            }
            let mut counts = [0; MAX_LENGTH + 1];
            counts[1] = symbols.len() as u16;
            return Some(Self { counts, symbols });
        }
        let mut of_lengths = [0; 19];
        let told = bits.read(4)? as usize + 4;
        for &at in &LENGTH_ORDER[..told] {
            of_lengths[at] = bits.read(3)? as u8;
        }
        let of_lengths = Self::of(&of_lengths)?;
        let mut left = alphabet;
        if bits.read(1)? == 1 {
            let width = 2 + 2 * bits.read(3)?;
            left = bits.read(width)? as usize + 2;
        }
        let mut lengths = Vec::with_capacity(alphabet);
        let mut last = 8;
        while lengths.len() < alphabet && left > 0 {
            left -= 1;
            let (length, count) = match of_lengths.symbol(bits)? {
                length @ ..16 => (length as u8, 1),
                16 => (last, 3 + bits.read(2)? as usize),
                17 => (0, 3 + bits.read(3)? as usize),
                _ => (0, 11 + bits.read(7)? as usize),
            };
            if lengths.len() + count > alphabet {
                return None;
            }
            lengths.resize(lengths.len() + count, length);
            if length > 0 {
                last = length;
            }
        }
        Self::of(&lengths)
    }

    /// `None` where there is no code.
    fn of(lengths: &[u8]) -> Option<Self> {
        let mut counts = [0; MAX_LENGTH + 1];
        lengths.iter().for_each(|&length| counts[usize::from(length)] += 1);
        counts[0] = 0;
        let mut next = [0; MAX_LENGTH + 1];
        for length in 1..MAX_LENGTH {
            next[length + 1] = next[length] + usize::from(counts[length]);
        }
        let mut symbols = vec![0; next[MAX_LENGTH] + usize::from(counts[MAX_LENGTH])];
        for (symbol, &length) in lengths.iter().enumerate().filter(|(_, length)| **length > 0) {
            let place = &mut next[usize::from(length)];
            symbols[*place] = symbol as u16;
            *place += 1;
        }
        (!symbols.is_empty()).then_some(Self { counts, symbols })
    }

    fn symbol(&self, bits: &mut Bits<'_>) -> Option<u16> {
        // The only one takes no bits.
        if let [only] = self.symbols[..] {
            return Some(only);
        }
        let (mut code, mut first, mut index) = (0_i32, 0_i32, 0_i32);
        for &count in &self.counts[1..] {
            code |= bits.read(1)? as i32;
            let count = i32::from(count);
            if code - first < count {
                return self.symbols.get((index + code - first) as usize).copied();
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        None
    }
}

/// Bits of a file, the lowest of each byte first.
struct Bits<'a> {
    bytes: &'a [u8],
    held: u64,
    count: u32,
}

impl Bits<'_> {
    /// Up to 24 of them. `None` behind the end.
    fn read(&mut self, count: u32) -> Option<u32> {
        while self.count < count {
            let (&byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            self.held |= u64::from(byte) << self.count;
            self.count += 8;
        }
        let bits = self.held & ((1 << count) - 1);
        self.held >>= count;
        self.count -= count;
        Some(bits as u32)
    }

    /// Changes with each bit that is read, and with nothing else.
    fn consumed(&self) -> (usize, u32) {
        (self.bytes.len(), self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::Groups;

    #[test]
    fn groups_are_counted_as_they_are_used() {
        for (side, groups) in [(64, 1), (64, 200), (256, 999), (512, 5000), (1024, 1 << 16)] {
            let file = fixtures::hostile::webp::groups(side, groups);
            let read = Groups::read(&file[25..], side, side).expect("a good file");
            assert_eq!(read, Groups { count: groups as usize, cache_bits: 0 });
        }
    }

    #[test]
    fn any_bits_are_read_or_refused() {
        let (mut state, mut read) = (1_u64, 0);
        for _ in 0..100_000 {
            let bytes = [0; 40].map(|_: u8| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 56) as u8
            });
            read += usize::from(Groups::read(&bytes, 300, 200).is_some());
        }
        assert!(read > 10_000, "{read} of 100,000");
    }

    #[test]
    fn what_is_cut_has_no_groups() {
        let file = fixtures::hostile::webp::groups(256, 4000);
        for end in 25..file.len().min(4000) {
            assert_eq!(Groups::read(&file[25..end], 256, 256), None, "{end}");
        }
    }
}
