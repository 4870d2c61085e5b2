//! Asymmetric numeral systems, with alias tables.
//! Source: ISO/IEC 18181-1, C.2.5 and C.2.6.

use super::super::bits::Bits;

/// All frequencies of an alphabet make 4,096 together.
const SUM_BITS: u32 = 12;
const SUM: u32 = 1 << SUM_BITS;

/// In place of a frequency: the one before is repeated.
const REPEAT: u32 = SUM_BITS + 1;

/// The frequencies of one alphabet, as a table of as many buckets as there may be symbols.
pub(super) struct AnsCode {
    buckets: Vec<Bucket>,
    bucket_bits: u32,
}

/// A part of the state's values: those below `cutoff` are of its own symbol.
#[derive(Clone, Copy, Default)]
struct Bucket {
    cutoff: u32,
    frequency: u32,
    alias: usize,
    alias_offset: u32,
}

impl AnsCode {
    pub(super) fn read(bits: &mut Bits<'_>, alphabet_bits: u32) -> Option<Self> {
        let mut frequencies = read_frequencies(bits, 1 << alphabet_bits)?;
        frequencies.resize(1 << alphabet_bits, 0);
        let bucket_bits = SUM_BITS - alphabet_bits;
        Some(Self { buckets: aliased(&frequencies, 1 << bucket_bits)?, bucket_bits })
    }

    /// The next symbol.
    pub(super) fn next(&self, bits: &mut Bits<'_>, state: &mut u32) -> Option<u32> {
        let low = *state & (SUM - 1);
        let (index, at) = ((low >> self.bucket_bits) as usize, low & ((1 << self.bucket_bits) - 1));
        let bucket = self.buckets[index];
        let (symbol, offset) = if at < bucket.cutoff {
            (index, at)
        } else {
            (bucket.alias, bucket.alias_offset + at - bucket.cutoff)
        };
        *state = (*state >> SUM_BITS) * self.buckets[symbol].frequency + offset;
        if *state < 1 << 16 {
            *state = *state << 16 | bits.next(16)?;
        }
        Some(symbol as u32)
    }
}

/// Fills what a symbol leaves free of its bucket with symbols that need more than theirs.
fn aliased(frequencies: &[u32], bucket_size: u32) -> Option<Vec<Bucket>> {
    let bucket = |(symbol, &frequency): (usize, &u32)| Bucket {
        cutoff: frequency,
        frequency,
        alias: symbol,
        alias_offset: 0,
    };
    let mut buckets: Vec<Bucket> = frequencies.iter().enumerate().map(bucket).collect();
    if let Some(only) = frequencies.iter().position(|&frequency| frequency == SUM) {
        for (index, bucket) in buckets.iter_mut().enumerate() {
            let alias_offset = bucket_size * index as u32;
            *bucket = Bucket { cutoff: 0, alias: only, alias_offset, ..*bucket };
        }
        return Some(buckets);
    }
    let with = |is_wanted: fn(&u32, &u32) -> bool| {
        let all = frequencies.iter().enumerate();
        all.filter(move |(_, frequency)| is_wanted(frequency, &bucket_size)).map(|(index, _)| index)
    };
    let mut short: Vec<usize> = with(u32::lt).collect();
    let mut long: Vec<usize> = with(u32::gt).collect();
    while let (Some(from), Some(to)) = (long.pop(), short.pop()) {
        buckets[from].cutoff -= bucket_size - buckets[to].cutoff;
        (buckets[to].alias, buckets[to].alias_offset) = (from, buckets[from].cutoff);
        if buckets[from].cutoff < bucket_size {
            short.push(from);
        } else if buckets[from].cutoff > bucket_size {
            long.push(from);
        }
    }
    Some(buckets)
}

