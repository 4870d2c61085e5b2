//! Numbers that are entropy-coded in front of the frames: the ICC profile, and the order of a
//! frame's sections. Nothing is returned where they are truncated or break the format.
//! Source: ISO/IEC 18181-1, Annex C.

mod ans;
mod prefix;
#[cfg(test)]
mod tests;

use self::ans::AnsCode;
use self::prefix::PrefixCode;
use super::bits::Bits;

/// Symbols of prefix codes have up to so many bits.
const PREFIX_ALPHABET_BITS: u32 = 15;

/// How far back a copy may reach.
const WINDOW: usize = 1 << 20;

/// Reads numbers, each in a context that the caller names.
pub(super) struct Numbers {
    copies: Option<Copies>,
    /// The code of each context; behind them that of the distances of copies.
    clusters: Vec<u8>,
    configs: Vec<Config>,
    codes: Codes,
}

enum Codes {
    Prefix(Vec<PrefixCode>),
    Ans { codes: Vec<AnsCode>, state: u32 },
}

/// Repetitions of numbers that were read before.
struct Copies {
    min_symbol: u32,
    min_length: u32,
    length_config: Config,
    /// The last numbers, each at its index modulo the length.
    window: Vec<u32>,
    done: usize,
    from: usize,
    left: u32,
}

/// How a symbol and bits behind it become a number.
#[derive(Clone, Copy)]
struct Config {
    split_exponent: u32,
    high_bits: u32,
    low_bits: u32,
}

impl Numbers {
    /// Reads the codes of that many contexts.
    pub(super) fn open(bits: &mut Bits<'_>, contexts: usize) -> Option<Self> {
        Self::open_nested(bits, contexts, true)
    }

    /// A map of contexts is coded the same way, and in it a map of copies' contexts.
    fn open_nested(bits: &mut Bits<'_>, contexts: usize, may_copy: bool) -> Option<Self> {
        let mut copies = None;
        if bits.flag()? {
            if !may_copy {
                return None;
            }
            copies = Some(Copies::read(bits)?);
        }
        let contexts = contexts + usize::from(copies.is_some());
        let clusters = if contexts > 1 { cluster_map(bits, contexts)? } else { vec![0] };
        let count = usize::from(clusters.iter().copied().max()?) + 1;
        // Codes that no context has would cost time for nothing.
        if !(0..=u8::MAX).take(count).all(|cluster| clusters.contains(&cluster)) {
            return None;
        }
        let is_prefix = bits.flag()?;
        let alphabet_bits = if is_prefix { PREFIX_ALPHABET_BITS } else { bits.next(2)? + 5 };
        let configs = (0..count).map(|_| Config::read(bits, alphabet_bits));
        let configs = configs.collect::<Option<_>>()?;
        let codes = if is_prefix {
            Codes::Prefix(PrefixCode::read_all(bits, count)?)
        } else {
            let codes = (0..count).map(|_| AnsCode::read(bits, alphabet_bits));
            Codes::Ans { codes: codes.collect::<Option<_>>()?, state: bits.next(32)? }
        };
        Some(Self { copies, clusters, configs, codes })
    }

    /// The next number.
    pub(super) fn next(&mut self, bits: &mut Bits<'_>, context: usize) -> Option<u32> {
        if let Some(value) = self.copies.as_mut().and_then(Copies::next) {
            return Some(value);
        }
        let cluster = usize::from(self.clusters[context]);
        let symbol = self.codes.next(bits, cluster)?;
        let Some(copies) = &mut self.copies else {
            return self.configs[cluster].number(bits, symbol);
        };
        let Some(length_symbol) = symbol.checked_sub(copies.min_symbol) else {
            let value = self.configs[cluster].number(bits, symbol)?;
            copies.push(value);
            return Some(value);
        };
        let length = copies.length_config.number(bits, length_symbol)?;
        let length = length.checked_add(copies.min_length)?;
        let cluster = usize::from(*self.clusters.last()?);
        let distance_symbol = self.codes.next(bits, cluster)?;
        let distance = self.configs[cluster].number(bits, distance_symbol)?;
        copies.begin(distance, length)?;
        copies.next()
    }
}

