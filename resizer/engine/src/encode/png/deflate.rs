//! Filtered bytes in, a zlib stream out that is smaller than that of a usual encoder. An optimal
//! parse chooses the literals and matches of each piece that cost the least in its prefix codes.
//!
//! Source: RFC 1950 and RFC 1951.

mod codes;
mod matches;
mod parse;

use self::codes::{BitWriter, Codes, Counts};
use self::matches::Finder;
use self::parse::Parser;
use crate::error::RenderError;
use crate::stop::Stop;

/// The bytes of a piece. All of a piece is parsed with the same costs.
const PIECE_BYTES: usize = 1 << 14;

/// The most tokens of a block. It limits the memory.
const MAX_TOKENS: usize = 1 << 16;

/// How thorough the compression is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Search {
    /// The most earlier positions that are compared with each position.
    pub(super) depth: usize,
    /// How often a piece is parsed, each time with the costs that follow from the last parse.
    pub(super) rounds: usize,
}

/// One literal, or a match of 3 to 258 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Literal(u8),
    Match { length: u16, distance: u16 },
}

/// The tokens of a block, and how often they use each symbol.
#[derive(Debug, Default)]
struct Block {
    tokens: Vec<Token>,
    counts: Counts,
}

/// Compresses bytes to a zlib stream.
///
/// # Errors
/// `Stopped`.
pub(super) fn zlib(bytes: &[u8], search: Search, stop: &Stop) -> Result<Vec<u8>, RenderError> {
    let mut out = BitWriter::new();
    // A window of 32 KiB.
    out.put(0x78, 8);
    out.put(0xda, 8);
    let mut finder = Finder::new(search.depth);
    let mut parser = Parser::new();
    let mut block = Block::default();
    let mut start = 0;
    while start < bytes.len() {
        stop.check()?;
        let end = usize::min(start + PIECE_BYTES, bytes.len());
        finder.find(bytes, start..end);
        let mut piece = Block::default();
        for _ in 0..search.rounds {
            piece.tokens.clear();
            parser.parse(&bytes[start..end], &finder, &mut piece.tokens);
            piece.counts = Counts::of(&piece.tokens);
            parser.learn(&piece.counts);
        }
        if let Some(before) = block.merged(piece) {
            before.write(false, &mut out);
        }
        start = end;
    }
    block.write(true, &mut out);
    let mut out = out.finish();
    out.extend_from_slice(&adler32(bytes).to_be_bytes());
    Ok(out)
}

impl Block {
    /// Adds a piece to the block, or makes the piece the new block and returns the old one,
    /// whichever takes fewer bits.
    fn merged(&mut self, piece: Self) -> Option<Self> {
        if !self.tokens.is_empty() {
            let both = self.counts.plus(&piece.counts);
            let bits = |counts: &Counts| Codes::of(counts).bits(counts);
            let is_full = self.tokens.len() + piece.tokens.len() > MAX_TOKENS;
            if is_full || bits(&both) > bits(&self.counts) + bits(&piece.counts) {
                return Some(std::mem::replace(self, piece));
            }
            self.counts = both;
        } else {
            self.counts = piece.counts;
        }
        self.tokens.extend(piece.tokens);
        None
    }

    fn write(&self, is_last: bool, out: &mut BitWriter) {
        Codes::of(&self.counts).write(&self.tokens, is_last, out);
    }
}

/// The Adler-32 checksum. Source: RFC 1950, section 8.2.
fn adler32(bytes: &[u8]) -> u32 {
    let [mut low, mut high] = [1_u32, 0];
    // The sums over so many bytes fit in 32 bits.
    for chunk in bytes.chunks(5552) {
        for &byte in chunk {
            low += u32::from(byte);
            high += low;
        }
        low %= 65_521;
        high %= 65_521;
    }
    high << 16 | low
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::{Search, zlib};
    use crate::stop::Stop;

    fn inflated(stream: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        flate2::read::ZlibDecoder::new(stream).read_to_end(&mut bytes).expect("a good stream");
        bytes
    }

    /// The numbers of a linear congruential generator, below a limit.
    fn noise(count: usize, limit: u32) -> Vec<u8> {
        let mut state = 7_u32;
        let next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((state >> 8) % limit) as u8
        };
        std::iter::repeat_with(next).take(count).collect()
    }

    #[test]
    fn another_decoder_reads_the_bytes_back() {
        let run = vec![9; 100_000];
        let text = b"the same words, ".repeat(5000);
        let far = [noise(32_768, 256), noise(32_768, 256), noise(9, 2)].concat();
        let cases =
            [vec![], vec![1], vec![1, 2, 3], run, text, far, noise(70_000, 3), noise(40_000, 200)];
        for bytes in cases {
            for (depth, rounds) in [(1, 1), (16, 2), (200, 4)] {
                let stream = zlib(&bytes, Search { depth, rounds }, &Stop::default());
                let stream = stream.expect("nobody stops it");
                assert!(inflated(&stream) == bytes, "{} bytes", bytes.len());
                assert!(stream.len() <= bytes.len() + bytes.len() / 64 + 64);
            }
        }
    }
}
