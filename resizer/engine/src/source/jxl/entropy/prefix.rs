//! Prefix codes, as Brotli has them.
//! Source: ISO/IEC 18181-1, C.2.3; RFC 7932, 3.

use super::super::bits::Bits;

const MAX_LENGTH: usize = 15;

/// The order in which the lengths of the codes for lengths are written.
const LENGTH_ORDER: [usize; 18] = [1, 2, 3, 4, 0, 5, 17, 6, 16, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// The codes of one alphabet, in canonical order.
pub(super) struct PrefixCode {
    /// Codes of each length.
    counts: [u32; MAX_LENGTH + 1],
    /// By length, and by their number among those of one length.
    symbols: Vec<u16>,
}

impl PrefixCode {
    /// That many codes, behind the sizes of all their alphabets.
    pub(super) fn read_all(bits: &mut Bits<'_>, count: usize) -> Option<Vec<Self>> {
        let sizes: Option<Vec<usize>> = (0..count).map(|_| alphabet_size(bits)).collect();
        sizes?.into_iter().map(|size| Self::read(bits, size)).collect()
    }

    fn read(bits: &mut Bits<'_>, alphabet_size: usize) -> Option<Self> {
        if alphabet_size == 1 {
            return Some(Self::of_lengths(&[0]));
        }
        let skipped = bits.next(2)? as usize;
        if skipped == 1 {
            return Self::read_simple(bits, alphabet_size);
        }
        let mut lengths = [0; 18];
        let mut space = 32;
        for &index in &LENGTH_ORDER[skipped..] {
            if space <= 0 {
                break;
            }
            lengths[index] = length_of_length(bits)?;
            if lengths[index] > 0 {
                space -= 32 >> lengths[index];
            }
        }
        let is_single = lengths.iter().filter(|&&length| length > 0).count() == 1;
        if space != 0 && !is_single {
            return None;
        }
        let lengths = read_lengths(bits, &Self::of_lengths(&lengths), alphabet_size)?;
        Some(Self::of_lengths(&lengths))
    }

    /// Up to four symbols, written one by one.
    fn read_simple(bits: &mut Bits<'_>, alphabet_size: usize) -> Option<Self> {
        let symbol_bits = usize::BITS - (alphabet_size - 1).leading_zeros();
        let count = bits.next(2)? as usize + 1;
        let symbols = (0..count).map(|_| bits.next(symbol_bits)).collect::<Option<Vec<u32>>>()?;
        let lengths: &[u8] = match count {
            1 => &[0],
            2 => &[1, 1],
            3 => &[1, 2, 2],
            _ if bits.flag()? => &[1, 2, 3, 3],
            _ => &[2, 2, 2, 2],
        };
        if symbols.iter().any(|&symbol| symbol as usize >= alphabet_size) {
            return None;
        }
        if count == 1 {
            return Some(Self { counts: [0; MAX_LENGTH + 1], symbols: vec![symbols[0] as u16] });
        }
        // Of a symbol that is written twice the last length counts.
        let mut coded: Vec<(u8, u16)> = Vec::new();
        for (&symbol, &length) in symbols.iter().zip(lengths) {
            coded.retain(|&(_, known)| u32::from(known) != symbol);
            coded.push((length, symbol as u16));
        }
        coded.sort_unstable();
        Some(Self::of_sorted(coded))
    }

    /// Where one symbol alone has a length, its code has no bits.
    fn of_lengths(lengths: &[u8]) -> Self {
        let coded = lengths.iter().zip(0..).filter(|&(&length, _)| length > 0);
        let mut coded: Vec<(u8, u16)> = coded.map(|(&length, symbol)| (length, symbol)).collect();
        coded.sort_unstable();
        Self::of_sorted(coded)
    }

    /// Lengths and symbols in this order.
    fn of_sorted(coded: Vec<(u8, u16)>) -> Self {
        let mut counts = [0; MAX_LENGTH + 1];
        coded.iter().for_each(|&(length, _)| counts[usize::from(length)] += 1);
        let symbols: Vec<u16> = coded.into_iter().map(|(_, symbol)| symbol).collect();
        match symbols.len() {
            0 => Self { counts: [0; MAX_LENGTH + 1], symbols: vec![0] },
            1 => Self { counts: [0; MAX_LENGTH + 1], symbols },
            _ => Self { counts, symbols },
        }
    }

    /// The next symbol.
    pub(super) fn next(&self, bits: &mut Bits<'_>) -> Option<u32> {
        if self.symbols.len() == 1 {
            return Some(u32::from(self.symbols[0]));
        }
        let (mut code, mut first, mut index) = (0, 0, 0);
        for &count in &self.counts[1..] {
            code |= bits.next(1)?;
            if code < first + count {
                return Some(u32::from(self.symbols[(index + code - first) as usize]));
            }
            index += count;
            (code, first) = (code << 1, (first + count) << 1);
        }
        None
    }
}

fn alphabet_size(bits: &mut Bits<'_>) -> Option<usize> {
    if !bits.flag()? {
        return Some(1);
    }
    let count = bits.next(4)?;
    let size = (1 << count) + bits.next(count)? as usize + 1;
    (size < 1 << 15).then_some(size)
}

/// 0 to 5, in a fixed code.
fn length_of_length(bits: &mut Bits<'_>) -> Option<u8> {
    let (length, used) = match bits.peek(4) {
        0b0111 => (1, 4),
        0b1111 => (5, 4),
        low if low & 3 == 0 => (0, 2),
        low if low & 3 == 1 => (4, 2),
        low if low & 3 == 2 => (3, 2),
        _ => (2, 3),
    };
    bits.skip(used)?;
    Some(length)
}

/// The lengths of all codes, of which 16 repeats the last one and 17 a zero.
fn read_lengths(bits: &mut Bits<'_>, code: &PrefixCode, count: usize) -> Option<Vec<u8>> {
    let mut lengths = Vec::with_capacity(count);
    let (mut last, mut repeated, mut repeats) = (8, None, 0usize);
    let mut space = 1i64 << MAX_LENGTH;
    while lengths.len() < count && space > 0 {
        let symbol = code.next(bits)?;
        if symbol < 16 {
            let length = symbol as u8;
            lengths.push(length);
            (repeated, repeats) = (None, 0);
            if length > 0 {
                last = length;
                space -= 1 << (MAX_LENGTH - usize::from(length));
            }
            continue;
        }
        let (length, extra_bits) = if symbol == 16 { (last, 2) } else { (0, 3) };
        if repeated != Some(length) {
            (repeated, repeats) = (Some(length), 0);
        }
        let before = repeats;
        let more = bits.next(extra_bits)? as usize + 3;
        repeats = if before > 0 { ((before - 2) << extra_bits) + more } else { more };
        let added = repeats - before;
        if added > count - lengths.len() {
            return None;
        }
        lengths.resize(lengths.len() + added, length);
        if length > 0 {
            space -= (added as i64) << (MAX_LENGTH - usize::from(length));
        }
    }
    lengths.resize(count, 0);
    (space == 0).then_some(lengths)
}
