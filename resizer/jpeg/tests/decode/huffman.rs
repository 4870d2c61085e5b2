//! Huffman tables of a chosen shape, and a bit writer with byte stuffing.

/// A table and the code of each of its symbols.
#[derive(Clone)]
pub(crate) struct Huffman {
    counts: [u8; 16],
    symbols: Vec<u8>,
    /// Length and code by symbol.
    codes: [(u32, u32); 256],
}

impl Huffman {
    /// A table with codes of these lengths, which must not decrease.
    pub(crate) fn new(symbols_and_lengths: &[(u8, usize)]) -> Self {
        let mut table = Self { counts: [0; 16], symbols: Vec::new(), codes: [(0, 0); 256] };
        let (mut code, mut length) = (0, 0);
        for &(symbol, wanted) in symbols_and_lengths {
            assert!(wanted >= length && wanted <= 16);
            code <<= wanted - length;
            length = wanted;
            table.counts[length - 1] += 1;
            table.symbols.push(symbol);
            table.codes[usize::from(symbol)] = (length as u32, code);
            code += 1;
        }
        assert!(code < 1 << length, "the code of ones alone is not for use");
        table
    }

    /// A table with codes of one length.
    pub(crate) fn even(symbols: &[u8]) -> Self {
        let length = (symbols.len() + 1).next_power_of_two().trailing_zeros() as usize;
        Self::new(&symbols.iter().map(|&symbol| (symbol, length)).collect::<Vec<_>>())
    }

    /// A table where the first symbols have 1, 2 .. 7 bits and all others 16.
    pub(crate) fn deep(symbols: &[u8]) -> Self {
        let lengths = (1..=7).chain(std::iter::repeat(16));
        Self::new(&symbols.iter().copied().zip(lengths).collect::<Vec<_>>())
    }

    /// A table for DC differences.
    pub(crate) fn for_differences() -> Self {
        Self::even(&(0..=11).collect::<Vec<_>>())
    }

    /// A table with all AC symbols but the last, which no block needs. Frequent symbols come first,
    /// so that `make` may favor them.
    pub(crate) fn for_others(make: fn(&[u8]) -> Self) -> Self {
        let mut symbols = vec![0x00, 0x01, 0x11, 0x02, 0x21, 0xf0];
        let rest = (0..255).filter(|symbol| !symbols.contains(symbol)).collect::<Vec<_>>();
        symbols.extend(rest);
        make(&symbols)
    }

    /// The body of a DHT segment; class 0 for DC, 1 for AC.
    pub(crate) fn segment_body(&self, class: u8, slot: u8) -> Vec<u8> {
        let mut body = vec![class << 4 | slot];
        body.extend(self.counts);
        body.extend(&self.symbols);
        body
    }
}

/// Writes the bits of a scan.
#[derive(Default)]
pub(crate) struct BitWriter {
    pub(crate) bytes: Vec<u8>,
    held: u64,
    count: u32,
}

impl BitWriter {
    pub(crate) fn bits(&mut self, value: u32, count: u32) {
        assert!(count <= 16 && u64::from(value) < 1 << count);
        self.held = self.held << count | u64::from(value);
        self.count += count;
        while self.count >= 8 {
            self.count -= 8;
            let byte = (self.held >> self.count) as u8;
            self.bytes.push(byte);
            if byte == 0xff {
                self.bytes.push(0);
            }
        }
    }

    pub(crate) fn symbol(&mut self, table: &Huffman, symbol: u8) {
        let (length, code) = table.codes[usize::from(symbol)];
        assert!(length > 0, "symbol {symbol:#x} has no code");
        self.bits(code, length);
    }

    /// Writes the extra bits of a coefficient.
    pub(crate) fn magnitude(&mut self, value: i32) {
        let size = bit_length(value);
        let bits = if value < 0 { value - 1 } else { value } as u32;
        self.bits(bits & ((1 << size) - 1), size);
    }

    /// Fills the last byte with ones.
    pub(crate) fn finish_byte(&mut self) {
        while self.count > 0 {
            self.bits(1, 1);
        }
    }
}

pub(crate) fn bit_length(value: i32) -> u32 {
    32 - value.unsigned_abs().leading_zeros()
}