fn read_frequencies(bits: &mut Bits<'_>, alphabet_size: usize) -> Option<Vec<u32>> {
    let mut frequencies = vec![0; alphabet_size];
    match (bits.flag()?, bits.flag()?) {
        (true, is_pair) => {
            let first = small_number(bits)? as usize;
            if !is_pair {
                *frequencies.get_mut(first)? = SUM;
                return Some(frequencies);
            }
            let second = small_number(bits)? as usize;
            let frequency = bits.next(SUM_BITS)?;
            if first == second {
                return None;
            }
            *frequencies.get_mut(first)? = frequency;
            *frequencies.get_mut(second)? = SUM - frequency;
        }
        (false, true) => {
            let count = small_number(bits)? + 1;
            for (index, frequency) in frequencies.get_mut(..count as usize)?.iter_mut().enumerate()
            {
                *frequency = SUM / count + u32::from((index as u32) < SUM % count);
            }
        }
        (false, false) => read_various(bits, &mut frequencies)?,
    }
    Some(frequencies)
}

/// Frequencies by their magnitude; that of the most frequent symbol is what the others leave.
fn read_various(bits: &mut Bits<'_>, frequencies: &mut [u32]) -> Option<()> {
    let mut shift_bits = 0;
    while shift_bits < 3 && bits.flag()? {
        shift_bits += 1;
    }
    let shift = bits.next(shift_bits)? + (1 << shift_bits) - 1;
    if shift > SUM_BITS + 1 {
        return None;
    }
    let count = small_number(bits)? as usize + 3;
    let frequencies = frequencies.get_mut(..count)?;
    // How many frequencies from there on are equal to the one before.
    let mut repeats = vec![0; count];
    let mut most: Option<(u32, usize)> = None;
    let mut index = 0;
    while index < count {
        let magnitude = magnitude(bits)?;
        if magnitude == REPEAT {
            repeats[index] = small_number(bits)? as usize + 4;
            index += repeats[index];
            continue;
        }
        frequencies[index] = magnitude;
        if most.is_none_or(|(largest, _)| magnitude > largest) {
            most = Some((magnitude, index));
        }
        index += 1;
    }
    let (_, most) = most?;
    if index > count || repeats.get(most + 1).is_some_and(|&repeats| repeats > 0) {
        return None;
    }
    let (mut sum, mut last, mut index) = (0, 0, 0);
    while index < count {
        if repeats[index] > 0 {
            let end = index + repeats[index];
            frequencies[index..end].fill(last);
            sum += last * repeats[index] as u32;
            index = end;
            continue;
        }
        let magnitude = frequencies[index];
        last = match magnitude {
            _ if index == most => 0,
            0 | 1 => magnitude,
            _ => {
                let exponent = magnitude - 1;
                let precision = shift.saturating_sub((SUM_BITS - exponent) >> 1).min(exponent);
                (1 << exponent) + (bits.next(precision)? << (exponent - precision))
            }
        };
        if index != most {
            frequencies[index] = last;
        }
        sum += last;
        index += 1;
    }
    frequencies[most] = SUM.checked_sub(sum).filter(|&rest| rest > 0)?;
    Some(())
}

/// 0 to 255.
fn small_number(bits: &mut Bits<'_>) -> Option<u32> {
    if !bits.flag()? {
        return Some(0);
    }
    let count = bits.next(3)?;
    Some((1 << count) + bits.next(count)?)
}

/// 0 to 13, in a fixed code: the magnitudes that are usual have three bits.
fn magnitude(bits: &mut Bits<'_>) -> Option<u32> {
    let low = bits.peek(7);
    let (value, used) = match low & 7 {
        0 => (10, 3),
        2 => (7, 3),
        4 => (6, 3),
        5 => (8, 3),
        6 => (9, 3),
        3 => (if low & 8 == 0 { 3 } else { 1 }, 4),
        7 => (if low & 8 == 0 { 5 } else { 2 }, 4),
        _ if low & 8 != 0 => (4, 4),
        _ if low & 16 != 0 => (0, 5),
        _ if low & 32 != 0 => (11, 6),
        _ if low & 64 != 0 => (13, 7),
        _ => (12, 7),
    };
    bits.skip(used)?;
    Some(value)
}