impl Codes {
    fn next(&mut self, bits: &mut Bits<'_>, cluster: usize) -> Option<u32> {
        match self {
            Self::Prefix(codes) => codes[cluster].next(bits),
            Self::Ans { codes, state } => codes[cluster].next(bits, state),
        }
    }
}

impl Copies {
    fn read(bits: &mut Bits<'_>) -> Option<Self> {
        Some(Self {
            min_symbol: bits.choose([(0, 224), (0, 512), (0, 4096), (15, 8)])?,
            min_length: bits.choose([(0, 3), (0, 4), (2, 5), (8, 9)])?,
            length_config: Config::read(bits, 8)?,
            window: Vec::new(),
            done: 0,
            from: 0,
            left: 0,
        })
    }

    fn begin(&mut self, distance: u32, length: u32) -> Option<()> {
        let distance = (distance as usize).min(WINDOW - 1) + 1;
        self.from = self.done - distance.min(self.done);
        self.left = length;
        (self.done > 0).then_some(())
    }

    fn next(&mut self) -> Option<u32> {
        self.left = self.left.checked_sub(1)?;
        let value = self.window[self.from % WINDOW];
        self.from += 1;
        self.push(value);
        Some(value)
    }

    fn push(&mut self, value: u32) {
        match self.window.get_mut(self.done % WINDOW) {
            Some(place) => *place = value,
            None => self.window.push(value),
        }
        self.done += 1;
    }
}

impl Config {
    fn read(bits: &mut Bits<'_>, alphabet_bits: u32) -> Option<Self> {
        let split_exponent = bits.next(bits_up_to(alphabet_bits))?;
        if split_exponent == alphabet_bits {
            return Some(Self { split_exponent, high_bits: 0, low_bits: 0 });
        }
        let high_bits = bits.next(bits_up_to(split_exponent))?;
        let rest = split_exponent.checked_sub(high_bits)?;
        let low_bits = bits.next(bits_up_to(rest))?;
        (low_bits <= rest).then_some(Self { split_exponent, high_bits, low_bits })
    }

    fn number(self, bits: &mut Bits<'_>, symbol: u32) -> Option<u32> {
        let Self { split_exponent, high_bits, low_bits } = self;
        let Some(above) = symbol.checked_sub(1 << split_exponent) else { return Some(symbol) };
        let known = high_bits + low_bits;
        let count = split_exponent - known + (above >> known);
        if count > 31 {
            return None;
        }
        let low = u64::from(symbol & ((1 << low_bits) - 1));
        let high = u64::from((symbol >> low_bits) & ((1 << high_bits) - 1) | 1 << high_bits);
        let middle = u64::from(bits.next(count)?);
        u32::try_from((high << count | middle) << low_bits | low).ok()
    }
}

/// Bits that hold the numbers from 0 to this one.
fn bits_up_to(most: u32) -> u32 {
    u32::BITS - most.leading_zeros()
}

/// The code of each context.
fn cluster_map(bits: &mut Bits<'_>, contexts: usize) -> Option<Vec<u8>> {
    let is_simple = bits.flag()?;
    if is_simple {
        let count = bits.next(2)?;
        return (0..contexts).map(|_| Some(bits.next(count)? as u8)).collect();
    }
    let moves_to_front = bits.flag()?;
    let mut numbers = Numbers::open_nested(bits, 1, contexts > 2)?;
    let clusters = (0..contexts).map(|_| u8::try_from(numbers.next(bits, 0)?).ok());
    let mut clusters = clusters.collect::<Option<Vec<u8>>>()?;
    if moves_to_front {
        let mut order: Vec<u8> = (0..=255).collect();
        for cluster in &mut clusters {
            let value = order.remove(usize::from(*cluster));
            order.insert(0, value);
            *cluster = value;
        }
    }
    Some(clusters)
}
