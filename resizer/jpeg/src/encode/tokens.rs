//! The tokens of a scan: symbols without codes, so that optimized Huffman tables can be made for
//! them.

use super::bits::BitWriter;
use super::huffman::{Codes, OwnedTable};
use super::markers;
use super::script::Scan;
use crate::frame::Frame;

/// The kind of a token, which tells its Huffman table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    DcLuma = 0,
    DcChroma = 1,
    AcLuma = 2,
    AcChroma = 3,
    /// Bits without a symbol.
    Bits = 4,
    /// A restart marker.
    Restart = 5,
}

impl Kind {
    pub(super) const fn dc(component: usize) -> Self {
        if component == 0 { Self::DcLuma } else { Self::DcChroma }
    }

    pub(super) const fn ac(component: usize) -> Self {
        if component == 0 { Self::AcLuma } else { Self::AcChroma }
    }
}

/// The most extra bits of a token.
const TOKEN_BITS: u32 = 16;

/// Bits 0 to 7 hold the symbol, 8 to 12 the number of extra bits, 13 to 15 the kind, 16 to 31 the
/// extra bits.
#[derive(Debug, Clone, Copy)]
struct Token(u32);

impl Token {
    #[inline(always)]
    fn new(kind: Kind, symbol: u8, bits: u32, count: u32) -> Self {
        Self(bits << 16 | (kind as u32) << 13 | count << 8 | u32::from(symbol))
    }

    fn count(self) -> u32 {
        self.0 >> 8 & 31
    }
}

/// The tokens of a scan and the histograms of their symbols.
#[derive(Debug)]
pub(super) struct Tokens {
    tokens: Vec<Token>,
    histograms: Box<[[u32; 256]; 4]>,
}

impl Tokens {
    pub(super) fn new() -> Self {
        Self { tokens: Vec::new(), histograms: Box::new([[0; 256]; 4]) }
    }

    /// Appends a symbol and at most 16 extra bits.
    #[inline(always)]
    pub(super) fn push(&mut self, kind: Kind, symbol: u8, bits: u32, count: u32) {
        self.histograms[kind as usize & 3][usize::from(symbol)] += 1;
        self.tokens.push(Token::new(kind, symbol, bits, count));
    }

    /// Appends one bit without a symbol.
    #[inline]
    pub(super) fn push_bit(&mut self, bit: u32) {
        self.push_bits(bit, 1);
    }

    /// Appends at most 16 bits without a symbol, to the last token if that has none either and
    /// enough room.
    #[inline]
    pub(super) fn push_bits(&mut self, bits: u32, count: u32) {
        if let Some(last) = self.tokens.last_mut() {
            let total = last.count() + count;
            if last.0 >> 13 & 7 == Kind::Bits as u32 && total <= TOKEN_BITS {
                *last = Token::new(Kind::Bits, 0, (last.0 >> 16) << count | bits, total);
                return;
            }
        }
        self.tokens.push(Token::new(Kind::Bits, 0, bits, count));
    }

    pub(super) fn push_restart(&mut self) {
        self.tokens.push(Token::new(Kind::Restart, 0, 0, 0));
    }

    /// The approximate size of the scan with its tables.
    pub(super) fn size_bytes(&self) -> u64 {
        let tables = self.histograms.iter().filter(|table| table.iter().any(|count| *count > 0));
        let codes = tables.map(|histogram| {
            let table = OwnedTable::optimized(histogram);
            let headers = 17 + table.specification().symbols.len() as u64;
            headers * 8 + table.cost_bits(histogram)
        });
        let bits = self.tokens.iter().map(|token| u64::from(token.count()));
        (codes.sum::<u64>() + bits.sum::<u64>()) / 8 + 14
    }

    /// Appends the Huffman tables, the scan header and the data of the scan.
    pub(super) fn write(self, file: Vec<u8>, frame: &Frame, scan: &Scan) -> Vec<u8> {
        let mut file = file;
        let tables = self.histograms.each_ref().map(OwnedTable::optimized);
        let numbers = [(0, 0), (0, 1), (1, 0), (1, 1)];
        for ((class, number), table) in numbers.into_iter().zip(&tables) {
            let table = table.specification();
            if !table.symbols.is_empty() {
                markers::write_huffman(&mut file, class, number, &table);
            }
        }
        markers::write_scan(&mut file, frame, scan);
        let empty = OwnedTable::optimized(&[0; 256]);
        let codes = |table: &OwnedTable| Codes::new(&table.specification(), |_| 0);
        let [a, b, c, d] = tables.each_ref().map(codes);
        let codes = [a, b, c, d, codes(&empty), codes(&empty), codes(&empty), codes(&empty)];
        let mut writer = BitWriter::after(file);
        let mut restarts = 0;
        for group in self.tokens.chunk_by(|_, next| next.0 >> 13 & 7 != Kind::Restart as u32) {
            let restart = group.first().is_some_and(|t| t.0 >> 13 & 7 == Kind::Restart as u32);
            if restart {
                writer.restart(restarts);
                restarts = (restarts + 1) & 7;
            }
            write_group(&mut writer, &codes, group);
        }
        writer.into_bytes()
    }
}

fn write_group(writer: &mut BitWriter, codes: &[Codes; 8], tokens: &[Token]) {
    for piece in tokens.chunks(1024) {
        writer.with_room(piece.len() * 4, |bits| {
            for token in piece {
                let (code, length) = codes[(token.0 >> 13 & 7) as usize].get(token.0 as u8);
                let count = token.count();
                bits.put(code << count | u64::from(token.0 >> 16), length + count);
            }
        });
    }
}
